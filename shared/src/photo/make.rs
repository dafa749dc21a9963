//! The two files that people are shown instead of the original: upright, small, and silent about who took them where.

use super::pixels::{self, Decoded};
use super::{PhotoProblem, Reading, contained, sha256};
use crate::order::{Rendition, RenditionKind};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The longest side of the display rendition, in pixels.
pub const DISPLAY_SIDE: u32 = 2048;
/// The longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 320;
/// The largest thumbnail, in bytes: a list of a hundred jobs comes over a poor connection within seconds.
pub const MAX_THUMBNAIL_BYTES: usize = 16 << 10;

const DISPLAY_QUALITY: u8 = 80;
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

/// The renditions of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Upright, longest side at most [`DISPLAY_SIDE`].
    pub display: JpegFile,
    /// Upright, longest side at most [`THUMBNAIL_SIDE`], at most [`MAX_THUMBNAIL_BYTES`].
    pub thumbnail: JpegFile,
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

/// Without the bytes, which nobody wants in a log.
impl std::fmt::Debug for JpegFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JpegFile({} × {}, {} bytes, {})", self.width, self.height, self.bytes.len(), self.sha256)
    }
}

/// Makes a photo's renditions. `reading` is what [`super::read`] said of the same bytes. Takes about 100 ms for 12 megapixels
/// on one core, natively, and 3 bytes of memory for each pixel.
///
/// # Errors
/// [`PhotoProblem::CannotDecodeHere`] for HEIC and AVIF, [`PhotoProblem::Damaged`] when nothing of it can be shown,
/// [`PhotoProblem::TooLarge`] when the decoder would need too much memory.
pub fn make(bytes: &[u8], reading: &Reading) -> Result<Made, PhotoProblem> {
    contained(|| {
        let Decoded { image, damage } = pixels::decode(bytes, reading.media_type)?;
        let display = upright(fitted(image, DISPLAY_SIDE)?, reading.orientation);
        Ok(Made { thumbnail: thumbnail(&display)?, display: encoded(&display, DISPLAY_QUALITY)?, damage })
    })
    .unwrap_or_else(|| Err(PhotoProblem::Damaged("the decoder stopped".to_owned())))
}

fn thumbnail(display: &RgbImage) -> Result<JpegFile, PhotoProblem> {
    let mut file = None;
    for side in THUMBNAIL_SIDES {
        let small = fitted(display.clone(), side)?;
        for quality in THUMBNAIL_QUALITIES {
            let tried = encoded(&small, quality)?;
            if tried.bytes.len() <= MAX_THUMBNAIL_BYTES {
                return Ok(tried);
            }
            file = Some(tried);
        }
    }
    // Unreachable in practice: 120 × 120 pixels at quality 15 have under 8 KB whatever they show.
    file.ok_or_else(|| PhotoProblem::Damaged("no thumbnail".to_owned()))
}

/// Scaled down so that no side is longer than `side`; never up.
fn fitted(image: RgbImage, side: u32) -> Result<RgbImage, PhotoProblem> {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return Ok(image);
    }
    let scaled = |length: u32| {
        let exact = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(exact).unwrap_or(side).max(1)
    };
    let (new_width, new_height) = (scaled(width), scaled(height));
    let source = ImageRef::new(width, height, image.as_raw(), PixelType::U8x3).map_err(unscalable)?;
    let mut target = Image::new(new_width, new_height, PixelType::U8x3);
    // Nearly as sharp as Lanczos at the cost of bilinear, and no halos around road markings.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Hamming));
    Resizer::new().resize(&source, &mut target, &options).map_err(unscalable)?;
    RgbImage::from_raw(new_width, new_height, target.into_vec()).ok_or_else(|| unscalable("too few pixels"))
}

/// Turned as EXIF says. After scaling, because fewer pixels turn faster.
fn upright(image: RgbImage, orientation: u8) -> RgbImage {
    let mut image = DynamicImage::ImageRgb8(image);
    image.apply_orientation(Orientation::from_exif(orientation).unwrap_or(Orientation::NoTransforms));
    image.into_rgb8()
}

fn encoded(image: &RgbImage, quality: u8) -> Result<JpegFile, PhotoProblem> {
    let (width, height) = image.dimensions();
    let side = |length: u32| u16::try_from(length).map_err(unscalable);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    // One color for four pixels, as cameras do it, whatever the quality.
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(image.as_raw(), side(width)?, side(height)?, ColorType::Rgb).map_err(unscalable)?;
    let sha256 = sha256(&bytes);
    Ok(JpegFile { bytes, width, height, sha256 })
}

fn unscalable(reason: impl ToString) -> PhotoProblem {
    PhotoProblem::Damaged(reason.to_string())
}
