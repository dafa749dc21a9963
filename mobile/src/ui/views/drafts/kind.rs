//! What a draft is: the type, its questions.

use super::is_typed;
use crate::engine::api::Draft;
use crate::ui::components::chip::Chip;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::field::TextField;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::city::{Question, QuestionKind, ServiceType};
use coldpatch_shared::ids::ServiceCode;
use dioxus::prelude::*;

/// So many types are chips; the others are found by search.
const CHIPS: usize = 4;

/// The form that holds the types that were chosen last, the newest first.
const RECENT: &str = "drafts/recent-types";

/// The types chosen last, then the catalog's first.
fn likely(here: &Here, recent: &str) -> Vec<ServiceType> {
    let recent = recent.split_whitespace().filter_map(|code| here.town.service_type(&ServiceCode::from(code)));
    let mut likely: Vec<ServiceType> = Vec::new();
    for kind in recent.chain(&here.town.catalog.service_types) {
        if !likely.iter().any(|known| known.code == kind.code) {
            likely.push(kind.clone());
        }
    }
    likely.truncate(CHIPS);
    likely
}

/// Chips of the likely types, and the way to all of them.
#[component]
pub(crate) fn KindPicker(
    here: Here,
    chosen: Option<ServiceCode>,
    onchoose: EventHandler<ServiceCode>,
    children: Element,
) -> Element {
    let mut searching = use_signal(|| false);
    let device = here.device;
    let recent = use_resource(move || async move { device.form(RECENT.to_owned()).await.ok().flatten() });
    let recent = recent.read().clone().flatten().unwrap_or_default();
    // Once chosen, only the choice is shown: a phone's screen is small, and *Other…* still leads to all.
    let shown: Vec<ServiceType> = match chosen.as_ref().and_then(|code| here.town.service_type(code)) {
        Some(kind) => vec![kind.clone()],
        None => likely(&here, &recent),
    };
    let choose = use_callback(move |code: ServiceCode| {
        let others = recent.split_whitespace().filter(|known| *known != code.as_str()).take(CHIPS);
        let mut next = code.to_string();
        others.for_each(|other| {
            next.push(' ');
            next.push_str(other);
        });
        device.save_form(RECENT.to_owned(), &next);
        onchoose.call(code);
    });
    rsx! {
        div { class: "chips", role: "group", aria_label: words::draft::WHAT_IS_IT,
            for kind in shown {
                Chip {
                    key: "{kind.code}",
                    chosen: chosen.as_ref() == Some(&kind.code),
                    glyph: Glyph::named(&kind.icon),
                    testid: "draft-type-{kind.code}",
                    onclick: move |()| choose.call(kind.code.clone()),
                    "{kind.name}"
                }
            }
            Chip { glyph: Glyph::Search, testid: "draft-type-other", onclick: move |()| searching.set(true), {words::draft::OTHER_TYPE} }
            {children}
        }
        if searching() {
            KindSearch {
                here: here.clone(),
                onchoose: move |code| {
                    searching.set(false);
                    choose.call(code);
                },
                onclose: move |()| searching.set(false),
            }
        }
    }
}

/// Whether a type is found by these words: name, keywords, group.
fn fits(kind: &ServiceType, text: &str) -> bool {
    let text = text.to_lowercase();
    let hay = format!("{} {} {}", kind.name, kind.group, kind.keywords.join(" ")).to_lowercase();
    text.split_whitespace().all(|word| hay.contains(word))
}

#[component]
fn KindSearch(here: Here, onchoose: EventHandler<ServiceCode>, onclose: EventHandler<()>) -> Element {
    let mut text = use_signal(String::new);
    let found: Vec<ServiceType> =
        here.town.catalog.service_types.iter().filter(|kind| fits(kind, &text.read())).cloned().collect();
    rsx! {
        Dialog { title: words::draft::WHAT_IS_IT, testid: "type-dialog", onclose,
            div { class: "search",
                TextField { label: words::draft::SEARCH_TYPE, hide_label: true, placeholder: words::draft::SEARCH_TYPE, value: text(), testid: "type-search", oninput: move |typed| text.set(typed) }
                Icon { glyph: Glyph::Search }
            }
            div { class: "card rows",
                if found.is_empty() {
                    div { class: "row small", {words::draft::NO_TYPE_FOUND} }
                }
                for kind in found {
                    button {
                        key: "{kind.code}",
                        class: "row",
                        r#type: "button",
                        "data-testid": "type-{kind.code}",
                        onclick: {
                            let code = kind.code.clone();
                            move |_| onchoose.call(code.clone())
                        },
                        Icon { glyph: Glyph::named(&kind.icon) }
                        span { class: "grow",
                            span { class: "strong block", "{kind.name}" }
                            span { class: "small block", "{kind.description}" }
                        }
                    }
                }
            }
        }
    }
}

/// The type's questions with the answers so far.
#[component]
pub(super) fn Questions(here: Here, draft: Draft, onanswer: EventHandler<(String, Vec<String>)>) -> Element {
    let kind = draft.service_code.as_ref().and_then(|code| here.town.service_type(code)).cloned();
    rsx! {
        if let Some(kind) = kind {
            for question in kind.questions {
                QuestionView {
                    key: "{question.code}",
                    given: draft.answers.get(&question.code).cloned().unwrap_or_default(),
                    question,
                    onanswer,
                }
            }
        }
    }
}

#[component]
fn QuestionView(question: Question, given: Vec<String>, onanswer: EventHandler<(String, Vec<String>)>) -> Element {
    let needed = if question.required { format!(" ({})", words::draft::NEEDED) } else { String::new() };
    let code = question.code.clone();
    if is_typed(question.kind) {
        return rsx! {
            TextField {
                label: "{question.text}{needed}",
                value: given.first().cloned().unwrap_or_default(),
                numeric: question.kind == QuestionKind::Number,
                testid: "answer-{code}",
                oninput: move |text: String| onanswer.call((code.clone(), vec![text])),
            }
        };
    }
    let several = question.kind == QuestionKind::Multi;
    rsx! {
        fieldset { class: "question",
            legend { "{question.text}{needed}" }
            div { class: "chips",
                for option in question.options.clone() {
                    Chip {
                        key: "{option.key}",
                        chosen: given.contains(&option.key),
                        testid: "answer-{code}-{option.key}",
                        onclick: {
                            let (code, given) = (code.clone(), given.clone());
                            move |()| {
                                let chosen = given.contains(&option.key);
                                let mut next: Vec<String> = if several { given.clone() } else { Vec::new() };
                                next.retain(|key| *key != option.key);
                                if !chosen {
                                    next.push(option.key.clone());
                                }
                                onanswer.call((code.clone(), next));
                            }
                        },
                        "{option.name}"
                    }
                }
            }
        }
    }
}
