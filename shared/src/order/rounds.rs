//! The causal graph of events: who saw what, and in which round an event counts.
//!
//! `reopened` starts a new round. An event's round is the largest number of reopenings on any path into it, itself
//! included; only events of the latest round decide the status, so a stale *completed* does not close a reopened job.

use super::entry::{Entry, Event, EventKind};
use crate::ids::EntryId;
use std::collections::{HashMap, HashSet};

/// Events by id, with what each of them had seen, directly or not.
pub struct EventGraph<'a> {
    events: HashMap<&'a EntryId, &'a Entry<Event>>,
    ancestors: HashMap<&'a EntryId, HashSet<&'a EntryId>>,
    rounds: HashMap<&'a EntryId, u32>,
}

impl<'a> EventGraph<'a> {
    /// Builds the graph. Edges to events that are not here, and edges that would close a circle (which no honest
    /// phone writes), count for nothing.
    #[must_use]
    pub fn new(entries: &'a [Entry<Event>]) -> Self {
        let mut graph = Self {
            events: entries.iter().map(|event| (&event.id, event)).collect(),
            ancestors: HashMap::new(),
            rounds: HashMap::new(),
        };
        // Lamport order puts every event after those that it saw, so one pass suffices.
        let mut in_order: Vec<_> = entries.iter().collect();
        in_order.sort_by(|a, b| a.lamport.cmp(&b.lamport));
        for event in in_order {
            let mut seen = HashSet::new();
            let mut round = 0;
            for parent in &event.body.after {
                if let Some((parent, theirs)) = graph.ancestors.get_key_value(parent) {
                    seen.extend(theirs.iter().copied());
                    seen.insert(parent);
                    round = round.max(graph.rounds.get(parent).copied().unwrap_or(0));
                }
            }
            graph.ancestors.insert(&event.id, seen);
            graph.rounds.insert(&event.id, round + u32::from(event.body.kind == EventKind::Reopened));
        }
        graph
    }

    /// Whether `later` had seen `earlier`.
    #[must_use]
    pub fn saw(&self, later: &EntryId, earlier: &EntryId) -> bool {
        self.ancestors.get(later).is_some_and(|seen| seen.contains(earlier))
    }

    /// Whether neither had seen the other.
    #[must_use]
    pub fn concurrent(&self, a: &EntryId, b: &EntryId) -> bool {
        a != b && !self.saw(a, b) && !self.saw(b, a)
    }

    /// The round in which the event counts.
    #[must_use]
    pub fn round(&self, event: &EntryId) -> u32 {
        self.rounds.get(event).copied().unwrap_or(0)
    }

    /// The latest round.
    #[must_use]
    pub fn current_round(&self) -> u32 {
        self.rounds.values().copied().max().unwrap_or(0)
    }

    /// The event with that id.
    #[must_use]
    pub fn get(&self, id: &EntryId) -> Option<&'a Entry<Event>> {
        self.events.get(id).copied()
    }
}
