//! A status: always a shape, a word and a color, the same three on lists, maps and desks.

use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;

/// The shape of a status on a field of 16 by 16, as the `d` of a filled path. Open is a ring, working a triangle, paused
/// two bars, blocked a square, handed over an arrow, done a check mark, cancelled a cross, to review a flag.
#[must_use]
pub fn shape(status: Status, review: bool) -> &'static str {
    if review {
        return "M3 15.500V.8h10.500l-3.200 4 3.200 4H5.200v6.700z";
    }
    match status {
        Status::Open => {
            "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2.600a4.400 4.400 0 1 1 0 8.800 4.400 4.400 0 0 1 0-8.800z"
        }
        Status::Working => "M3 1.500l11.500 6.500L3 14.500z",
        Status::Paused => "M3 2h3.700v12H3zM9.300 2H13v12H9.300z",
        Status::CannotComplete => "M2.500 2.500h11v11h-11z",
        Status::Transferred => "M1 6.600h7.200V2L15 8l-6.800 6V9.400H1z",
        Status::Completed => "M.8 8.700l2-2 3.200 3.200 7.200-8.200 2.100 1.900-9.200 10.500z",
        Status::Cancelled => {
            "M3.600 1.500L8 5.900l4.400-4.400 2.100 2.100L10.100 8l4.400 4.400-2.100 2.100L8 10.100l-4.400 4.400-2.100-2.100L5.900 8 1.500 3.600z"
        }
    }
}

/// The color's meaning.
#[must_use]
pub fn tone(status: Status, review: bool) -> Tone {
    if review { Tone::Review } else { status.into() }
}

/// Shape, word and color. `text` takes the place of the plain word where there is more to say ("Working · 12 min").
#[component]
pub fn StatusMark(status: Status, #[props(default)] review: bool, text: Option<String>) -> Element {
    let word = if review { words::status::REVIEW } else { words::status::word(status) };
    let text = text.unwrap_or_else(|| word.to_owned());
    rsx! {
        span { class: "status {tone(status, review).class()}", "data-testid": "status",
            svg { view_box: "0 0 16 16", fill: "currentColor", "aria-hidden": "true",
                path { d: shape(status, review), fill_rule: "evenodd" }
            }
            span { "{text}" }
        }
    }
}
