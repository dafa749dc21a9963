//! The total table: what a work order's events make of it.
//!
//! The status is never stored. Among the events of the latest round, those that no later one superseded decide, by
//! [`EventKind`]'s rank; every pair that neither saw the other has a line in [`PAIRS`] that says who wins, whether a
//! person must look at it, and why. Work done on the street wins over paper.

use super::entry::{Entry, Event, EventKind};
use super::rounds::EventGraph;
use crate::ids::{CrewId, EntryId};
use serde::{Deserialize, Serialize};

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
}

/// Two events that did not see each other, and what a person must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The same on every device: kind and both events.
    pub id: String,
    /// What kind.
    pub kind: FlagKind,
    /// The event that stands.
    pub stands: EntryId,
    /// The event that was overtaken.
    pub overtaken: EntryId,
}

/// One line of the table: two kinds of event that did not see each other.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Which of the two stands.
    pub stands: EventKind,
    /// Which is overtaken.
    pub overtaken: EventKind,
    /// What a person must look at, if anything.
    pub flag: Option<FlagKind>,
    /// Why, in words that a supervisor would accept.
    pub why: &'static str,
}

/// The kinds of event that set the status, the strongest first.
pub static RANK: [EventKind; 9] = [
    EventKind::Completed,
    EventKind::Cancelled,
    EventKind::Transferred,
    EventKind::CannotComplete,
    EventKind::Started,
    EventKind::Paused,
    EventKind::Assigned,
    EventKind::Reopened,
    EventKind::Created,
];

const fn pair(stands: EventKind, overtaken: EventKind, flag: Option<FlagKind>, why: &'static str) -> Pair {
    Pair { stands, overtaken, flag, why }
}

use EventKind::{Assigned, Cancelled, CannotComplete, Completed, Created, Paused, Reopened, Started, Transferred};

