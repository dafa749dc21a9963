//! What a merge left for a person: a flag with its ways out, and a field on which two people disagree.

use super::chip::Chip;
use super::icon::{Glyph, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// A flag. Without `onkeep` it is only shown: settling it is the supervisor's.
#[component]
pub fn FlagCard(
    #[props(into)] heading: String,
    #[props(into)] text: String,
    #[props(into)] keep: String,
    reopen_for: Option<String>,
    onkeep: Option<EventHandler<()>>,
    onreopen: Option<EventHandler<()>>,
) -> Element {
    rsx! {
        div { class: "card pad flag", "data-testid": "flag",
            p { class: "status tone-review wrap",
                svg { view_box: "0 0 16 16", fill: "currentColor", "aria-hidden": "true",
                    path { d: super::status::shape(coldpatch_shared::order::Status::Open, true) }
                }
                span { "{heading}" }
            }
            p { class: "small", "{text}" }
            if let Some(onkeep) = onkeep {
                div { class: "chips",
                    Chip { chosen: true, testid: "keep-as-done", onclick: move |()| onkeep.call(()), "{keep}" }
                    if let Some((crew, onreopen)) = reopen_for.zip(onreopen) {
                        Chip { testid: "reopen-for", onclick: move |()| onreopen.call(()), {words::flag::reopen_for(&crew)} }
                    }
                }
            }
        }
    }
}

/// One of several values that people gave a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The value in words.
    pub value: String,
    /// Who and when.
    pub by: String,
}

/// A field on which people who did not see each other disagree; the first value is shown until somebody chooses.
#[component]
pub fn Disagreement(
    #[props(into)] field: String,
    opinions: Vec<Opinion>,
    onchoose: Option<EventHandler<usize>>,
) -> Element {
    rsx! {
        div { class: "card flag", "data-testid": "disagreement",
            p { class: "status tone-review wrap pad-x",
                Icon { glyph: Glyph::Warning }
                span { "{field}: " {words::flag::DISAGREE} }
            }
            for (index, opinion) in opinions.into_iter().enumerate() {
                div { key: "{index}", class: "row",
                    div { class: "grow",
                        div { class: "strong", "{opinion.value}" }
                        div { class: "small", "{opinion.by}" }
                    }
                    if let Some(onchoose) = onchoose {
                        Chip { testid: "choose-{index}", chosen: index == 0, onclick: move |()| onchoose.call(index), {words::flag::CHOOSE} }
                    }
                }
            }
        }
    }
}
