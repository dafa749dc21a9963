//! What is left of a picture: SSIMULACRA2 (100 is the same, 90 cannot be told apart, 70 is good) of the display rendition against
//! the picture scaled by a third program and never compressed; ours beside vips' at the same number of bytes.

use crate::contender::vips;
use crate::pictures::{Picture, decoded};
use crate::{figure, ours, process};
use anyhow::{Context, Result};
use image::RgbImage;
use image::imageops::{self, FilterType};
use serde_json::json;
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};
use std::fs;
use std::path::Path;

/// One file and how good it is.
struct Point {
    bytes: f64,
    score: f64,
}

/// One figure: by how much vips is better, on average. Must not be more than nothing.
pub(crate) fn compare(pictures: &[Picture], folder: &Path) -> Result<()> {
    let mut better = Vec::new();
    for picture in pictures.iter().filter(|picture| picture.megapixels == 12) {
        eprintln!("{}: quality", picture.name);
        let display = folder.join("display.jpg");
        ours::make_into(&picture.file, folder)?;
        let first = decoded(&fs::read(&display)?)?;
        let reference = reference(&picture.file, first.dimensions())?;
        let ours = point(&reference, &display)?;
        let vips = at_bytes(&reference, picture, folder, ours.bytes)?;
        println!("{}", json!({ "quality": picture.name, "bytes": ours.bytes, "ours": ours.score, "vips": vips }));
        better.push(vips - ours.score);
    }
    #[allow(clippy::cast_precision_loss, reason = "a handful")]
    let mean = better.iter().sum::<f64>() / better.len() as f64;
    let each = json!({ "each": better });
    println!("{}", figure("12 MP: SSIMULACRA2 that vips is better by", mean, "", 0.0, &each));
    Ok(())
}

/// The original scaled by another implementation, turned as the rendition is.
fn reference(file: &Path, (width, height): (u32, u32)) -> Result<RgbImage> {
    let original = decoded(&fs::read(file)?)?;
    let turned = (original.width() > original.height()) != (width > height);
    let original = if turned { imageops::rotate90(&original) } else { original };
    Ok(imageops::resize(&original, width, height, FilterType::Lanczos3))
}

/// Vips' score at that many bytes, between the two qualities that lie around it.
fn at_bytes(reference: &RgbImage, picture: &Picture, folder: &Path, bytes: f64) -> Result<f64> {
    let to = folder.join("vips-quality.jpg");
    let (mut below, mut above): (Option<Point>, Option<Point>) = (None, None);
    for quality in (60..=95).step_by(1) {
        process::run(&vips(&picture.file, 2_048, &to, quality))?;
        #[allow(clippy::cast_precision_loss, reason = "sizes of files")]
        let size = fs::metadata(&to)?.len() as f64;
        if size <= bytes {
            below = Some(Point { bytes: size, score: 0.0 });
            fs::copy(&to, folder.join("vips-below.jpg"))?;
        } else {
            above = Some(point(reference, &to)?);
            break;
        }
    }
    let below = below.map(|_| point(reference, &folder.join("vips-below.jpg"))).transpose()?;
    let (below, above) = (below.context("vips is larger at every quality")?, above.context("vips is smaller")?);
    Ok(below.score + (above.score - below.score) * (bytes - below.bytes) / (above.bytes - below.bytes))
}

fn point(reference: &RgbImage, file: &Path) -> Result<Point> {
    let bytes = fs::read(file)?;
    let score = compute_frame_ssimulacra2(frame(reference)?, frame(&decoded(&bytes)?)?)?;
    #[allow(clippy::cast_precision_loss, reason = "sizes of files")]
    Ok(Point { bytes: bytes.len() as f64, score })
}

fn frame(image: &RgbImage) -> Result<Rgb> {
    let pixels = image.pixels().map(|pixel| pixel.0.map(|color| f32::from(color) / 255.0)).collect();
    let (width, height) = (image.width() as usize, image.height() as usize);
    Rgb::new(pixels, width, height, TransferCharacteristic::SRGB, ColorPrimaries::BT709).context("not a picture")
}
