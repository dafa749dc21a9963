//! Buttons: one main one per screen, the others plain.

use super::icon::{Glyph, Icon};
use dioxus::prelude::*;

/// How much a button wants to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// The one main action of the screen, in road marking yellow.
    Main,
    /// Any other.
    #[default]
    Plain,
    /// Hardly there.
    Quiet,
    /// Takes something away.
    Danger,
}

/// A button with text, and perhaps an icon before it.
#[component]
pub fn Button(
    #[props(default)] weight: Weight,
    #[props(default)] disabled: bool,
    glyph: Option<Glyph>,
    #[props(default, into)] testid: String,
    onclick: EventHandler<()>,
    children: Element,
) -> Element {
    let class = match weight {
        Weight::Main => "button main",
        Weight::Plain => "button",
        Weight::Quiet => "button quiet",
        Weight::Danger => "button danger",
    };
    rsx! {
        button {
            class,
            r#type: "button",
            disabled,
            "data-testid": "{testid}",
            onclick: move |_| onclick.call(()),
            if let Some(glyph) = glyph {
                Icon { glyph }
            }
            span { {children} }
        }
    }
}

/// A button that is only an icon; `label` is what a screen reader says.
#[component]
pub fn IconButton(
    glyph: Glyph,
    #[props(into)] label: String,
    #[props(default, into)] testid: String,
    onclick: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            class: "icon-button",
            r#type: "button",
            aria_label: "{label}",
            "data-testid": "{testid}",
            onclick: move |_| onclick.call(()),
            Icon { glyph }
        }
    }
}
