//! The form for one type of problem: photo, place, the type's questions, words. Works as plain HTML; everything typed
//! comes back with the errors.

use super::fields::{Contact, QuestionField, describe};
use super::model::{CityFace, Elsewhere, FormView, tel};
use super::place::Place;
use crate::ui::components::icon::{Glyph, Icon};
use coldpatch_shared::city::ContactRule;
use dioxus::prelude::*;

#[component]
pub(super) fn Form(city: CityFace, view: FormView) -> Element {
    let kind = view.kind.clone();
    let errors = view.errors.clone();
    let many = errors.len();
    let mut summary: Vec<(String, String)> = errors.clone().into_iter().collect();
    summary.sort_by_key(|(field, _)| position(field));
    let what = errors.get("description").cloned();
    rsx! {
        div { class: "form-head",
            Icon { glyph: Glyph::named(&kind.icon) }
            div {
                h1 { "{kind.name}" }
                p { class: "hint", "{kind.description} " a { href: "/", "Something else" } }
            }
        }
        if let Some(elsewhere) = view.elsewhere.clone() {
            ElsewhereCard { city: city.clone(), elsewhere }
        } else if many > 0 {
            div { class: "card pad stop", role: "alert", id: "summary", tabindex: "-1", autofocus: true,
                b {
                    if many == 1 { "One thing is missing or not right." } else { "{many} things are missing or not right." }
                }
                p { "Everything that you typed is still here." }
                ul {
                    for (field, message) in summary {
                        li { key: "{field}", a { href: "#{field}", "{message}" } }
                    }
                }
            }
        }
        form {
            id: "report",
            class: "report",
            method: "post",
            action: "/report",
            enctype: "multipart/form-data",
            "data-type": "{kind.code}",
            "data-kind-name": "{kind.name}",
            input { r#type: "hidden", name: "type", value: "{kind.code}" }
            input { r#type: "hidden", name: "request", value: "{view.request}" }
            input { r#type: "hidden", name: "secret", value: "{view.secret}" }
            if view.photo_kept {
                input { r#type: "hidden", name: "photo_kept", value: "1" }
            }
            PhotoField { kept: view.photo_kept, error: errors.get("photo").cloned() }
            Place {
                typed: view.typed.clone(),
                error: errors.get("address").cloned(),
                streets: view.streets.clone(),
                map: view.map,
                assets: city.assets.clone(),
            }
            for question in kind.questions.clone() {
                QuestionField {
                    key: "{question.code}",
                    error: errors.get(&format!("q_{}", question.code)).cloned(),
                    question,
                    typed: view.typed.clone(),
                }
            }
            div { class: "field",
                label { r#for: "description", "Anything else the crew should know? " span { class: "optional", "Optional" } }
                if let Some(error) = &what {
                    p { class: "error", id: "description-error", "{error}" }
                }
                textarea {
                    id: "description",
                    name: "description",
                    rows: "3",
                    maxlength: "4000",
                    "data-testid": "description",
                    aria_describedby: describe("description", what.is_some(), false),
                    aria_invalid: what.is_some().then_some("true"),
                    "{view.typed.description}"
                }
            }
            if kind.contact != ContactRule::None {
                Contact { rule: kind.contact, typed: view.typed.clone(), errors: errors.clone() }
            }
            div { class: "send",
                button { class: "button", r#type: "submit", id: "send", "data-testid": "send", "Send" }
                p { class: "hint",
                    if kind.contact == ContactRule::None {
                        "No name, no account. You get a link to follow it."
                    } else {
                        "No account. You get a link to follow it."
                    }
                }
            }
        }
    }
}

/// Where a field stands in the form: errors are listed from top to bottom.
fn position(field: &str) -> usize {
    const ORDER: [&str; 7] = ["photo", "address", "q_", "description", "contact", "name", "email"];
    ORDER.iter().position(|known| field.starts_with(known)).unwrap_or(ORDER.len())
}

#[component]
fn PhotoField(kept: bool, error: Option<String>) -> Element {
    rsx! {
        div { class: "field photo-field",
            label { r#for: "photo", "Photo " span { class: "optional", "Optional, and the best help" } }
            p { class: "hint", id: "photo-hint",
                "If it knows where it was taken, we use that. Only the city sees the original; this site shows a copy without hidden data."
            }
            if kept {
                p { class: "kept", id: "photo-kept", "Your photo is here already. Pick another one only to replace it." }
            }
            if let Some(error) = &error {
                p { class: "error", id: "photo-error", "{error}" }
            }
            // Filled by the script: what was picked, also after a reload.
            div { id: "photo-preview", class: "preview", hidden: true }
            // Shown by the script. Newer Androids offer no camera for a plain file field; it has no name, so that a form
            // without script does not send it.
            div { id: "photo-ways", class: "photo-ways", hidden: true,
                label { r#for: "camera", class: "button ghost", "Take a photo" }
                input {
                    id: "camera",
                    class: "visually-hidden",
                    r#type: "file",
                    accept: "image/*",
                    capture: "environment",
                    "data-testid": "camera",
                }
            }
            input {
                id: "photo",
                name: "photo",
                r#type: "file",
                accept: "image/*",
                "data-testid": "photo",
                aria_describedby: describe("photo", error.is_some(), true),
                aria_invalid: error.is_some().then_some("true"),
            }
        }
    }
}

#[component]
fn ElsewhereCard(city: CityFace, elsewhere: Elsewhere) -> Element {
    let call = tel(&elsewhere.phone);
    rsx! {
        section {
            class: "card pad stop",
            role: "alert",
            id: "summary",
            tabindex: "-1",
            autofocus: true,
            "data-testid": "elsewhere",
            if elsewhere.neighbor {
                h2 { "That place belongs to the {elsewhere.name}" }
                p { "The City of {city.name} cannot send a crew there. We did not file it; please tell them:" }
            } else {
                h2 { "That place is outside the City of {city.name}" }
                p { "We do not know who looks after it, so we did not file it. Call us and we will find out:" }
            }
            p { class: "call",
                a { class: "button", href: call, "Call {elsewhere.phone}" }
            }
            if !elsewhere.url.is_empty() {
                p { a { href: "{elsewhere.url}", rel: "noreferrer", "Or report it on their site" } }
            }
            p { class: "hint", "Is the place wrong? Correct it below and send again; everything else is still here." }
        }
    }
}
