//! What a list shows until a thumbnail is there: a dozen colors in the work order itself.
//!
//! Twelve cells, four by three or three by four, each a color of 16 bits: with the byte that says how many across and down,
//! 25 bytes, or 34 letters of base64. That is as short as BlurHash or ThumbHash and about as blurred; the resizer that is
//! there anyway makes it and shows it, where those two need transforms of their own.

use super::fit;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use image::RgbImage;

/// Sides of the preview, in pixels for each cell.
const SHOWN: u32 = 8;
/// The colors are stored with five, six and five bits.
const BITS: [u32; 3] = [5, 6, 5];

/// A photo's colors, roughly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blur {
    cells: RgbImage,
}

impl Blur {
    /// The longest text that is one.
    pub const MOST_TEXT: usize = 34;

    /// Of an upright picture. `None` for a picture without pixels.
    pub(super) fn of(picture: &RgbImage) -> Option<Self> {
        let (across, down) = if picture.width() >= picture.height() { (4, 3) } else { (3, 4) };
        fit::averaged(picture, across, down).map(|cells| Self { cells })
    }

    /// As an entry of a work order has it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = vec![if self.cells.width() == 4 { 0x43 } else { 0x34 }];
        for cell in self.cells.pixels() {
            let packed = cell.0.iter().zip(BITS).fold(0_u16, |packed, (color, bits)| {
                // To the nearest of the values that `bits` can hold.
                let most = (1_u16 << bits) - 1;
                (packed << bits) | ((u16::from(*color) * most + 127) / 255)
            });
            bytes.extend(packed.to_be_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Blur::to_text`] wrote; `None` for anything else.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (sides, packed) = bytes.split_first()?;
        let (across, down) = match sides {
            0x43 => (4, 3),
            0x34 => (3, 4),
            _ => return None,
        };
        let colors = packed.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes));
        let cells: Vec<u8> = colors.map(|packed| packed.map(unpacked)).collect::<Option<Vec<_>>>()?.concat();
        if cells.len() != 3 * 4 * 3 {
            return None;
        }
        RgbImage::from_raw(across, down, cells).map(|cells| Self { cells })
    }

    /// A small picture for an `img` element, as a `data:` address (2.4 KB); the browser stretches it.
    #[must_use]
    pub fn data_url(&self) -> Option<String> {
        let (width, height) = (self.cells.width() * SHOWN, self.cells.height() * SHOWN);
        let smooth = fit::stretched(&self.cells, width, height)?;
        // A bitmap (BITMAPINFOHEADER): blue, green, red, from the lowest row up. 32 and 24 pixels need no padding.
        let size = 54 + smooth.as_raw().len() as u32;
        let mut file = b"BM".to_vec();
        for word in [size, 0, 54, 40, width, height, 1 | (24 << 16), 0, 0, 0, 0, 0, 0] {
            file.extend(word.to_le_bytes());
        }
        for row in smooth.rows().rev() {
            file.extend(row.flat_map(|pixel| [pixel.0[2], pixel.0[1], pixel.0[0]]));
        }
        Some(format!("data:image/bmp;base64,{}", STANDARD.encode(file)))
    }
}

#[allow(clippy::cast_possible_truncation, reason = "at most 255")]
fn unpacked(packed: u16) -> [u8; 3] {
    let part = |shift: u32, bits: u32| {
        let most = (1_u16 << bits) - 1;
        (((packed >> shift) & most) * 255 / most) as u8
    };
    [part(11, 5), part(5, 6), part(0, 5)]
}
