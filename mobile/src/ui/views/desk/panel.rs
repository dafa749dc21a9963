//! The job that is chosen at the desk: whole, with what a supervisor decides.

use crate::engine::api::Job;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::card::Section;
use crate::ui::components::chip::Chip;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::field::TextArea;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::notice::{Empty, ListLoading, Notice};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_job};
use crate::ui::views::job::{
    Disagreements, Facts, Flags, History, Kin, More, NoteField, Photos, Reports, may, note_of,
};
use crate::ui::views::kept::use_kept;
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{FieldValue, WorkOrder};
use dioxus::prelude::*;

/// The side panel.
#[component]
pub(super) fn Panel(here: Here, id: WorkOrderId, onclose: EventHandler<()>) -> Element {
    let job = use_job(here.device, id);
    let job = job.read();
    rsx! {
        aside { class: "panel", "data-testid": "panel",
            match &*job {
                None => rsx! { ListLoading { text: words::OPENING } },
                Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                Some(Ok(None)) => rsx! {
                    Empty { glyph: Glyph::Other, title: words::job::NOT_HERE, text: words::job::NOT_HERE_WHAT }
                },
                Some(Ok(Some(job))) => rsx! { Whole { here: here.clone(), job: job.clone(), onclose } },
            }
        }
    }
}

#[component]
fn Whole(here: Here, job: Job, onclose: EventHandler<()>) -> Element {
    let note = use_kept(here.device, note_of(job.order.id));
    let order = job.order.clone();
    let title = words::job::type_name(&order.service_code, &here.town);
    let number = order.tracking_number().unwrap_or(words::job::NO_NUMBER).to_owned();
    let address = order.address.clone().unwrap_or_else(|| words::today::NO_ADDRESS.to_owned());
    rsx! {
        div { class: "panel-head",
            div { class: "grow",
                h2 { "data-testid": "panel-title", "{title}" }
                p { class: "small num flat",
                    span { "data-testid": "tracking-number", "{number}" }
                    {words::DOT}
                    "{address}"
                }
            }
            Link { class: "icon-button", to: Route::JobScreen { device: here.device.id, id: order.id }, aria_label: "{title}", Icon { glyph: Glyph::Forward } }
            IconButton { glyph: Glyph::Close, label: words::CLOSE, testid: "panel-close", onclick: move |()| onclose.call(()) }
        }
        Facts { here: here.clone(), job: job.clone() }
        Flags { here: here.clone(), order: order.clone() }
        Kin { here: here.clone(), job: job.clone() }
        Disagreements { here: here.clone(), order: order.clone() }
        Decide { here: here.clone(), order: order.clone() }
        Photos { here: here.clone(), job: job.clone() }
        Reports { here: here.clone(), order: order.clone() }
        More { here: here.clone(), order: order.clone() }
        NoteField { here: here.clone(), order: order.clone(), kept: note }
        History { here: here.clone(), order: order.clone() }
        CancelOrReopen { here: here.clone(), order }
    }
}

/// Whose it is, and how urgent.
#[component]
fn Decide(here: Here, order: WorkOrder) -> Element {
    let device = here.device;
    let id = order.id;
    let decide = move |value: FieldValue| {
        device.act(id, Action::Decide { value });
    };
    rsx! {
        if may(&here, &order, Edit::DecideAssignment) {
            Section { title: words::desk::ASSIGN,
                div { class: "chips",
                    for crew in here.town.crews.clone() {
                        Chip {
                            key: "{crew.id}",
                            chosen: order.assignment.as_ref() == Some(&crew.id),
                            testid: "assign-{crew.id}",
                            onclick: move |()| decide(FieldValue::Assignment(Some(crew.id.clone()))),
                            "{crew.name}"
                        }
                    }
                    Chip { chosen: order.assignment.is_none(), testid: "assign-nobody", onclick: move |()| decide(FieldValue::Assignment(None)), {words::desk::NOBODY} }
                }
            }
        }
        if may(&here, &order, Edit::DecidePriority) {
            Section { title: words::job::PRIORITY,
                div { class: "chips",
                    for priority in words::status::PRIORITIES {
                        Chip {
                            key: "{words::status::priority_key(priority)}",
                            chosen: order.priority == priority,
                            testid: "priority-{words::status::priority_key(priority)}",
                            onclick: move |()| decide(FieldValue::Priority(priority)),
                            {words::status::priority(priority)}
                        }
                    }
                }
            }
        }
    }
}

/// Not to be done, or to be done again; both want a reason.
#[component]
fn CancelOrReopen(here: Here, order: WorkOrder) -> Element {
    let id = order.id;
    let mut asking = use_signal(|| false);
    let kept = use_kept(here.device, format!("job/{id}/reason"));
    let reopens = may(&here, &order, Edit::Reopen);
    if !reopens && !may(&here, &order, Edit::Cancel) {
        return rsx! {};
    }
    let (typed, keeps) = (kept.typed(), kept.clone());
    let name = if reopens { words::desk::REOPEN } else { words::desk::CANCEL };
    let weight = if reopens { Weight::Plain } else { Weight::Danger };
    rsx! {
        div { Button { weight, testid: if reopens { "reopen" } else { "cancel" }, onclick: move |()| asking.set(true), {name} } }
        if asking() {
            Dialog { title: name, testid: "reason-dialog", onclose: move |()| asking.set(false),
                TextArea { label: words::desk::WHY, value: typed.clone(), testid: "reason", oninput: move |typed| keeps.keep(typed) }
                Button {
                    weight: Weight::Main,
                    disabled: typed.trim().is_empty(),
                    testid: "send-reason",
                    onclick: move |()| {
                        let reason = kept.peek();
                        kept.act(id, if reopens { Action::Reopen { reason } } else { Action::Cancel { reason } });
                        asking.set(false);
                    },
                    {name}
                }
            }
        }
    }
}
