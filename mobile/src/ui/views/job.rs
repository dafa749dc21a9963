//! One job's screen: what it is, the work, and the yellow button at the end.

mod finish;
mod flags;
mod follow_up;
mod kin;
mod more;
mod note;
mod photos;
mod record;
mod reports;
mod same_job;
mod take;
#[cfg(test)]
mod tests;
mod undo;
mod work;

pub(crate) use flags::{Disagreements, Flags};
pub(crate) use kin::Kin;
pub(crate) use more::More;
pub(crate) use note::NoteField;
pub(crate) use photos::Photos;
pub(crate) use record::Record;
pub(crate) use reports::{History, PlaceMap, Reports};

use super::kept::use_kept;
use super::room::SyncLineLink;
use crate::engine::api::Job;
use crate::ui::components::button::IconButton;
use crate::ui::components::heading::Heading;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::notice::{Empty, Loading, Notice};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_here, use_job};
use crate::ui::words;
use coldpatch_shared::action::Edit;
use coldpatch_shared::action::policy::{self, Denied};
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use coldpatch_shared::order::WorkOrder;
use dioxus::prelude::*;
use finish::Foot;
use std::collections::BTreeSet;
use work::Work;

/// One job.
#[component]
pub fn JobScreen(device: DeviceId, id: WorkOrderId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        // A link leads from one job to another, and what was typed for one must not show in the other. A key counts only in a
        // list.
        for id in [id] {
            Whole { key: "{id}", here: here.clone(), id }
        }
    }
}

/// Whether this person may do that to the job now, as the policy says; the engine asks it again.
pub(crate) fn may(here: &Here, order: &WorkOrder, edit: Edit) -> bool {
    policy::may(here.me.role, edit, Some(order.status)).is_ok()
}

/// Whether this person may make all of these edits, which the rules say that an action is.
pub(crate) fn may_all(here: &Here, order: &WorkOrder, edits: Result<BTreeSet<Edit>, Denied>) -> bool {
    edits.is_ok_and(|edits| edits.into_iter().all(|edit| may(here, order, edit)))
}

/// The form that keeps a job's note while it is typed.
pub(crate) fn note_of(id: WorkOrderId) -> String {
    format!("job/{id}/note")
}

#[component]
fn Whole(here: Here, id: WorkOrderId) -> Element {
    let job = use_job(here.device, id);
    // One note for the field and for the yellow button: whoever finishes with words in the field means them.
    let note = use_kept(here.device, note_of(id));
    let job = job.read();
    match &*job {
        None => rsx! {
            main { class: "screen", Loading { text: words::OPENING } }
        },
        Some(Err(error)) => rsx! {
            main { class: "screen", Top { here: here.clone() } div { class: "content", Notice { text: "{error}" } } }
        },
        Some(Ok(None)) => rsx! {
            main { class: "screen",
                Top { here: here.clone() }
                Empty { glyph: Glyph::Other, title: words::job::NOT_HERE, text: words::job::NOT_HERE_WHAT }
            }
        },
        Some(Ok(Some(job))) => rsx! {
            main { class: "screen", "data-testid": "job",
                Top { here: here.clone(), job: Box::new(job.clone()) }
                div { class: "content",
                    Facts { here: here.clone(), job: job.clone() }
                    Flags { here: here.clone(), order: job.order.clone() }
                    Kin { here: here.clone(), job: job.clone() }
                    Disagreements { here: here.clone(), order: job.order.clone() }
                    Photos { here: here.clone(), job: job.clone() }
                    Record { here: here.clone(), job: job.clone() }
                    NoteField { here: here.clone(), order: job.order.clone(), kept: note.clone() }
                    PlaceMap { here: here.clone(), order: job.order.clone() }
                    Reports { here: here.clone(), order: job.order.clone() }
                    More { here: here.clone(), order: job.order.clone() }
                    History { here: here.clone(), order: job.order.clone() }
                }
                Foot { here: here.clone(), order: job.order.clone(), note: note.clone() }
            }
        },
    }
}

#[component]
fn Top(here: Here, job: Option<Box<Job>>) -> Element {
    let navigator = use_navigator();
    let home = Route::home(here.device.id, here.me.role);
    let title = job.as_ref().map(|job| words::job::type_name(&job.order.service_code, &here.town)).unwrap_or_default();
    let address = job.as_ref().and_then(|job| job.order.address.clone()).unwrap_or_default();
    let number = job.as_ref().and_then(|job| job.order.tracking_number().map(ToOwned::to_owned));
    rsx! {
        header { class: "top",
            div { class: "title job",
                IconButton {
                    glyph: Glyph::Back,
                    label: words::BACK,
                    testid: "back",
                    onclick: move |()| {
                        if navigator.can_go_back() {
                            navigator.go_back();
                        } else {
                            navigator.push(home.clone());
                        }
                    },
                }
                div { class: "grow",
                    Heading { title, testid: "job-title" }
                    if job.is_some() {
                        p { class: "above num",
                            span { "data-testid": "tracking-number", {number.unwrap_or_else(|| words::job::NO_NUMBER.to_owned())} }
                            if !address.is_empty() {
                                {words::DOT}
                                "{address}"
                            }
                        }
                    }
                }
            }
            SyncLineLink { here: here.clone() }
        }
    }
}

/// State, due time, priority, crew; start and pause.
#[component]
pub(crate) fn Facts(here: Here, job: Job) -> Element {
    let now = here.device.now();
    let order = &job.order;
    let (due, tone) = words::status::due(order.due, now, here.town.zone());
    let description = order.description.trim().to_owned();
    let closed = order.status.is_closed();
    rsx! {
        Work { here: here.clone(), order: order.clone() }
        div { class: "facts job-facts",
            if !closed {
                span { class: tone.class(), Icon { glyph: Glyph::Clock } "{due}" }
            }
            span { "data-testid": "priority", Icon { glyph: Glyph::Warning } {words::status::priority(order.priority)} }
            span { "data-testid": "assignment", Icon { glyph: Glyph::People } {words::people::assigned(order.assignment.as_ref(), &here.town)} }
        }
        if !description.is_empty() {
            p { class: "description", "{description}" }
        }
    }
}
