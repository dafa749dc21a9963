//! Whatever made a rendition, it shows the same: pictures by libjpeg-turbo beside those by the way that browsers take.

use super::super::{encode, fit, pixels};
use super::{display, encoded};
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::path::PathBuf;

const SIDE: u32 = 2_048;

/// Mean and largest difference of two pictures of one size, of 255.
fn difference(a: &RgbImage, b: &RgbImage) -> (f64, u8) {
    assert_eq!(a.dimensions(), b.dimensions());
    let each = || a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = each().map(u64::from).sum();
    (sum as f64 / a.as_raw().len() as f64, each().max().unwrap_or_default())
}

/// Edges and passages at every scale, in brightness and in color.
fn street(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |period: f64, phase: f64| {
            128.0 + 90.0 * ((f64::from(x) / period + phase).sin() * (f64::from(y) / period).cos())
        };
        let lane = if (x / 97 + y / 61) % 7 == 0 { 60.0 } else { 0.0 };
        Rgb([wave(40.0, 0.0) + lane, wave(23.0, 1.0) + lane, wave(71.0, 2.0)]
            .map(|value| value.clamp(0.0, 255.0) as u8))
    })
}

fn file(picture: &RgbImage, sampling: SamplingFactor) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 92);
    encoder.set_sampling_factor(sampling);
    let side = |length: u32| u16::try_from(length).unwrap();
    encoder.encode(picture.as_raw(), side(picture.width()), side(picture.height()), ColorType::Rgb).unwrap();
    file
}

fn by_rust(file: &[u8]) -> RgbImage {
    fit::smaller(&pixels::jpeg_pixels(file, true).unwrap(), SIDE).unwrap().unwrap()
}

#[test]
fn scaled_while_decoding_or_after_a_picture_is_the_same() {
    let samplings = [
        ("4:2:0", SamplingFactor::F_2_2),
        ("4:2:2", SamplingFactor::F_2_1),
        ("4:4:0", SamplingFactor::F_1_2),
        ("4:4:4", SamplingFactor::F_1_1),
    ];
    // Odd sides, one where the library scales by a half, one by a quarter.
    for (width, height) in [(2_501, 337), (337, 2_501), (4_321, 211), (8_211, 135)] {
        let picture = street(width, height);
        for (name, sampling) in samplings {
            let file = file(&picture, sampling);
            let (mean, most) = difference(&display(&file, SIDE).unwrap(), &by_rust(&file));
            assert!(mean < 1.5 && most < 48, "{name}, {width} × {height}: mean {mean:.2}, most {most}");
        }
    }
}

#[test]
fn real_photos_are_the_same_by_either_way() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos"));
    for name in ["iphone5_rotated.jpg", "iphone_hdr_YES.jpg"] {
        let Ok(file) = std::fs::read(folder.join(name)) else {
            return;
        };
        let (ours, theirs) = (display(&file, SIDE).unwrap(), by_rust(&file));
        let (mean, most) = difference(&ours, &theirs);
        assert!(mean < 1.0 && most < 60, "{name}: mean {mean:.2}, most {most}");
        let [turbo, rust] = [encoded(&ours, 80).unwrap(), encode::by_rust(&ours, 80).unwrap()];
        assert!(turbo.len().abs_diff(rust.len()) * 50 < rust.len(), "{name}: {} and {} bytes", turbo.len(), rust.len());
        let [turbo, rust] = [turbo, rust].map(|file| pixels::jpeg_pixels(&file, true).unwrap());
        let (mean, most) = difference(&turbo, &rust);
        assert!(mean < 1.0 && most < 60, "{name}, compressed: mean {mean:.2}, most {most}");
    }
}

#[test]
fn what_is_small_damaged_or_unusual_goes_the_other_way() {
    let small = file(&street(800, 600), SamplingFactor::F_2_2);
    assert!(display(&small, SIDE).is_none());
    let whole = file(&street(2_400, 300), SamplingFactor::F_2_2);
    assert!(display(&whole, SIDE).is_some());
    assert!(display(&whole[..whole.len() / 2], SIDE).is_none());
    for length in (0..whole.len()).step_by(whole.len() / 60) {
        assert!(display(&whole[..length], SIDE).is_none(), "{length} of {} bytes", whole.len());
    }
}
