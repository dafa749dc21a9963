//! The two files that people are shown instead of the original: upright, small, and silent about who took them where.

use super::pixels::{self, Decoded};
use super::profile::ToSrgb;
use super::{Blur, PhotoProblem, Reading, contained, encode, fit, is_bare_jpeg, sha256};
use crate::order::{Rendition, RenditionKind};
use image::RgbImage;

/// The longest side of the display rendition, in pixels.
pub const DISPLAY_SIDE: u32 = 2048;
/// The longest side of the pixels of which [`Small`] makes a thumbnail.
pub const HALF_SIDE: u32 = DISPLAY_SIDE / 2;
/// The longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 320;
/// The largest thumbnail, in bytes: a list of a hundred jobs comes over a poor connection within seconds.
pub const MAX_THUMBNAIL_BYTES: usize = 16 << 10;

/// The display rendition's JPEG quality, as libjpeg counts it, of 100.
pub const DISPLAY_QUALITY: u8 = 80;
/// Tried in this order until a thumbnail is small enough.
const THUMBNAIL_QUALITIES: [u8; 6] = [75, 65, 55, 45, 30, 15];
/// Tried in this order for what no quality makes small enough (pure noise).
const THUMBNAIL_SIDES: [u32; 3] = [THUMBNAIL_SIDE, 200, 120];

/// A JPEG file without metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct JpegFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// SHA-256 of the file, lowercase hexadecimal.
    pub sha256: String,
}

/// A picture that something else than this module has decoded: a browser, libheif.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green and blue, row by row.
    pub rgb: Vec<u8>,
    /// The ICC profile of these colors; without one they are sRGB.
    pub profile: Option<Vec<u8>>,
}

/// The renditions of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Upright, longest side at most [`DISPLAY_SIDE`].
    pub display: JpegFile,
    /// Upright, longest side at most [`THUMBNAIL_SIDE`], at most [`MAX_THUMBNAIL_BYTES`].
    pub thumbnail: JpegFile,
    /// What lists show until the thumbnail is there; [`Blur::to_text`] of it belongs in the entry.
    pub blur: Option<Blur>,
    /// To say to the person: some of the original is damaged, and the renditions show what is left.
    pub damage: Option<PhotoProblem>,
}

impl JpegFile {
    /// The file as an entry of a work order names it.
    #[must_use]
    pub fn rendition(&self, kind: RenditionKind) -> Rendition {
        Rendition {
            kind,
            sha256: self.sha256.clone(),
            bytes: self.bytes.len() as u64,
            media_type: super::MediaType::Jpeg.as_str().to_owned(),
            width: self.width,
            height: self.height,
        }
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({} × {})", self.width, self.height)
    }
}

/// Without the bytes, which nobody wants in a log.
impl std::fmt::Debug for JpegFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JpegFile({} × {}, {} bytes, {})", self.width, self.height, self.bytes.len(), self.sha256)
    }
}

/// Makes a photo's renditions. `reading` is what [`super::read`] said of the same bytes. For 12 megapixels on one core about
/// 100 ms and 50 MB with libjpeg-turbo (feature `turbo`), without it twice that.
///
/// # Errors
/// [`PhotoProblem::CannotDecodeHere`] for HEIC and AVIF, [`PhotoProblem::Damaged`] when nothing of it can be shown,
/// [`PhotoProblem::TooLarge`] when the decoder would need too much memory.
pub fn make(bytes: &[u8], reading: &Reading) -> Result<Made, PhotoProblem> {
    contained(|| renditions(pixels::decode(bytes, reading.media_type, DISPLAY_SIDE)?, reading.orientation))
        .unwrap_or_else(|| Err(PhotoProblem::Damaged("the decoder stopped".to_owned())))
}

/// Makes the renditions of a picture that is decoded already, by the same steps. `orientation` is how it is still to be turned,
/// as EXIF numbers it: libheif and browsers have done that, then it is 1.
///
/// # Errors
/// [`PhotoProblem::Damaged`] when there are fewer or more pixels than width and height say.
pub fn make_of(pixels: Pixels, orientation: u8) -> Result<Made, PhotoProblem> {
    let Pixels { width, height, rgb, profile } = pixels;
    let wrong = || PhotoProblem::Damaged(format!("{} bytes for {width} × {height} pixels", rgb.len()));
    if width == 0 || height == 0 || rgb.len() as u128 != 3 * u128::from(width) * u128::from(height) {
        return Err(wrong());
    }
    let image =
        RgbImage::from_raw(width, height, rgb).ok_or_else(|| PhotoProblem::Damaged("too few pixels".to_owned()))?;
    renditions(Decoded { image, profile, damage: None }, orientation)
}

