//! The frame of every screen: a title, what scrolls, and what stays at the foot.

use super::heading::Heading;
use super::icon::{Glyph, Icon};
use dioxus::prelude::*;

/// The top of a screen: a line above, the title, and something beside it.
#[component]
pub fn Title(#[props(into)] title: String, #[props(default, into)] above: String, children: Element) -> Element {
    rsx! {
        header { class: "title",
            div { class: "grow",
                if !above.is_empty() {
                    p { class: "above num", "{above}" }
                }
                Heading { title }
            }
            {children}
        }
    }
}

/// The inside of a tab at the foot; the view makes it a link.
#[component]
pub fn Tab(glyph: Glyph, #[props(into)] name: String, #[props(default)] mark: u32) -> Element {
    rsx! {
        span { class: "tab-icon",
            Icon { glyph }
            if mark > 0 {
                span { class: "tab-mark num", "{mark}" }
            }
        }
        span { "{name}" }
    }
}
