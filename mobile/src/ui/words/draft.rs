//! Photos that become reports.

use super::count;
use crate::ui::{measure, when};
use coldpatch_shared::city::Units;
use coldpatch_shared::order::{PlaceFix, PlaceSource};

/// No drafts.
pub const EMPTY: &str = "Take photos of what is wrong";
/// Under it.
pub const EMPTY_WHAT: &str =
    "Each photo becomes a report, with its place and time. Everything is kept on this phone until it is sent.";
/// The main button while there are no drafts.
pub const ADD_PHOTOS: &str = "Add photos";
/// Not yet chosen.
pub const WHAT_IS_IT: &str = "What is it?";
/// No place.
pub const NO_PLACE: &str = "No place in the photo";
/// Sets it by hand.
pub const SET_PIN: &str = "Set a pin";
/// Moves it.
pub const MOVE_PIN: &str = "Move the pin";
/// Keeps a place outside the city.
pub const KEEP_PLACE: &str = "Keep this place";
/// The pin's screen.
pub const PIN_TITLE: &str = "Where is it?";
/// How to set it.
pub const PIN_HOW: &str = "Move the map until the cross is on the spot, or tap the spot.";
/// Confirms it.
pub const PIN_HERE: &str = "Put the pin here";
/// By the phone.
pub const USE_MY_PLACE: &str = "Use this phone’s place";
/// The phone is looking.
pub const LOCATING: &str = "Looking for this phone’s place…";
/// All types.
pub const OTHER_TYPE: &str = "Other…";
/// Search.
pub const SEARCH_TYPE: &str = "Search: hole, lamp, trash…";
/// Nothing found.
pub const NO_TYPE_FOUND: &str = "No type has that word.";
/// Urgent.
pub const URGENT: &str = "Urgent";
/// Words.
pub const DESCRIPTION: &str = "Anything to add?";
/// The work order exists already.
pub const THIS_IS_IT: &str = "This is it";
/// It does not.
pub const ANOTHER_ONE: &str = "Another one";
/// After "this is it".
pub const JOINS: &str = "Will be added to the report that exists";
/// Throws it away.
pub const DISCARD: &str = "Throw away";
/// Asks first.
pub const DISCARD_ASK: &str = "Throw this draft and its photo away?";
/// Yes.
pub const DISCARD_YES: &str = "Yes, throw it away";
/// Keeps it.
pub const DISCARD_NO: &str = "Keep it";
/// What was filed.
pub const FILED_TODAY: &str = "Filed today";
/// An answer that must be given.
pub const NEEDED: &str = "needed";
/// Outside, and nobody's that we know.
pub const OUTSIDE: &str = "This place is outside the city.";
/// The browser could not read the file.
pub const UNREADABLE: &str = "This file cannot be read on this device. Nothing else was touched.";
/// Ends taking in photos.
pub const STOP: &str = "Stop";
/// While files are held over the screen.
pub const DROP_HERE: &str = "Drop the photos here";
/// Puts a draft's photos to those of the one above it.
pub const JOIN_ABOVE: &str = "Same as above";
/// One photo of several, large.
pub const ONE_PHOTO: &str = "Photo";
/// Takes it out of its draft.
pub const PART: &str = "Make it a draft of its own";
/// Shows the names of photos that were not taken in.
pub const WHICH: &str = "Which ones";
/// No draft is complete.
pub const NOTHING_TO_FILE: &str = "Nothing to file yet";

/// The title: `3 drafts`.
#[must_use]
pub fn title(drafts: usize) -> String {
    if drafts == 0 { "New reports".to_owned() } else { count(drafts, "draft", "drafts") }
}

/// A fix is as good as new for so long, seconds.
const NEW_S: u32 = 30;

