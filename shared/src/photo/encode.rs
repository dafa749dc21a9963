//! From pixels to a JPEG file: baseline, one color for four pixels as cameras do it, nothing but the picture in it.

use super::PhotoProblem;
use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A JPEG of it. libjpeg-turbo's where it is linked: in half the time, and a hundredth smaller by Huffman tables of its own.
/// (`jpeg-encoder` can have those only in one scan for each color, which `zune-jpeg` 0.5.15 reads as garbage.)
pub(super) fn jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, PhotoProblem> {
    #[cfg(all(feature = "turbo", not(target_family = "wasm")))]
    if let Some(bytes) = super::turbo::encoded(image, quality) {
        return Ok(bytes);
    }
    by_rust(image, quality)
}

pub(super) fn by_rust(image: &RgbImage, quality: u8) -> Result<Vec<u8>, PhotoProblem> {
    let failed = |reason: String| PhotoProblem::Damaged(reason);
    let side = |length: u32| u16::try_from(length).map_err(|error| failed(error.to_string()));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (side(image.width())?, side(image.height())?);
    encoder.encode(image.as_raw(), width, height, ColorType::Rgb).map_err(|error| failed(error.to_string()))?;
    Ok(bytes)
}
