//! Several small photo files in one message, thumbnails mostly: over a slow link each request of its own would cost a round
//! trip. `POST /api/files`, CBOR both ways.

use super::ChangeBytes;
use serde::{Deserialize, Serialize};

/// The media type of both.
pub const FILES_MEDIA_TYPE: &str = "application/vnd.coldpatch.files+cbor";
/// The most bytes of files in one message: so many may go twice when the link breaks.
pub const MAX_TOGETHER: usize = 64 << 10;
/// The most files in one message.
pub const MOST_TOGETHER: usize = 32;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallFile {
    /// Its name: SHA-256 in lowercase hexadecimal.
    pub sha256: String,
    /// Its content.
    pub bytes: ChangeBytes,
}

/// What the phone sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallFiles {
    /// At most [`MOST_TOGETHER`], at most [`MAX_TOGETHER`] bytes in all.
    pub files: Vec<SmallFile>,
}

/// What became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallFilesAnswer {
    /// For each, in order, the HTTP status that a `PUT` of it alone would have had.
    pub statuses: Vec<u16>,
}
