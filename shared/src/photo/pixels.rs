//! From a file's bytes to pixels: eight bits, red, green and blue, nothing transparent, not yet turned.

use super::{MAX_PIXELS, MediaType, PhotoProblem, contained};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The most that a decoder may allocate, where it can be told (not for JPEG, where the pixels decide).
const MAX_ALLOC: u64 = 4 * MAX_PIXELS;

/// A decoded picture, and what is wrong with it if only some of it could be decoded.
pub(super) struct Decoded {
    pub(super) image: RgbImage,
    /// The ICC profile of its colors.
    pub(super) profile: Option<Vec<u8>>,
    pub(super) damage: Option<PhotoProblem>,
}

/// Width and height from the header; (0, 0) for formats that are not opened here.
pub(super) fn dimensions(bytes: &[u8], media_type: MediaType) -> Result<(u32, u32), PhotoProblem> {
    match media_type {
        MediaType::Jpeg => jpeg_header(bytes).and_then(|decoder| jpeg_dimensions(&decoder)),
        MediaType::Png => header(bytes, ImageFormat::Png),
        MediaType::Webp => header(bytes, ImageFormat::WebP),
        MediaType::Heic | MediaType::Avif => Ok((0, 0)),
    }
}

/// Decodes a picture whose header [`dimensions`] found small enough. Where the decoder can scale, the longest side is `side`
/// already, if it is not shorter.
pub(super) fn decode(bytes: &[u8], media_type: MediaType, side: u32) -> Result<Decoded, PhotoProblem> {
    match media_type {
        MediaType::Jpeg => jpeg(bytes, side),
        MediaType::Png => other(bytes, ImageFormat::Png),
        MediaType::Webp => other(bytes, ImageFormat::WebP),
        MediaType::Heic | MediaType::Avif => Err(PhotoProblem::CannotDecodeHere(media_type)),
    }
}

fn jpeg(bytes: &[u8], side: u32) -> Result<Decoded, PhotoProblem> {
    let profile = jpeg_header(bytes)?.icc_profile();
    #[cfg(all(feature = "turbo", not(target_family = "wasm")))]
    if let Some(image) = super::turbo::display(bytes, side) {
        return Ok(Decoded { image, profile, damage: None });
    }
    let _ = side;
    let (image, damage) = jpeg_or_what_is_left(bytes)?;
    Ok(Decoded { image, profile, damage })
}

/// Strictly first, so that damage is noticed; a damaged picture again with patience, so that what is left can be seen.
/// (`image` knows only patience, and shows half a picture as if it were whole.)
fn jpeg_or_what_is_left(bytes: &[u8]) -> Result<(RgbImage, Option<PhotoProblem>), PhotoProblem> {
    // A panic in the strict pass is a reason for patience, too.
    let strict = contained(|| jpeg_pixels(bytes, true))
        .unwrap_or_else(|| Err(PhotoProblem::Damaged("the decoder stopped".to_owned())));
    match strict {
        Err(PhotoProblem::Damaged(reason)) => {
            Ok((jpeg_pixels(bytes, false)?, Some(PhotoProblem::PartlyDamaged(reason))))
        }
        strict => Ok((strict?, None)),
    }
}

pub(super) fn jpeg_pixels(bytes: &[u8], strict: bool) -> Result<RgbImage, PhotoProblem> {
    let mut decoder = jpeg_header(bytes)?;
    let (width, height) = jpeg_dimensions(&decoder)?;
    // Only for the pixels: headers of whole photos have oddities that cost nothing.
    let options = decoder.options().set_strict_mode(strict);
    decoder.set_options(options);
    let pixels = decoder.decode().map_err(damaged)?;
    RgbImage::from_raw(width, height, pixels).ok_or_else(|| damaged("fewer pixels than the header says"))
}

fn jpeg_header(bytes: &[u8]) -> Result<JpegDecoder<ZCursor<&[u8]>>, PhotoProblem> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    Ok(decoder)
}

fn jpeg_dimensions(decoder: &JpegDecoder<ZCursor<&[u8]>>) -> Result<(u32, u32), PhotoProblem> {
    let info = decoder.info().ok_or_else(|| damaged("no header"))?;
    Ok((u32::from(info.width), u32::from(info.height)))
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    reader
}

fn header(bytes: &[u8], format: ImageFormat) -> Result<(u32, u32), PhotoProblem> {
    let decoder = reader(bytes, format).into_decoder().map_err(|error| unreadable(bytes, (0, 0), &error))?;
    Ok(decoder.dimensions())
}

fn other(bytes: &[u8], format: ImageFormat) -> Result<Decoded, PhotoProblem> {
    let unreadable = |size, error: ImageError| unreadable(bytes, size, &error);
    let mut decoder = reader(bytes, format).into_decoder().map_err(|error| unreadable((0, 0), error))?;
    let (width, height) = decoder.dimensions();
    // What else it needs, the decoder counts itself.
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(PhotoProblem::TooLarge { width, height, bytes: bytes.len() as u64 });
    }
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(|error| unreadable((width, height), error))?;
    Ok(Decoded { image: on_white(image), profile, damage: None })
}

/// A JPEG has no transparency: what shines through is white, as a gallery shows it, and not the black that is often beneath.
#[allow(clippy::cast_possible_truncation, reason = "a weighted mean of two bytes is a byte")]
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut flat = RgbImage::new(image.width(), image.height());
    for (pixel, flat) in image.pixels().zip(flat.pixels_mut()) {
        let [red, green, blue, alpha] = pixel.0.map(u16::from);
        flat.0 = [red, green, blue].map(|color| ((color * alpha + 255 * (255 - alpha)) / 255) as u8);
    }
    flat
}

fn unreadable(bytes: &[u8], (width, height): (u32, u32), error: &ImageError) -> PhotoProblem {
    match error {
        ImageError::Limits(_) => PhotoProblem::TooLarge { width, height, bytes: bytes.len() as u64 },
        error => damaged(error),
    }
}

fn damaged(reason: impl ToString) -> PhotoProblem {
    PhotoProblem::Damaged(reason.to_string())
}
