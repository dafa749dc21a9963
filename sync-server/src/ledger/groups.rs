//! Duplicates of one another share their scopes: whoever gets one of them gets all, and sees what becomes of the others.
//!
//! Only links that both documents tell count: who can write to one work order alone, and knows another's id, must not get
//! the other by calling it a duplicate.

use super::scopes;
use crate::storage::Scopes;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{WorkOrder, links};
use std::collections::{BTreeMap, BTreeSet};

/// The most work orders that are looked at around one. Links that were taken back count, too.
const MOST: usize = 64;

/// A work order as it stands.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The number of its last change.
    pub(super) seen: u64,
    /// When the server received that, ms since the Unix epoch.
    pub(super) changed_at: i64,
    /// What it says.
    pub(super) order: WorkOrder,
}

/// The work orders around `start` that links lead to, those included that were taken back: what a link no longer ties
/// together must get its own scopes again.
pub(super) fn around<E>(
    start: WorkOrderId,
    mut look: impl FnMut(WorkOrderId) -> Result<Option<Member>, E>,
) -> Result<BTreeMap<WorkOrderId, Member>, E> {
    let mut members = BTreeMap::new();
    let mut asked = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop().filter(|_| asked.len() < MOST) {
        if !asked.insert(id) {
            continue;
        }
        if let Some(member) = look(id)? {
            open.extend(member.order.links.iter().filter(|link| link.kind.groups()).map(|link| link.other));
            members.insert(id, member);
        }
    }
    Ok(members)
}

/// The scopes of each of some work orders, beside those of devices: its own, and those of its group.
pub(super) fn shared(
    city: &City,
    members: &BTreeMap<WorkOrderId, Member>,
    now: i64,
) -> BTreeMap<WorkOrderId, BTreeMap<String, Option<i64>>> {
    let own = |member: &Member| scopes::of(city, &member.order, &[], member.changed_at, now).exactly;
    let mut shared: BTreeMap<_, _> = members.iter().map(|(id, member)| (*id, own(member))).collect();
    let told = links::said_by_both(&members.iter().map(|(id, member)| (*id, member.order.links.as_slice())).collect());
    for group in links::groups(told.iter().map(|(id, links)| (*id, links.as_slice()))) {
        let mut all = BTreeMap::new();
        for scopes in group.iter().filter_map(|id| shared.get(id)) {
            for (scope, until) in scopes {
                let latest = all.entry(scope.clone()).or_insert(*until);
                *latest = later(*latest, *until);
            }
        }
        for id in &group {
            if let Some(scopes) = shared.get_mut(id) {
                scopes.clone_from(&all);
            }
        }
    }
    shared
}

/// The later of two instants; none is never.
fn later(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.zip(b).map(|(a, b)| a.max(b))
}

/// Scopes without those of devices.
pub(super) fn exactly(exactly: BTreeMap<String, Option<i64>>) -> Scopes {
    Scopes { exactly, devices: BTreeMap::new() }
}
