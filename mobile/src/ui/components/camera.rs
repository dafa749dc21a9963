//! What a camera's screen is made of: the lines over the picture, the strip of what was taken, the shutter.

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon};
use super::photo::{PhotoInput, PhotoInputLook, PhotoView, Picture};
use crate::ui::words;
use dioxus::html::FileData;
use dioxus::prelude::*;

/// The style of a box of a picture's shape, as large as its surroundings (a size container) allow.
#[must_use]
pub fn fitted(width: u32, height: u32) -> String {
    format!("width: min(100cqw, 100cqh * {width} / {height}); aspect-ratio: {width} / {height}")
}

/// Two lines across and two down: what matters goes where they cross.
#[component]
pub fn Thirds(width: u32, height: u32) -> Element {
    let (wide, high) = (f64::from(width), f64::from(height));
    rsx! {
        svg { class: "thirds", view_box: "0 0 {width} {height}", preserve_aspect_ratio: "xMidYMid meet", "aria-hidden": "true", "data-testid": "thirds",
            for part in [1.0, 2.0] {
                path { key: "{part}", d: "M{wide * part / 3.0:.1} 0V{high:.1}M0 {high * part / 3.0:.1}H{wide:.1}" }
            }
        }
    }
}

/// How strongly the photo from before shows through, in percent.
#[component]
pub fn GhostControl(value: u32, onchange: EventHandler<u32>) -> Element {
    rsx! {
        label { class: "ghost-control",
            span { {words::camera::GHOST} }
            input {
                r#type: "range",
                min: "0",
                max: "100",
                step: "5",
                value: "{value}",
                "data-testid": "ghost-strength",
                oninput: move |event| if let Ok(value) = event.value().parse() { onchange.call(value) },
            }
        }
    }
}

/// A photo that was taken, small; opens it.
#[component]
pub fn StripPhoto(picture: Option<Picture>, number: usize, children: Element, onopen: EventHandler<()>) -> Element {
    rsx! {
        button {
            class: "strip-photo",
            r#type: "button",
            "data-testid": "shot",
            onclick: move |_| onopen.call(()),
            span { class: "hidden", {words::camera::photo(number)} " " }
            PhotoView { picture: picture.unwrap_or(Picture::NoPreview), alt: "", {children} }
        }
    }
}

/// The camera cannot be used: why, and the way on.
#[component]
pub fn NoCamera(
    #[props(into)] why: String,
    onagain: EventHandler<()>,
    onfiles: EventHandler<Vec<FileData>>,
) -> Element {
    rsx! {
        div { class: "darkroom-stage",
            div { class: "no-camera", role: "alert", "data-testid": "no-camera",
                Icon { glyph: Glyph::Camera }
                p { class: "strong", "{why}" }
                PhotoInput { look: PhotoInputLook::Main, label: words::camera::OTHER_WAY, capture: true, testid: "other-way", onfiles }
                Button { weight: Weight::Plain, testid: "camera-again", onclick: move |()| onagain.call(()), {words::TRY_AGAIN} }
            }
        }
    }
}
