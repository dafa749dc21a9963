//! The causal graph of events: who saw what, what was taken back, and in which round an event counts.
//!
//! `reopened` starts a new round. An event's round is the largest number of reopenings on any path into it, itself
//! included; only events of the latest round decide the status, so a stale *completed* does not close a reopened job.
//!
//! What an event saw is one row of bits, so that a job with thousands of events derives in milliseconds.

use super::entry::Entry;
use super::event::{Event, EventKind};
use super::facts::Facts;
use super::undo::{Undo, undo_of};
use crate::ids::EntryId;
use std::collections::HashMap;

/// A set of events, by their place in Lamport order: one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(events: usize) -> Self {
        Self(vec![0; events.div_ceil(64)])
    }

    pub(super) fn add(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    /// The members, the last one first.
    pub(super) fn last_first(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().rev().flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| 63 - left.leading_zeros() as usize)?;
                left &= !(1 << bit);
                Some(word * 64 + bit)
            })
        })
    }

    /// The members below `end` that `other` does not have, in order.
    pub(super) fn below_without<'a>(&'a self, end: usize, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().zip(&other.0).enumerate().take(end.div_ceil(64)).flat_map(move |(word, (ours, theirs))| {
            let mut left = ours & !theirs;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(word * 64 + bit)
            })
            .take_while(move |at| *at < end)
        })
    }
}

struct Node<'a> {
    id: &'a EntryId,
    after: &'a [EntryId],
    /// `None` for an event that this version cannot read.
    event: Option<&'a Entry<Event>>,
}

/// Events in Lamport order, with what each of them had seen, directly or not.
pub struct EventGraph<'a> {
    nodes: Vec<Node<'a>>,
    places: HashMap<&'a EntryId, usize>,
    saw: Vec<Bits>,
    withdrawn: Vec<bool>,
    rounds: Vec<u32>,
}

impl<'a> EventGraph<'a> {
    /// Builds the graph. Edges to events that are not here, and edges that would close a circle (which no honest
    /// phone writes), count for nothing.
    #[must_use]
    pub fn new(facts: &'a Facts) -> Self {
        let readable =
            facts.events.iter().map(|event| (&event.lamport, &event.id, event.body.after.as_slice(), Some(event)));
        let opaque = facts.opaque.iter().map(|event| (&event.lamport, &event.id, event.after.as_slice(), None));
        let mut nodes: Vec<_> = readable.chain(opaque).collect();
        nodes.sort_by_key(|(lamport, id, ..)| (*lamport, *id));
        let nodes: Vec<_> = nodes.into_iter().map(|(_, id, after, event)| Node { id, after, event }).collect();
        let places = nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        let mut graph = Self { nodes, places, saw: Vec::new(), withdrawn: Vec::new(), rounds: Vec::new() };
        graph.read_edges();
        graph.read_withdrawals();
        graph.count_rounds();
        graph
    }

    /// The places of what the event at `at` names as seen. Lamport order puts every event after those that it saw.
    fn parents(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.nodes[at].after.iter().filter_map(|id| self.places.get(id).copied()).filter(move |parent| *parent < at)
    }

    fn read_edges(&mut self) {
        for at in 0..self.nodes.len() {
            let mut saw = Bits::none(self.nodes.len());
            for parent in self.parents(at) {
                saw.add_all(&self.saw[parent]);
                saw.add(parent);
            }
            self.saw.push(saw);
        }
    }

    fn read_withdrawals(&mut self) {
        self.withdrawn = vec![false; self.nodes.len()];
        let named: Vec<usize> = self.withdrawals().map(|(_, named)| named).collect();
        for at in named {
            self.withdrawn[at] = true;
        }
    }

    fn count_rounds(&mut self) {
        for at in 0..self.nodes.len() {
            let before = self.parents(at).map(|parent| self.rounds[parent]).max().unwrap_or(0);
            self.rounds.push(before + u32::from(self.kind(at) == Some(&EventKind::Reopened)));
        }
    }

    /// Every `withdrawn` with each event that it takes back, by place. One can only be taken back by somebody who saw
    /// it, and only if its kind can be.
    pub(super) fn withdrawals(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.events().filter(|(_, event)| event.body.kind == EventKind::Withdrawn).flat_map(move |(at, event)| {
            let named = event.body.names.iter().filter_map(|id| self.places.get(id).copied());
            named
                .filter(move |named| self.saw[at].has(*named) && self.can_be_withdrawn(*named))
                .map(move |named| (at, named))
        })
    }

    fn can_be_withdrawn(&self, at: usize) -> bool {
        self.nodes[at].event.is_some_and(|event| undo_of(&event.body.kind) != Undo::Never)
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Every event that this version can read, in Lamport order, with its place.
    pub(super) fn events(&self) -> impl Iterator<Item = (usize, &'a Entry<Event>)> + '_ {
        self.nodes.iter().enumerate().filter_map(|(at, node)| Some((at, node.event?)))
    }

    /// What the event at `at` says that it is; `None` when it was taken back or cannot be read.
    pub(super) fn kind(&self, at: usize) -> Option<&'a EventKind> {
        self.nodes[at].event.filter(|_| !self.withdrawn[at]).map(|event| &event.body.kind)
    }

    pub(super) fn event(&self, at: usize) -> Option<&'a Entry<Event>> {
        self.nodes[at].event
    }

    pub(super) fn place(&self, id: &EntryId) -> Option<usize> {
        self.places.get(id).copied()
    }

    pub(super) fn seen_by(&self, at: usize) -> &Bits {
        &self.saw[at]
    }

    pub(super) fn saw_either(&self, a: usize, b: usize) -> bool {
        self.saw[a].has(b) || self.saw[b].has(a)
    }

    pub(super) fn round_at(&self, at: usize) -> u32 {
        self.rounds[at]
    }

    /// Whether `later` had seen `earlier`.
    #[must_use]
    pub fn saw(&self, later: &EntryId, earlier: &EntryId) -> bool {
        self.place(later).zip(self.place(earlier)).is_some_and(|(later, earlier)| self.saw[later].has(earlier))
    }

    /// Whether neither had seen the other.
    #[must_use]
    pub fn concurrent(&self, a: &EntryId, b: &EntryId) -> bool {
        a != b && !self.saw(a, b) && !self.saw(b, a)
    }

    /// Whether somebody took the event back.
    #[must_use]
    pub fn is_withdrawn(&self, event: &EntryId) -> bool {
        self.place(event).is_some_and(|at| self.withdrawn[at])
    }

    /// The round in which the event counts.
    #[must_use]
    pub fn round(&self, event: &EntryId) -> u32 {
        self.place(event).map_or(0, |at| self.rounds[at])
    }

    /// The latest round.
    #[must_use]
    pub fn current_round(&self) -> u32 {
        self.rounds.iter().copied().max().unwrap_or(0)
    }
}
