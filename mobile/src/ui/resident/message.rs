//! A page that says one thing: a link that leads nowhere, a report that is too large.

use super::model::{CityFace, MessageView};
use dioxus::prelude::*;

#[component]
pub(super) fn Message(city: CityFace, view: MessageView) -> Element {
    rsx! {
        h1 { "{view.title}" }
        for paragraph in view.paragraphs {
            p { "{paragraph}" }
        }
        p {
            "The city answers at "
            a { href: city.tel(), "{city.phone}" }
            "."
        }
        p {
            a { class: "button", href: "/", "Report a problem" }
        }
    }
}
