//! What a merge left for a person to look at: one heading and one explanation for each kind of flag.

use coldpatch_shared::order::FlagKind;

/// One of the two events of a flag, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who did it (`Crew 4`, `you`).
    pub who: String,
    /// When (`10:05`).
    pub when: String,
    /// To which crew, for an assignment.
    pub to: Option<String>,
}

/// Takes the flag away and leaves the work as it is.
pub const KEEP_AS_DONE: &str = "Keep as done";
/// The same where nothing is done.
pub const KEEP: &str = "Keep as it is";
/// The same where a duplicate is done and this one is not.
pub const KEEP_OPEN: &str = "It is still to be done";
/// A duplicate was done, nobody knows by whom.
pub const DUPLICATE_DONE: &str = "A duplicate of this job is done";
/// What to do about it.
pub const DUPLICATE_DONE_WHAT: &str = "Both are said to be the same thing, and this one is still open. Nothing was changed here. Go and see: if \
     it is done, finish this one, too; if not, a supervisor says that it is still to be done.";
/// Shows both events in the history.
pub const SEE_BOTH: &str = "See both changes";
/// People disagree on a field.
pub const DISAGREE: &str = "Two people decided differently";
/// Chooses one of the values.
pub const CHOOSE: &str = "Choose";

/// The flag in one line.
#[must_use]
pub fn heading(kind: FlagKind, stands: &Deed, overtaken: &Deed) -> String {
    let (a, b) = (&stands.who, &overtaken.who);
    match kind {
        FlagKind::MovedWhileWorked => match &overtaken.to {
            Some(crew) => format!("Done by {a} while {b} gave it to {crew}"),
            None => format!("Done by {a} while {b} took it away"),
        },
        FlagKind::CompletedWhileCancelled => format!("Done by {a} while {b} cancelled it"),
        FlagKind::DoubleDispatch => format!("Done twice: by {a} and by {b}"),
        FlagKind::CompletedDespiteObstacle => format!("Done by {a}; {b} could not"),
        FlagKind::CompletedWhileTransferred => format!("Done by {a} while {b} handed it over"),
        FlagKind::WorkedWhileCancelled => format!("{} is at work on a job that {a} cancelled", super::capital(b)),
        FlagKind::TransferredWhileWorked => format!("Handed over by {a} while {b} was on it"),
        FlagKind::CompletedInEarlierRound => format!("Done by {b}, who did not know that {a} had reopened it"),
        FlagKind::ObstacleInEarlierRound => format!("Not done by {b}, who did not know that {a} had reopened it"),
        FlagKind::BuiltOnWithdrawn => format!("{} acted on what {b} was taking back", super::capital(a)),
        FlagKind::PhotoLost => format!("Done by {a}; a photo of it is lost"),
        FlagKind::CompletedInGroup => DUPLICATE_DONE.to_owned(),
    }
}

/// Which duplicate was done, by whom and when.
#[must_use]
pub fn duplicate_done(number: Option<&str>, who: &str, when: &str) -> String {
    match number {
        Some(number) => format!("{number} is the same thing, and was done by {who}, {when}"),
        None => format!("A duplicate of this job was done by {who}, {when}"),
    }
}

/// What happened when, what was kept, and what there is to decide.
#[must_use]
pub fn explanation(kind: FlagKind, stands: &Deed, overtaken: &Deed) -> String {
    let (a, at, b, bt) = (super::capital(&stands.who), &stands.when, &overtaken.who, &overtaken.when);
    match kind {
        FlagKind::MovedWhileWorked => {
            format!(
                "{a} closed it at {at} and had not seen the change of {bt}. The work is kept; the other crew need not come."
            )
        }
        FlagKind::CompletedWhileCancelled => {
            format!("{a} closed it at {at}; the cancellation of {bt} had not reached them. The work is kept.")
        }
        FlagKind::DoubleDispatch => {
            format!("{a} at {at}, {b} at {bt}, neither knew of the other. It counts once; the labor of both is kept.")
        }
        FlagKind::CompletedDespiteObstacle => {
            format!("{a} closed it at {at}; at {bt} {b} reported an obstacle. See what was left.")
        }
        FlagKind::CompletedWhileTransferred => {
            format!("{a} closed it at {at}; at {bt} {b} handed it to another department, which need not come.")
        }
        FlagKind::WorkedWhileCancelled => {
            format!("Cancelled at {at}; the crew began at {bt} and did not know. Tell them, or reopen it.")
        }
        FlagKind::TransferredWhileWorked => {
            format!("Handed over at {at} while others were on it at {bt}. Nothing is lost; decide whose it is.")
        }
        FlagKind::CompletedInEarlierRound => {
            format!("Closed at {bt}; it had been reopened at {at} without their knowing. Is it done?")
        }
        FlagKind::ObstacleInEarlierRound => {
            format!(
                "At {bt} {b} said that it cannot be done, or handed it over; it had been reopened at {at}. See in the history why, and whether it is still so."
            )
        }
        FlagKind::BuiltOnWithdrawn => {
            format!(
                "{a} did this at {at} and did not know that {b} took back, at {bt}, what it follows from. Both are kept; see whether it still makes sense."
            )
        }
        FlagKind::PhotoLost => {
            format!(
                "{a} closed it at {at}. At {bt} {b} reported one of its photos lost. The work is kept; ask for another photo if you need one."
            )
        }
        FlagKind::CompletedInGroup => DUPLICATE_DONE_WHAT.to_owned(),
    }
}

/// Opens it again for the crew that was overtaken.
#[must_use]
pub fn reopen_for(crew: &str) -> String {
    format!("Reopen for {crew}")
}

/// The reason that is written with it.
#[must_use]
pub fn reopened_because(heading: &str) -> String {
    format!("Reopened after review: {heading}")
}
