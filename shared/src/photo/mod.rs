//! Photos: what a camera's file says about itself, and the files that people are shown instead of it.
//!
//! [`read`] tells what a file is and what its EXIF block says, without decoding the picture; [`make`] decodes it once and
//! makes the *display* and *thumbnail* renditions: upright, without metadata. The phone's engine and the server both use
//! these two, so a photo looks the same wherever its renditions were made. Pure: where the files are kept is the caller's
//! business ([`crate::order::Photo`] is the entry that names them).
//!
//! Bytes come from cameras, galleries and strangers. A damaged EXIF block never costs the picture, and on native builds no
//! panic of a decoder leaves this module. (In a browser a panic ends the Worker, which is started again.)

mod bare;
mod blur;
mod cover;
mod encode;
mod exif;
mod fit;
mod glance;
mod group;
mod make;
mod pixels;
mod problem;
mod profile;
mod reading;
#[cfg(all(feature = "turbo", not(target_family = "wasm")))]
mod turbo;

pub use bare::{bared_jpeg, is_bare_jpeg, is_cut_off_jpeg, plain_jpeg};
pub use blur::Blur;
pub use cover::{Area, covered};
pub use glance::{Glance, HEAD, glance, head_is_enough};
pub use group::{AT_ONCE_MS, FAR_M, Grouped, NEAR_M, SOON_MS, Shot, grouped};
pub use make::{
    DISPLAY_QUALITY, DISPLAY_SIDE, HALF_SIDE, JpegFile, MAX_THUMBNAIL_BYTES, Made, Pixels, Small, THUMBNAIL_SIDE, make,
    make_of,
};
pub use problem::PhotoProblem;
pub use reading::{MediaType, Reading, read, read_named};

use crate::contained::contained;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The largest file that is read, in bytes. A 50-megapixel JPEG has about 25 MB.
pub const MAX_BYTES: usize = 64 << 20;
/// The most pixels that are decoded. Decoding takes 3 bytes of memory for each (9 for a progressive JPEG), so about 200 MB.
pub const MAX_PIXELS: u64 = 64_000_000;

/// SHA-256 of a file in lowercase hexadecimal: the file's name everywhere in Coldpatch.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
