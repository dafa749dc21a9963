//! Covering faces and number plates: burnt into the picture, so that what was there is in no file any more.
//!
//! Of the display rendition, and not of the original: an original may hold the picture several more times (a preview in its
//! EXIF block, a depth map, half a second of film), and decoding it again takes a phone seconds. Made with the same tables on
//! the same grid, the rest of the picture hardly changes.

use super::{Made, PhotoProblem, contained, make, pixels, reading};
use image::RgbImage;
use serde::{Deserialize, Serialize};

/// What covers. Not a blur and not blocks: both can be undone well enough to read a plate.
const COVER: [u8; 3] = [0, 0, 0];
/// JPEG's blocks, with half as many for color, in pixels.
const BLOCK: u32 = 16;

/// A rectangle of an upright picture, in fractions (0 to 1) of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 4]", into = "[f64; 4]")]
pub struct Area {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
}

impl From<[f64; 4]> for Area {
    fn from([x, y, width, height]: [f64; 4]) -> Self {
        Self { x, y, width, height }
    }
}

impl From<Area> for [f64; 4] {
    fn from(area: Area) -> Self {
        [area.x, area.y, area.width, area.height]
    }
}

/// Makes the renditions of a photo anew, with these areas filled. `display` is its display rendition. The areas grow to whole
/// blocks of 16 pixels: what a block shows is spread over all of it.
///
/// # Errors
/// As [`super::make`]; also when some of `display` is damaged, because what cannot be seen cannot be covered.
pub fn covered(display: &[u8], areas: &[Area]) -> Result<Made, PhotoProblem> {
    let media_type = reading::read(display)?.media_type;
    contained(|| {
        let decoded = pixels::decode(display, media_type, make::DISPLAY_SIDE)?;
        if let Some(damage) = decoded.damage {
            return Err(damage);
        }
        let mut image = decoded.image;
        areas.iter().for_each(|area| fill(&mut image, area));
        make::finished(&image)
    })
    .unwrap_or_else(|| Err(PhotoProblem::Damaged("the decoder stopped".to_owned())))
}

fn fill(image: &mut RgbImage, area: &Area) {
    let (width, height) = image.dimensions();
    for y in blocks(area.y, area.height, height) {
        for x in blocks(area.x, area.width, width) {
            image.get_pixel_mut(x, y).0 = COVER;
        }
    }
}

/// The pixels of one side, whole blocks. What is no number covers all there is.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `length`")]
fn blocks(from: f64, long: f64, length: u32) -> std::ops::Range<u32> {
    let (from, to) = (from.min(from + long), from.max(from + long));
    let pixel =
        |at: f64, otherwise: f64| if at.is_finite() { at.clamp(0.0, 1.0) } else { otherwise } * f64::from(length);
    let first = pixel(from, 0.0).floor() as u32 / BLOCK * BLOCK;
    let last = (pixel(to, 1.0).ceil() as u32).div_ceil(BLOCK).saturating_mul(BLOCK);
    first..last.min(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use proptest::prelude::*;

    fn noise(width: u32, height: u32, seed: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let mixed = (x ^ y.rotate_left(9) ^ seed).wrapping_mul(2_654_435_761);
            Rgb([(mixed >> 8) as u8, (mixed >> 16) as u8, (mixed >> 24) as u8])
        })
    }

    fn fraction() -> impl Strategy<Value = f64> {
        prop_oneof![8 => -0.2..1.2, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// The strongest form of "nothing of it is left": the files do not depend on what was there.
        #[test]
        fn files_are_the_same_whatever_was_under_the_cover(
            (width, height) in (20u32..200, 20u32..200),
            areas in prop::collection::vec((fraction(), fraction(), -0.5..0.9, -0.5..0.9), 1..4),
        ) {
            let areas: Vec<Area> =
                areas.into_iter().map(|(x, y, width, height)| Area { x, y, width, height }).collect();
            let mut one = noise(width, height, 1);
            let mut mask = RgbImage::from_pixel(width, height, Rgb([255; 3]));
            areas.iter().for_each(|area| fill(&mut mask, area));
            // Another secret in the same places.
            let mut other = one.clone();
            for (x, y, pixel) in other.enumerate_pixels_mut() {
                if mask.get_pixel(x, y).0 == COVER {
                    pixel.0 = [!pixel.0[0], pixel.0[1] ^ 0x55, 200];
                }
            }
            areas.iter().for_each(|area| { fill(&mut one, area); fill(&mut other, area); });
            prop_assert_eq!(make::finished(&one).unwrap(), make::finished(&other).unwrap());
        }

        /// Nobody is shown more than they left open: every pixel of the rectangle is covered.
        #[test]
        fn every_pixel_of_an_area_is_covered(
            (width, height) in (1u32..300, 1u32..300),
            (x, y) in (0.0..1.0, 0.0..1.0), (w, h) in (0.0..1.0, 0.0..1.0),
        ) {
            let mut image = RgbImage::from_pixel(width, height, Rgb([255; 3]));
            fill(&mut image, &Area { x, y, width: w, height: h });
            for (column, row, pixel) in image.enumerate_pixels() {
                let middle = (f64::from(column) + 0.5, f64::from(row) + 0.5);
                let inside = |at: f64, from: f64, long: f64, length: u32| {
                    let length = f64::from(length);
                    at > from * length && at < (from + long) * length
                };
                if inside(middle.0, x, w, width) && inside(middle.1, y, h, height) {
                    prop_assert_eq!(pixel.0, COVER);
                }
            }
        }
    }
}
