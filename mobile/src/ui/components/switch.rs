//! A setting that is on or off.

use crate::ui::words;
use dioxus::prelude::*;

/// A switch with what it means below its name. Its state is a word, too.
#[component]
pub fn Switch(
    #[props(into)] name: String,
    #[props(default, into)] text: String,
    on: bool,
    #[props(default, into)] testid: String,
    onchange: EventHandler<bool>,
) -> Element {
    rsx! {
        button {
            class: "switch",
            r#type: "button",
            role: "switch",
            aria_checked: "{on}",
            "data-testid": "{testid}",
            onclick: move |_| onchange.call(!on),
            span { class: "grow",
                span { class: "strong block", "{name}" }
                if !text.is_empty() {
                    span { class: "small block", "{text}" }
                }
            }
            span { class: "switch-end",
                span { class: "switch-track", aria_hidden: "true", span { class: "switch-knob" } }
                span { class: "small", aria_hidden: "true",
                    if on { {words::sending::ON} } else { {words::sending::OFF} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    #[test]
    fn a_switch_says_its_state_to_eyes_and_to_screen_readers() {
        let on = drawn(|| rsx! { Switch { name: "Wait for wifi", on: true, onchange: move |_| () } });
        assert!(on.contains("aria-checked=\"true\"") && on.contains(">On<"), "{on}");
        let off = drawn(|| rsx! { Switch { name: "Wait for wifi", on: false, onchange: move |_| () } });
        assert!(off.contains("aria-checked=\"false\"") && off.contains(">Off<"), "{off}");
    }
}
