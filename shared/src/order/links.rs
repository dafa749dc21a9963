//! Links between work orders, and the groups that duplicates make.
//!
//! A link is one action: an event in each of the two documents, under the same id. Either half alone is enough (the
//! other may not be here yet, or not for this phone), and a withdrawal in either document takes the link away. A group is
//! a connected component of the links that hold: which of two is called the duplicate does not matter, so links that
//! cross, or close a circle, do no harm. No request moves, and a job of a group keeps its own status.

use super::event::EventKind;
use super::facts::Facts;
use super::flags::{Flag, FlagKind};
use super::status::Status;
use super::view::{HistoryWhat, WorkOrder};
use crate::ids::{EntryId, WorkOrderId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a link says of the work order that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// It is about the same thing as the other one.
    DuplicateOf,
    /// The other one is about the same thing as this one.
    HasDuplicate,
    /// It goes on where the other one ended.
    Follows,
    /// The other one goes on where this one ended.
    FollowedUp,
}

impl LinkKind {
    /// Whether the link makes the two a group.
    #[must_use]
    pub fn groups(self) -> bool {
        matches!(self, Self::DuplicateOf | Self::HasDuplicate)
    }
}

/// A link to another work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The event that made it; the same in both work orders, except that of a follow-up.
    pub id: EntryId,
    /// What it says.
    pub kind: LinkKind,
    /// The other work order.
    pub other: WorkOrderId,
    /// Whether it was taken back here.
    #[serde(default)]
    pub withdrawn: bool,
}

/// Every link of a work order, in Lamport order; those that were taken back too.
pub(super) fn of(facts: &Facts, withdrawn: &BTreeSet<EntryId>) -> Vec<Link> {
    let link = |event: &super::Entry<super::Event>| {
        let kind = match event.body.kind {
            EventKind::DuplicateOf => LinkKind::DuplicateOf,
            EventKind::HasDuplicate => LinkKind::HasDuplicate,
            EventKind::Created => LinkKind::Follows,
            EventKind::FollowedUp => LinkKind::FollowedUp,
            _ => return None,
        };
        let other = event.body.other.filter(|other| Some(*other) != facts.id)?;
        Some(Link { id: event.id.clone(), kind, other, withdrawn: withdrawn.contains(&event.id) })
    };
    facts.events.iter().filter_map(link).collect()
}

/// The groups that the links of some work orders make: each has at least two members, of which some may be known only
/// by a link. In the order of their smallest ids.
#[must_use]
pub fn groups<'a>(orders: impl IntoIterator<Item = (WorkOrderId, &'a [Link])>) -> Vec<BTreeSet<WorkOrderId>> {
    // A link holds unless one of its two halves was withdrawn.
    let mut holds: BTreeMap<(&EntryId, WorkOrderId, WorkOrderId), bool> = BTreeMap::new();
    for (id, links) in orders {
        for link in links.iter().filter(|link| link.kind.groups() && link.other != id) {
            *holds.entry((&link.id, id.min(link.other), id.max(link.other))).or_insert(true) &= !link.withdrawn;
        }
    }
    let mut next_to: BTreeMap<WorkOrderId, BTreeSet<WorkOrderId>> = BTreeMap::new();
    for (_, a, b) in holds.iter().filter(|(_, holds)| **holds).map(|(key, _)| *key) {
        next_to.entry(a).or_default().insert(b);
        next_to.entry(b).or_default().insert(a);
    }
    let mut groups = Vec::new();
    let mut known: BTreeSet<WorkOrderId> = BTreeSet::new();
    for start in next_to.keys().copied() {
        let mut group: BTreeSet<WorkOrderId> = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop().filter(|_| !known.contains(&start)) {
            if group.insert(id) {
                open.extend(next_to.get(&id).into_iter().flatten());
            }
        }
        known.extend(&group);
        if !group.is_empty() {
            groups.push(group);
        }
    }
    groups
}

/// For each work order that is still open while another of its group is done: what a person must look at. Give it the
/// work orders of whole groups; what is missing raises nothing. A review in the open work order settles it.
#[must_use]
pub fn completed_in_group(orders: &[&WorkOrder]) -> BTreeMap<WorkOrderId, Vec<Flag>> {
    let by_id: BTreeMap<WorkOrderId, &WorkOrder> = orders.iter().map(|order| (order.id, *order)).collect();
    let mut flags: BTreeMap<WorkOrderId, Vec<Flag>> = BTreeMap::new();
    for group in groups(orders.iter().map(|order| (order.id, order.links.as_slice()))) {
        let members: Vec<&WorkOrder> = group.iter().filter_map(|id| by_id.get(id).copied()).collect();
        for done in members.iter().filter(|order| order.status == Status::Completed) {
            let Some(event) = &done.status_set_by else { continue };
            for open in members.iter().filter(|order| !order.status.is_closed()) {
                // Named after how it came to be, which does not change: work that begins meanwhile is no new question.
                let created = open
                    .history
                    .iter()
                    .find(|item| matches!(&item.what, HistoryWhat::Event(event) if event.kind == EventKind::Created));
                let flag = Flag::new(FlagKind::CompletedInGroup, &event.id, created.map_or(&event.id, |item| &item.id));
                if !open.settled.contains(&flag.id) {
                    flags.entry(open.id).or_default().push(flag);
                }
            }
        }
    }
    flags
}
