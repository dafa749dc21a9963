//! Where a job's photo is taken: with the camera of the app where there is one, else through the platform's own.

use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::photo::{PhotoInput, PhotoInputLook};
use crate::ui::words;
use dioxus::html::FileData;
use dioxus::prelude::*;

/// The tile of a photo that is still missing.
#[component]
pub(super) fn TakeTile(
    live: bool,
    #[props(into)] label: String,
    #[props(into)] testid: String,
    onlive: EventHandler<()>,
    /// What was picked beside the camera, to wait as what is taken with it does.
    onpick: EventHandler<Vec<FileData>>,
    /// What the platform's own camera took.
    onfiles: EventHandler<Vec<FileData>>,
) -> Element {
    if !live {
        return rsx! {
            PhotoInput { label, capture: true, testid, onfiles }
        };
    }
    let camera = format!("live-{testid}");
    rsx! {
        div { class: "take",
            button { r#type: "button", "data-testid": "{camera}", onclick: move |_| onlive.call(()),
                Icon { glyph: Glyph::Camera }
                span { "{label}" }
            }
            PhotoInput { look: PhotoInputLook::Plain, label: words::camera::PICK, says: words::camera::pick(&label), multiple: true, testid, onfiles: onpick }
        }
    }
}
