//! Fields of the report form: a label, a hint, an error that the field points to.

use super::model::Typed;
use coldpatch_shared::city::{ContactRule, Question, QuestionKind};
use dioxus::prelude::*;
use std::collections::BTreeMap;

/// The value of `aria-describedby`: the error first, because it is what matters now.
pub(super) fn describe(field: &str, error: bool, hint: bool) -> Option<String> {
    match (error, hint) {
        (true, true) => Some(format!("{field}-error {field}-hint")),
        (true, false) => Some(format!("{field}-error")),
        (false, true) => Some(format!("{field}-hint")),
        (false, false) => None,
    }
}

#[component]
pub(super) fn QuestionField(question: Question, typed: Typed, error: Option<String>) -> Element {
    let name = format!("q_{}", question.code);
    let described = describe(&name, error.is_some(), false);
    let invalid = error.is_some().then_some("true");
    let chosen = matches!(question.kind, QuestionKind::Single | QuestionKind::Multi);
    let required = question.required;
    let optional = rsx! {
        if !required {
            span { class: "optional", "Optional" }
        }
    };
    let message = rsx! {
        if let Some(error) = &error {
            p { class: "error", id: "{name}-error", "{error}" }
        }
    };
    if chosen {
        let single = question.kind == QuestionKind::Single;
        return rsx! {
            fieldset {
                class: "field",
                id: "{name}",
                aria_describedby: described,
                tabindex: "-1",
                // The browser checks radio buttons by itself; for "any of these" the script does.
                "data-required": (required && !single).then(|| name.clone()),
                "data-missing": (required && !single).then_some("Choose at least one."),
                legend { "{question.text} " {optional} }
                if !single {
                    p { class: "hint", "Choose all that apply." }
                }
                {message}
                div { class: "choices",
                    for option in question.options.clone() {
                        label { key: "{option.key}", class: "choice",
                            input {
                                r#type: if single { "radio" } else { "checkbox" },
                                name: "{name}",
                                value: "{option.key}",
                                checked: typed.chose(&question.code, &option.key),
                                required: single && required,
                            }
                            span { "{option.name}" }
                        }
                    }
                }
            }
        };
    }
    let number = question.kind == QuestionKind::Number;
    rsx! {
        div { class: "field",
            label { r#for: "{name}", "{question.text} " {optional} }
            {message}
            input {
                id: "{name}",
                name: "{name}",
                r#type: "text",
                inputmode: if number { "decimal" } else { "text" },
                maxlength: "400",
                value: typed.answer(&question.code),
                required,
                aria_describedby: described,
                aria_invalid: invalid,
            }
        }
    }
}

#[component]
pub(super) fn Contact(rule: ContactRule, typed: Typed, errors: BTreeMap<String, String>) -> Element {
    let required = rule == ContactRule::Required;
    rsx! {
        fieldset {
            class: "field",
            id: "contact",
            aria_describedby: describe("contact", errors.contains_key("contact"), true),
            tabindex: "-1",
            "data-required": required.then_some("email phone"),
            "data-missing": required.then_some("An e-mail address or a phone number is needed."),
            legend {
                "How can the city reach you? "
                if !required {
                    span { class: "optional", "Optional" }
                }
            }
            p { class: "hint", id: "contact-hint",
                if required {
                    "The crew’s office needs your name and one way to reach you, only to settle this report. Crews and other people do not see it."
                } else {
                    "Only for questions about this report. Crews and other people do not see it. You can leave it all empty."
                }
            }
            if let Some(error) = errors.get("contact") {
                p { class: "error", id: "contact-error", "{error}" }
            }
            ContactInput { name: "name", label: "Name", kind: "text", autocomplete: "name", value: typed.name, error: errors.get("name").cloned(), required }
            ContactInput { name: "email", label: "E-mail", kind: "email", autocomplete: "email", value: typed.email, error: errors.get("email").cloned(), required: false }
            ContactInput { name: "phone", label: "Phone", kind: "tel", autocomplete: "tel", value: typed.phone, error: errors.get("phone").cloned(), required: false }
        }
    }
}

#[component]
fn ContactInput(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    error: Option<String>,
    required: bool,
) -> Element {
    rsx! {
        div { class: "sub-field",
            label { r#for: name, "{label}" }
            if let Some(error) = &error {
                p { class: "error", id: "{name}-error", "{error}" }
            }
            input {
                id: name,
                name,
                r#type: kind,
                autocomplete,
                maxlength: "200",
                value: "{value}",
                required,
                aria_describedby: describe(name, error.is_some(), false),
                aria_invalid: error.is_some().then_some("true"),
            }
        }
    }
}
