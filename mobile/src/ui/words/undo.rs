//! Taking back what one did.

use super::status;
use coldpatch_shared::order::{EventKind, Status};

/// Takes it back.
pub const TAKE_BACK: &str = "Take back";
/// Does not.
pub const LEAVE_IT: &str = "Leave it";
/// After the job was finished, for a moment.
pub const DONE: &str = "Done.";

/// Above the question: `Take back “done”?`
#[must_use]
pub fn ask(kind: &EventKind) -> String {
    format!("Take back “{}”?", name(kind))
}

/// What taking it back does: what the job is then, and what stays.
#[must_use]
pub fn means(kind: &EventKind, then: Status) -> String {
    let stays = "Photos, notes and what you wrote down stay. The history shows that you took it back.";
    if *kind == EventKind::Reviewed {
        return format!("What it settled asks to be looked at again. {stays}");
    }
    format!("It is as if you had not pressed it: the job is “{}” again. {stays}", status::word(then))
}

/// The event as its author would say it.
fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Started => "started",
        EventKind::Paused => "paused",
        EventKind::Completed => "done",
        EventKind::CannotComplete => "cannot complete",
        EventKind::Transferred => "not ours",
        EventKind::Cancelled => "cancelled",
        EventKind::Reopened => "reopened",
        EventKind::Reviewed => "looked at",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_what_the_job_is_then_and_what_stays() {
        assert_eq!(ask(&EventKind::Completed), "Take back “done”?");
        let means = means(&EventKind::Completed, Status::Working);
        assert!(means.contains("the job is “Working” again") && means.contains("Photos, notes"), "{means}");
    }
}
