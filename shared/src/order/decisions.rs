//! Fields that people decide: what holds now, and what still disagrees with it.
//!
//! A decision that no other replaces is current. Several current ones are a conflict: the role's precedence, then
//! Lamport order, says which is shown; the others stay visible until somebody who saw them all decides.

use super::entry::{Decision, Entry, Field, FieldValue};
use crate::city::Role;
use crate::ids::EntryId;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A field's value and the ones that nobody has yet decided against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The one that is shown.
    pub value: Entry<Decision>,
    /// Others that are just as current and say something else, strongest first.
    pub others: Vec<Entry<Decision>>,
    /// Every decision that is current, those that agree included: what a new decision replaces.
    pub current: Vec<EntryId>,
}

/// Who outweighs whom where two people decided without seeing each other.
fn precedence(role: Role) -> u8 {
    match role {
        Role::Supervisor => 4,
        Role::Inspector => 3,
        Role::Crew => 2,
        Role::Server => 1,
        Role::Resident => 0,
    }
}

/// What holds for `field`, if anybody decided it.
#[must_use]
pub fn current(decisions: &[Entry<Decision>], field: Field) -> Option<Decided> {
    let of_field = |decision: &&Entry<Decision>| decision.body.value.field() == field;
    // A decision on another field cannot take this one's away.
    let replaced: HashSet<&EntryId> =
        decisions.iter().filter(of_field).flat_map(|decision| &decision.body.replaces).collect();
    let mut current: Vec<&Entry<Decision>> = decisions
        .iter()
        .filter(|decision| decision.body.value.field() == field && !replaced.contains(&decision.id))
        .collect();
    current.sort_by(|a, b| {
        precedence(b.stamp.role).cmp(&precedence(a.stamp.role)).then_with(|| b.lamport.cmp(&a.lamport))
    });
    let ids = current.iter().map(|entry| entry.id.clone()).collect();
    let mut current = current.into_iter().cloned();
    let value = current.next()?;
    // Two people who decided the same do not disagree.
    let others = current.filter(|other| other.body.value != value.body.value).collect();
    Some(Decided { value, others, current: ids })
}

/// The value that holds for `field`.
#[must_use]
pub fn value(decisions: &[Entry<Decision>], field: Field) -> Option<FieldValue> {
    current(decisions, field).map(|decided| decided.value.body.value)
}
