//! The map's labels.

use super::status;
use coldpatch_shared::order::Status;

/// The list instead of the map is empty.
pub const NOTHING: &str = "No jobs on this phone";
/// The map as a whole, for a screen reader.
pub const MAP: &str = "Map. Arrow keys move it, plus and minus zoom.";
/// Closer.
pub const ZOOM_IN: &str = "Zoom in";
/// Farther.
pub const ZOOM_OUT: &str = "Zoom out";
/// Everything in view.
pub const SHOW_ALL: &str = "Show everything";
/// My own place.
pub const ME: &str = "You are here";
/// The pin that a person sets.
pub const PIN: &str = "The pin";

/// A marker, for a screen reader; its number is the one that it bears.
#[must_use]
pub fn marker(number: Option<usize>, title: &str, status: Status, review: bool) -> String {
    let state = if review { status::REVIEW } else { status::word(status) };
    number.map_or_else(|| format!("{title}, {state}"), |number| format!("{number}: {title}, {state}"))
}

/// Several jobs close together.
#[must_use]
pub fn cluster(count: usize) -> String {
    format!("{count} jobs here. Zoom in.")
}
