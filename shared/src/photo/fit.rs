//! Fewer pixels, and the right way up.

use super::PhotoProblem;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::{RgbImage, imageops};

/// How renditions are scaled. Against softer filters (Hamming, bilinear) it keeps what a crew looks for, cracks and house
/// numbers, and costs little more.
const FILTER: FilterType = FilterType::Lanczos3;

/// Width and height scaled down so that no side is longer than `side`; never up.
pub(super) fn size((width, height): (u32, u32), side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= side {
        return (width, height);
    }
    let scaled = |length: u32| {
        let exact = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(exact).unwrap_or(side).max(1)
    };
    (scaled(width), scaled(height))
}

/// Scaled down so that no side is longer than `side`; `None` if it is that small already.
pub(super) fn smaller(image: &RgbImage, side: u32) -> Result<Option<RgbImage>, PhotoProblem> {
    let (width, height) = size(image.dimensions(), side);
    if (width, height) == image.dimensions() {
        return Ok(None);
    }
    resized(image, width, height, FILTER).map(Some).ok_or_else(|| PhotoProblem::Damaged("cannot be scaled".to_owned()))
}

/// The mean color of each cell of a grid.
pub(super) fn averaged(image: &RgbImage, across: u32, down: u32) -> Option<RgbImage> {
    resized(image, across, down, FilterType::Box)
}

/// Larger, with soft passages.
pub(super) fn stretched(image: &RgbImage, width: u32, height: u32) -> Option<RgbImage> {
    resized(image, width, height, FilterType::Bilinear)
}

fn resized(image: &RgbImage, width: u32, height: u32, filter: FilterType) -> Option<RgbImage> {
    let size = image.dimensions();
    let whole = (f64::from(size.0), f64::from(size.1));
    RgbImage::from_raw(width, height, scaled::<U8x3>(image.as_raw(), size, whole, (width, height), filter)?)
}

/// A plane of one channel: `stored` across and down, of which the first `used` are the picture.
#[cfg(all(feature = "turbo", not(target_family = "wasm")))]
pub(super) fn plane(samples: &[u8], stored: (u32, u32), used: (f64, f64), target: (u32, u32)) -> Option<Vec<u8>> {
    scaled::<fast_image_resize::pixels::U8>(samples, stored, used, target, FILTER)
}

/// By the type of pixel and not by its name at run time: else the code for a dozen other types is in the app, 150 KB of it.
fn scaled<P: PixelTrait>(
    samples: &[u8],
    stored: (u32, u32),
    used: (f64, f64),
    (width, height): (u32, u32),
    filter: FilterType,
) -> Option<Vec<u8>> {
    let source = TypedImageRef::<P>::from_buffer(stored.0, stored.1, samples).ok()?;
    let mut scaled = vec![0; width as usize * height as usize * P::size()];
    let mut target = TypedImage::<P>::from_buffer(width, height, &mut scaled).ok()?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(0.0, 0.0, used.0, used.1);
    Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
    Some(scaled)
}

/// Turned as EXIF numbers it (2.32, 4.6.4, tag 0112). `image` could by itself, with code for ten kinds of pixels.
pub(super) fn upright(mut image: RgbImage, orientation: u8) -> RgbImage {
    match orientation {
        2 => imageops::flip_horizontal_in_place(&mut image),
        3 => imageops::rotate180_in_place(&mut image),
        4 => imageops::flip_vertical_in_place(&mut image),
        5..=8 => {
            image = if orientation <= 6 { imageops::rotate90(&image) } else { imageops::rotate270(&image) };
            if orientation % 2 == 1 {
                imageops::flip_horizontal_in_place(&mut image);
            }
        }
        _ => {}
    }
    image
}
