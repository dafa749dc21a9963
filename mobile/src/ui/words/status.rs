//! Statuses, priorities and due times, the same words everywhere.

use crate::ui::tone::Tone;
use crate::ui::when::{HOUR, Zone, length};
use coldpatch_shared::city::Priority;
use coldpatch_shared::order::Status;

/// A status in one word or two.
#[must_use]
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::Working => "Working",
        Status::Paused => "Paused",
        Status::CannotComplete => "Blocked",
        Status::Transferred => "Handed over",
        Status::Completed => "Done",
        Status::Cancelled => "Cancelled",
    }
}

/// Takes the place of the status where a person must look at something.
pub const REVIEW: &str = "Review";

/// A priority in one word.
#[must_use]
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "Low",
        Priority::Normal => "Normal",
        Priority::High => "High",
        Priority::Urgent => "Urgent",
    }
}

/// A priority's key, for identifiers.
#[must_use]
pub fn priority_key(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}

/// Every priority, the most pressing first.
pub const PRIORITIES: [Priority; 4] = [Priority::Urgent, Priority::High, Priority::Normal, Priority::Low];

/// Until when a job is due, and how that looks.
#[must_use]
pub fn due(due: Option<i64>, now: i64, zone: &Zone) -> (String, Tone) {
    match due {
        None => ("No due date".to_owned(), Tone::Quiet),
        Some(due) if due < now => (format!("{} late", length(now - due)), Tone::Stop),
        Some(due) if due - now < 4 * HOUR => (format!("Due in {}", length(due - now)), Tone::Work),
        Some(due) => (zone.future(due, now), Tone::Quiet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::when::{DAY, MINUTE};

    #[test]
    fn late_is_said_as_late_and_soon_as_a_countdown() {
        let zone = Zone::named("America/Los_Angeles");
        let now = 1_795_284_300_000;
        for (offset, words, tone) in [
            (-DAY, "1 day late", Tone::Stop),
            (-20 * MINUTE, "20 min late", Tone::Stop),
            (2 * HOUR, "Due in 2 h", Tone::Work),
        ] {
            assert_eq!(due(Some(now + offset), now, &zone), (words.to_owned(), tone));
        }
        assert_eq!(due(None, now, &zone).1, Tone::Quiet);
    }
}
