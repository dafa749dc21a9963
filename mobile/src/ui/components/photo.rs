//! Photos: shown as they are known (here, still to come, nothing to show), and taken.

use super::icon::{Glyph, Icon};
use crate::ui::words;
use coldpatch_shared::photo::Blur;
use dioxus::html::FileData;
use dioxus::prelude::*;

/// What there is to show of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// A URL that the browser can show, `data:` mostly.
    Here(String),
    /// It is being read.
    Coming,
    /// Its file is not on this device and cannot be fetched now.
    Elsewhere,
    /// Nothing on this device can show its format; the file itself is kept.
    NoPreview,
}

/// A photo that fills its box.
#[component]
pub fn PhotoView(
    picture: Picture,
    #[props(into)] alt: String,
    /// Shown until the picture is here; [`Blur::to_text`].
    #[props(default)]
    blur: Option<String>,
    #[props(default, into)] badge: String,
    #[props(default)] only_here: bool,
    /// Drawn over it.
    children: Element,
) -> Element {
    let here = matches!(picture, Picture::Here(_));
    // What stands on it in words is not said twice.
    let alt = if alt == badge { String::new() } else { alt };
    let blur = blur.filter(|_| !here).and_then(|text| Blur::from_text(&text)?.data_url());
    rsx! {
        div { class: "photo",
            if let Some(url) = blur {
                img { class: "photo-blur", src: "{url}", alt: "", "data-testid": "blur" }
            }
            match &picture {
                Picture::Here(url) => rsx! { img { src: "{url}", alt: "{alt}" } },
                Picture::Coming => rsx! { div { class: "photo-none", role: (!alt.is_empty()).then_some("img"), aria_label: (!alt.is_empty()).then(|| alt.clone()) } },
                Picture::Elsewhere => rsx! {
                    div { class: "photo-none", Icon { glyph: Glyph::Camera } span { {words::job::PHOTO_ELSEWHERE} } }
                },
                Picture::NoPreview => rsx! {
                    div { class: "photo-none", Icon { glyph: Glyph::Camera } span { {words::job::NO_PREVIEW} } }
                },
            }
            {children}
            if !badge.is_empty() {
                span { class: "badge", "{badge}" }
            }
            if only_here {
                span { class: "photo-here", title: words::today::ONLY_HERE,
                    Icon { glyph: Glyph::Phone }
                    span { class: "hidden", {words::today::ONLY_HERE} }
                }
            }
        }
    }
}

/// How far something with many photos is. Without a total only that it is under way.
#[component]
pub fn Progress(#[props(into)] text: String, done: u32, all: u32, children: Element) -> Element {
    rsx! {
        div { class: "well progress", "data-testid": "picking",
            div { class: "grow stack",
                p { role: "status", "{text}" }
                if all > 0 {
                    progress { value: "{done}", max: "{all}", aria_label: "{text}" }
                } else {
                    progress { aria_label: "{text}" }
                }
            }
            {children}
        }
    }
}

/// How the way to a photo looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhotoInputLook {
    /// A large dashed tile, the size of a photo.
    #[default]
    Tile,
    /// A plain button.
    Plain,
    /// The screen's main button.
    Main,
}

/// Where a photo is taken or picked.
#[component]
pub fn PhotoInput(
    #[props(into)] label: String,
    /// For a screen reader, where the label alone does not tell it from another one.
    says: Option<String>,
    #[props(default)] multiple: bool,
    /// Opens the camera at once where there is one.
    #[props(default)]
    capture: bool,
    #[props(default)] look: PhotoInputLook,
    #[props(default)] busy: bool,
    #[props(into)] testid: String,
    /// The gallery is being opened.
    #[props(default)]
    onopen: EventHandler<()>,
    onfiles: EventHandler<Vec<FileData>>,
) -> Element {
    // A new key after each choice: otherwise choosing the same photo again would be no change and say nothing.
    let mut round = use_signal(|| 0_u32);
    let class = match look {
        PhotoInputLook::Tile => "photo-input tile",
        PhotoInputLook::Plain => "photo-input button",
        PhotoInputLook::Main => "photo-input button main",
    };
    rsx! {
        label { class, aria_busy: "{busy}",
            Icon { glyph: Glyph::Camera }
            span { class: "strong", "{label}" }
            for current in [round()] {
                input {
                    key: "{current}",
                    class: "hidden",
                    r#type: "file",
                    accept: "image/*",
                    capture: if capture { "environment" },
                    multiple,
                    aria_label: says.clone(),
                    "data-testid": "{testid}",
                    onclick: move |_| onopen.call(()),
                    onchange: move |event| {
                        let files = event.files();
                        if !files.is_empty() {
                            round += 1;
                            onfiles.call(files);
                        }
                    },
                }
            }
        }
    }
}