/// Where a place came from, how exact it is and how old it was: `this phone, ±8 m, 2 min old`.
#[must_use]
pub fn source(place: &PlaceFix, units: Units) -> String {
    let by = match place.source {
        PlaceSource::Photo => "from the photo",
        PlaceSource::Device => "this phone",
        PlaceSource::Pin => "a pin on the map",
        PlaceSource::Address => "from the address",
        PlaceSource::Import => "from the record",
    };
    let accuracy = place.accuracy_m.map(|meters| measure::accuracy(meters, units));
    let age = place.age_s.filter(|age| *age >= NEW_S).map(|age| format!("{} old", when::length(i64::from(age) * 1000)));
    [Some(by.to_owned()), accuracy, age].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A photo that could not be taken in, and why.
#[must_use]
pub fn not_taken_in(name: &str, why: &str) -> String {
    format!("{name} was not taken in. {why}")
}

/// Many of them: `24 photos were not taken in`.
#[must_use]
pub fn not_taken_in_all(photos: usize) -> String {
    format!("{} not taken in", count(photos, "photo was", "photos were"))
}

/// Why, of each.
#[must_use]
pub fn for_each(why: &str) -> String {
    format!("For each of them: {why}")
}

/// What the person should know about a photo that was taken in.
#[must_use]
pub fn remark(name: &str, remark: &str) -> String {
    format!("{name}: {remark}")
}

/// Photos on their way into drafts: `Taking in photos: 12 of 50`.
#[must_use]
pub fn taking_in(done: u32, all: u32) -> String {
    if all == 1 { "Taking in the photo…".to_owned() } else { format!("Taking in photos: {done} of {all}") }
}

/// Before that: they are put in order.
#[must_use]
pub fn looking(photos: usize) -> String {
    format!("Looking at {}…", count(photos, "photo", "photos"))
}

/// Photos that were left out because others show the same moment.
#[must_use]
pub fn same_moment(names: &[String]) -> String {
    format!(
        "{} left out, because another photo shows the same moment: {}. What is wanted all the same can be picked by itself.",
        count(names.len(), "file was", "files were"),
        super::list(names)
    )
}

/// One of a draft's photos: `Photo 2 of 3`.
#[must_use]
pub fn photo_of(n: usize, all: usize) -> String {
    format!("Photo {n} of {all}")
}

/// The main button: `File 2 and keep 1`.
#[must_use]
pub fn file(ready: usize, kept: usize) -> String {
    match (ready, kept) {
        (0, _) => NOTHING_TO_FILE.to_owned(),
        (ready, 0) => format!("File {ready}"),
        (ready, kept) => format!("File {ready} and keep {kept}"),
    }
}

/// What a draft still needs before it can be filed.
#[must_use]
pub fn needs(place: bool, kind: bool, answers: usize, outside: bool) -> Option<String> {
    let mut parts = Vec::new();
    if place {
        parts.push("a place".to_owned());
    }
    if kind {
        parts.push("a type".to_owned());
    }
    match answers {
        0 => {}
        1 => parts.push("an answer".to_owned()),
        answers => parts.push(format!("{answers} answers")),
    }
    if outside {
        parts.push("your word on the place".to_owned());
    }
    (!parts.is_empty()).then(|| format!("Still needs {}", super::list(&parts)))
}

/// Already known nearby.
#[must_use]
pub fn already(distance: &str) -> String {
    format!("Already reported {distance} away")
}

/// Filed, and the city gave it a number or has not yet.
#[must_use]
pub fn filed(number: Option<&str>) -> String {
    number.map_or_else(|| super::job::NO_NUMBER.to_owned(), ToOwned::to_owned)
}

/// A neighbor's place: whom to call.
#[must_use]
pub fn neighbor(name: &str, phone: &str) -> String {
    format!("This place is {name}’s. They take reports at {phone}.")
}

/// The phone could not say where it is.
#[must_use]
pub fn not_located(reason: &str) -> String {
    format!("{reason} Set a pin on the map instead.")
}

/// When a photo was taken, by the camera's own clock: `Taken May 1, 14:32`.
#[must_use]
pub fn taken(exif: &str) -> Option<String> {
    // `2021-05-01T14:32:00`, perhaps with the camera's offset behind it; the camera's own reading is what is shown.
    let taken: jiff::civil::DateTime = exif.get(..19)?.parse().ok()?;
    Some(taken.strftime("Taken %b %-d, %Y, %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::geo::LatLon;

    #[test]
    fn a_place_says_where_it_is_from_how_exact_it_is_and_how_old_unless_it_is_new() {
        let at = LatLon { lat: 47.6, lon: -122.3 };
        let said =
            |accuracy_m, age_s| source(&PlaceFix { at, source: PlaceSource::Device, accuracy_m, age_s }, Units::Metric);
        assert_eq!(said(Some(8.0), Some(120)), "this phone, ±8 m, 2 min old");
        assert_eq!(said(None, Some(30)), "this phone, 30 s old");
        assert_eq!(said(Some(8.0), Some(29)), "this phone, ±8 m");
        assert_eq!(said(None, None), "this phone");
    }
}
