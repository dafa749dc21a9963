//! A question that must be answered before the screen goes on: rises from the foot on a phone.

use super::icon::Glyph;
use super::modal::use_modal;
use crate::ui::words;
use dioxus::prelude::*;

/// A question with its answers as children.
#[component]
pub fn Dialog(
    #[props(into)] title: String,
    #[props(default, into)] testid: String,
    onclose: EventHandler<()>,
    children: Element,
) -> Element {
    let alone = use_modal();
    rsx! {
        div {
            class: "dialog-ground",
            onmounted: move |event| alone.call(event),
            onclick: move |_| onclose.call(()),
            onkeydown: move |event| if event.key() == Key::Escape {
                // What this dialog stands in stays.
                event.stop_propagation();
                onclose.call(());
            },
            div {
                class: "dialog",
                role: "dialog",
                aria_modal: "true",
                tabindex: "-1",
                aria_label: "{title}",
                "data-testid": "{testid}",
                onclick: move |event| event.stop_propagation(),
                div { class: "dialog-top",
                    h2 { class: "grow", "{title}" }
                    super::button::IconButton { glyph: Glyph::Close, label: words::CLOSE, testid: "dialog-close", onclick: move |()| onclose.call(()) }
                }
                div { class: "dialog-body stack wide", {children} }
            }
            // Takes the second tap of a double tap, which was not meant for an answer; gone as soon as one can be read.
            div { class: "dialog-shield", aria_hidden: "true", onclick: move |event| event.stop_propagation() }
        }
    }
}
