//! An address that is none of ours.

use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::Empty;
use crate::ui::routes::Route;
use crate::ui::words;
use dioxus::prelude::*;

/// There is no such screen.
#[component]
pub fn NotFound(rest: Vec<String>) -> Element {
    tracing::info!(path = rest.join("/"), "no such screen");
    rsx! {
        main { class: "screen",
            Empty { glyph: Glyph::Other, title: words::NO_SUCH_SCREEN, text: words::NO_SUCH_SCREEN_WHAT, whole: true,
                Link { class: "button", to: Route::Accounts {}, {words::TO_ACCOUNTS} }
            }
        }
    }
}
