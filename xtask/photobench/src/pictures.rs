//! Large pictures of real streets: a real photo, mirrored at its edges until there is enough of it, with a sensor's noise.
//!
//! Real photos of 12 and 48 megapixels would each be many megabytes in the repository; enlarged ones would be blurred, and
//! blur is quick to decode. From a seed, so that every run measures the same pictures.

use anyhow::{Context, Result};
use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::fs;
use std::path::{Path, PathBuf};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

/// As phones write: 12 megapixels are 3 to 5 MB.
const QUALITY: u8 = 93;

/// A picture to be made smaller.
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    pub(crate) megapixels: u32,
    pub(crate) file: PathBuf,
}

/// Makes all of them.
pub(crate) fn make(photos: &Path, folder: &Path) -> Result<Vec<Picture>> {
    [
        ("12 MP, upright", "iphone_hdr_YES.jpg", 4_000, 3_000, 1),
        ("12 MP, turned", "iphone5_rotated.jpg", 4_000, 3_000, 6),
        ("48 MP", "iphone_hdr_YES.jpg", 8_000, 6_000, 1),
    ]
    .into_iter()
    .enumerate()
    .map(|(seed, (name, source, width, height, orientation))| {
        let source =
            decoded(&fs::read(photos.join(source)).with_context(|| format!("no {source} in {}", photos.display()))?)?;
        let picture = mirrored(&source, width, height, seed as u64);
        let file = folder.join(format!("{seed}.jpg"));
        fs::write(&file, encoded(&picture, orientation)?)?;
        Ok(Picture { name, megapixels: width * height / 1_000_000, file })
    })
    .collect()
}

/// A JPEG's pixels, by a decoder that is not the one that is measured.
pub(crate) fn decoded(file: &[u8]) -> Result<RgbImage> {
    let mut decoder = JpegDecoder::new(ZCursor::new(file));
    let pixels = decoder.decode()?;
    let info = decoder.info().context("no header")?;
    RgbImage::from_raw(u32::from(info.width), u32::from(info.height), pixels).context("not red, green and blue")
}

fn mirrored(source: &RgbImage, width: u32, height: u32, seed: u64) -> RgbImage {
    let mut dice = Pcg64Mcg::seed_from_u64(seed);
    let (left, top) = (dice.random_range(0..source.width()), dice.random_range(0..source.height()));
    let inside = |at: u32, length: u32| {
        let at = at % (2 * length);
        at.min(2 * length - 1 - at)
    };
    RgbImage::from_fn(width, height, |x, y| {
        let mut pixel = *source.get_pixel(inside(x + left, source.width()), inside(y + top, source.height()));
        let noise = dice.random_range(-2..=2_i16);
        pixel.0 = pixel.0.map(|color| u8::try_from((i16::from(color) + noise).clamp(0, 255)).unwrap_or(color));
        pixel
    })
}

fn encoded(picture: &RgbImage, orientation: u8) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    // A TIFF block of one entry (EXIF 2.32, 4.6): orientation, one short.
    let exif = [&b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation], &[0; 6]].concat();
    encoder.add_app_segment(1, exif)?;
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb)?;
    Ok(file)
}
