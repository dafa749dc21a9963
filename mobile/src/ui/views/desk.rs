//! The supervisor's desk: the queue as a table, the same jobs on the map, and the one that is chosen.

mod panel;

use super::model::{marker, row};
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::{JobRow, JobsFilter};
use crate::ui::components::button::Button;
use crate::ui::components::chip::Chip;
use crate::ui::components::desk::{DeskRow, DeskTable};
use crate::ui::components::field::TextField;
use crate::ui::components::heading::Heading;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::map::{Focus, Map};
use crate::ui::components::notice::{Empty, ListLoading, Notice};
use crate::ui::state::{Device, Here, use_here, use_jobs};
use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use coldpatch_shared::order::Status;
use dioxus::prelude::*;
use panel::Panel;

/// So many rows at first, and with each press of *more*.
const PAGE: u32 = 60;
/// More markers than this are not drawn.
const MARKERS: u32 = 2_000;
/// What still wants something.
const OPEN: [Status; 5] = [Status::Open, Status::Working, Status::Paused, Status::CannotComplete, Status::Transferred];

/// A part of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    Open,
    Overdue,
    Unassigned,
    Review,
    Closed,
}

impl Queue {
    const ALL: [Self; 5] = [Self::Open, Self::Overdue, Self::Unassigned, Self::Review, Self::Closed];

    fn name(self) -> &'static str {
        match self {
            Self::Open => words::desk::OPEN,
            Self::Overdue => words::desk::OVERDUE,
            Self::Unassigned => words::desk::UNASSIGNED,
            Self::Review => words::desk::REVIEW,
            Self::Closed => words::desk::CLOSED,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Unassigned => "unassigned",
            Self::Review => "review",
            Self::Closed => "closed",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Overdue => Tone::Stop,
            Self::Review => Tone::Review,
            Self::Open | Self::Unassigned | Self::Closed => Tone::Quiet,
        }
    }

    fn filter(self) -> JobsFilter {
        let statuses = match self {
            Self::Open | Self::Overdue | Self::Unassigned => OPEN.to_vec(),
            Self::Review => Vec::new(),
            Self::Closed => vec![Status::Completed, Status::Cancelled],
        };
        JobsFilter {
            statuses,
            overdue: self == Self::Overdue,
            unassigned: self == Self::Unassigned,
            flagged: self == Self::Review,
            ..JobsFilter::default()
        }
    }
}

/// The desk.
#[component]
pub fn Desk(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        Table { here }
    }
}

#[component]
fn Table(here: Here) -> Element {
    let device = here.device;
    let mut queue = use_signal(|| Queue::Open);
    let mut text = use_signal(String::new);
    let mut limit = use_signal(|| PAGE);
    let mut chosen = use_signal(|| None::<WorkOrderId>);
    let jobs = use_jobs(device, move || JobsFilter { text: text(), limit: limit(), ..queue().filter() });
    let on_map = use_jobs(device, move || JobsFilter { text: text(), limit: MARKERS, ..queue().filter() });
    let now = device.now();
    let page = jobs.read();
    let department = words::line([here.me.name.clone(), words::account::role(Role::Supervisor).to_owned()]);
    rsx! {
        main { class: "desk-screen", "data-testid": "desk",
            header { class: "desk-top",
                Heading { title: words::tabs::DESK, hidden: true }
                span { class: "brand", i { "Cold" } "patch" }
                span { class: "small", "{department}" }
                SyncLineLink { here: here.clone() }
            }
            div { class: "desk",
                div { class: "desk-list",
                    div { class: "chips", role: "group", aria_label: words::tabs::DESK,
                        for one in Queue::ALL {
                            QueueChip {
                                key: "{one.key()}",
                                device,
                                queue: one,
                                chosen: queue() == one,
                                onclick: move |()| {
                                    queue.set(one);
                                    limit.set(PAGE);
                                },
                            }
                        }
                    }
                    div { class: "search",
                        TextField { label: words::desk::SEARCH, hide_label: true, placeholder: words::desk::SEARCH, value: text(), testid: "search", oninput: move |typed| text.set(typed) }
                        Icon { glyph: Glyph::Search }
                    }
                    match &*page {
                        None => rsx! { ListLoading { text: words::OPENING } },
                        Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                        Some(Ok(page)) if page.rows.is_empty() => rsx! {
                            if text.read().trim().is_empty() {
                                Empty { glyph: Glyph::Check, title: words::desk::EMPTY }
                            } else {
                                Empty { glyph: Glyph::Search, title: words::desk::NOT_FOUND }
                            }
                        },
                        Some(Ok(page)) => rsx! {
                            div { class: "card desk-table-box",
                                DeskTable {
                                    rows: page.rows.iter().map(|job| desk_row(job, &here, now)).collect::<Vec<_>>(),
                                    chosen: chosen().and_then(|id| page.rows.iter().position(|job| job.id == id)),
                                    onchoose: {
                                        let ids: Vec<WorkOrderId> = page.rows.iter().map(|job| job.id).collect();
                                        move |index: usize| chosen.set(ids.get(index).copied())
                                    },
                                }
                            }
                            if page.rows.len() < page.total as usize {
                                Button { onclick: move |()| limit += PAGE, {words::MORE} {words::DOT} {words::desk::shown(page.rows.len(), page.total)} }
                            }
                        },
                    }
                }
                div { class: if chosen().is_some() { "desk-side split" } else { "desk-side" },
                    Overview { here: here.clone(), jobs: on_map, chosen, queue: queue().key() }
                    if let Some(id) = chosen() {
                        Panel { key: "{id}", here: here.clone(), id, onclose: move |()| chosen.set(None) }
                    }
                }
            }
            div { class: "bottom desk-tabs", Tabs { here: here.clone() } }
        }
    }
}

fn desk_row(job: &JobRow, here: &Here, now: i64) -> DeskRow {
    DeskRow {
        job: row(job, here, now, None, None),
        reports: job.requests,
        crew: job.assignment.as_ref().map_or_else(|| "—".to_owned(), |crew| words::people::crew_name(crew, &here.town)),
    }
}

/// A part of the queue with how many jobs are in it.
#[component]
fn QueueChip(device: Device, queue: Queue, chosen: bool, onclick: EventHandler<()>) -> Element {
    // One row is enough: the total comes with it.
    let page = use_jobs(device, move || JobsFilter { limit: 1, ..queue.filter() });
    let total = page.read().as_ref().and_then(|page| page.as_ref().ok()).map(|page| page.total);
    let tone = if total.unwrap_or(0) > 0 { queue.tone() } else { Tone::Quiet };
    rsx! {
        Chip { chosen, tone, testid: "queue-{queue.key()}", onclick: move |()| onclick.call(()),
            {queue.name()}
            if let Some(total) = total {
                b { " {total}" }
            }
        }
    }
}

#[component]
fn Overview(
    here: Here,
    jobs: Resource<Result<crate::engine::api::JobsPage, crate::engine::api::EngineError>>,
    chosen: Signal<Option<WorkOrderId>>,
    queue: &'static str,
) -> Element {
    let page = jobs.read();
    let Some(Ok(page)) = &*page else { return rsx! { div { class: "desk-map" } } };
    let markers: Vec<_> = page.rows.iter().filter_map(|job| marker(job, &here, None)).collect();
    rsx! {
        div { class: "desk-map",
            Map {
                key: "{queue}",
                base: here.town.base(),
                focus: Focus::Places(Vec::new()),
                markers,
                chosen: chosen().map(|id| id.to_string()),
                onchoose: move |id: String| chosen.set(id.parse().ok()),
            }
        }
    }
}
