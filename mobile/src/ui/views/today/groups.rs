//! The parts of the day, each under its heading; the job to do now stands large before them.

use super::plan::Plan;
use crate::engine::api::{DayGroup, JobRow};
use crate::ui::components::card::Section;
use crate::ui::components::job_row::NowCard;
use crate::ui::measure;
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_job, use_rows};
use crate::ui::tone::Tone;
use crate::ui::views::long_list::LongList;
use crate::ui::views::model::{Row, day_row};
use crate::ui::views::picture::LivePhoto;
use crate::ui::when;
use crate::ui::words;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;
use std::rc::Rc;

/// So many jobs at work stand large; whoever sees every crew's has a list of the others.
const LARGE: usize = 3;

/// What stands large, and how the rest goes on without it.
struct Large {
    title: &'static str,
    ids: Vec<WorkOrderId>,
    /// Taken from the beginning of each part.
    taken: [usize; 3],
}

fn large(plan: &Plan, narrows: bool, shows: impl Fn(DayGroup) -> bool) -> Large {
    let first = |ids: &[WorkOrderId]| ids.first().copied().into_iter().collect::<Vec<_>>();
    let (title, ids, taken) = if !plan.current.is_empty() && shows(DayGroup::Now) {
        let ids = plan.current.iter().take(LARGE).copied().collect::<Vec<_>>();
        let taken = [ids.len(), 0, 0];
        (words::today::NOW, ids, taken)
    } else if narrows {
        (words::today::NOW, Vec::new(), [0, 0, 0])
    } else if plan.next.is_empty() {
        (words::today::FIRST, first(&plan.later), [0, 0, plan.later.len().min(1)])
    } else {
        (words::today::FIRST, first(&plan.next), [0, 1, 0])
    };
    Large { title, ids, taken }
}

/// All parts.
#[component]
pub(super) fn Groups(here: Here, plan: Rc<Plan>) -> Element {
    let sought = here.device.sought.read().clone();
    let large = large(&plan, sought.narrows(), |group| sought.shows(group));
    let [taken_now, taken_next, taken_later] = large.taken;
    let distance = (plan.total_m > 0.0).then(|| measure::distance(plan.total_m, here.town.units));
    // The large one is the first stop.
    let before = plan.current.len() + taken_next;
    let numbers = (plan.numbered > 0).then_some(before + 1);
    let parts = [
        (DayGroup::Now, "now", taken_now),
        (DayGroup::Next, "next", taken_next),
        (DayGroup::Later, "later", taken_later),
        (DayGroup::Waiting, "waiting", 0),
        (DayGroup::Elsewhere, "elsewhere", 0),
        (DayGroup::Finished, "finished", 0),
    ];
    let title = |group, jobs| match group {
        DayGroup::Next if numbers.is_some() => words::today::next(jobs, distance.clone()),
        _ => words::today::heading(words::today::title_of(group), jobs),
    };
    rsx! {
        if !large.ids.is_empty() {
            Section { title: large.title, testid: "group-large",
                Cards { here: here.clone(), ids: large.ids, from: plan.from }
            }
        }
        for (group, name, taken) in parts {
            if sought.shows(group) && plan.part(group).len() > taken {
                Section { key: "{name}", title: title(group, plan.part(group).len() - taken), testid: "group-{name}",
                    LongList {
                        here: here.clone(),
                        name,
                        ids: plan.part(group)[taken..].to_vec(),
                        row: Row { group, first: numbers.filter(|_| group == DayGroup::Next), from: plan.from },
                    }
                }
            }
        }
    }
}

#[component]
fn Cards(here: Here, ids: Vec<WorkOrderId>, from: Option<coldpatch_shared::geo::LatLon>) -> Element {
    let jobs = use_rows(here.device, &ids);
    rsx! {
        div { class: "stack",
            for job in jobs.into_iter().flatten() {
                Now { key: "{job.id}", here: here.clone(), job, from }
            }
        }
    }
}

#[component]
fn Now(here: Here, job: JobRow, from: Option<coldpatch_shared::geo::LatLon>) -> Element {
    let device = here.device;
    let mut model = day_row(&job, &here, Row { group: DayGroup::Now, first: None, from }, 0);
    model.bring = super::bring::of_kind(&job.service_code, &here);
    // The row does not say since when; the job does.
    let whole = use_job(device, job.id);
    if let Some(Ok(Some(whole))) = &*whole.read()
        && let Some(started) = whole.order.status_set_by.as_ref().filter(|_| job.status == Status::Working)
    {
        let worked = when::length(device.now() - started.stamp.time());
        model.status_text = Some(words::today::working_for(&worked));
    }
    let due_on_photo = job.thumbnail.is_some() && model.due_tone != Tone::Quiet;
    let badge = if due_on_photo { model.due.clone() } else { String::new() };
    rsx! {
        Link { class: "card now-card", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
            if job.thumbnail.is_some() {
                div { class: "now-photo",
                    LivePhoto { device, sha256: job.thumbnail.clone(), blur: job.blur.clone(), alt: model.title.clone(), badge }
                }
            }
            NowCard { model, due_on_photo }
        }
    }
}
