//! Other jobs that a job is tied to: duplicates, follow-ups, and what a finished duplicate means for this one.

use super::more::sorts_out;
use super::undo::events_of;
use super::{may, may_all};
use crate::engine::api::Job;
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::card::Section;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::flag::FlagCard;
use crate::ui::components::links::{LinkRow, TakeBack};
use crate::ui::routes::Route;
use crate::ui::state::{Device, Here};
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit, rules};
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::links::{self, Half, Seen};
use coldpatch_shared::order::{LinkKind, WorkOrder};
use dioxus::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// More members of a group than this are not looked at.
const MOST: usize = 30;

/// The jobs that this one is tied to, as far as they are here, and those of its group that they are tied to in turn.
async fn tied_to(device: Device, job: Job) -> BTreeMap<WorkOrderId, WorkOrder> {
    let own = job.order.id;
    let mut open: Vec<WorkOrderId> = job.order.links.iter().map(|link| link.other).chain(job.named_by).collect();
    let mut found = BTreeMap::from([(own, job.order)]);
    while let Some(id) = open.pop() {
        if found.len() > MOST || found.contains_key(&id) {
            continue;
        }
        if let Ok(Some(Job { order, .. })) = device.job(id).await {
            open.extend(order.links.iter().filter(|link| link.kind.groups()).map(|link| link.other));
            found.insert(id, order);
        }
    }
    found.remove(&own);
    found
}

/// What ties this job to one other: a kind of link, and all the links of that kind (several people may have made one).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Knot {
    pub(super) kind: LinkKind,
    pub(super) other: WorkOrderId,
    pub(super) links: Vec<EntryId>,
    /// As much of it as any of the links has.
    pub(super) half: Half,
}

/// The links that hold, whichever of the two documents has them. One that was taken back in either does not.
pub(super) fn knots(order: &WorkOrder, kin: &BTreeMap<WorkOrderId, WorkOrder>) -> Vec<Knot> {
    let mut knots: Vec<Knot> = Vec::new();
    for Seen { link, half } in links::seen(order, kin).into_iter().filter(|seen| !seen.link.withdrawn) {
        let same = |knot: &&mut Knot| {
            knot.other == link.other && (knot.kind == link.kind || knot.kind.groups() && link.kind.groups())
        };
        match knots.iter_mut().find(same) {
            Some(knot) => {
                knot.links.push(link.id);
                if half == Half::Both {
                    knot.half = half;
                }
            }
            None => knots.push(Knot { kind: link.kind, other: link.other, links: vec![link.id], half }),
        }
    }
    knots
}

/// All of it. Nothing where the job stands alone.
#[component]
pub(crate) fn Kin(here: Here, job: Job) -> Element {
    let device = here.device;
    let kin = use_resource(use_reactive(&job, move |job| {
        device.jobs_changed.read();
        let alone = job.order.links.is_empty() && job.named_by.is_empty();
        async move { if alone { BTreeMap::new() } else { tied_to(device, job).await } }
    }));
    let Job { order, refused, .. } = job;
    let kin = kin.read();
    let Some(kin) = &*kin else { return rsx! {} };
    let knots = knots(&order, kin);
    rsx! {
        FinishedKin { here: here.clone(), order: order.clone(), kin: kin.clone() }
        if !knots.is_empty() {
            Section { title: words::links::TITLE, testid: "links",
                div { class: "card rows",
                    for knot in knots {
                        KnotView {
                            key: "{knot.other}{knot.kind:?}",
                            here: here.clone(),
                            order: order.clone(),
                            other: kin.get(&knot.other).cloned(),
                            refused: refused_of(&knot, &refused),
                            knot,
                        }
                    }
                }
            }
        }
    }
}

