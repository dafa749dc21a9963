//! What happened to a job, oldest first, as a line with dots.

use crate::ui::words::history::Line;
use dioxus::prelude::*;

/// The timeline. `times` are the instants of `lines` in words.
#[component]
pub fn Timeline(lines: Vec<Line>, times: Vec<String>) -> Element {
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
                }
            }
        }
    }
}
