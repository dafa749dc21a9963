//! What a person must look at after a merge: derived from events neither of which saw the other, never stored.
//!
//! - Flags are raised in the **current round** only. Whoever reopened a job decided about what they saw; what they did not
//!   see is held against the reopening itself (*in an earlier round*). So a closed round does not nag for ever.
//! - One flag goes away by itself: *moved while worked*, when the job was given back to the crew that works on it.
//! - All others stay until a review names them, by somebody who had seen both events.

use super::entry::{Entry, PhotoSlot};
use super::event::Event;
use super::event::EventKind::{Assigned, CannotComplete, Completed, PhotoLost, Reopened, Reviewed, Transferred};
use super::facts::Facts;
use super::pairs::{RANK, lookup, rank};
use super::rounds::{Bits, EventGraph};
use super::undo::needs_a_look;
use crate::ids::{CrewId, EntryId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a person must look at after a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// Done by one crew while it was given to another.
    MovedWhileWorked,
    /// Done while somebody cancelled it.
    CompletedWhileCancelled,
    /// Done by two crews.
    DoubleDispatch,
    /// Done, while somebody else found that it cannot be.
    CompletedDespiteObstacle,
    /// Done, while it was handed to another department.
    CompletedWhileTransferred,
    /// Begun while somebody cancelled it.
    WorkedWhileCancelled,
    /// One crew handed it over while another was at work or found an obstacle.
    TransferredWhileWorked,
    /// Reported done in a round that had been reopened.
    CompletedInEarlierRound,
    /// Handed over, or found impossible, in a round that had been reopened.
    ObstacleInEarlierRound,
    /// Somebody acted on what was being taken back.
    BuiltOnWithdrawn,
    /// Done, and a photo of it was lost.
    PhotoLost,
    /// Still open, while another job of its group of duplicates was done. Needs several documents: see [`super::links`].
    CompletedInGroup,
}

/// Two events that did not see each other, and what a person must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The same on every device: kind and both events.
    pub id: String,
    /// What kind.
    pub kind: FlagKind,
    /// The event that stands. For [`FlagKind::CompletedInGroup`] it is in the other work order.
    pub stands: EntryId,
    /// The event that was overtaken.
    pub overtaken: EntryId,
}

/// A flag, by the places of its events.
struct Found {
    kind: FlagKind,
    stands: usize,
    overtaken: usize,
}

/// Every flag that no review settled, in the order of their ids.
pub(super) fn unsettled(facts: &Facts, graph: &EventGraph<'_>) -> Vec<Flag> {
    let mut found = Vec::new();
    let live = Live::of(graph);
    earlier_rounds(graph, &mut found);
    built_on_withdrawn(graph, &live, &mut found);
    said_better(graph, &mut found);
    concurrent_pairs(graph, &live, &mut found);
    lost_photos(facts, graph, &mut found);
    let reviews = reviews(graph);
    let mut flags: Vec<Flag> = found
        .iter()
        .filter_map(|found| {
            let flag = Flag::new(found.kind, &graph.event(found.stands)?.id, &graph.event(found.overtaken)?.id);
            let settled = reviews.get(flag.id.as_str()).into_iter().flatten().any(|review| {
                let saw = graph.seen_by(*review);
                saw.has(found.stands) && saw.has(found.overtaken)
            });
            (!settled).then_some(flag)
        })
        .collect();
    flags.sort_by(|a, b| a.id.cmp(&b.id));
    flags
}

/// The ids of every flag that a review settled.
pub(super) fn settled(graph: &EventGraph<'_>) -> BTreeSet<String> {
    reviews(graph).into_keys().map(str::to_owned).collect()
}

/// Which reviews name a flag.
fn reviews<'a>(graph: &EventGraph<'a>) -> HashMap<&'a str, Vec<usize>> {
    let mut reviews: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, event) in graph.events().filter(|(at, _)| graph.kind(*at) == Some(&Reviewed)) {
        event.body.settles.iter().for_each(|id| reviews.entry(id).or_default().push(at));
    }
    reviews
}

/// The events that count in the current round.
struct Live {
    /// One set for each kind of [`RANK`].
    kinds: [Bits; 9],
    /// Each event's place in [`RANK`], if it counts.
    ranks: Vec<Option<usize>>,
}

impl Live {
    fn of(graph: &EventGraph<'_>) -> Self {
        let round = graph.current_round();
        let counts = |at: usize| graph.kind(at).and_then(rank).filter(|_| graph.round_at(at) == round);
        let ranks: Vec<Option<usize>> = (0..graph.len()).map(counts).collect();
        let mut kinds = std::array::from_fn(|_| Bits::none(graph.len()));
        for (at, rank) in ranks.iter().enumerate() {
            if let Some(rank) = rank {
                let kind: &mut Bits = &mut kinds[*rank];
                kind.add(at);
            }
        }
        Self { kinds, ranks }
    }

