//! What a work order's events make of it.
//!
//! The status is never stored. Among the events of the latest round that were not taken back, those whose place no
//! later one took ([`LATER`]) decide, by their kind's [`rank`]; every pair that neither saw the other has a line in
//! [`PAIRS`] that says who wins, whether a person must look at it, and why.

use super::event::EventKind::{self, Cancelled, CannotComplete, Completed, Paused, Started, Transferred};
use super::facts::Facts;
use super::flags;
use super::rounds::{Bits, EventGraph};
use crate::ids::EntryId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub use super::flags::{Flag, FlagKind};
pub use super::later::{Effect, LATER, effect};
pub use super::pairs::{PAIRS, Pair, RANK, lookup, rank};

/// What state a work order is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waiting for a crew to begin.
    Open,
    /// A crew is on it.
    Working,
    /// A crew began and stopped for a while.
    Paused,
    /// A crew could not do it and said why.
    CannotComplete,
    /// It belongs to another department.
    Transferred,
    /// Done.
    Completed,
    /// Not to be done.
    Cancelled,
}

impl Status {
    /// Whether nothing more is to be done.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }

    /// Every status, for tables and tests.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Working,
        Self::Paused,
        Self::CannotComplete,
        Self::Transferred,
        Self::Completed,
        Self::Cancelled,
    ];
}

/// The status that a kind of event sets.
fn status_of(kind: &EventKind) -> Status {
    match kind {
        Completed => Status::Completed,
        Cancelled => Status::Cancelled,
        Transferred => Status::Transferred,
        CannotComplete => Status::CannotComplete,
        Started => Status::Working,
        Paused => Status::Paused,
        _ => Status::Open,
    }
}

/// What the events make of a work order.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The status.
    pub status: Status,
    /// The event that set it.
    pub set_by: Option<EntryId>,
    /// The round that it is in; 0 until it is first reopened.
    pub round: u32,
    /// What a person must look at: not settled by a review.
    pub flags: Vec<Flag>,
    /// The ids of flags that a review settled.
    pub settled: BTreeSet<String>,
    /// The events that were taken back.
    pub withdrawn: BTreeSet<EntryId>,
}

/// Derives status and flags from all events, in any order. Total: any set of events has an outcome.
#[must_use]
pub fn derive(facts: &Facts) -> Outcome {
    let graph = EventGraph::new(facts);
    let winner = winner(&graph).and_then(|at| graph.event(at));
    Outcome {
        status: winner.map_or(Status::Open, |event| status_of(&event.body.kind)),
        set_by: winner.map(|event| event.id.clone()),
        round: graph.current_round(),
        flags: flags::unsettled(facts, &graph),
        settled: flags::settled(&graph),
        withdrawn: graph.withdrawals().filter_map(|(_, named)| Some(graph.event(named)?.id.clone())).collect(),
    }
}

/// The strongest event of the current round whose place no later one took; of several of one kind, the first.
fn winner(graph: &EventGraph<'_>) -> Option<usize> {
    let round = graph.current_round();
    let deciding: Vec<(usize, &EventKind)> = (0..graph.len())
        .filter(|at| graph.round_at(*at) == round)
        .filter_map(|at| Some((at, graph.kind(at).filter(|kind| rank(kind).is_some())?)))
        .collect();
    // What any event of a kind saw, one set for each kind.
    let mut seen_by: [Bits; RANK.len()] = std::array::from_fn(|_| Bits::none(graph.len()));
    for (at, kind) in &deciding {
        if let Some(kind) = rank(kind) {
            seen_by[kind].add_all(graph.seen_by(*at));
        }
    }
    let replaced = |at: usize, kind: &EventKind| {
        RANK.iter().zip(&seen_by).any(|(later, seen)| seen.has(at) && effect(kind, later) != Some(Effect::Stays))
    };
    deciding
        .iter()
        .filter(|(at, kind)| !replaced(*at, kind))
        .min_by_key(|(at, kind)| (rank(kind), *at))
        .map(|(at, _)| *at)
}
