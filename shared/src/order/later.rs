//! The total table of a later event on an earlier one that its author had seen: does it take the earlier one's place?

use super::event::EventKind::{
    self, Assigned, Cancelled, CannotComplete, Completed, Created, Paused, Reopened, Started, Transferred,
};
use super::pairs::rank;

/// What a later event does to an earlier one that it saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The earlier one no longer decides.
    Replaces,
    /// Both go on counting; the stronger kind decides.
    Stays,
    /// A new round begins; the earlier one is history.
    NewRound,
}

use Effect::{NewRound, Replaces, Stays};

/// What each later kind does to one earlier kind, with the reason.
#[derive(Debug, Clone)]
pub struct Row {
    /// The earlier kind.
    pub earlier: EventKind,
    /// Every later kind, in the order of [`super::status::RANK`].
    pub later: [(EventKind, Effect, &'static str); 9],
}

const NEW_ROUND: (EventKind, Effect, &str) =
    (Reopened, NewRound, "It is to be done again: what was before is history.");
const ONCE: (EventKind, Effect, &str) = (Created, Stays, "A job comes to be once; nothing comes before that.");

const DONE_IS_DONE: &str = "Work that was done is done; only reopening asks for it again.";
const NOT_TO_BE_DONE: &str = "Whoever wants it done after all reopens it.";

/// The table: 9 earlier kinds × 9 later kinds.
pub static LATER: [Row; 9] = [
    Row {
        earlier: Completed,
        later: [
            (Completed, Stays, "Both did work; it is done once, and the first report stands."),
            (Cancelled, Stays, DONE_IS_DONE),
            (Transferred, Stays, DONE_IS_DONE),
            (CannotComplete, Stays, DONE_IS_DONE),
            (Started, Stays, DONE_IS_DONE),
            (Paused, Stays, DONE_IS_DONE),
            (Assigned, Stays, DONE_IS_DONE),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Cancelled,
        later: [
            (Completed, Replaces, "The work is done whatever the paper says."),
            (Cancelled, Stays, "It was cancelled already; the first one stands."),
            (Transferred, Stays, NOT_TO_BE_DONE),
            (CannotComplete, Stays, NOT_TO_BE_DONE),
            (Started, Stays, NOT_TO_BE_DONE),
            (Paused, Stays, NOT_TO_BE_DONE),
            (Assigned, Stays, NOT_TO_BE_DONE),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Transferred,
        later: [
            (Completed, Replaces, "Somebody did it after all."),
            (Cancelled, Replaces, "Nobody is to do it, whosever it was."),
            (Transferred, Replaces, "The latest department is the one."),
            (CannotComplete, Replaces, "Whoever went there met an obstacle; that is the latest word."),
            (Started, Replaces, "Somebody took it on after all."),
            (Paused, Replaces, "Somebody took it on after all."),
            (Assigned, Replaces, "The desk gave it to a crew after all."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: CannotComplete,
        later: [
            (Completed, Replaces, "The obstacle was overcome."),
            (Cancelled, Replaces, "It is not to be done, so the obstacle no longer matters."),
            (Transferred, Replaces, "Another department is to deal with the obstacle."),
            (CannotComplete, Replaces, "The latest obstacle is the one that matters."),
            (Started, Replaces, "The obstacle is gone: somebody is at work."),
            (Paused, Replaces, "Somebody was at work again and took a break."),
            (Assigned, Replaces, "The desk saw the obstacle and sends a crew."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Started,
        later: [
            (Completed, Replaces, "What was begun is done."),
            (Cancelled, Replaces, "Cancelled by somebody who knew that it had begun."),
            (Transferred, Replaces, "Whoever began it found that it is another department's."),
            (CannotComplete, Replaces, "Whoever began it met an obstacle."),
            (Started, Replaces, "Somebody joined in; the latest start shows who is on it."),
            (Paused, Replaces, "Work stopped for a while."),
            (Assigned, Replaces, "The desk knew that it had begun and gave it to somebody, who has yet to begin."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Paused,
        later: [
            (Completed, Replaces, "What was paused is done."),
            (Cancelled, Replaces, "Cancelled by somebody who knew that it had begun."),
            (Transferred, Replaces, "Whoever paused found that it is another department's."),
            (CannotComplete, Replaces, "Whoever paused met an obstacle."),
            (Started, Replaces, "The break is over."),
            (Paused, Replaces, "The latest break is the one."),
            (Assigned, Replaces, "The desk knew of the break and gave it to somebody, who has yet to begin."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Assigned,
        later: [
            (Completed, Replaces, "It was given out, and done."),
            (Cancelled, Replaces, "It was given out, and then called off."),
            (Transferred, Replaces, "It was given out, and found to be another department's."),
            (CannotComplete, Replaces, "It was given out, and an obstacle was met."),
            (Started, Replaces, "It was given out, and begun."),
            (Paused, Replaces, "It was given out, begun and paused."),
            (Assigned, Replaces, "The latest crew is the one."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Reopened,
        later: [
            (Completed, Replaces, "It was opened again, and done."),
            (Cancelled, Replaces, "It was opened again, and called off."),
            (Transferred, Replaces, "It was opened again, and found to be another department's."),
            (CannotComplete, Replaces, "It was opened again, and an obstacle was met."),
            (Started, Replaces, "It was opened again, and begun."),
            (Paused, Replaces, "It was opened again, begun and paused."),
            (Assigned, Replaces, "It was opened again, and given to a crew."),
            NEW_ROUND,
            ONCE,
        ],
    },
    Row {
        earlier: Created,
        later: [
            (Completed, Replaces, "It came to be, and is done."),
            (Cancelled, Replaces, "It came to be, and was called off."),
            (Transferred, Replaces, "It came to be, and is another department's."),
            (CannotComplete, Replaces, "It came to be, and an obstacle was met."),
            (Started, Replaces, "It came to be, and was begun."),
            (Paused, Replaces, "It came to be, was begun and paused."),
            (Assigned, Replaces, "It came to be, and was given to a crew."),
            NEW_ROUND,
            ONCE,
        ],
    },
];

/// What a later event does to an earlier one that it saw; `None` when one of the kinds says nothing about the status.
#[must_use]
pub fn effect(earlier: &EventKind, later: &EventKind) -> Option<Effect> {
    Some(LATER[rank(earlier)?].later[rank(later)?].1)
}
