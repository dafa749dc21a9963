//! A draft's card: the photo, where its place came from, what it is, and what is already known nearby.

use super::button::Button;
use super::marks::{Drawing, MarksLayer};
use super::photo::{PhotoView, Picture};
use crate::ui::tone::Tone;
use crate::ui::words;
use dioxus::prelude::*;

/// The head of a draft's card.
#[component]
pub fn DraftHead(
    picture: Picture,
    #[props(default)] blur: Option<String>,
    #[props(into)] title: String,
    #[props(into)] place: String,
    #[props(into)] source: String,
    place_tone: Tone,
    #[props(default, into)] when: String,
    /// What is drawn over the picture.
    #[props(default)]
    drawing: Drawing,
    /// Opens the photo.
    onphoto: Option<EventHandler<()>>,
    children: Element,
) -> Element {
    rsx! {
        div { class: "draft-head",
            div { class: "draft-photo",
                if let Some(onphoto) = onphoto {
                    button { class: "photo-open", r#type: "button", "data-testid": "draft-photo", onclick: move |_| onphoto.call(()),
                        span { class: "hidden", {words::camera::RETOUCH} " " }
                        PhotoView { picture, blur, alt: title.clone(), MarksLayer { drawing } }
                    }
                } else {
                    PhotoView { picture, blur, alt: title.clone(), MarksLayer { drawing } }
                }
            }
            div { class: "grow draft-text",
                div { class: "strong", "{title}" }
                if !place.is_empty() {
                    div { class: "small", "{place}" }
                }
                div { class: "small {place_tone.class()}", "data-testid": "draft-place-source", "{source}" }
                if !when.is_empty() {
                    div { class: "small num", "{when}" }
                }
                {children}
            }
        }
    }
}

/// Something known near a draft's place.
#[component]
pub fn NearbyCard(
    picture: Option<Picture>,
    #[props(default)] blur: Option<String>,
    #[props(into)] heading: String,
    #[props(into)] text: String,
    onthis: EventHandler<()>,
    onanother: EventHandler<()>,
) -> Element {
    rsx! {
        div { class: "nearby stack", "data-testid": "nearby",
            div { class: "nearby-head",
                if let Some(picture) = picture {
                    div { class: "nearby-photo", PhotoView { picture, blur: blur.clone(), alt: heading.clone() } }
                }
                div { class: "grow",
                    div { class: "strong", "{heading}" }
                    div { class: "small", "{text}" }
                }
            }
            div { class: "two",
                Button { testid: "this-is-it", onclick: move |()| onthis.call(()), {words::draft::THIS_IS_IT} }
                Button { testid: "another-one", onclick: move |()| onanother.call(()), {words::draft::ANOTHER_ONE} }
            }
        }
    }
}