/// Every unordered pair of status kinds.
pub static PAIRS: [Pair; 45] = [
    pair(
        Completed,
        Completed,
        Some(FlagKind::DoubleDispatch),
        "Two crews did it. It is done once; both crews' labor counts.",
    ),
    pair(Completed, Cancelled, Some(FlagKind::CompletedWhileCancelled), "The work is done whatever the paper says."),
    pair(
        Completed,
        Transferred,
        Some(FlagKind::CompletedWhileTransferred),
        "The work is done; the other department need not come.",
    ),
    pair(
        Completed,
        CannotComplete,
        Some(FlagKind::CompletedDespiteObstacle),
        "Somebody managed what another could not; see what was left.",
    ),
    pair(Completed, Started, None, "One crew finished while a colleague pressed start."),
    pair(Completed, Paused, None, "One crew finished while a colleague took a break."),
    pair(
        Completed,
        Assigned,
        Some(FlagKind::MovedWhileWorked),
        "It is done by those who did it; the other crew need not come.",
    ),
    pair(Completed, Reopened, None, "Two rounds began apart; work done in this one is done."),
    pair(Completed, Created, None, "It was done after it came to be."),
    pair(Cancelled, Cancelled, None, "Two people cancelled it; it is cancelled."),
    pair(Cancelled, Transferred, None, "Nobody is to do it, so nobody need take it over."),
    pair(Cancelled, CannotComplete, None, "It is not to be done, so the obstacle no longer matters."),
    pair(
        Cancelled,
        Started,
        Some(FlagKind::WorkedWhileCancelled),
        "A crew is on site for a job that was cancelled: tell them.",
    ),
    pair(
        Cancelled,
        Paused,
        Some(FlagKind::WorkedWhileCancelled),
        "A crew had begun a job that was cancelled: tell them.",
    ),
    pair(Cancelled, Assigned, None, "Not to be done outweighs by whom."),
    pair(Cancelled, Reopened, None, "Cancelled in the round that was just opened."),
    pair(Cancelled, Created, None, "It was cancelled after it came to be."),
    pair(Transferred, Transferred, None, "Two people handed it over; somebody must take it."),
    pair(
        Transferred,
        CannotComplete,
        Some(FlagKind::TransferredWhileWorked),
        "The next department should know of the obstacle.",
    ),
    pair(
        Transferred,
        Started,
        Some(FlagKind::TransferredWhileWorked),
        "One crew is at work on what another handed over.",
    ),
    pair(Transferred, Paused, Some(FlagKind::TransferredWhileWorked), "One crew had begun what another handed over."),
    pair(
        Transferred,
        Assigned,
        Some(FlagKind::MovedWhileWorked),
        "It was handed over while the desk gave it to a crew.",
    ),
    pair(Transferred, Reopened, None, "Handed over in the round that was just opened."),
    pair(Transferred, Created, None, "It was handed over after it came to be."),
    pair(CannotComplete, CannotComplete, None, "Two people met the obstacle; both reasons are kept."),
    pair(CannotComplete, Started, None, "An obstacle that one met, the other will meet too."),
    pair(CannotComplete, Paused, None, "An obstacle outlasts a break."),
    pair(
        CannotComplete,
        Assigned,
        Some(FlagKind::MovedWhileWorked),
        "The new crew should know of the obstacle before it drives.",
    ),
    pair(CannotComplete, Reopened, None, "The obstacle was met in the round that was just opened."),
    pair(CannotComplete, Created, None, "The obstacle was met after it came to be."),
    pair(Started, Started, None, "Two people of a crew pressed start."),
    pair(Started, Paused, None, "Somebody is at work."),
    pair(Started, Assigned, Some(FlagKind::MovedWhileWorked), "A crew is on site while the desk gave it to another."),
    pair(Started, Reopened, None, "Work began in the round that was just opened."),
    pair(Started, Created, None, "Work began after it came to be."),
    pair(Paused, Paused, None, "Two people of a crew pressed pause."),
    pair(Paused, Assigned, Some(FlagKind::MovedWhileWorked), "A crew had begun while the desk gave it to another."),
    pair(Paused, Reopened, None, "Paused in the round that was just opened."),
    pair(Paused, Created, None, "Paused after it came to be."),
    pair(Assigned, Assigned, None, "Two people assigned it; the assignment itself shows both."),
    pair(Assigned, Reopened, None, "Assigned in the round that was just opened."),
    pair(Assigned, Created, None, "Assigned after it came to be."),
    pair(Reopened, Reopened, None, "Two people reopened it; it is one new round."),
    pair(Reopened, Created, None, "Reopened after it came to be."),
    pair(Created, Created, None, "It came to be once."),
];

fn rank(kind: &EventKind) -> Option<usize> {
    RANK.iter().position(|ranked| ranked == kind)
}

/// The table's line for two kinds of event, in either order; `None` when one of them says nothing about the status.
#[must_use]
pub fn lookup(a: &EventKind, b: &EventKind) -> Option<&'static Pair> {
    PAIRS.iter().find(|pair| (&pair.stands == a && &pair.overtaken == b) || (&pair.stands == b && &pair.overtaken == a))
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
        Assigned | Reopened | Created | EventKind::Acknowledged | EventKind::Reviewed | EventKind::Unknown(_) => {
            Status::Open
        }
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
}

/// Derives status and flags from all events, in any order. Total: any set of events has an outcome.
#[must_use]
pub fn derive(events: &[Entry<Event>]) -> Outcome {
    let graph = EventGraph::new(events);
    let round = graph.current_round();
    let deciding: Vec<&Entry<Event>> =
        events.iter().filter(|event| rank(&event.body.kind).is_some() && graph.round(&event.id) == round).collect();
    let winner = deciding
        .iter()
        .filter(|event| !deciding.iter().any(|later| supersedes(&graph, later, event)))
        .min_by_key(|event| (rank(&event.body.kind), &event.lamport));
    let settled: Vec<&String> = events
        .iter()
        .filter(|event| event.body.kind == EventKind::Reviewed)
        .flat_map(|event| &event.body.settles)
        .collect();
    let flags = flags(&graph, events).into_iter().filter(|flag| !settled.contains(&&flag.id)).collect();
    Outcome {
        status: winner.map_or(Status::Open, |event| status_of(&event.body.kind)),
        set_by: winner.map(|event| event.id.clone()),
        round,
        flags,
    }
}

