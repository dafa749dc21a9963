//! The choice of how the screen looks: on the first screen, before anybody has signed in, and among what is this phone's own.

use crate::ui::Look;
use crate::ui::components::card::Section;
use crate::ui::components::chip::Chip;
use crate::ui::state::Devices;
use crate::ui::words;
use dioxus::prelude::*;

/// The themes, of which one is chosen.
#[component]
pub(super) fn LookChooser() -> Element {
    let look = use_context::<Look>();
    let devices = use_context::<Devices>();
    let chosen = look.theme();
    rsx! {
        Section { title: words::account::LOOK, testid: "look",
            div { class: "chips",
                for (theme, name) in words::account::LOOKS {
                    Chip {
                        key: "{name}",
                        chosen: chosen == theme,
                        testid: "look-{theme}",
                        onclick: move |()| look.choose(theme, &devices.platform()),
                        "{name}"
                    }
                }
            }
            p { class: "small flat", {words::account::LOOK_WHAT} }
        }
    }
}