/// What is made of a picture's small pixels while something else makes its display rendition.
#[derive(Debug, Clone)]
pub struct Small {
    of: (u32, u32),
    thumbnail: JpegFile,
    blur: Option<Blur>,
}

impl Small {
    /// Of the pixels of the display rendition, halved: that is as good as the whole, and at most [`HALF_SIDE`] is half of
    /// the largest.
    ///
    /// # Errors
    /// [`PhotoProblem::Damaged`] when there are fewer or more pixels than width and height say, or more than may be.
    pub fn of(small: Pixels) -> Result<Self, PhotoProblem> {
        let of = (small.width, small.height);
        if !(1..=HALF_SIDE).contains(&of.0.max(of.1)) {
            return Err(wrong("has another size"));
        }
        let pixels = u64::from(of.0) * u64::from(of.1);
        let image = RgbImage::from_raw(of.0, of.1, small.rgb).filter(|image| image.len() as u64 == 3 * pixels);
        let (thumbnail, blur) = thumbnail(&image.ok_or_else(|| wrong("has too few pixels"))?)?;
        Ok(Self { of, thumbnail, blur })
    }

    /// The renditions, with `display`, which was made of the same picture.
    ///
    /// # Errors
    /// [`PhotoProblem::Damaged`] when it is larger than it may be, is not what the small pixels are of, or when the file says more
    /// than its picture.
    pub fn beside(self, display: JpegFile) -> Result<Made, PhotoProblem> {
        let shown = (display.width, display.height);
        let (least, side) = (shown.0.max(shown.1).min(THUMBNAIL_SIDE), self.of.0.max(self.of.1));
        if fit::size(shown, DISPLAY_SIDE) != shown || side < least || fit::size(shown, side) != self.of {
            return Err(wrong("has another size"));
        }
        if !is_bare_jpeg(&display.bytes) {
            return Err(wrong("says more than its picture"));
        }
        Ok(Made { display, thumbnail: self.thumbnail, blur: self.blur, damage: None })
    }
}

fn wrong(what: &str) -> PhotoProblem {
    PhotoProblem::Damaged(format!("the display rendition {what}"))
}

fn renditions(decoded: Decoded, orientation: u8) -> Result<Made, PhotoProblem> {
    let Decoded { image, profile, damage } = decoded;
    let image = fit::smaller(&image, DISPLAY_SIDE)?.unwrap_or(image);
    // Turned and recolored after scaling, because there are fewer pixels then.
    let mut image = fit::upright(image, orientation);
    if let Some(to_srgb) = profile.and_then(|profile| ToSrgb::of(&profile)) {
        to_srgb.apply(&mut image);
    }
    Ok(Made { damage, ..finished(&image)? })
}

/// The files of a picture that is as it is to be shown.
pub(super) fn finished(image: &RgbImage) -> Result<Made, PhotoProblem> {
    let display = encoded(image, DISPLAY_QUALITY)?;
    let (thumbnail, blur) = thumbnail(image)?;
    Ok(Made { display, thumbnail, blur, damage: None })
}

fn thumbnail(display: &RgbImage) -> Result<(JpegFile, Option<Blur>), PhotoProblem> {
    let mut file = None;
    for side in THUMBNAIL_SIDES {
        let smaller = fit::smaller(display, side)?;
        let small = smaller.as_ref().unwrap_or(display);
        for quality in THUMBNAIL_QUALITIES {
            let tried = encoded(small, quality)?;
            if tried.bytes.len() <= MAX_THUMBNAIL_BYTES {
                return Ok((tried, Blur::of(small)));
            }
            file = Some(tried);
        }
    }
    // Unreachable in practice: 120 × 120 pixels at quality 15 have under 8 KB whatever they show.
    file.map(|file| (file, None)).ok_or_else(|| PhotoProblem::Damaged("no thumbnail".to_owned()))
}

fn encoded(image: &RgbImage, quality: u8) -> Result<JpegFile, PhotoProblem> {
    let (width, height) = image.dimensions();
    let bytes = encode::jpeg(image, quality)?;
    let sha256 = sha256(&bytes);
    Ok(JpegFile { bytes, width, height, sha256 })
}
