//! What a screen says when it has nothing to show, or something to say.

use super::button::Button;
use super::heading::Heading;
use super::icon::{Glyph, Icon};
use crate::ui::tone::Tone;
use crate::ui::words;
use dioxus::prelude::*;

/// Rows of a list that is not there yet: as many as fill the upper half of a phone.
const BONES: usize = 4;

/// An empty screen: what it means, and what to do.
#[component]
pub fn Empty(
    glyph: Glyph,
    #[props(into)] title: String,
    #[props(default, into)] text: String,
    /// It is all that the screen says, so that the title is the screen's.
    #[props(default)]
    whole: bool,
    children: Element,
) -> Element {
    rsx! {
        div { class: "empty", "data-testid": "empty",
            Icon { glyph }
            if whole {
                Heading { title }
            } else {
                p { class: "strong", "{title}" }
            }
            if !text.is_empty() {
                p { class: "small", "{text}" }
            }
            {children}
        }
    }
}

/// Something is on its way; says what.
#[component]
pub fn Loading(#[props(into)] text: String) -> Element {
    rsx! {
        div { class: "empty loading", role: "status",
            span { class: "lane", aria_hidden: "true" }
            p { "{text}" }
        }
    }
}

/// A list is on its way: its shape, and what it waits for in words.
#[component]
pub fn ListLoading(#[props(into)] text: String) -> Element {
    rsx! {
        div { class: "skeleton stack", "data-testid": "skeleton",
            p { class: "small flat", role: "status", "{text}" }
            div { class: "card rows", aria_hidden: "true",
                for row in 0..BONES {
                    div { key: "{row}", class: "row",
                        span { class: "bone round" }
                        span { class: "grow stack",
                            span { class: "bone" }
                            span { class: "bone short" }
                        }
                    }
                }
            }
        }
    }
}

/// A message within a screen. It interrupts a screen reader only when something could not be done.
#[component]
pub fn Notice(
    #[props(default = Tone::Stop)] tone: Tone,
    #[props(default, into)] title: String,
    #[props(into)] text: String,
    /// It comes into something that is read out anyway.
    #[props(default)]
    heard: bool,
    onclose: Option<EventHandler<()>>,
    children: Element,
) -> Element {
    let role = match tone {
        Tone::Stop => Some("alert"),
        _ => (!heard).then_some("status"),
    };
    rsx! {
        div { class: "notice", role, "data-testid": "notice",
            span { class: tone.class(), Icon { glyph: Glyph::Warning } }
            div { class: "grow stack",
                div {
                    if !title.is_empty() {
                        p { class: "strong", "{title}" }
                    }
                    p { "{text}" }
                }
                {children}
                if let Some(onclose) = onclose {
                    Button { testid: "notice-close", onclick: move |()| onclose.call(()), {words::GOT_IT} }
                }
            }
        }
    }
}
