//! What happened to a job, oldest first, as a line with dots.

use super::button::Button;
use crate::ui::words;
use crate::ui::words::history::Line;
use coldpatch_shared::ids::EntryId;
use dioxus::prelude::*;

/// The timeline. `times` are the instants of `lines` in words; `takes_back` is the line that the reader may take back.
#[component]
pub fn Timeline(
    lines: Vec<Line>,
    times: Vec<String>,
    takes_back: Option<EntryId>,
    onback: Option<EventHandler<()>>,
) -> Element {
    rsx! {
        ol { class: "timeline", "data-testid": "history",
            for (index, (line, time)) in lines.into_iter().zip(times).enumerate() {
                li { key: "{index}",
                    span { class: "timeline-dot {line.tone.class()}", aria_hidden: "true" }
                    div { class: "timeline-text", "{line.text}" }
                    if let Some(words) = line.words {
                        blockquote { "{words}" }
                    }
                    div { class: "small num", "{time}" }
                    if let Some(onback) = onback.filter(|_| takes_back.as_ref() == Some(&line.id)) {
                        Button { testid: "take-back", onclick: move |()| onback.call(()), {words::undo::TAKE_BACK} }
                    }
                }
            }
        }
    }
}
