//! The crew's day: what now, what next, what is done.

use super::model::{end_of_day, marker, row, within_reach};
use super::picture::LivePhoto;
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::{Ask, JobRow, JobsFilter, JobsPage};
use crate::ui::components::button::Button;
use crate::ui::components::card::Section;
use crate::ui::components::chip::Segments;
use crate::ui::components::frame::Title;
use crate::ui::components::icon::Glyph;
use crate::ui::components::job_row::{JobRow as RowView, NowCard};
use crate::ui::components::map::{Focus, Map};
use crate::ui::components::notice::{Empty, ListLoading, Loading, Notice};
use crate::ui::driving::{Stop, Tour, tour};
use crate::ui::measure;
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_here, use_job, use_jobs, use_scroll};
use crate::ui::tone::Tone;
use crate::ui::when;
use crate::ui::words;
use coldpatch_shared::city::Role;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{CrewId, DeviceId, WorkOrderId};
use coldpatch_shared::order::Status;
use dioxus::prelude::*;

/// So many rows at first, and with each press of *more*.
const PAGE: usize = 40;
/// A tour is planned over at most so many jobs.
const MOST: u32 = 400;
/// So many finished ones are shown.
const FINISHED: usize = 8;

/// The crew's day.
#[component]
pub fn Today(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        Day { here }
    }
}

/// The jobs in the order in which they are to be done: the one at work first.
fn plan(page: &JobsPage, here: &Here) -> (Vec<JobRow>, Tour) {
    let now = page.now;
    let today_ends = end_of_day(now, here.town.zone());
    let mut rows = page.rows.clone();
    // What is being worked on is where the crew is; the tour goes on from there.
    let at_work = rows.iter().position(|job| job.status == Status::Working);
    let first = at_work.map(|index| rows.remove(index));
    let drivable = |job: &JobRow| job.place.filter(|place| within_reach(*place, here));
    let stops: Vec<Stop> =
        rows.iter().map(|job| Stop { priority: job.priority, due: job.due, place: drivable(job) }).collect();
    let start: Option<LatLon> = first.as_ref().and_then(drivable);
    let mut tour = tour(&stops, start, now, today_ends);
    let mut ordered: Vec<JobRow> = first.into_iter().collect();
    if !ordered.is_empty() {
        tour.legs.insert(0, None);
    }
    ordered.extend(tour.order.iter().map(|&index| rows[index].clone()));
    (ordered, tour)
}

#[component]
fn Day(here: Here) -> Element {
    let device = here.device;
    let mine: Option<CrewId> = here.me.crew.clone().filter(|_| here.me.role == Role::Crew);
    let open = use_jobs(device, move || JobsFilter {
        crew: mine.clone(),
        statuses: vec![Status::Open, Status::Working, Status::Paused],
        limit: MOST,
        ..JobsFilter::default()
    });
    let finished = use_jobs(device, || JobsFilter {
        statuses: vec![Status::Completed, Status::CannotComplete, Status::Transferred],
        limit: MOST,
        ..JobsFilter::default()
    });
    let mut as_map = use_signal(|| false);
    let now = device.now();
    let crew = here.me.crew.as_ref().map(|crew| words::people::crew_name(crew, &here.town));
    let above = words::line([here.town.zone().heading(now), crew.unwrap_or_else(|| here.me.name.clone())]);
    // A tour is planned when the list changes, not whenever the clock ticks.
    let planner = here.clone();
    let planned = use_memo(move || {
        let page = open.read();
        page.as_ref().map(|page| page.as_ref().map(|page| plan(page, &planner)).map_err(Clone::clone))
    });
    let page = open.read();
    let total = page.as_ref().and_then(|page| page.as_ref().ok()).map(|page| page.total as usize);
    let scroll = use_scroll(device, "today", total.is_some() && finished.read().is_some());
    let title = total.map_or_else(|| words::tabs::TODAY.to_owned(), words::today::title);
    rsx! {
        main { class: "screen", "data-testid": "today",
            div { class: "top",
                Title { title, above }
                SyncLineLink { here: here.clone() }
                Segments {
                    label: words::tabs::TODAY,
                    names: vec![words::today::LIST.to_owned(), words::today::MAP.to_owned()],
                    chosen: usize::from(as_map()),
                    onchoose: move |index| as_map.set(index == 1),
                }
            }
            match &*planned.read() {
                None => rsx! { div { class: "content", ListLoading { text: words::today::FETCHING } } },
                Some(Err(error)) => rsx! { div { class: "content", Notice { text: "{error}" } } },
                Some(Ok((jobs, tour))) => {
                    rsx! {
                        if as_map() {
                            TourMap { here: here.clone(), jobs: jobs.clone() }
                        } else {
                            div {
                                class: "content",
                                onpointerdown: move |_| scroll.note.call(()),
                                onkeydown: move |_| scroll.note.call(()),
                                onclick: move |_| scroll.keep.call(()),
                                if jobs.is_empty() {
                                    NoJobs { here: here.clone() }
                                } else {
                                    Stops { here: here.clone(), jobs: jobs.clone(), legs: tour.legs.clone(), total_m: tour.total_m, now }
                                }
                                if let Some(Ok(page)) = &*finished.read() {
                                    Finished { here: here.clone(), jobs: page.rows.clone(), now }
                                }
                            }
                        }
                    }
                }
            }
            div { class: "bottom", Tabs { here: here.clone() } }
        }
    }
}