    fn events<'a>(&self, graph: &'a EventGraph<'_>) -> impl Iterator<Item = (usize, &'a Entry<Event>)> {
        graph.events().filter(|(at, _)| self.ranks[*at].is_some())
    }
}

/// What the table says of two events of the current round that did not see each other. Started, paused, completed: one
/// crew's day against one assignment is one thing to look at, by its latest event. So a pair counts only if neither
/// event has a later one that makes the same pair with the other; of long chains, one pair is left.
fn concurrent_pairs(graph: &EventGraph<'_>, live: &Live, found: &mut Vec<Found>) {
    let given_back = GivenBack::of(graph, live);
    let mut latest_stands = Vec::new();
    let mut latest_overtaken = HashSet::new();
    for (at, event) in live.events(graph) {
        // What the table says of this event's kind beside every other; and all events that it says something of.
        let beside = RANK.each_ref().map(|kind| lookup(&event.body.kind, kind).filter(|pair| pair.flag.is_some()));
        let mut others = Bits::none(graph.len());
        live.kinds.iter().zip(&beside).filter(|(_, pair)| pair.is_some()).for_each(|(kind, _)| others.add_all(kind));
        // For each kind of flag, by which of the two stands: what was seen by an event that makes it, too.
        let mut before: Vec<((FlagKind, bool), Bits)> = Vec::new();
        for other in others.last_first().filter(|other| *other != at && !graph.saw_either(at, *other)) {
            let Some(pair) = live.ranks[other].and_then(|rank| beside[rank]) else { continue };
            let Some(flag) = pair.flag else { continue };
            // Of two of one kind, the first in Lamport order stands, so that every device names the flag the same.
            let stands = if live.ranks[other] == live.ranks[at] { at < other } else { event.body.kind == pair.stands };
            let (a, b) = if stands { (at, other) } else { (other, at) };
            let known = before.iter().position(|(key, _)| *key == (flag, stands));
            if known.is_some_and(|known| before[known].1.has(other))
                || !worth_a_look(flag, graph, a, b)
                || given_back.moved_nothing(flag, graph, a, b)
            {
                continue;
            }
            let known = known.unwrap_or_else(|| {
                before.push(((flag, stands), Bits::none(graph.len())));
                before.len() - 1
            });
            before[known].1.add_all(graph.seen_by(other));
            if stands {
                latest_overtaken.insert((a, b));
            } else {
                latest_stands.push((flag, a, b));
            }
        }
    }
    let both =
        latest_stands.into_iter().filter(|(_, stands, overtaken)| latest_overtaken.contains(&(*stands, *overtaken)));
    found.extend(both.map(|(kind, stands, overtaken)| Found { kind, stands, overtaken }));
}

fn worth_a_look(kind: FlagKind, graph: &EventGraph<'_>, stands: usize, overtaken: usize) -> bool {
    let (Some(stands), Some(overtaken)) = (graph.event(stands), graph.event(overtaken)) else { return false };
    match kind {
        // Giving a job to the crew that is doing it moves nothing.
        FlagKind::MovedWhileWorked => overtaken.body.assigned_to != stands.stamp.crew,
        // Two phones of one crew that both press "done" are no second trip.
        FlagKind::DoubleDispatch => whose(stands) != whose(overtaken),
        _ => true,
    }
}

/// What a crew reported in an earlier round, unseen by whoever reopened it.
fn earlier_rounds(graph: &EventGraph<'_>, found: &mut Vec<Found>) {
    let round = graph.current_round();
    for reopened in (0..graph.len()).filter(|at| graph.kind(*at) == Some(&Reopened) && graph.round_at(*at) == round) {
        for stale in (0..graph.len()).filter(|at| graph.round_at(*at) < round) {
            let kind = match graph.kind(stale) {
                Some(Completed) => FlagKind::CompletedInEarlierRound,
                Some(CannotComplete | Transferred) => FlagKind::ObstacleInEarlierRound,
                _ => continue,
            };
            if !graph.seen_by(reopened).has(stale) && !graph.seen_by(stale).has(reopened) {
                found.push(Found { kind, stands: reopened, overtaken: stale });
            }
        }
    }
}

