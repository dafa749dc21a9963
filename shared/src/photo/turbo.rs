//! libjpeg-turbo, where it is linked: a large JPEG's display size in a third of the time and memory.
//!
//! The picture stays in the planes that the file has, brightness apart from color, until it is small: half as many samples
//! as pixels of red, green and blue would have, and the library scales while it decodes where half or a quarter of the
//! pixels are enough. What it does not take, or complains about, goes the way that every platform has: judging damage is
//! one piece of code.

use super::{MAX_PIXELS, fit};
use image::RgbImage;
use turbojpeg::{Colorspace, Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage};

/// A progressive JPEG has about ten scans; each of a thousand would be a pass over all pixels.
const MOST_SCANS: u32 = 100;

/// The picture, scaled so that its longest side is `side`. `None` if it is that small already, or is to go the other way.
pub(super) fn display(file: &[u8], side: u32) -> Option<RgbImage> {
    let mut decoder = Decompressor::new().ok()?;
    let header = decoder.read_header(file).ok()?;
    let longest = header.width.max(header.height);
    let usual = matches!(header.colorspace, Colorspace::YCbCr | Colorspace::Gray) && !header.is_lossless;
    if !usual || longest <= side as usize || (header.width * header.height) as u64 > MAX_PIXELS {
        return None;
    }
    decoder.set_scan_limit(MOST_SCANS).ok()?;
    let scale = [ScalingFactor::ONE_QUARTER, ScalingFactor::ONE_HALF]
        .into_iter()
        .find(|scale| scale.scale(longest) >= side as usize)
        .unwrap_or(ScalingFactor::ONE);
    decoder.set_scaling_factor(scale).ok()?;
    let scaled = header.scaled(scale);
    let planes = Planes::new(scaled.width, scaled.height, header.subsamp)?;
    // The middle value everywhere: a decoder that stops early leaves gray, not whatever was in memory.
    let mut samples = vec![128; planes.total()];
    let (width, height, subsamp) = (scaled.width, scaled.height, header.subsamp);
    let whole = YuvImage { pixels: &mut samples[..], width, align: 1, height, subsamp };
    decoder.decompress_to_yuv(file, whole).ok()?;
    let whole = (u32::try_from(header.width).ok()?, u32::try_from(header.height).ok()?);
    #[allow(clippy::cast_precision_loss, reason = "1, 2 and 4")]
    let part = scale.num() as f64 / scale.denom() as f64;
    // The last sample of a scaled plane may lie half outside the picture.
    let used = (f64::from(whole.0) * part, f64::from(whole.1) * part);
    planes.display(&samples, used, fit::size(whole, side))
}

/// A JPEG of it, one color for four pixels; `None` if the library does not want to.
pub(super) fn encoded(image: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut encoder = Compressor::new().ok()?;
    encoder.set_quality(i32::from(quality)).ok()?;
    encoder.set_subsamp(Subsamp::Sub2x2).ok()?;
    encoder.set_optimize(true).ok()?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let image = Image { pixels: &image.as_raw()[..], width, pitch: 3 * width, height, format: PixelFormat::RGB };
    encoder.compress_to_vec(image).ok()
}

/// How the planes of a picture lie one behind the other.
struct Planes {
    /// Pixels across and down for each sample of color; `None` for a gray picture.
    color: Option<(usize, usize)>,
    /// The stored size of brightness: filled up to whole samples of color.
    bright: (usize, usize),
}

impl Planes {
    fn new(width: usize, height: usize, subsamp: Subsamp) -> Option<Self> {
        let color = match subsamp {
            Subsamp::None => Some((1, 1)),
            Subsamp::Sub2x1 => Some((2, 1)),
            Subsamp::Sub1x2 => Some((1, 2)),
            Subsamp::Sub2x2 => Some((2, 2)),
            Subsamp::Gray => None,
            _ => return None,
        };
        let (across, down) = color.unwrap_or((1, 1));
        let bright = (width.next_multiple_of(across), height.next_multiple_of(down));
        Some(Self { color, bright })
    }

    fn colors(&self) -> (usize, usize) {
        self.color.map_or((0, 0), |(across, down)| (self.bright.0 / across, self.bright.1 / down))
    }

    fn total(&self) -> usize {
        let (across, down) = self.colors();
        self.bright.0 * self.bright.1 + 2 * across * down
    }

    /// Each plane is scaled by itself, color as well as brightness to the same size. The picture is `used` of brightness.
    #[allow(clippy::cast_precision_loss, reason = "sides of pictures")]
    fn display(&self, samples: &[u8], used: (f64, f64), target: (u32, u32)) -> Option<RgbImage> {
        let side = |(width, height): (usize, usize)| Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?));
        let (bright, colors) = samples.split_at_checked(self.bright.0 * self.bright.1)?;
        let bright = fit::plane(bright, side(self.bright)?, used, target)?;
        let Some((across, down)) = self.color else {
            return RgbImage::from_raw(target.0, target.1, bright.iter().flat_map(|value| [*value; 3]).collect());
        };
        let used = (used.0 / across as f64, used.1 / down as f64);
        let (blue, red) = colors.split_at_checked(colors.len() / 2)?;
        let blue = fit::plane(blue, side(self.colors())?, used, target)?;
        let red = fit::plane(red, side(self.colors())?, used, target)?;
        RgbImage::from_raw(target.0, target.1, rgb(&bright, &blue, &red))
    }
}

/// From JPEG's brightness and colors (ITU-T T.871, section 7) to red, green and blue, with 14 bits after the point.
fn rgb(bright: &[u8], blue: &[u8], red: &[u8]) -> Vec<u8> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let byte = |value: i32| (value >> 14).clamp(0, 255) as u8;
    let mut pixels = vec![0; 3 * bright.len()];
    for (((pixel, y), cb), cr) in pixels.chunks_exact_mut(3).zip(bright).zip(blue).zip(red) {
        let y = (i32::from(*y) << 14) + (1 << 13);
        let (cb, cr) = (i32::from(*cb) - 128, i32::from(*cr) - 128);
        pixel[0] = byte(y + 22_970 * cr);
        pixel[1] = byte(y - 5_638 * cb - 11_700 * cr);
        pixel[2] = byte(y + 29_032 * cb);
    }
    pixels
}

#[cfg(test)]
mod tests;
