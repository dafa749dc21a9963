//! Why a photo cannot be used, or not wholly, in words for the person who took it.

use super::{MAX_BYTES, MAX_PIXELS, MediaType};

/// What is wrong with a photo. The text says what happened and what to do; what was kept of it is the caller's to say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoProblem {
    /// No bytes.
    #[error(
        "This file is empty: the camera or the gallery handed over nothing. Take the photo again, or pick another."
    )]
    Empty,
    /// Not a picture, or none of ours; judged by its content, whatever its name says.
    #[error("This file is not a picture that can be used here (JPEG, PNG, WebP, HEIC or AVIF). Pick another one.")]
    NotAPicture,
    /// Nothing of it can be shown. Holds what the decoder said, for the log.
    #[error("This photo is damaged and cannot be opened. Take it again if you can, or pick another.")]
    Damaged(String),
    /// Some of it can be shown: comes with the renditions ([`super::Made::damage`]). Holds what the decoder said.
    #[error("A part of this photo is damaged and cannot be seen here. Take it again if you can.")]
    PartlyDamaged(String),
    /// More than this app takes into memory. Width and height are 0 where the file was not opened.
    #[error(
        "This photo is too large ({}). At most {} megapixels and {} MB can be used: choose a smaller size in the \
         camera's settings and take it again, or pick a smaller copy.",
        size_in_words(*width, *height, *bytes), MAX_PIXELS / 1_000_000, MAX_BYTES >> 20
    )]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Size of the file.
        bytes: u64,
    },
    /// A whole picture, as far as anybody here can tell, in a format that this build has no decoder for.
    #[error(
        "This photo is in the format {}, which cannot be shown here. To take photos that can be seen everywhere, set the \
         camera to JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible).",
        .0.name()
    )]
    CannotDecodeHere(MediaType),
}

fn size_in_words(width: u32, height: u32, bytes: u64) -> String {
    // Rounded up, so that a file just over the limit does not read as just within it.
    let megabytes = bytes.div_ceil(1 << 20);
    if width == 0 { format!("{megabytes} MB") } else { format!("{width} × {height} pixels, {megabytes} MB") }
}