/// What somebody did in the current round after seeing an event that was being taken back at the same time.
fn built_on_withdrawn(graph: &EventGraph<'_>, live: &Live, found: &mut Vec<Found>) {
    for (withdrawn, named) in graph.withdrawals() {
        let Some(named_kind) = graph.event(named).map(|event| &event.body.kind) else { continue };
        for (_, of_kind) in RANK.iter().zip(&live.kinds).filter(|(kind, _)| needs_a_look(named_kind, kind)) {
            for later in of_kind.below_without(graph.len(), graph.seen_by(withdrawn)) {
                let saw = graph.seen_by(later);
                if saw.has(named) && !saw.has(withdrawn) {
                    found.push(Found { kind: FlagKind::BuiltOnWithdrawn, stands: later, overtaken: withdrawn });
                }
            }
        }
    }
}

/// For each crew, the events that were seen by whoever gave the job to it.
struct GivenBack<'a>(HashMap<Option<&'a CrewId>, Bits>);

impl<'a> GivenBack<'a> {
    fn of(graph: &'a EventGraph<'_>, live: &Live) -> Self {
        let mut seen: HashMap<Option<&CrewId>, Bits> = HashMap::new();
        for (at, event) in live.events(graph).filter(|(_, event)| event.body.kind == Assigned) {
            let crew = event.body.assigned_to.as_ref();
            seen.entry(crew).or_insert_with(|| Bits::none(graph.len())).add_all(graph.seen_by(at));
        }
        Self(seen)
    }

    /// A job that was given away and then back to the crew that works on it was not moved.
    fn moved_nothing(&self, kind: FlagKind, graph: &EventGraph<'_>, stands: usize, overtaken: usize) -> bool {
        let crew = graph.event(stands).and_then(|event| event.stamp.crew.as_ref());
        kind == FlagKind::MovedWhileWorked && self.0.get(&crew).is_some_and(|seen| seen.has(overtaken))
    }
}

/// Of several flags that a later event of the same kind makes again with the same other one, only that is left.
fn said_better(graph: &EventGraph<'_>, found: &mut Vec<Found>) {
    let mut before: HashMap<(FlagKind, bool, usize), Bits> = HashMap::new();
    let mut add = |key, saw: &Bits| before.entry(key).or_insert_with(|| Bits::none(graph.len())).add_all(saw);
    for flag in found.iter() {
        add((flag.kind, true, flag.stands), graph.seen_by(flag.overtaken));
        add((flag.kind, false, flag.overtaken), graph.seen_by(flag.stands));
    }
    found.retain(|flag| {
        let better = |key, at| before.get(&key).is_some_and(|seen| seen.has(at));
        !better((flag.kind, true, flag.stands), flag.overtaken)
            && !better((flag.kind, false, flag.overtaken), flag.stands)
    });
}

/// Completions of the current round whose before or after photo was lost. A photo belongs to its crew's next
/// completion, else to its last one; if the crew has none, to anybody's.
fn lost_photos(facts: &Facts, graph: &EventGraph<'_>, found: &mut Vec<Found>) {
    let done: Vec<(usize, &Entry<Event>)> =
        graph.events().filter(|(at, _)| graph.kind(*at) == Some(&Completed)).collect();
    let mut told = BTreeSet::new();
    for (lost, event) in graph.events().filter(|(at, _)| graph.kind(*at) == Some(&PhotoLost)) {
        let photo = facts.photos.iter().find(|photo| Some(&photo.id) == event.body.photo.as_ref());
        let Some(photo) = photo.filter(|photo| matches!(photo.body.slot, PhotoSlot::Before | PhotoSlot::After)) else {
            continue;
        };
        if !told.insert(&photo.id) {
            continue;
        }
        let of_crew = |(_, event): &&(usize, &Entry<Event>)| whose(event) == whose(photo);
        let own: Vec<_> = done.iter().filter(of_crew).collect();
        let all = if own.is_empty() { done.iter().collect() } else { own };
        let next = all.iter().find(|(_, event)| event.lamport > photo.lamport).or(all.last());
        if let Some((stands, _)) = next.filter(|(at, _)| graph.round_at(*at) == graph.current_round()) {
            found.push(Found { kind: FlagKind::PhotoLost, stands: *stands, overtaken: lost });
        }
    }
}

/// The crew, or the person who has none.
fn whose<T>(entry: &Entry<T>) -> (Option<&CrewId>, Option<&str>) {
    match &entry.stamp.crew {
        Some(crew) => (Some(crew), None),
        None => (None, Some(entry.stamp.by.as_str())),
    }
}

impl Flag {
    pub(super) fn new(kind: FlagKind, stands: &EntryId, overtaken: &EntryId) -> Self {
        let name =
            serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        Self { id: format!("{name}/{stands}/{overtaken}"), kind, stands: stands.clone(), overtaken: overtaken.clone() }
    }
}
