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

    /// What the same link says of the other work order.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::DuplicateOf => Self::HasDuplicate,
            Self::HasDuplicate => Self::DuplicateOf,
            Self::Follows => Self::FollowedUp,
            Self::FollowedUp => Self::Follows,
        }
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

/// Which of the two jobs of a link say so, as far as can be seen from one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Both.
    Both,
    /// This one; the other one is not here.
    NotHere,
    /// Only one of them, though both are here: the other half is still to come, or was not accepted.
    One,
}

/// A link as one of its jobs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it says from here; taken back when either half was.
    pub link: Link,
    /// How much of it there is.
    pub half: Half,
}

/// Every link of a work order, those too that only the other job's document has, so that both jobs show the same. `others`:
/// the work orders around it that are here.
#[must_use]
pub fn seen(order: &WorkOrder, others: &BTreeMap<WorkOrderId, WorkOrder>) -> Vec<Seen> {
    let own = order.links.iter().map(|link| {
        let Some(other) = others.get(&link.other) else { return Seen { link: link.clone(), half: Half::NotHere } };
        let there = other.links.iter().find(|there| halves(link, order.id, there));
        let withdrawn = link.withdrawn || there.is_some_and(|there| there.withdrawn);
        Seen { link: Link { withdrawn, ..link.clone() }, half: if there.is_some() { Half::Both } else { Half::One } }
    });
    let theirs = others.values().flat_map(|other| {
        let alone = move |there: &&Link| {
            there.other == order.id
                && !order.links.iter().any(|own| own.other == other.id && halves(there, other.id, own))
        };
        let from_here = |there: &Link| Seen {
            link: Link { kind: there.kind.mirrored(), other: other.id, ..there.clone() },
            half: Half::One,
        };
        other.links.iter().filter(alone).map(from_here)
    });
    own.chain(theirs).collect()
}

/// The links of each of some work orders that the other work order's document has, too.
#[must_use]
pub fn said_by_both(orders: &BTreeMap<WorkOrderId, &[Link]>) -> BTreeMap<WorkOrderId, Vec<Link>> {
    let both = |id: WorkOrderId, link: &Link| {
        orders.get(&link.other).is_some_and(|theirs| theirs.iter().any(|there| halves(link, id, there)))
    };
    let said =
        |(id, links): (&WorkOrderId, &&[Link])| (*id, links.iter().filter(|link| both(*id, link)).cloned().collect());
    orders.iter().map(said).collect()
}

/// Whether `other` is the other half of `link`, which is in the document of `id`. The halves of a follow-up are two events.
fn halves(link: &Link, id: WorkOrderId, other: &Link) -> bool {
    other.other == id && other.kind == link.kind.mirrored() && (!link.kind.groups() || other.id == link.id)
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
