//! Chips: a few choices, of which one or several are chosen. And the switch between two views.

use super::icon::{Glyph, Icon};
use crate::ui::tone::Tone;
use dioxus::prelude::*;

/// One choice.
#[component]
pub fn Chip(
    #[props(default)] chosen: bool,
    glyph: Option<Glyph>,
    #[props(default)] tone: Tone,
    #[props(default, into)] testid: String,
    onclick: EventHandler<()>,
    children: Element,
) -> Element {
    rsx! {
        button {
            class: if chosen { "chip chosen" } else { "chip" },
            r#type: "button",
            aria_pressed: "{chosen}",
            "data-testid": "{testid}",
            onclick: move |_| onclick.call(()),
            if let Some(glyph) = glyph {
                Icon { glyph }
            }
            span { class: if chosen { "" } else { tone.class() }, {children} }
        }
    }
}

/// A switch between a few views; `chosen` is an index.
#[component]
pub fn Segments(
    #[props(into)] label: String,
    names: Vec<String>,
    chosen: usize,
    onchoose: EventHandler<usize>,
) -> Element {
    rsx! {
        div { class: "segments", role: "group", aria_label: "{label}",
            for (index, name) in names.into_iter().enumerate() {
                button {
                    key: "{index}",
                    r#type: "button",
                    aria_pressed: "{index == chosen}",
                    "data-testid": "segment-{index}",
                    onclick: move |_| onchoose.call(index),
                    "{name}"
                }
            }
        }
    }
}
