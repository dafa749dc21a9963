//! Fields that people type into. What is typed is handed on at every keystroke.
//!
//! The field itself holds what is being typed; it is written to only when the value changes from elsewhere. Writing every
//! keystroke back would, in a desktop window whose page is another process, overtake fast typing and lose letters.

use dioxus::prelude::*;

/// What a field holds, and which incarnation of it: a new one shows a value from elsewhere.
#[derive(Clone, Copy)]
struct Held {
    text: CopyValue<String>,
    round: Signal<u32>,
}

fn use_held(value: &String) -> Held {
    let held = Held { text: use_hook(|| CopyValue::new(value.clone())), round: use_signal(|| 0) };
    use_effect(use_reactive(value, move |value| {
        let Held { mut text, mut round } = held;
        if *text.read() != value {
            text.set(value);
            round += 1;
        }
    }));
    held
}

/// The bare field, for components that lay it out themselves.
#[component]
pub fn LiveInput(
    value: String,
    #[props(default, into)] class: String,
    #[props(default, into)] label: String,
    #[props(default, into)] placeholder: String,
    #[props(default, into)] testid: String,
    #[props(default)] numeric: bool,
    oninput: EventHandler<String>,
    onblur: Option<EventHandler<()>>,
) -> Element {
    let held = use_held(&value);
    let Held { mut text, round } = held;
    rsx! {
        for round in [round()] {
            input {
                key: "{round}",
                class: if !class.is_empty() { class.clone() },
                r#type: "text",
                inputmode: if numeric { "decimal" } else { "text" },
                autocomplete: "off",
                aria_label: if !label.is_empty() { label.clone() },
                initial_value: text.peek().clone(),
                placeholder: placeholder.clone(),
                "data-testid": "{testid}",
                oninput: move |event| {
                    text.set(event.value());
                    oninput.call(event.value());
                },
                onblur: move |_| if let Some(onblur) = onblur { onblur.call(()) },
            }
        }
    }
}

/// One line of text.
#[component]
pub fn TextField(
    #[props(into)] label: String,
    value: String,
    #[props(default, into)] hint: String,
    #[props(default, into)] placeholder: String,
    #[props(default, into)] testid: String,
    #[props(default)] numeric: bool,
    #[props(default)] hide_label: bool,
    oninput: EventHandler<String>,
) -> Element {
    rsx! {
        label { class: "field",
            span { class: if hide_label { "hidden" } else { "field-label" }, "{label}" }
            LiveInput { value, placeholder, testid, numeric, oninput }
            if !hint.is_empty() {
                span { class: "small", "{hint}" }
            }
        }
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[props(into)] label: String,
    value: String,
    #[props(default, into)] placeholder: String,
    #[props(default, into)] testid: String,
    #[props(default)] hide_label: bool,
    oninput: EventHandler<String>,
) -> Element {
    let held = use_held(&value);
    let Held { mut text, round } = held;
    rsx! {
        label { class: "field",
            span { class: if hide_label { "hidden" } else { "field-label" }, "{label}" }
            for round in [round()] {
                textarea {
                    key: "{round}",
                    rows: "2",
                    initial_value: text.peek().clone(),
                    placeholder: placeholder.clone(),
                    "data-testid": "{testid}",
                    oninput: move |event| {
                        text.set(event.value());
                        oninput.call(event.value());
                    },
                }
            }
        }
    }
}
