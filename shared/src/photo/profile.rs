//! Color profiles (ICC.1:2010, versions 2 and 4): from a camera's colors to sRGB, which is all that renditions are in.
//!
//! Cameras and phones write one shape of profile, three curves and a matrix (sRGB, Display P3, Adobe RGB, ProPhoto), and for
//! gray one curve. Those are read here, the same in a browser and on a server. Profiles made of large tables (printers,
//! scanners) are not: such a photo is shown as if it had none, as browsers did for decades. So is one with a damaged profile.

use image::RgbImage;

/// Linear light that is told apart on the way, between black and white.
const STEPS: u16 = 4095;
/// From XYZ under D50, which profiles speak, to linear sRGB (IEC 61966-2-1, adapted by Bradford).
const XYZ_TO_SRGB: [[f32; 3]; 3] =
    [[3.133_856, -1.616_867, -0.490_615], [-0.978_768, 1.916_142, 0.033_454], [0.071_945, -0.228_991, 1.405_243]];
/// Real profiles have a dozen.
const MOST_TAGS: usize = 100;

/// A way from a profile's colors to sRGB.
pub(super) struct ToSrgb {
    /// Linear light for each value of red, green and blue.
    curves: [Vec<f32>; 3],
    matrix: [[f32; 3]; 3],
    /// sRGB's value for linear light in `STEPS`.
    encode: Vec<u8>,
}

impl ToSrgb {
    /// `None` when the colors are sRGB already, or the profile cannot be used.
    pub(super) fn of(profile: &[u8]) -> Option<Self> {
        Self::read(profile).filter(|found| !found.changes_nothing())
    }

    /// `None` when the profile cannot be used.
    fn read(profile: &[u8]) -> Option<Self> {
        let (curves, matrix) = match profile.get(16..20)? {
            b"RGB " if profile.get(20..24)? == b"XYZ " => {
                let [red, green, blue] = [b"rXYZ", b"gXYZ", b"bXYZ"].map(|name| xyz(tag(profile, *name)?));
                let [red, green, blue] = [red?, green?, blue?];
                let columns = [red, green, blue];
                let matrix = XYZ_TO_SRGB
                    .map(|row| columns.map(|column| row.iter().zip(column).map(|(a, b)| a * b).sum::<f32>()));
                let [r, g, b] = [b"rTRC", b"gTRC", b"bTRC"].map(|name| curve(tag(profile, *name)?));
                ([r?, g?, b?], matrix)
            }
            b"GRAY" => {
                let gray = curve(tag(profile, *b"kTRC")?)?;
                ([gray.clone(), gray.clone(), gray], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
            }
            _ => return None,
        };
        let encode = (0..=STEPS).map(|step| srgb(f32::from(step) / f32::from(STEPS))).collect();
        Some(Self { curves, matrix, encode })
    }

    pub(super) fn apply(&self, image: &mut RgbImage) {
        for pixel in image.chunks_exact_mut(3) {
            if let [r, g, b] = pixel {
                [*r, *g, *b] = self.color([*r, *g, *b]);
            }
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what lies outside sRGB is clipped here"
    )]
    fn color(&self, [r, g, b]: [u8; 3]) -> [u8; 3] {
        let [red, green, blue] = &self.curves;
        let [r, g, b] = [red[usize::from(r)], green[usize::from(g)], blue[usize::from(b)]];
        self.matrix.map(|[x, y, z]| {
            let step = (x * r + y * g + z * b).mul_add(f32::from(STEPS), 0.5) as u16;
            self.encode[usize::from(step.min(STEPS))]
        })
    }

    /// Most profiles are sRGB's own, of many makers: their rounding is not worth a pass over the picture.
    fn changes_nothing(&self) -> bool {
        (0..=16_u8).map(|n| n.saturating_mul(16)).all(|n| {
            [[n, n, n], [n, 0, 0], [0, n, 0], [0, 0, n], [255, n, 0], [n, 255, 64]]
                .iter()
                .all(|color| color.iter().zip(self.color(*color)).all(|(before, after)| before.abs_diff(after) <= 2))
        })
    }
}

/// Whether these are the colors that pictures without a profile are in.
pub(super) fn is_srgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ") && ToSrgb::read(profile).is_some_and(|found| found.changes_nothing())
}

