//! The end of a job: the yellow button, and the two other ways out.

use super::may;
use super::undo::MomentAfter;
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::field::TextArea;
use crate::ui::state::Here;
use crate::ui::views::kept::{Kept, use_kept};
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::ids::DepartmentId;
use coldpatch_shared::order::{PhotoSlot, Status, WorkOrder};
use dioxus::prelude::*;

/// Which question is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Finish,
    Cannot,
    NotOurs,
}

/// What the catalog wants before the end and is not there.
fn missing(order: &WorkOrder, here: &Here) -> Vec<String> {
    let Some(kind) = here.town.service_type(&order.service_code) else { return Vec::new() };
    let mut items: Vec<String> = kind
        .checklist
        .iter()
        .filter(|item| item.required && !order.is_ticked(&item.id))
        .map(|item| item.text.clone())
        .collect();
    if kind.after_photo && !order.photos.iter().any(|photo| photo.body.slot == PhotoSlot::After) {
        items.push(words::job::AFTER_PHOTO.to_owned());
    }
    items
}

/// The foot of the job's screen, while there is something to do.
#[component]
pub(super) fn Foot(here: Here, order: WorkOrder, note: Kept) -> Element {
    let id = order.id;
    let mut asking = use_signal(|| None::<Asking>);
    let finish = use_callback(move |()| {
        let words = note.peek();
        note.act(id, Action::Complete { note: (!words.is_empty()).then_some(words) });
    });
    if order.status == Status::Completed {
        return rsx! { MomentAfter { here: here.clone(), order: order.clone() } };
    }
    let open = !order.status.is_closed() && order.status != Status::Transferred;
    if !open || !may(&here, &order, Edit::Complete) {
        return rsx! {};
    }
    let missing = missing(&order, &here);
    let complete = missing.is_empty();
    rsx! {
        div { class: "foot",
            Button {
                weight: Weight::Main,
                testid: "finish",
                onclick: move |()| {
                    if complete {
                        finish.call(());
                    } else {
                        asking.set(Some(Asking::Finish));
                    }
                },
                {words::job::FINISH}
            }
            div { class: "two",
                Button { testid: "cannot-complete", onclick: move |()| asking.set(Some(Asking::Cannot)), {words::job::CANNOT_COMPLETE} }
                Button { testid: "not-ours", onclick: move |()| asking.set(Some(Asking::NotOurs)), {words::job::NOT_OURS} }
            }
        }
        match asking() {
            None => rsx! {},
            Some(Asking::Finish) => rsx! {
                Dialog { title: words::job::FINISH, testid: "finish-dialog", onclose: move |()| asking.set(None),
                    p { class: "strong", {words::job::STILL_MISSING} }
                    div { class: "card rows",
                        for item in missing {
                            div { key: "{item}", class: "row",
                                span { class: "tick-box", aria_hidden: "true" }
                                span { class: "grow", "{item}" }
                            }
                        }
                    }
                    Button { weight: Weight::Main, testid: "not-yet", onclick: move |()| asking.set(None), {words::job::NOT_YET} }
                    Button {
                        testid: "finish-anyway",
                        onclick: move |()| {
                            asking.set(None);
                            finish.call(());
                        },
                        {words::job::FINISH_ANYWAY}
                    }
                }
            },
            Some(Asking::Cannot) => rsx! {
                Cannot { here: here.clone(), order: order.clone(), onclose: move |()| asking.set(None) }
            },
            Some(Asking::NotOurs) => rsx! {
                NotOurs { here: here.clone(), order: order.clone(), onclose: move |()| asking.set(None) }
            },
        }
    }
}

/// One of several reasons or departments, and words that go with it. The words are kept at every keystroke.
#[component]
fn Choose(
    title: String,
    testid: String,
    kept: Kept,
    choices: Vec<(String, String)>,
    chosen: Signal<Option<String>>,
    send: String,
    onsend: EventHandler<Option<String>>,
    onclose: EventHandler<()>,
) -> Element {
    let typed = kept.typed();
    rsx! {
        Dialog { title: title.clone(), testid, onclose,
            div { class: "card rows", role: "radiogroup", aria_label: "{title}",
                for (key, name) in choices {
                    button {
                        key: "{key}",
                        class: "choice",
                        r#type: "button",
                        role: "radio",
                        aria_checked: "{chosen.read().as_deref() == Some(key.as_str())}",
                        "data-testid": "choice-{key}",
                        onclick: {
                            let key = key.clone();
                            move |_| chosen.set(Some(key.clone()))
                        },
                        span { class: "ring", aria_hidden: "true" }
                        span { class: "grow", "{name}" }
                    }
                }
            }
            TextArea {
                label: words::job::IN_WORDS,
                value: typed,
                testid: "reason-words",
                oninput: {
                    let kept = kept.clone();
                    move |typed: String| kept.keep(typed)
                },
            }
            Button {
                weight: Weight::Main,
                disabled: chosen.read().is_none(),
                testid: "send-reason",
                onclick: move |()| {
                    let words = kept.peek();
                    onsend.call((!words.is_empty()).then_some(words));
                },
                "{send}"
            }
        }
    }
}

#[component]
fn Cannot(here: Here, order: WorkOrder, onclose: EventHandler<()>) -> Element {
    let id = order.id;
    let kept = use_kept(here.device, format!("job/{id}/cannot"));
    let chosen = use_signal(|| None::<String>);
    let kind = here.town.service_type(&order.service_code);
    let choices: Vec<(String, String)> = kind
        .into_iter()
        .flat_map(|kind| &kind.cannot_complete)
        .map(|choice| (choice.key.clone(), choice.name.clone()))
        .collect();
    rsx! {
        Choose {
            title: words::job::WHY_NOT,
            testid: "cannot-dialog",
            kept: kept.clone(),
            choices,
            chosen,
            send: words::job::REPORT_IT,
            onsend: {
                let kept = kept.clone();
                move |note| {
                if let Some(reason) = chosen.peek().clone() {
                    kept.act(id, Action::CannotComplete { reason, note });
                    onclose.call(());
                }
                }
            },
            onclose,
        }
    }
}

/// The key of "I do not know" among the departments.
const UNKNOWN: &str = "?";

#[component]
fn NotOurs(here: Here, order: WorkOrder, onclose: EventHandler<()>) -> Element {
    let id = order.id;
    let kept = use_kept(here.device, format!("job/{id}/not-ours"));
    let chosen = use_signal(|| None::<String>);
    let mut choices: Vec<(String, String)> =
        here.town.departments.iter().map(|department| (department.id.to_string(), department.name.clone())).collect();
    choices.push((UNKNOWN.to_owned(), words::job::WHOSE_UNKNOWN.to_owned()));
    rsx! {
        Choose {
            title: words::job::WHOSE,
            testid: "not-ours-dialog",
            kept: kept.clone(),
            choices,
            chosen,
            send: words::job::HAND_OVER,
            onsend: {
                let kept = kept.clone();
                move |note| {
                if let Some(key) = chosen.peek().clone() {
                    let department = (key != UNKNOWN).then_some(DepartmentId(key));
                    kept.act(id, Action::Transfer { department, note });
                    onclose.call(());
                }
                }
            },
            onclose,
        }
    }
}
