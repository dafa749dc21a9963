//! Photos for tests: the real ones where they are, and small ones made to order.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a module of tests, each of which uses a part; failing ends the test, and a skipped one says so"
)]

use coldpatch_shared::photo::{Made, make, read};
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};
use std::io::Cursor;
use std::path::PathBuf;
use zune_core::bytestream::ZCursor;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no real photos in {}", folder.display());
    None
}

/// A real photo; `None`, and says *skipped*, where the folder is absent.
pub(crate) fn real_photo(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(folder()?.join(name)).unwrap())
}

/// Where one lies; `None`, and says *skipped*, where the folder is absent.
pub(crate) fn real_photo_path(name: &str) -> Option<PathBuf> {
    Some(folder()?.join(name))
}

/// The names of all of them.
pub(crate) fn real_photos() -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder()?).unwrap();
    Some(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
}

/// What is made of a photo that can be opened.
pub(crate) fn made(file: &[u8]) -> Made {
    make(file, &read(file).unwrap()).unwrap()
}

fn encoded(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let side = |length: u32| u16::try_from(length).unwrap();
    Encoder::new(&mut file, 90)
        .encode(picture.as_raw(), side(picture.width()), side(picture.height()), ColorType::Rgb)
        .unwrap();
    file
}

/// A JPEG with some structure, no metadata.
pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(&RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, (x * y / 16) as u8])))
}

/// A JPEG of noise, which nothing compresses.
pub(crate) fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u32;
    encoded(&RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, a, b, c] = state.to_le_bytes();
        Rgb([a, b, c])
    }))
}

/// A JPEG in four quarters, named from the top left in reading order: red, green, blue, white.
pub(crate) fn four_colors(names: &str) -> Vec<u8> {
    let names: Vec<char> = names.chars().collect();
    encoded(&RgbImage::from_fn(64, 64, |x, y| {
        Rgb(match names[usize::from(y >= 32) * 2 + usize::from(x >= 32)] {
            'R' => [255, 0, 0],
            'G' => [0, 255, 0],
            'B' => [0, 0, 255],
            _ => [255, 255, 255],
        })
    }))
}

/// Which of the four colors a pixel is.
pub(crate) fn name([red, green, blue]: [u8; 3]) -> char {
    match (red > 200, green > 200, blue > 200) {
        (true, false, false) => 'R',
        (false, true, false) => 'G',
        (false, false, true) => 'B',
        (true, true, true) => 'W',
        _ => '?',
    }
}

fn half_transparent(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    // Black beneath the transparency, as programs leave it.
    let picture =
        RgbaImage::from_fn(width, height, |x, _| Rgba(if x < width / 2 { [255, 0, 0, 255] } else { [0, 0, 0, 0] }));
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A PNG, left half red, right half transparent.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    half_transparent(width, height, ImageFormat::Png)
}

/// A lossless WebP, left half red, right half transparent.
pub(crate) fn webp(width: u32, height: u32) -> Vec<u8> {
    half_transparent(width, height, ImageFormat::WebP)
}

pub(crate) fn ascii(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

pub(crate) fn rational(num: u32, denom: u32) -> Rational {
    Rational { num, denom }
}

pub(crate) fn degrees(degrees: u32, minutes: u32, seconds: u32) -> Value {
    Value::Rational([degrees, minutes, seconds].map(|part| rational(part, 1)).to_vec())
}

/// The four fields of a position.
pub(crate) fn position(lat: Value, north: &str, lon: Value, east: &str) -> Vec<(Tag, Value)> {
    vec![
        (Tag::GPSLatitudeRef, ascii(north)),
        (Tag::GPSLatitude, lat),
        (Tag::GPSLongitudeRef, ascii(east)),
        (Tag::GPSLongitude, lon),
    ]
}

/// A small JPEG that says that it was taken there.
pub(crate) fn at(lat: Value, north: &str, lon: Value, east: &str) -> Vec<u8> {
    with_exif(&jpeg(40, 30), &position(lat, north, lon, east))
}

/// An EXIF block (a TIFF structure) with these fields.
pub(crate) fn exif_block(fields: &[(Tag, Value)]) -> Vec<u8> {
    let fields: Vec<Field> =
        fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).unwrap();
    block.into_inner()
}

/// The JPEG with this EXIF block.
pub(crate) fn with_block(jpeg: &[u8], block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, b"Exif\0\0", block, &jpeg[2..]].concat()
}

/// The JPEG with an EXIF block of these fields.
pub(crate) fn with_exif(jpeg: &[u8], fields: &[(Tag, Value)]) -> Vec<u8> {
    with_block(jpeg, &exif_block(fields))
}

/// The markers of the segments before the picture's data.
pub(crate) fn segments(jpeg: &[u8]) -> Vec<u8> {
    let (mut at, mut markers) = (2, Vec::new());
    while jpeg[at + 1] != 0xda {
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    markers
}

/// The pixels of a JPEG.
pub(crate) fn pixels(file: &[u8]) -> RgbImage {
    let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(file));
    let bytes = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    RgbImage::from_raw(u32::from(info.width), u32::from(info.height), bytes).unwrap()
}

/// Mean absolute difference of two pictures of one size, of 255.
pub(crate) fn mean_difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}