/// A duplicate is done and this one is not: a person looks, and says that it may stay.
#[component]
fn FinishedKin(here: Here, order: WorkOrder, kin: BTreeMap<WorkOrderId, WorkOrder>) -> Element {
    let device = here.device;
    let id = order.id;
    let group: Vec<&WorkOrder> = kin.values().chain([&order]).collect();
    let flags = links::completed_in_group(&group).remove(&id).unwrap_or_default();
    let now = device.now();
    let settles = may(&here, &order, Edit::Review);
    let done = |event: &EntryId| {
        let other = kin.values().find(|other| other.status_set_by.as_ref().is_some_and(|done| done.id == *event))?;
        let done = other.status_set_by.as_ref()?;
        let who = words::people::who_within(&done.stamp, &here.me.user, &here.town);
        Some((who, here.town.zone().past(done.stamp.time(), now), other.tracking_number().map(ToOwned::to_owned)))
    };
    rsx! {
        for flag in flags {
            FlagCard {
                key: "{flag.id}",
                heading: done(&flag.stands).map_or_else(
                    || words::flag::DUPLICATE_DONE.to_owned(),
                    |(who, when, number)| words::flag::duplicate_done(number.as_deref(), &who, &when),
                ),
                text: words::flag::DUPLICATE_DONE_WHAT,
                keep: words::flag::KEEP_OPEN,
                onkeep: settles.then(|| {
                    let settles = flag.id.clone();
                    EventHandler::new(move |()| {
                        device.act(id, Action::Review { settles: vec![settles.clone()], note: None });
                    })
                }),
            }
        }
    }
}

/// One other job: opens it; takes the link away, for those who may.
#[component]
fn KnotView(here: Here, order: WorkOrder, other: Option<WorkOrder>, refused: bool, knot: Knot) -> Element {
    let device = here.device;
    let id = order.id;
    let mut asking = use_signal(|| false);
    let says = words::links::says(knot.kind, other.as_ref().and_then(WorkOrder::tracking_number));
    let what = other.as_ref().map_or_else(|| words::links::ELSEWHERE.to_owned(), |other| name(other, &here));
    let aside = words::links::half(knot.half, refused);
    let status = other.as_ref().map(|other| other.status);
    let edits = rules::withdrawing(&events_of(&order), &knot.links, Some(knot.other), &here.me.user);
    let unties = knot.kind.groups() && sorts_out(&here, &order) && may_all(&here, &order, edits);
    rsx! {
        div {
            if other.is_some() {
                Link { class: "row", to: Route::JobScreen { device: device.id, id: knot.other }, "data-testid": "link",
                    LinkRow { says, what, status }
                }
            } else {
                div { class: "row", "data-testid": "link", LinkRow { says, what, status } }
            }
            if let Some(aside) = aside {
                p { class: "small pad flat", "data-testid": "half-link", "{aside}" }
            }
            if unties {
                div { class: "link-undo",
                    Button { weight: Weight::Quiet, testid: "not-same", onclick: move |()| asking.set(true), {words::links::NOT_SAME} }
                }
            }
        }
        if asking() {
            Dialog { title: words::links::NOT_SAME, testid: "not-same-dialog", onclose: move |()| asking.set(false),
                TakeBack {
                    text: words::links::NOT_SAME_WHAT,
                    onno: move |()| asking.set(false),
                    onyes: move |()| {
                        asking.set(false);
                        device.act(id, Action::WithdrawLink { other: knot.other, links: knot.links.clone(), note: None });
                    },
                }
            }
        }
    }
}

/// Whether this phone's own action made the link and was refused.
fn refused_of(knot: &Knot, refused: &BTreeSet<ActionId>) -> bool {
    let made_by = |link: &EntryId| link.0.split(':').next().and_then(|action| action.parse::<ActionId>().ok());
    knot.links.iter().filter_map(made_by).any(|action| refused.contains(&action))
}

/// `Pothole, Alder St 214`.
fn name(order: &WorkOrder, here: &Here) -> String {
    let name = words::job::type_name(&order.service_code, &here.town);
    order.address.as_ref().map_or_else(|| name.clone(), |address| format!("{name}, {address}"))
}
