//! A job in a list: the row, and the large card of the one that is to be done now.

use super::icon::{Glyph, Icon};
use super::status::StatusMark;
use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;

/// What a row shows of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct RowModel {
    /// Its place in the order, or nothing in a list without one.
    pub number: Option<usize>,
    /// Its type.
    pub title: String,
    /// Where, and how far.
    pub place: String,
    /// Its state.
    pub status: Status,
    /// Whether a person must look at it.
    pub review: bool,
    /// Instead of the status word.
    pub status_text: Option<String>,
    /// Until when, or when it was done.
    pub due: String,
    /// How that looks.
    pub due_tone: Tone,
    /// Whether something of it is on this phone only.
    pub only_here: bool,
    /// How urgent, where that is more than normal.
    pub pressing: Option<(String, Tone)>,
    /// Small facts: how far, how old, how many reports.
    pub facts: Vec<String>,
    /// What to bring; the large card says it.
    pub bring: String,
}

/// The inside of a row; the view makes it a link.
#[component]
pub fn JobRow(model: RowModel) -> Element {
    let urgent = model.due_tone != Tone::Quiet;
    rsx! {
        if let Some(number) = model.number {
            span { class: "stop-number num", "{number}" }
        } else {
            span { class: "stop-shape {super::status::tone(model.status, model.review).class()}",
                svg { view_box: "0 0 16 16", fill: "currentColor", "aria-hidden": "true",
                    path { d: super::status::shape(model.status, model.review), fill_rule: "evenodd" }
                }
            }
        }
        span { class: "grow",
            span { class: "strong block", "data-testid": "job-title", "{model.title}" }
            span { class: "small block", "{model.place}" }
            if !model.facts.is_empty() {
                span { class: "small block num", {words::line(&model.facts)} }
            }
            Pressing { pressing: model.pressing.clone() }
            if model.number.is_none() || model.status != Status::Open || model.review {
                span { class: "block",
                    StatusMark { status: model.status, review: model.review, text: model.status_text.clone() }
                }
            }
            if model.only_here {
                span { class: "only-here",
                    Icon { glyph: Glyph::Phone }
                    {words::today::ONLY_HERE}
                }
            }
        }
        span { class: if urgent { "row-due num strong" } else { "row-due num small" },
            span { class: model.due_tone.class(), "{model.due}" }
        }
    }
}

/// A priority above normal.
#[component]
pub fn Pressing(pressing: Option<(String, Tone)>) -> Element {
    rsx! {
        if let Some((word, tone)) = pressing {
            span { class: "pressing {tone.class()}",
                Icon { glyph: Glyph::Warning }
                "{word}"
            }
        }
    }
}

/// The inside of the large card; `due_on_photo` says that the photo above it already shows the due time.
#[component]
pub fn NowCard(model: RowModel, #[props(default)] due_on_photo: bool) -> Element {
    rsx! {
        div { class: "pad now-text",
            div { class: "now-head",
                span { class: "now-title", "data-testid": "job-title", "{model.title}" }
                StatusMark { status: model.status, review: model.review, text: model.status_text.clone() }
            }
            div { class: "small", "{model.place}" }
            div { class: "facts num",
                Pressing { pressing: model.pressing.clone() }
                for (index, fact) in model.facts.iter().enumerate() {
                    span { key: "{index}", "{fact}" }
                }
                if !due_on_photo {
                    span { class: model.due_tone.class(), "{model.due}" }
                }
            }
            if !model.bring.is_empty() {
                div { class: "now-bring small", "data-testid": "bring-here",
                    Icon { glyph: Glyph::Load }
                    span { "{model.bring}" }
                }
            }
            if model.only_here {
                span { class: "only-here",
                    Icon { glyph: Glyph::Phone }
                    {words::today::ONLY_HERE}
                }
            }
        }
    }
}
