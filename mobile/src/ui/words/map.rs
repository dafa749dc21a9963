//! The map's labels.

use super::status;
use coldpatch_shared::order::Status;

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

/// A marker, for a screen reader.
#[must_use]
pub fn marker(title: &str, status: Status, review: bool) -> String {
    let state = if review { status::REVIEW } else { status::word(status) };
    format!("{title}, {state}")
}

/// Several jobs close together.
#[must_use]
pub fn cluster(count: usize) -> String {
    format!("{count} jobs here. Zoom in.")
}
