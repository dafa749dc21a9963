//! Which edits an action makes in the work order as its author sees it: the phone asks before it writes, the server asks
//! of every change. Whether the person may make them is the table's matter ([`super::policy`]).

use super::policy::Denied;
use super::{Action, Deed, Edit};
use crate::ids::{EntryId, UserId, WorkOrderId};
use crate::order::rounds::EventGraph;
use crate::order::undo::{Undo, undo_of};
use crate::order::{Entry, Event, EventKind, Facts, status};
use std::collections::BTreeSet;

/// The edits that `deed` makes in its part `part`, whose entries are `facts`. None at all when it has nothing to say
/// there, which only happens in a second part.
///
/// # Errors
/// [`Denied`] when the action does not fit the work order, whoever does it.
pub fn edits(facts: &Facts, deed: &Deed, part: WorkOrderId) -> Result<BTreeSet<Edit>, Denied> {
    let own = part == deed.work_order;
    let by = &deed.stamp.by;
    let other_than_own =
        |other: WorkOrderId| if other == deed.work_order { Err(Denied::SameWorkOrder) } else { Ok(()) };
    match &deed.action {
        Action::File { follows, assignment, .. } => {
            follows.map_or(Ok(()), other_than_own)?;
            Ok(match (own, assignment) {
                (true, Some(_)) => BTreeSet::from([Edit::File, Edit::DecideAssignment]),
                (true, None) => BTreeSet::from([Edit::File]),
                (false, _) => BTreeSet::from([Edit::FollowUp]),
            })
        }
        Action::MarkDuplicate { of } => {
            other_than_own(*of)?;
            Ok(BTreeSet::from([Edit::MarkDuplicate]))
        }
        Action::Withdraw { names, .. } => withdrawing(facts, names, None, by),
        Action::WithdrawLink { other, links, .. } => {
            other_than_own(*other)?;
            let other = if own { *other } else { deed.work_order };
            let here = links_here(facts, links, other);
            if here.is_empty() && !own { Ok(BTreeSet::new()) } else { withdrawing(facts, &here, Some(other), by) }
        }
        Action::LosePhoto { photo, .. } => losing(facts, photo, by).map(|edit| BTreeSet::from([edit])),
        action => Ok(BTreeSet::from([action.edit()])),
    }
}

/// Those of `links` that tie this work order to `other` and were not taken back.
pub(super) fn links_here(facts: &Facts, links: &[EntryId], other: WorkOrderId) -> Vec<EntryId> {
    let graph = EventGraph::new(facts);
    let holds = |event: &&Entry<Event>| {
        links.contains(&event.id)
            && event.body.other == Some(other)
            && undo_of(&event.body.kind) == Undo::Link
            && !graph.is_withdrawn(&event.id)
    };
    facts.events.iter().filter(holds).map(|event| event.id.clone()).collect()
}

/// The edits that taking back `names` makes when `by` does it; `other` for links with that work order, `None` for
/// anything else. `seen` is what the person sees.
///
/// # Errors
/// [`Denied::NothingToTakeBack`] when `names` is empty, or when one of them is not here, cannot be taken back, was taken
/// back already, or is (not) a link.
pub fn withdrawing(
    seen: &Facts,
    names: &[EntryId],
    other: Option<WorkOrderId>,
    by: &UserId,
) -> Result<BTreeSet<Edit>, Denied> {
    let graph = EventGraph::new(seen);
    let edit = |name: &EntryId| {
        let event = seen.events.iter().find(|event| event.id == *name).filter(|_| !graph.is_withdrawn(name))?;
        let own = event.stamp.by == *by;
        match (undo_of(&event.body.kind), other) {
            (Undo::Link, Some(other)) if event.body.other == Some(other) => {
                Some(if own { Edit::WithdrawOwnLink } else { Edit::WithdrawOthersLink })
            }
            (Undo::Deed, None) if !own => Some(Edit::WithdrawOthers),
            (Undo::Deed, None) if built_on(seen, &graph, name, by) => Some(Edit::WithdrawOwnBuiltOn),
            (Undo::Deed, None) => Some(Edit::WithdrawOwn),
            (Undo::Loss, None) => Some(if own { Edit::WithdrawOwn } else { Edit::FindPhoto }),
            _ => None,
        }
    };
    let edits: Option<BTreeSet<Edit>> = names.iter().map(edit).collect();
    edits.filter(|edits| !edits.is_empty()).ok_or(Denied::NothingToTakeBack)
}

/// Whether somebody else did something that decides the status after seeing the event, and did not take it back.
fn built_on(seen: &Facts, graph: &EventGraph<'_>, event: &EntryId, by: &UserId) -> bool {
    seen.events.iter().any(|later| {
        later.stamp.by != *by
            && status::rank(&later.body.kind).is_some()
            && graph.saw(&later.id, event)
            && !graph.is_withdrawn(&later.id)
    })
}

/// The edit that saying "this photo is lost" makes when `by` says it.
///
/// # Errors
/// [`Denied::NoSuchPhoto`].
pub fn losing(seen: &Facts, photo: &EntryId, by: &UserId) -> Result<Edit, Denied> {
    let photo = seen.photos.iter().find(|entry| entry.id == *photo).ok_or(Denied::NoSuchPhoto)?;
    Ok(if photo.stamp.by == *by { Edit::LosePhoto } else { Edit::LoseOthersPhoto })
}

/// Whether an event names another work order exactly where its kind asks for one, and says nothing that only other
/// kinds say. `own` is the work order that it is in.
#[must_use]
pub fn says_no_more_than_it_is(event: &Event, own: Option<WorkOrderId>) -> bool {
    let link = matches!(event.kind, EventKind::DuplicateOf | EventKind::HasDuplicate | EventKind::FollowedUp);
    let may_link = link || matches!(event.kind, EventKind::Created | EventKind::Withdrawn);
    let only = |kind: &EventKind, said: bool| !said || event.kind == *kind;
    let other = match event.other {
        Some(other) => may_link && Some(other) != own,
        None => !link,
    };
    other
        && only(&EventKind::Reviewed, !event.settles.is_empty())
        && only(&EventKind::Withdrawn, !event.names.is_empty())
        && only(&EventKind::PhotoLost, event.photo.is_some())
        && only(&EventKind::Acknowledged, event.request.is_some() || event.tracking_number.is_some())
        && only(&EventKind::Transferred, event.department.is_some())
        && (event.assigned_to.is_none() || matches!(event.kind, EventKind::Assigned | EventKind::Created))
}