/// Whether `later`, having seen `earlier`, takes its place. Nothing but a new round takes the place of *completed*; and
/// of *cancelled* only *completed* does, since work that was done is done.
fn supersedes(graph: &EventGraph<'_>, later: &Entry<Event>, earlier: &Entry<Event>) -> bool {
    graph.saw(&later.id, &earlier.id)
        && match earlier.body.kind {
            Completed => false,
            Cancelled => later.body.kind == Completed,
            _ => true,
        }
}

fn flags(graph: &EventGraph<'_>, events: &[Entry<Event>]) -> Vec<Flag> {
    let mut flags = Vec::new();
    let current = graph.current_round();
    for (at, a) in events.iter().enumerate() {
        for b in &events[at + 1..] {
            if !graph.concurrent(&a.id, &b.id) {
                continue;
            }
            let (round_a, round_b) = (graph.round(&a.id), graph.round(&b.id));
            if round_a == round_b {
                flags.extend(lookup(&a.body.kind, &b.body.kind).and_then(|pair| flag(pair, a, b)));
            } else {
                // One of them is of an earlier round: what a crew reported there, unseen by who reopened, matters.
                let (stale, fresh) = if round_a < round_b { (a, b) } else { (b, a) };
                let kind = match stale.body.kind {
                    Completed => Some(FlagKind::CompletedInEarlierRound),
                    CannotComplete | Transferred => Some(FlagKind::ObstacleInEarlierRound),
                    _ => None,
                };
                if fresh.body.kind == Reopened && graph.round(&fresh.id) == current {
                    flags.extend(kind.map(|kind| Flag::new(kind, &fresh.id, &stale.id)));
                }
            }
        }
    }
    // Started, paused, completed: one crew's day against one assignment is one thing to look at, by its latest event.
    let said_better = |flag: &Flag| {
        flags.iter().any(|other| {
            other.kind == flag.kind
                && ((other.overtaken == flag.overtaken && graph.saw(&other.stands, &flag.stands))
                    || (other.stands == flag.stands && graph.saw(&other.overtaken, &flag.overtaken)))
        })
    };
    let mut flags: Vec<Flag> = flags.iter().filter(|flag| !said_better(flag)).cloned().collect();
    flags.sort_by(|a, b| a.id.cmp(&b.id));
    flags
}

fn flag(pair: &Pair, a: &Entry<Event>, b: &Entry<Event>) -> Option<Flag> {
    // Of two of one kind, the first in Lamport order stands, so that every device names the flag the same.
    let a_stands = if a.body.kind == b.body.kind { a.lamport <= b.lamport } else { a.body.kind == pair.stands };
    let (stands, overtaken) = if a_stands { (a, b) } else { (b, a) };
    let kind = pair.flag?;
    let worth_a_look = match kind {
        // Giving a job to the crew that is doing it moves nothing.
        FlagKind::MovedWhileWorked => overtaken.body.assigned_to != stands.stamp.crew,
        // Two phones of one crew that both press "done" are no second trip.
        FlagKind::DoubleDispatch => crew(stands) != crew(overtaken),
        _ => true,
    };
    worth_a_look.then(|| Flag::new(kind, &stands.id, &overtaken.id))
}

fn crew(event: &Entry<Event>) -> (Option<&CrewId>, Option<&str>) {
    match &event.stamp.crew {
        Some(crew) => (Some(crew), None),
        None => (None, Some(event.stamp.by.as_str())),
    }
}

impl Flag {
    fn new(kind: FlagKind, stands: &EntryId, overtaken: &EntryId) -> Self {
        let name =
            serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        Self { id: format!("{name}/{stands}/{overtaken}"), kind, stands: stands.clone(), overtaken: overtaken.clone() }
    }
}
