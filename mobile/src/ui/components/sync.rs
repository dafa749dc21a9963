//! The sync line, and the items of the sheet behind it.

use super::button::Button;
use super::icon::{Glyph, Icon};
use crate::ui::tone::Tone;
use crate::ui::words::{self, sync::Line};
use dioxus::prelude::*;

/// The inside of the sync line: what counts, and when the city was last heard. The view makes it a link.
#[component]
pub fn SyncPill(line: Line, #[props(default, into)] aside: String) -> Element {
    rsx! {
        span { class: line.tone.class(),
            if line.tone == Tone::Review || line.tone == Tone::Stop {
                Icon { glyph: Glyph::Warning }
            } else {
                span { class: if line.tone == Tone::Quiet { "dot hollow" } else { "dot" }, aria_hidden: "true" }
            }
        }
        // Heard whenever it changes: that what was just done is safe, and that the city has it.
        span { class: "grow", role: "status",
            if !line.lead.is_empty() {
                "{line.lead} "
            }
            if !line.strong.is_empty() {
                b { "{line.strong}" }
            }
        }
        if !aside.is_empty() {
            span { class: "small num", "{aside}" }
        }
        Icon { glyph: Glyph::Forward }
    }
}

/// A refused action: what it was, why not, what was typed, and two ways out.
#[component]
pub fn Refused(
    #[props(into)] what: String,
    #[props(into)] when: String,
    #[props(into)] why: String,
    typed: Option<String>,
    onnote: EventHandler<()>,
    onletgo: EventHandler<()>,
) -> Element {
    rsx! {
        div { class: "pad stack refused", "data-testid": "refused",
            div {
                span { class: "status tone-review",
                    Icon { glyph: Glyph::Warning }
                    span { {words::sync::NOT_ACCEPTED} }
                }
                span { class: "small", {words::DOT} "{when}" }
                p { class: "strong", "{what}" }
            }
            if let Some(typed) = typed {
                blockquote { "{typed}" }
            }
            p { class: "well", "{why}" }
            div { class: "two",
                Button { testid: "send-as-note", onclick: move |()| onnote.call(()), {words::sync::SEND_AS_NOTE} }
                Button { testid: "let-go", onclick: move |()| onletgo.call(()), {words::sync::LET_IT_GO} }
            }
        }
    }
}

/// What of one work order only this phone has.
#[component]
pub fn Waiting(
    #[props(into)] subject: String,
    #[props(into)] what: String,
    sending: bool,
    not_now: Option<String>,
) -> Element {
    let state = if sending { words::sync::ON_ITS_WAY } else { words::sync::WAITING };
    rsx! {
        div { class: "grow",
            div { class: "strong", "{subject}" }
            div { class: "small", "{what}" }
            if let Some(not_now) = not_now {
                div { class: "small tone-work", "{not_now}" }
            }
        }
        span { class: if sending { "small tone-work strong" } else { "small" }, "{state}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::api::SyncLine;

    #[test]
    fn the_sync_line_never_says_by_color_alone() {
        for (line, expected) in [
            (SyncLine { only_here: 3, no_network: true, ..SyncLine::default() }, "3 things are safe on this phone"),
            (SyncLine { needs_you: 1, ..SyncLine::default() }, "1 thing needs you"),
        ] {
            let line = words::sync::state(&line);
            let html = dioxus_ssr::render_element(rsx! { SyncPill { line } });
            assert!(html.contains(expected), "{html}");
        }
    }
}
