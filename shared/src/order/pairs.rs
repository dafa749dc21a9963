//! The total table of two events neither of which saw the other: who stands, what a person must look at, and why.
//! Work done on the street wins over paper.

use super::event::EventKind::{
    self, Assigned, Cancelled, CannotComplete, Completed, Created, Paused, Reopened, Started, Transferred,
};
use super::flags::FlagKind;

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

/// Where a kind stands in [`RANK`]; `None` when it says nothing about the status.
#[must_use]
pub fn rank(kind: &EventKind) -> Option<usize> {
    RANK.iter().position(|ranked| ranked == kind)
}

/// The table's line for two kinds of event, in either order; `None` when one of them says nothing about the status.
#[must_use]
pub fn lookup(a: &EventKind, b: &EventKind) -> Option<&'static Pair> {
    PAIRS.iter().find(|pair| (&pair.stands == a && &pair.overtaken == b) || (&pair.stands == b && &pair.overtaken == a))
}
