//! Fields that people type into. What is typed is handed on at every keystroke.

use dioxus::prelude::*;

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
            input {
                r#type: "text",
                inputmode: if numeric { "decimal" } else { "text" },
                autocomplete: "off",
                value,
                placeholder,
                "data-testid": "{testid}",
                oninput: move |event| oninput.call(event.value()),
            }
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
    rsx! {
        label { class: "field",
            span { class: if hide_label { "hidden" } else { "field-label" }, "{label}" }
            textarea {
                rows: "2",
                value,
                placeholder,
                "data-testid": "{testid}",
                oninput: move |event| oninput.call(event.value()),
            }
        }
    }
}