#[component]
fn NoJobs(here: Here) -> Element {
    let line = here.device.sync.read().clone();
    let device = here.device;
    rsx! {
        if let Some(progress) = line.progress {
            Loading { text: words::sending::progress(&progress) }
        } else if line.last_contact.is_some() {
            Empty { glyph: Glyph::List, title: words::today::EMPTY, text: words::today::EMPTY_WHAT }
        } else if line.no_network || line.failure.is_some() {
            Empty { glyph: Glyph::Sync, title: words::today::FETCHING_OFFLINE,
                Button { onclick: move |()| device.send(Ask::SyncNow), {words::sync::TRY_NOW} }
            }
        } else {
            ListLoading { text: words::today::FETCHING }
        }
    }
}

#[component]
fn Stops(here: Here, jobs: Vec<JobRow>, legs: Vec<Option<f64>>, total_m: f64, now: i64) -> Element {
    let mut shown = use_signal(|| PAGE);
    let device = here.device;
    let Some(first) = jobs.first().cloned() else { return rsx! {} };
    let at_work = first.status == Status::Working;
    let count = jobs.len();
    let distance = (total_m > 0.0).then(|| measure::distance(total_m, here.town.units));
    rsx! {
        Section { title: if at_work { words::today::NOW } else { words::today::FIRST },
            Now { key: "{first.id}", here: here.clone(), job: first, now }
        }
        if count > 1 {
            Section { title: words::today::next(distance),
                div { class: "card rows",
                    for (index, job) in jobs.into_iter().enumerate().skip(1).take(shown()) {
                        Link { key: "{job.id}", class: "row", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
                            RowView { model: row(&job, &here, now, Some(index + 1), legs.get(index).copied().flatten()) }
                        }
                    }
                }
                if count > shown() + 1 {
                    Button { onclick: move |()| shown += PAGE, {words::MORE} }
                }
            }
        }
    }
}

#[component]
fn Now(here: Here, job: JobRow, now: i64) -> Element {
    let device = here.device;
    let mut model = row(&job, &here, now, None, None);
    // The row does not say since when; the job does.
    let whole = use_job(device, job.id);
    if let Some(Ok(Some(whole))) = &*whole.read()
        && let Some(started) = whole.order.status_set_by.as_ref().filter(|_| job.status == Status::Working)
    {
        let worked = when::length(now - started.stamp.time());
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

#[component]
fn Finished(here: Here, jobs: Vec<JobRow>, now: i64) -> Element {
    let device = here.device;
    let mut jobs = jobs;
    jobs.sort_by_key(|job| std::cmp::Reverse(job.updated_at));
    jobs.retain(|job| now - job.updated_at < 2 * when::DAY);
    jobs.truncate(FINISHED);
    if jobs.is_empty() {
        return rsx! {};
    }
    rsx! {
        Section { title: words::today::FINISHED,
            div { class: "card rows",
                for job in jobs {
                    Link { key: "{job.id}", class: "row", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
                        RowView { model: row(&job, &here, now, None, None) }
                    }
                }
            }
        }
    }
}

#[component]
fn TourMap(here: Here, jobs: Vec<JobRow>) -> Element {
    let navigator = use_navigator();
    let device = here.device;
    let markers: Vec<_> =
        jobs.iter().enumerate().filter_map(|(index, job)| marker(job, &here, Some(index + 1))).collect();
    let places = markers.iter().map(|marker| marker.place).filter(|place| within_reach(*place, &here)).collect();
    rsx! {
        div { class: "map-page",
            Map {
                base: here.town.base(),
                focus: Focus::Places(places),
                markers,
                onchoose: move |id: String| {
                    if let Ok(id) = id.parse::<WorkOrderId>() {
                        navigator.push(Route::JobScreen { device: device.id, id });
                    }
                },
            }
        }
    }
}
