//! The crew's day.

use super::count;

/// Above the job that is being worked on.
pub const NOW: &str = "Now";
/// Above the first job when none is begun.
pub const FIRST: &str = "Start with";
/// Above what was finished.
pub const FINISHED: &str = "Finished lately";
/// The list.
pub const LIST: &str = "List";
/// The map.
pub const MAP: &str = "Map";
/// While the first jobs come.
pub const FETCHING: &str = "Getting your jobs…";
/// The same with no network.
pub const FETCHING_OFFLINE: &str = "Your jobs have not arrived yet. They come by themselves once there is a signal.";
/// No jobs.
pub const EMPTY: &str = "Nothing to do right now";
/// Under it.
pub const EMPTY_WHAT: &str = "New jobs appear here by themselves. Saw something on the way? Take a photo of it.";
/// Beside something that only this phone has.
pub const ONLY_HERE: &str = "Only on this phone";
/// A place that is not known.
pub const NO_ADDRESS: &str = "No address";

/// The title: `7 jobs today`.
#[must_use]
pub fn title(open: usize) -> String {
    match open {
        0 => "All done".to_owned(),
        open => format!("{} to do", count(open, "job", "jobs")),
    }
}

/// Above the rest of the list.
#[must_use]
pub fn next(distance: Option<String>) -> String {
    match distance {
        Some(distance) => format!("Next, in driving order · {distance}"),
        None => "Next, in driving order".to_owned(),
    }
}

/// How many people filed it.
#[must_use]
pub fn reports(number: u32) -> String {
    count(number as usize, "report", "reports")
}

/// How far it is.
#[must_use]
pub fn away(distance: &str) -> String {
    format!("{distance} away")
}

/// Working, for so long.
#[must_use]
pub fn working_for(length: &str) -> String {
    format!("Working · {length}")
}
