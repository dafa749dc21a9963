//! Jobs that are about the same thing, and jobs that go on where another one ended.

use super::{count, line};
use coldpatch_shared::order::LinkKind;
use coldpatch_shared::order::links::Half;

/// Opens the question.
pub const SAME_AS: &str = "Same as another job…";
/// The question.
pub const WHICH: &str = "Which job is it the same as?";
/// Above the choice that was made.
pub const REALLY: &str = "Are these two the same thing?";
/// What a link does, before it is made.
pub const REALLY_WHAT: &str = "Both jobs stay, each with its reports and photos. Whoever looks at one sees the other, and when one is done, the \
     other asks to be looked at.";
/// Makes the link.
pub const YES_SAME: &str = "Yes, the same";
/// Back to the list.
pub const CHOOSE_AGAIN: &str = "Another one";
/// Takes the link away.
pub const NOT_SAME: &str = "Not the same after all";
/// Asks first.
pub const NOT_SAME_WHAT: &str =
    "The two jobs are then two things again. Nothing else changes, and the history of both says who did it.";
/// While the phone looks.
pub const LOOKING: &str = "Looking for jobs nearby…";
/// The job has no place.
pub const NO_PLACE: &str = "This job has no place, so the app cannot look around it.";
/// Leads to a job.
pub const OPEN_JOB: &str = "Open the job";
/// The other job is elsewhere.
pub const ELSEWHERE: &str = "The other job is not on this phone. It opens here once it has come.";
/// Above the dialog of a follow-up.
pub const FOLLOW_UP: &str = "What is left to do?";
/// Opens it.
pub const SOMETHING_LEFT: &str = "Something is left to do";
/// In its field.
pub const LEFT_HINT: &str = "For whoever comes next: what, and what to bring";
/// What filing it does.
pub const FOLLOW_UP_WHAT: &str = "A new job at the same place. This one stays as it is; each shows the other.";
/// Files it.
pub const FILE_FOLLOW_UP: &str = "File the follow-up job";
/// After filing it.
pub const FILED: &str = "The follow-up job is filed. This job shows it among the other jobs.";
/// Above links.
pub const TITLE: &str = "Other jobs";
/// Above the two ways to make one.
pub const MORE: &str = "Is there more to it?";

/// Nothing near: `No other open job within 300 m.`
#[must_use]
pub fn none_near(distance: &str) -> String {
    format!("No other open job within {distance}. Only jobs that are open and on this phone are shown.")
}

/// What is said of a link of which only one half is here; `refused`: this phone's own action made it and was not accepted.
#[must_use]
pub fn half(half: Half, refused: bool) -> Option<&'static str> {
    match half {
        Half::One if refused => Some("Not accepted in one of the two jobs. Look under “Needs you”."),
        Half::One => Some("Only one of the two jobs says so. The other half has not come yet, or was not accepted."),
        // The row says that the other job is not here.
        Half::Both | Half::NotHere => None,
    }
}

/// What a link says in a few words: `Same as 26-000123`. Without a number the other job has not been sent yet, or is not here.
#[must_use]
pub fn says(kind: LinkKind, number: Option<&str>) -> String {
    let other = number.unwrap_or("another job");
    match kind {
        LinkKind::DuplicateOf | LinkKind::HasDuplicate => format!("Same as {other}"),
        LinkKind::Follows => format!("Goes on from {other}"),
        LinkKind::FollowedUp => match number {
            Some(number) => format!("Follow-up job {number}"),
            None => "Follow-up job".to_owned(),
        },
    }
}

/// A job that may be the same: `26-000123 · 20 m away · 2 reports`.
#[must_use]
pub fn candidate(number: Option<&str>, away: &str, reports: u32) -> String {
    let reports = if reports > 1 { count(reports as usize, "report", "reports") } else { String::new() };
    line([number.unwrap_or_default().to_owned(), super::today::away(away), reports])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_the_other_job_as_far_as_it_is_known() {
        for (kind, number, words) in [
            (LinkKind::DuplicateOf, Some("26-000123"), "Same as 26-000123"),
            (LinkKind::HasDuplicate, None, "Same as another job"),
            (LinkKind::Follows, Some("26-000001"), "Goes on from 26-000001"),
            (LinkKind::FollowedUp, None, "Follow-up job"),
        ] {
            assert_eq!(says(kind, number), words);
        }
    }
}
