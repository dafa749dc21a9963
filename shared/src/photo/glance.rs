//! What the beginning of a photo's file says: enough to put photos in order and together before any of them is opened.

use super::exif::{self, Metadata};
use super::{MediaType, contained};
use crate::geo::LatLon;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// So many bytes of a JPEG hold its EXIF block, which is at most 64 KB and stands at the beginning.
pub const HEAD: usize = 128 << 10;

/// What is known of a photo that was not opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Glance {
    /// What it is; `None` for what is no picture of ours.
    pub media_type: Option<MediaType>,
    /// The camera's own clock, as ms since 1970 began in the camera's zone: only to be compared with the same camera's.
    pub clock_ms: Option<i64>,
    /// Where the camera says it was.
    pub place: Option<LatLon>,
    /// Radius of the error circle in meters, when the camera gave one.
    pub accuracy_m: Option<f64>,
    /// What it was taken with.
    pub camera: Option<String>,
}

/// Whether the first [`HEAD`] bytes of this file say all that [`glance`] can tell. Other formats have their EXIF block
/// anywhere.
#[must_use]
pub fn head_is_enough(head: &[u8]) -> bool {
    matches!(MediaType::of(head), Some(MediaType::Jpeg) | None)
}

/// Reads the beginning of a file, or all of it. What is damaged says nothing.
#[must_use]
pub fn glance(head: &[u8]) -> Glance {
    let Some(media_type) = MediaType::of(head) else { return Glance::default() };
    let Metadata { taken_at, place, accuracy_m, camera, .. } = contained(|| exif::metadata(head)).unwrap_or_default();
    Glance { media_type: Some(media_type), clock_ms: taken_at.as_deref().and_then(clock_ms), place, accuracy_m, camera }
}

/// Of `2021-05-01T14:32:00`, whatever zone stands behind it.
fn clock_ms(taken_at: &str) -> Option<i64> {
    let clock: DateTime = taken_at.get(..19)?.parse().ok()?;
    clock.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_millisecond())
}
