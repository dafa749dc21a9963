//! What was filed from this phone today. The engine knows jobs, not who pressed the button; so the ids are kept as a form.

use crate::engine::api::{Ask, Draft, JobsFilter};
use crate::ui::components::card::Section;
use crate::ui::components::job_row::JobRow as RowView;
use crate::ui::routes::Route;
use crate::ui::state::{Device, Here, use_jobs};
use crate::ui::tone::Tone;
use crate::ui::views::model::row;
use crate::ui::words;
use coldpatch_shared::ids::WorkOrderId;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// More jobs than this are not looked through.
const MOST: u32 = 2_000;

/// The form that holds a day's ids.
fn form(day: &str) -> String {
    format!("filed/{day}")
}

/// Files drafts, and remembers which. Each stays a draft until the engine has filed it.
pub(super) fn file(device: Device, drafts: Vec<Draft>, day: String) {
    spawn_forever(async move {
        let mut filed = device.form(form(&day)).await.ok().flatten().unwrap_or_default();
        for draft in &drafts {
            let id = draft.joins.unwrap_or(draft.ids.work_order).to_string();
            if !filed.contains(&id) {
                filed.push_str(&id);
                filed.push(' ');
            }
        }
        if let Err(error) = device.ask(Ask::SaveForm { key: form(&day), value: Some(filed) }).await {
            device.trouble(error);
        }
        for draft in drafts {
            if let Err(error) = device.ask(Ask::FileDraft(draft.ids.work_order)).await {
                device.trouble(error);
            }
        }
    });
}

/// The list, with the numbers as they come.
#[component]
pub(super) fn Filed(here: Here) -> Element {
    let device = here.device;
    let day = here.town.zone().date(device.now());
    let ids = use_resource(use_reactive(&day, move |day| {
        device.drafts_changed.read();
        async move { device.form(form(&day)).await.ok().flatten().unwrap_or_default() }
    }));
    let jobs = use_jobs(device, || JobsFilter { limit: MOST, ..JobsFilter::default() });
    let now = device.now();
    let ids: Vec<WorkOrderId> =
        ids.read().iter().flat_map(|ids| ids.split_whitespace()).filter_map(|id| id.parse().ok()).collect();
    let jobs = jobs.read();
    let Some(Ok(page)) = &*jobs else { return rsx! {} };
    let rows: Vec<_> = ids.iter().rev().filter_map(|id| page.rows.iter().find(|job| job.id == *id)).cloned().collect();
    if rows.is_empty() {
        return rsx! {};
    }
    rsx! {
        Section { title: words::sync::section(words::draft::FILED_TODAY, rows.len()), testid: "filed",
            div { class: "card rows",
                for job in rows {
                    Link { key: "{job.id}", class: "row", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
                        RowView {
                            model: {
                                let mut model = row(&job, &here, now, None, None);
                                model.due = words::draft::filed(job.tracking_number.as_deref());
                                model.due_tone = Tone::Quiet;
                                model
                            },
                        }
                    }
                }
            }
        }
    }
}
