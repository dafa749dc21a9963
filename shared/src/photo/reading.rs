//! What a photo's file says about itself, without decoding the picture.

use super::exif::{self, Metadata};
use super::{MAX_BYTES, MAX_PIXELS, PhotoProblem, contained, pixels, sha256};
use crate::geo::LatLon;
use crate::order::{PlaceFix, PlaceSource, Rendition, RenditionKind};
use serde::{Deserialize, Serialize};

/// A picture's format, told by its first bytes: names and declared types are often wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named after the formats")]
pub enum MediaType {
    Jpeg,
    Png,
    Webp,
    Heic,
    Avif,
}

impl MediaType {
    /// The format's name in HTTP (`image/jpeg`).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
        }
    }

    /// The format's name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
        }
    }

    /// Whether [`super::make`] can decode it.
    #[must_use]
    pub fn can_be_decoded_here(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }

    /// The format of a file, by its beginning (512 bytes are enough); `None` if it is none of these.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [a, b, c, d, b'f', b't', b'y', b'p', rest @ ..] => {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                Self::of_brands(&rest[..rest.len().min(length.saturating_sub(8))])
            }
            _ => None,
        }
    }

    /// By an ISO media file's brands: the main one, a version, the compatible ones (ISO 14496-12, 4.3). Videos have others.
    fn of_brands(brands: &[u8]) -> Option<Self> {
        let has = |wanted: &[&[u8]]| brands.chunks_exact(4).any(|brand| wanted.contains(&brand));
        // AVIF files call themselves `mif1` too, as HEIC files do, so the more special brand is asked for first.
        if has(&[b"avif", b"avis"]) {
            Some(Self::Avif)
        } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
            Some(Self::Heic)
        } else {
            None
        }
    }
}

/// What a photo's file says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What it is.
    pub media_type: MediaType,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, lowercase hexadecimal.
    pub sha256: String,
    /// Pixels across as stored, before turning; 0 for formats that are not opened here (HEIC, AVIF).
    pub width: u32,
    /// Pixels down as stored, before turning; 0 for formats that are not opened here.
    pub height: u32,
    /// How to turn it, as EXIF numbers it: 1 (upright) to 8. 1 when nothing valid is said.
    pub orientation: u8,
    /// The camera's own time, `2008-10-22T16:29:49`, with its zone (`+02:00`) when the camera said so.
    pub taken_at: Option<String>,
    /// The same instant in ms since the Unix epoch: only if the zone is known, or from the satellites' date and time as
    /// long as they do not contradict the camera's.
    pub taken_at_ms: Option<i64>,
    /// Where the camera says it was.
    pub place: Option<LatLon>,
    /// Radius of the error circle in meters, when the camera gave one.
    pub accuracy_m: Option<f64>,
    /// How old that position was when the picture was taken, in whole seconds, when the camera says when both were.
    #[serde(default)]
    pub place_age_s: Option<u32>,
    /// Where the camera looked: degrees clockwise from north, by the camera's idea of north (true or magnetic).
    pub direction_deg: Option<f64>,
    /// What it was taken with, as the camera names itself.
    pub camera: Option<String>,
}

impl Reading {
    /// The place as an entry of a work order has it.
    #[must_use]
    pub fn place_fix(&self) -> Option<PlaceFix> {
        let (source, accuracy_m, age_s) = (PlaceSource::Photo, self.accuracy_m, self.place_age_s);
        self.place.map(|at| PlaceFix { at, source, accuracy_m, age_s })
    }

    /// The file itself as a rendition.
    #[must_use]
    pub fn original(&self) -> Rendition {
        Rendition {
            kind: RenditionKind::Original,
            sha256: self.sha256.clone(),
            bytes: self.bytes,
            media_type: self.media_type.as_str().to_owned(),
            width: self.width,
            height: self.height,
        }
    }
}

/// Reads what a photo's file says about itself. A damaged or contradictory EXIF block costs only what it would have told.
///
/// # Errors
/// [`PhotoProblem`]: empty, not a picture, too large, or so damaged that not even its size can be read.
pub fn read(bytes: &[u8]) -> Result<Reading, PhotoProblem> {
    read_by(bytes, sha256)
}

/// As [`read`], where the file's SHA-256 is known already.
///
/// # Errors
/// As [`read`].
pub fn read_named(bytes: &[u8], sha256: String) -> Result<Reading, PhotoProblem> {
    read_by(bytes, |_| sha256)
}

fn read_by(bytes: &[u8], sha256: impl FnOnce(&[u8]) -> String) -> Result<Reading, PhotoProblem> {
    if bytes.is_empty() {
        return Err(PhotoProblem::Empty);
    }
    let media_type = MediaType::of(bytes).ok_or(PhotoProblem::NotAPicture)?;
    let too_large = |width, height| PhotoProblem::TooLarge { width, height, bytes: bytes.len() as u64 };
    if bytes.len() > MAX_BYTES {
        return Err(too_large(0, 0));
    }
    let (width, height) = contained(|| pixels::dimensions(bytes, media_type))
        .unwrap_or_else(|| Err(PhotoProblem::Damaged("the decoder stopped at the header".to_owned())))?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large(width, height));
    }
    let Metadata { orientation, taken_at, taken_at_ms, place, accuracy_m, place_age_s, direction_deg, camera } =
        contained(|| exif::metadata(bytes)).unwrap_or_default();
    Ok(Reading {
        media_type,
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
        width,
        height,
        orientation: orientation.unwrap_or(1),
        taken_at,
        taken_at_ms,
        place,
        accuracy_m,
        place_age_s,
        direction_deg,
        camera,
    })
}
