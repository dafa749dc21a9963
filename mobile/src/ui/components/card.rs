//! Cards and headings: white paper on concrete.

use dioxus::prelude::*;

/// A heading over a part of a screen.
#[component]
pub fn Section(#[props(into)] title: String, #[props(default, into)] testid: String, children: Element) -> Element {
    rsx! {
        section { class: "section", "data-testid": "{testid}",
            h2 { class: "section-title", "{title}" }
            {children}
        }
    }
}
