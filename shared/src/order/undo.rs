//! Taking back: which kinds of event can be, by what rule, and what a person must know when others had built on it.
//!
//! `withdrawn { names }` takes back events that its author saw. They stay in the history, and no longer decide status,
//! round or flags; what they had taken the place of counts again. It is as if they had never been, so whatever happened
//! beside a withdrawal has an outcome: that of the other events. Taking back a taking-back is not possible: one does
//! the thing again.

use super::event::EventKind::{
    self, Acknowledged, Assigned, Cancelled, CannotComplete, Completed, Created, DuplicateOf, FollowedUp, HasDuplicate,
    Paused, PhotoLost, Reopened, Reviewed, Started, Transferred, Withdrawn,
};

/// By what rule a kind of event is taken back. Who may is policy (`action/policy.rs`), by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// By whoever did it, while nobody else's later status event builds on it; or by a supervisor.
    Deed,
    /// A link between two work orders: by whoever made it, by inspectors and supervisors.
    Link,
    /// A photo that turned up: by whoever missed it, by supervisors, by the server that received it.
    Loss,
    /// By nobody.
    Never,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct UndoLine {
    /// The kind of event.
    pub kind: EventKind,
    /// By what rule.
    pub undo: Undo,
    /// Why, in words that a supervisor would accept.
    pub why: &'static str,
}

const fn line(kind: EventKind, undo: Undo, why: &'static str) -> UndoLine {
    UndoLine { kind, undo, why }
}

/// Every kind of event that this version knows.
pub static UNDO: [UndoLine; 16] = [
    line(Created, Undo::Never, "A job that should not be is cancelled, so that everybody sees why."),
    line(Acknowledged, Undo::Never, "Somebody was given this number and will ask for it."),
    line(Assigned, Undo::Never, "Whose job it is, is decided again, not taken back."),
    line(Started, Undo::Deed, "Pressed by mistake."),
    line(Paused, Undo::Deed, "Pressed by mistake."),
    line(Completed, Undo::Deed, "Pressed by mistake, or on the wrong job."),
    line(CannotComplete, Undo::Deed, "The obstacle was none, or on the wrong job."),
    line(Transferred, Undo::Deed, "It is ours after all."),
    line(Cancelled, Undo::Deed, "Cancelled by mistake: it goes on where it was, not in a new round."),
    line(Reopened, Undo::Deed, "It was fine after all: it is closed as before."),
    line(Reviewed, Undo::Deed, "Settled by mistake: what it settled needs a look again."),
    line(Withdrawn, Undo::Never, "Do the thing again; a chain of taking back nobody can follow."),
    line(DuplicateOf, Undo::Link, "They are two different things after all."),
    line(HasDuplicate, Undo::Link, "They are two different things after all."),
    line(FollowedUp, Undo::Never, "The other job names this one for good; cancel the other job if it is not needed."),
    line(PhotoLost, Undo::Loss, "The photo was found."),
];

/// By what rule a kind is taken back. What this version does not know, it does not let go.
#[must_use]
pub fn undo_of(kind: &EventKind) -> Undo {
    UNDO.iter().find(|line| line.kind == *kind).map_or(Undo::Never, |line| line.undo)
}

/// What somebody did after seeing an event, not knowing that it was being taken back.
#[derive(Debug, Clone)]
pub struct BuiltLine {
    /// The kind that was taken back.
    pub withdrawn: EventKind,
    /// What a person must look at when somebody did it because of that.
    pub look: &'static [EventKind],
    /// Why these, and why not the others, in words that a supervisor would accept.
    pub why: &'static str,
}

/// Every kind that decides the status and can be taken back.
pub static BUILT: [BuiltLine; 7] = [
    BuiltLine {
        withdrawn: Completed,
        look: &[],
        why: "Only reopening follows on a job that is done, and both then want it open.",
    },
    BuiltLine {
        withdrawn: Cancelled,
        look: &[],
        why: "Only reopening follows on a job that is cancelled, and both then want it open.",
    },
    BuiltLine {
        withdrawn: Transferred,
        look: &[Assigned, Cancelled, CannotComplete],
        why: "Somebody decided on a job that seemed to be another department's; whoever works on it anyway needs no look.",
    },
    BuiltLine {
        withdrawn: CannotComplete,
        look: &[Assigned, Cancelled, Transferred],
        why: "Somebody decided because of an obstacle that was none; whoever works on it anyway needs no look.",
    },
    BuiltLine {
        withdrawn: Reopened,
        look: &[Started, Paused, Completed, CannotComplete, Transferred, Assigned, Cancelled],
        why: "Somebody acts on a job that is closed again; only reopening it once more says the same.",
    },
    BuiltLine { withdrawn: Started, look: &[], why: "What others did after a start that was none stands by itself." },
    BuiltLine { withdrawn: Paused, look: &[], why: "What others did after a break that was none stands by itself." },
];

/// Whether a person must look at `later`, done on seeing an event of kind `withdrawn` that was being taken back.
#[must_use]
pub fn needs_a_look(withdrawn: &EventKind, later: &EventKind) -> bool {
    BUILT.iter().any(|line| line.withdrawn == *withdrawn && line.look.contains(later))
}
