//! Steppers and ticks: what a gloved hand can do in one press. A number can also be typed.

use super::field::LiveInput;
use super::icon::{Glyph, Icon};
use crate::ui::measure;
use crate::ui::words;
use dioxus::prelude::*;

/// No count on a street job is larger.
const MOST: f64 = 100_000.0;

/// A number with minus and plus. `value` is what counts; `onchange` is told every new one, also while it is typed.
#[component]
pub fn Stepper(
    #[props(into)] label: String,
    #[props(default, into)] unit: String,
    value: f64,
    step: f64,
    #[props(default = 0.0)] min: f64,
    #[props(default, into)] testid: String,
    onchange: EventHandler<f64>,
) -> Element {
    // What is in the field while somebody types: half a number is no number yet, but must not be taken away.
    let mut typing = use_signal(|| None::<String>);
    let shown = typing().unwrap_or_else(|| measure::count(value));
    let mut step_to = move |to: f64| {
        typing.set(None);
        onchange.call(to.max(min));
    };
    rsx! {
        div { class: "stepper",
            span { class: "grow",
                span { "{label}" }
                if !unit.is_empty() {
                    span { class: "small", " {unit}" }
                }
            }
            button {
                class: "icon-button",
                r#type: "button",
                aria_label: words::job::one_less(&label),
                disabled: value <= min,
                "data-testid": "{testid}-less",
                onclick: move |_| step_to(value - step),
                Icon { glyph: Glyph::Minus }
            }
            LiveInput {
                class: "num",
                label: label.clone(),
                numeric: true,
                testid: testid.clone(),
                value: shown,
                oninput: move |text: String| {
                    if let Ok(number) = text.trim().replace(',', ".").parse::<f64>()
                        && number.is_finite() && number >= min && number <= MOST
                    {
                        onchange.call(number);
                    }
                    typing.set(Some(text));
                },
                onblur: move |()| typing.set(None),
            }
            button {
                class: "icon-button",
                r#type: "button",
                aria_label: words::job::one_more(&label),
                "data-testid": "{testid}-more",
                onclick: move |_| step_to(value + step),
                Icon { glyph: Glyph::Plus }
            }
        }
    }
}

/// One line of a checklist.
#[component]
pub fn Tick(
    #[props(into)] text: String,
    checked: bool,
    #[props(default)] only_here: bool,
    #[props(default, into)] testid: String,
    onchange: EventHandler<bool>,
) -> Element {
    rsx! {
        button {
            class: "tick",
            r#type: "button",
            role: "checkbox",
            aria_checked: "{checked}",
            "data-testid": "{testid}",
            onclick: move |_| onchange.call(!checked),
            span { class: "tick-box",
                if checked {
                    Icon { glyph: Glyph::Check }
                }
            }
            span { class: "grow", "{text}" }
            if only_here {
                span { class: "only-here", title: words::today::ONLY_HERE,
                    Icon { glyph: Glyph::Phone }
                    span { class: "hidden", {words::today::ONLY_HERE} }
                }
            }
        }
    }
}
