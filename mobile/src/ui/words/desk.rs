//! The supervisor's desk.

/// Everything that is to be done.
pub const OPEN: &str = "Open";
/// Past its time.
pub const OVERDUE: &str = "Overdue";
/// Nobody's.
pub const UNASSIGNED: &str = "Unassigned";
/// What a merge left.
pub const REVIEW: &str = "Review";
/// The last ones that were closed.
pub const CLOSED: &str = "Closed";
/// The table's columns.
pub const COLUMNS: [&str; 6] = ["Status", "What", "Where", "Reports", "Crew", "Due"];
/// Search.
pub const SEARCH: &str = "Search: street, number, word";
/// Nothing in this list.
pub const EMPTY: &str = "Nothing here. Good.";
/// Nothing found.
pub const NOT_FOUND: &str = "No job has these words.";
/// Nothing selected.
pub const SELECT: &str = "Pick a row or a marker to see it whole.";
/// Gives it to a crew.
pub const ASSIGN: &str = "Crew";
/// Nobody.
pub const NOBODY: &str = "Nobody";
/// Not to be done.
pub const CANCEL: &str = "Cancel the job";
/// To be done again.
pub const REOPEN: &str = "Reopen";
/// Why.
pub const WHY: &str = "Why? The crew and the history show it.";
/// Needs a reason.
pub const WHY_NEEDED: &str = "Say why first.";
/// All crews.
pub const MAP_AND_LIST: &str = "Jobs";

/// How many fit the list, when not all are shown.
#[must_use]
pub fn shown(shown: usize, total: u32) -> String {
    format!("{shown} of {total}")
}
