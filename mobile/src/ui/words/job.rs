//! One job's screen.

use super::count;
use crate::ui::measure;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::ServiceCode;

/// The job is not on this phone.
pub const NOT_HERE: &str = "This job is not on this phone";
/// Why that may be.
pub const NOT_HERE_WHAT: &str =
    "It may belong to another crew, or it has not arrived yet. It opens by itself once it is here.";
/// Until the server has given one.
pub const NO_NUMBER: &str = "No number yet: not sent";
/// Begins work.
pub const START: &str = "Start";
/// Goes on after a pause.
pub const GO_ON: &str = "Go on";
/// Stops for a while.
pub const PAUSE: &str = "Pause";
/// The main button.
pub const FINISH: &str = "Finish";
/// Above what is not there yet.
pub const STILL_MISSING: &str = "Still missing";
/// With something missing.
pub const FINISH_ANYWAY: &str = "Finish all the same";
/// Goes back to the job.
pub const NOT_YET: &str = "Not yet";
/// It cannot be done.
pub const CANNOT_COMPLETE: &str = "Cannot complete";
/// Another department's.
pub const NOT_OURS: &str = "Not ours";
/// Why it cannot.
pub const WHY_NOT: &str = "What is in the way?";
/// Why it is somebody else's.
pub const WHOSE: &str = "Whose is it?";
/// The crew does not know.
pub const WHOSE_UNKNOWN: &str = "I do not know";
/// Words that go with it.
pub const IN_WORDS: &str = "In your words (if it helps)";
/// Reports the obstacle.
pub const REPORT_IT: &str = "Report it";
/// Hands it over.
pub const HAND_OVER: &str = "Hand it over";
/// Photos.
pub const PHOTOS: &str = "Photos";
/// The photo before the work.
pub const BEFORE: &str = "Before";
/// The photo after it.
pub const AFTER: &str = "After";
/// Takes the first.
pub const BEFORE_PHOTO: &str = "Before photo";
/// Takes the second.
pub const AFTER_PHOTO: &str = "After photo";
/// Takes another.
pub const ANOTHER_BEFORE: &str = "One more before";
/// Takes another.
pub const ANOTHER_AFTER: &str = "One more after";
/// What was reported.
pub const REPORTED: &str = "Reported";
/// A photo that is being read.
pub const READING_PHOTO: &str = "Keeping the photo…";
/// A photo whose bytes cannot be shown here.
pub const NO_PREVIEW: &str = "No preview";
/// The photo's bytes are not here.
pub const PHOTO_ELSEWHERE: &str = "Comes with a signal";
/// Materials.
pub const MATERIAL: &str = "Material";
/// Labor.
pub const LABOR: &str = "Labor";
/// How many people.
pub const PEOPLE: &str = "People";
/// How long each.
pub const MINUTES: &str = "Minutes each";
/// Equipment.
pub const EQUIPMENT: &str = "Equipment, minutes";
/// A note.
pub const NOTE: &str = "Note";
/// In the note's field.
pub const NOTE_HINT: &str = "For whoever opens this job next";
/// Adds it.
pub const ADD_NOTE: &str = "Add the note";
/// The draft of a note.
pub const NOTE_KEPT: &str = "Kept on this phone as you type.";
/// The place.
pub const PLACE: &str = "Place";
/// What people filed.
pub const WHAT_WAS_REPORTED: &str = "What was reported";
/// Everything that happened.
pub const HISTORY: &str = "What happened";
/// What a newer version wrote.
pub const NEWER: &str = "Made by a newer version of the app";
/// No description, no answers.
pub const NO_WORDS: &str = "No description";
/// It must be done now.
pub const DUE: &str = "Due";
/// Crew.
pub const CREW: &str = "Crew";
/// What kind of thing it is.
pub const TYPE: &str = "Type";
/// What is to be done.
pub const DESCRIPTION: &str = "Description";
/// How urgent.
pub const PRIORITY: &str = "Priority";

/// A job's type.
#[must_use]
pub fn type_name(code: &ServiceCode, city: &City) -> String {
    city.service_type(code).map_or_else(|| code.to_string(), |kind| kind.name.clone())
}

/// A heading with how many of its items are done.
#[must_use]
pub fn checklist(done: usize, all: usize) -> String {
    format!("Checklist · {done} of {all}")
}

/// `2 people × 20 min`.
#[must_use]
pub fn labor(people: u32, minutes: u32) -> String {
    format!("{} × {minutes} min", count(people as usize, "person", "people"))
}

/// `2 bags`, `0.5 liter`.
#[must_use]
pub fn quantity(number: f64, unit: &str) -> String {
    let plural = if number > 1.0 && !unit.ends_with('s') { "s" } else { "" };
    format!("{} {unit}{plural}", measure::count(number))
}

/// What somebody else wrote down for the same job.
#[must_use]
pub fn others(who: &str, what: &str) -> String {
    format!("{who}: {what}")
}

/// Under the finish button when nothing is missing.
#[must_use]
pub fn finished_by(who: &str, when: &str) -> String {
    format!("{who}, {when}")
}

/// Plus and minus of a stepper.
#[must_use]
pub fn one_more(what: &str) -> String {
    format!("More: {what}")
}

/// Plus and minus of a stepper.
#[must_use]
pub fn one_less(what: &str) -> String {
    format!("Less: {what}")
}
