//! The camera of the app, and what is drawn on photos.

use super::count;
use coldpatch_shared::order::{Mark, PhotoSlot, Shape};
use std::iter;

/// The camera's title for reports.
const REPORT: &str = "Photos of one report";
/// Opens it for reports.
pub const OPEN: &str = "Camera";
/// Picks files beside the camera; they wait as what it takes does.
pub const PICK: &str = "Pick";
/// The camera is being opened.
pub const STARTING: &str = "Starting the camera…";
/// Takes the picture.
pub const SHOOT: &str = "Take the photo";
/// The camera's light.
pub const TORCH: &str = "Light";
/// How strongly the photo from before shows.
pub const GHOST: &str = "Photo from before, over the picture";
/// The photos that were taken.
pub const STRIP: &str = "Taken";
/// The pictures are being written.
pub const KEEPING: &str = "Keeping…";
/// The same thing is no longer photographed.
pub const NEXT_REPORT: &str = "Next report";
/// The picture could not be taken.
pub const NOT_TAKEN: &str = "The camera gave no picture. Nothing was lost; take it again.";
/// The way on when the camera cannot be used.
pub const OTHER_WAY: &str = "Use the phone’s own camera or a file";
/// The place is not known yet.
pub const LOCATING: &str = "Looking for the place…";
/// It is not to be had.
pub const NO_PLACE: &str = "No place";
/// Above photos that wait for the person.
pub const NOT_ADDED: &str = "Not added yet";
/// Under it.
pub const NOT_ADDED_WHAT: &str =
    "Tap a photo to mark it, or to cover faces and plates. Nothing is sent before you add it.";
/// What the light and the lines are for.
pub const VIEWFINDER: &str = "What the camera sees";

/// The editor.
pub const RETOUCH: &str = "Mark or cover";
/// A tool.
pub const ARROW: &str = "Arrow";
/// A tool.
pub const CIRCLE: &str = "Circle";
/// A tool.
pub const TEXT: &str = "Text";
/// A tool.
pub const COVER: &str = "Cover";
/// A part that is to be covered, for a screen reader.
pub const COVERED_PART: &str = "a part to be covered";
/// One step back.
pub const UNDO: &str = "Undo";
/// Takes what is chosen away.
pub const REMOVE: &str = "Remove";
/// Keeps it.
pub const KEEP: &str = "Keep";
/// What a text is to say.
pub const WHAT_TEXT: &str = "What should it say?";
/// Puts it there.
pub const PUT_TEXT: &str = "Put it there";
/// For the picture in the editor.
pub const STAGE: &str = "The photo. Draw with a finger; or press Enter for one in the middle, then arrow keys to move it, with Shift to \
                         stretch it, Delete to remove it.";
/// Before covering is kept.
pub const COVER_WARNING: &str = "Gone for good once you keep it. The full-size photo is not kept either.";
/// Beside a photo that was covered.
pub const COVERED: &str = "Parts were covered before it was sent. The original was not kept.";
/// There is nothing to draw on.
pub const NO_PREVIEW: &str = "This phone could not prepare this photo, so nothing can be marked or covered. Try again, add it as it is, or throw it away.";
/// Prepares it once more.
pub const MAKE_AGAIN: &str = "Try again";
/// While it is prepared.
pub const MAKING: &str = "Preparing the photo…";
/// The photo that was open left by another tab: it is the job's.
pub const ADDED_ELSEWHERE: &str = "These photos were added in another tab. They are among this job’s photos now.";
/// The photo that was open was thrown away.
pub const THROWN_ELSEWHERE: &str =
    "This photo was thrown away in another tab. It was never sent, and cannot be brought back.";
/// Its job had left the phone when it was added.
pub const DRAFT_ELSEWHERE: &str =
    "These photos were added in another tab, but the job had left this phone. They were kept as drafts, under New.";
/// Its draft was filed.
pub const FILED_ELSEWHERE: &str =
    "This report was filed in another tab, with its photos. It is under New, among those filed today.";
/// Its draft was thrown away.
pub const DISCARDED_ELSEWHERE: &str =
    "This draft was thrown away in another tab, and its photos with it. None of it was sent.";
/// It is in another draft.
pub const MOVED_ELSEWHERE: &str = "This photo was put into another draft in another tab. It is there, under New.";
/// It is another photo.
pub const COVERED_ELSEWHERE: &str = "This photo was covered in another tab. Its draft has the covered one now.";
/// After one of these.
pub const DRAWN_IN_VAIN: &str = "What you drew here was not kept.";

/// Throws a photo away.
pub const THROW_AWAY: &str = "Throw away";
/// Asks first.
pub const THROW_AWAY_ASK: &str = "Throw this photo away?";
/// What was to be covered would be seen.
pub const UNCOVERED: &str = "Leave it uncovered?";
/// What that means.
pub const UNCOVERED_ASK: &str = "What you covered is not kept yet. The photo stays as it was, and would be sent so.";
/// Back to the editor.
pub const COVER_ON: &str = "Go on covering";
/// Away from it.
pub const COVER_NOT: &str = "Leave uncovered";

/// What a tool does, shortly.
#[must_use]
pub fn how(tool: &str) -> String {
    match tool {
        ARROW => "Draw from the tail to the point.",
        CIRCLE => "Draw from the middle outwards.",
        TEXT => "Tap where the text belongs.",
        _ => "Draw over what nobody should see.",
    }
    .to_owned()
}

/// Picks files beside the camera, for a screen reader: `Pick: Before photo`.
#[must_use]
pub fn pick(what: &str) -> String {
    format!("{PICK}: {what}")
}

/// The camera's title.
#[must_use]
pub fn title(slot: Option<PhotoSlot>) -> &'static str {
    match slot {
        Some(PhotoSlot::Before) => super::job::BEFORE_PHOTO,
        Some(PhotoSlot::After) => super::job::AFTER_PHOTO,
        Some(PhotoSlot::Report | PhotoSlot::Other) | None => REPORT,
    }
}

/// Takes a photo that is looked at before it is added.
#[must_use]
pub fn retouch_first(slot: PhotoSlot) -> String {
    format!("{}, to mark or cover first", title(Some(slot)))
}

/// The button: `Add 2 photos`.
#[must_use]
pub fn add(photos: usize) -> String {
    format!("Add {}", count(photos, "photo", "photos"))
}

/// In the camera, where there is less room.
#[must_use]
pub fn add_short(photos: usize) -> String {
    if photos == 0 { "Add".to_owned() } else { format!("Add {photos}") }
}

/// Photos that nobody has but this phone: `2 photos on this phone, not added yet`.
#[must_use]
pub fn held(photos: u32) -> String {
    format!("{} on this phone, not added yet", count(photos as usize, "photo", "photos"))
}

/// One of several.
#[must_use]
pub fn photo(number: usize) -> String {
    format!("Photo {number}: mark or cover")
}

/// For a screen reader: what is drawn over a photo, and how many parts of it are to be covered.
#[must_use]
pub fn drawn(marks: &[Mark], covers: usize) -> String {
    let said = marks.iter().filter_map(|mark| {
        Some(match mark.shape()? {
            Shape::Arrow { .. } => ARROW.to_owned(),
            Shape::Circle { .. } => CIRCLE.to_owned(),
            Shape::Text { text, .. } => format!("“{text}”"),
        })
    });
    said.chain(iter::repeat_n(COVERED_PART.to_owned(), covers)).collect::<Vec<_>>().join(", ")
}
