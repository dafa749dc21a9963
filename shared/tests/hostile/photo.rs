//! What the fuzz target `photo` does with its bytes: the whole way from a camera's file to what people are shown.

use super::allocator::peak;
use coldpatch_shared::order::PlaceFix;
use coldpatch_shared::photo::{
    Blur, DISPLAY_SIDE, MAX_THUMBNAIL_BYTES, Reading, THUMBNAIL_SIDE, is_bare_jpeg, make, read,
};

/// What reading what a file says about itself may hold at its worst, in bytes, beside the file.
pub const READ_MEMORY: usize = 8 << 20;
/// Larger pictures are read and not made: what those may hold is asserted in `photos_synthetic`, and a thousand small ones find
/// more.
const MOST_PIXELS: u64 = 1 << 20;

/// Reads a file, makes what people are shown, and reads that.
pub fn photo(bytes: &[u8]) {
    let (reading, held) = peak(|| read(bytes));
    assert!(held <= READ_MEMORY, "{held} bytes of memory for {} bytes", bytes.len());
    let Ok(reading) = reading else { return };
    makes_sense(&reading);
    if u64::from(reading.width) * u64::from(reading.height) > MOST_PIXELS {
        return;
    }
    let Ok(made) = make(bytes, &reading) else { return };
    for (file, longest) in [(&made.display, DISPLAY_SIDE), (&made.thumbnail, THUMBNAIL_SIDE)] {
        assert!(file.width.max(file.height) <= longest, "{file:?}");
        assert!(is_bare_jpeg(&file.bytes), "nothing of the camera's is left");
        let again = read(&file.bytes).unwrap();
        assert_eq!((again.width, again.height, again.orientation), (file.width, file.height, 1));
        assert_eq!((again.taken_at, again.place, again.direction_deg), (None, None, None));
        assert_eq!(again.sha256, file.sha256);
    }
    assert!(made.thumbnail.bytes.len() <= MAX_THUMBNAIL_BYTES);
    if let Some(blur) = made.blur {
        let text = blur.to_text();
        assert_eq!(Blur::from_text(&text).map(|blur| blur.to_text()), Some(text), "lists show what the entry says");
    }
}

/// What a file says is a place on Earth, a direction, an orientation, or it is not there.
fn makes_sense(reading: &Reading) {
    assert!((1..=8).contains(&reading.orientation), "{reading:?}");
    if let Some(place) = reading.place {
        assert!(place.lat.abs() <= 90.0 && place.lon.abs() <= 180.0, "{reading:?}");
        assert!(place.lat != 0.0 || place.lon != 0.0, "what a camera without a fix writes");
    }
    let known = |fix: PlaceFix| fix.accuracy_m.is_none_or(|meters| meters.is_finite() && meters >= 0.0);
    assert!(reading.place_fix().is_none_or(known), "{reading:?}");
    assert!(reading.direction_deg.is_none_or(|degrees| (0.0..=360.0).contains(&degrees)), "{reading:?}");
}