/// sRGB's curve.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
fn srgb(linear: f32) -> u8 {
    let value = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055f32.mul_add(linear.powf(1.0 / 2.4), -0.055) };
    (value * 255.0 + 0.5) as u8
}

/// The bytes of a tag. Nothing in a profile is believed to lie within it.
fn tag(profile: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let count = word(profile, 128)?.min(MOST_TAGS);
    let entry = profile.get(132..)?.chunks_exact(12).take(count).find(|entry| entry[..4] == name)?;
    let (offset, size) = (word(entry, 4)?, word(entry, 8)?);
    profile.get(offset..offset.checked_add(size)?)
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

/// A number with 16 bits before and 16 after the point.
#[allow(clippy::cast_precision_loss, reason = "profiles have five digits")]
fn fixed(bytes: &[u8], at: usize) -> Option<f32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(i32::from_be_bytes(bytes) as f32 / 65_536.0)
}

fn xyz(tag: &[u8]) -> Option<[f32; 3]> {
    (tag.get(..4)? == b"XYZ ").then(|| Some([fixed(tag, 8)?, fixed(tag, 12)?, fixed(tag, 16)?]))?
}

/// Linear light for each of the 256 values.
fn curve(tag: &[u8]) -> Option<Vec<f32>> {
    let values = (0..=255_u8).map(|value| f32::from(value) / 255.0);
    match tag.get(..4)? {
        b"curv" => {
            let table = tag.get(12..)?;
            match word(tag, 8)? {
                0 => Some(values.collect()),
                1 => {
                    let gamma = f32::from(u16::from_be_bytes(table.get(..2)?.try_into().ok()?)) / 256.0;
                    Some(values.map(|value| value.powf(gamma)).collect())
                }
                count => {
                    let table: Vec<f32> = table
                        .get(..count.checked_mul(2)?)?
                        .chunks_exact(2)
                        .map(|pair| f32::from(u16::from_be_bytes([pair[0], pair[1]])) / 65_535.0)
                        .collect();
                    Some(values.map(|value| between(&table, value)).collect())
                }
            }
        }
        b"para" => {
            let kind = u16::from_be_bytes(tag.get(8..10)?.try_into().ok()?);
            let count = *[1, 3, 4, 5, 7].get(usize::from(kind))?;
            let numbers: Vec<f32> = (0..count).map(|n| fixed(tag, 12 + 4 * n)).collect::<Option<_>>()?;
            Some(values.map(|value| parametric(&numbers, value)).collect())
        }
        _ => None,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a table's index"
)]
fn between(table: &[f32], value: f32) -> f32 {
    let at = value * (table.len() - 1) as f32;
    let low = table.get(at as usize).copied().unwrap_or(1.0);
    let high = table.get(at as usize + 1).copied().unwrap_or(low);
    low + (high - low) * at.fract()
}

/// The five shapes of ICC.1:2010, 10.16, told by how many numbers they have: `(a·x + b)^g + e` above `d`, `c·x + f` below.
fn parametric(numbers: &[f32], x: f32) -> f32 {
    let at = |n: usize| numbers.get(n).copied().unwrap_or(0.0);
    let (g, a, b, c, d) = (at(0), at(1), at(2), at(3), at(4));
    let y = match numbers.len() {
        1 => x.powf(g),
        3 if x * a >= -b => (a * x + b).powf(g),
        3 => 0.0,
        4 if x * a >= -b => (a * x + b).powf(g) + c,
        4 => c,
        5 | 7 if x >= d => (a * x + b).powf(g) + at(5),
        _ => c * x + at(6),
    };
    // Damaged numbers can give none.
    if y.is_finite() { y.clamp(0.0, 1.0) } else { x }
}

#[cfg(test)]
mod tests;
