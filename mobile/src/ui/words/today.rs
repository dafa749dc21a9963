//! The crew's day.

use super::{capital, count, people};
use crate::engine::api::{DayGroup, JobRow};
use crate::ui::when::length;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::DepartmentId;
use coldpatch_shared::order::Status;

/// Above the job that is being worked on.
pub const NOW: &str = "Now";
/// Above the first job when none is begun.
pub const FIRST: &str = "Start with";
/// The search field.
pub const SEARCH: &str = "Search jobs";
/// Empties it.
pub const CLEAR_WORDS: &str = "Clear the search";
/// Takes every filter away.
pub const CLEAR: &str = "Clear filters";
/// Above the parts of the day, to choose from.
pub const PARTS: &str = "When";
/// Above the priorities, to choose from.
pub const PRIORITY: &str = "Priority";
/// Above the types, to choose from.
pub const KINDS: &str = "Type";
/// Above whose jobs, to choose from.
pub const WHOSE: &str = "Whose";
/// My crew's jobs only.
pub const MY_CREW: &str = "My crew’s";
/// All jobs on this phone.
pub const EVERYBODY: &str = "Everyone’s";
/// Only what is late.
pub const LATE: &str = "Late";
/// Nothing fits.
pub const NOTHING: &str = "Nothing found";
/// Under it, where there are words.
pub const NOTHING_WORDS: &str =
    "No job on this phone has all of these words. Fewer of them, or only their beginnings, find more.";
/// Under it, where there are only filters.
pub const NOTHING_FILTERS: &str = "No job of the day fits all of these filters.";
/// Above what the day needs.
pub const BRING: &str = "What to bring";
/// Vehicles and tools.
pub const EQUIPMENT: &str = "Vehicles and tools";
/// What is used up.
pub const MATERIAL: &str = "Material";
/// Asks the phone where it is.
pub const FROM_HERE: &str = "Distances from where I am";
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
/// Leads to the camera.
pub const TAKE_A_PHOTO: &str = "Take a photo";
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

/// Above what is next, in driving order: how many, and how far in all.
#[must_use]
pub fn next(jobs: usize, distance: Option<String>) -> String {
    match distance {
        Some(distance) => format!("Next · {jobs} in driving order · {distance}"),
        None => format!("Next · {jobs} in driving order"),
    }
}

/// A part of the day, on a filter.
#[must_use]
pub fn part(group: DayGroup) -> &'static str {
    if group == DayGroup::Waiting { "Waiting" } else { title_of(group) }
}

/// A part of the day, above it.
#[must_use]
pub fn title_of(group: DayGroup) -> &'static str {
    match group {
        DayGroup::Now => NOW,
        DayGroup::Next => "Next",
        DayGroup::Later => "Later",
        DayGroup::Waiting => "Waiting for someone",
        DayGroup::Finished => "Finished lately",
        DayGroup::Elsewhere => "Also found on this phone",
    }
}

/// A part's heading with how many jobs it has.
#[must_use]
pub fn heading(title: &str, jobs: usize) -> String {
    format!("{title} · {jobs}")
}

/// How much of the day is shown: `12 jobs found`.
#[must_use]
pub fn found(jobs: usize) -> String {
    format!("{} found", count(jobs, "job", "jobs"))
}

/// Closes the filters.
#[must_use]
pub fn show(jobs: usize) -> String {
    format!("Show {}", count(jobs, "job", "jobs"))
}

/// The button that opens the filters.
#[must_use]
pub fn filters(set: usize) -> String {
    if set == 0 { "Filters".to_owned() } else { format!("Filters, {set} set") }
}

/// For how many of today's jobs something is expected to be needed.
#[must_use]
pub fn for_jobs(jobs: u32) -> String {
    format!("for {}", count(jobs as usize, "job", "jobs"))
}

/// How long ago it was reported, in ms.
#[must_use]
pub fn age(ms: i64) -> String {
    format!("{} old", length(ms)).replace(' ', "\u{a0}")
}

/// For whom a job waits.
#[must_use]
pub fn waits_for(job: &JobRow, city: &City) -> String {
    let crew = job.status_crew.as_ref().map(|crew| people::crew_name(crew, city));
    match (job.status, crew) {
        (Status::Working, Some(crew)) => format!("{crew} is working on it"),
        (Status::Working, None) => "Somebody else is working on it".to_owned(),
        (Status::Transferred, _) => format!("Waits for {}", department(job.status_why.as_deref(), city)),
        _ => "Waits for a supervisor".to_owned(),
    }
}

/// Why a crew could not do it, if it could not.
#[must_use]
pub fn blocked(job: &JobRow, city: &City) -> Option<String> {
    let why = job.status_why.as_deref().filter(|_| job.status == Status::CannotComplete)?;
    let kind = city.service_type(&job.service_code);
    let known = kind.and_then(|kind| kind.cannot_complete.iter().find(|reason| reason.key == why));
    Some(format!("Blocked: {}", known.map_or(why, |reason| &reason.name)))
}

fn department(id: Option<&str>, city: &City) -> String {
    let Some(id) = id else { return "another department".to_owned() };
    let known = city.department(&DepartmentId::from(id)).map(|department| department.name.clone());
    known.unwrap_or_else(|| capital(id))
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
