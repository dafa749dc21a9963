//! Every kind of picture that phones, scanners and screenshots make, and what is no picture or too much of one.

#![allow(clippy::unwrap_used, reason = "failing ends the test")]

mod photo_files;

use coldpatch_shared::photo::{Blur, MAX_PIXELS, PhotoProblem, Pixels, make, make_of, read};
use exif::{Tag, Value};
use image::{DynamicImage, ImageFormat, Luma, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use photo_files::{ascii, jpeg, made, pixels, with_block, with_exif};
use std::io::Cursor;

const ORANGE: [u8; 3] = [230, 120, 40];

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A JPEG of one color, as the encoder is told to write it.
fn of_one_color(
    width: u16,
    height: u16,
    color: &[u8],
    kind: ColorType,
    set: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    set(&mut encoder);
    encoder.encode(&color.repeat(usize::from(width) * usize::from(height)), width, height, kind).unwrap();
    file
}

/// A WebP of two frames, orange and blue, each a lossless picture of its own.
fn animated_webp(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let padding = &[0_u8][..body.len() % 2];
        [&name[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body, padding].concat()
    };
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let size = [three(width - 1), three(height - 1)].concat();
    let frame = |color| {
        let still = written(RgbImage::from_pixel(width, height, Rgb(color)), ImageFormat::WebP);
        // Behind `RIFF`, its length and `WEBP` comes the picture's own chunk.
        let body = [&[0; 6][..], &size, &[100, 0, 0, 0], &still[12..]].concat();
        chunk(b"ANMF", &body)
    };
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[&[2, 0, 0, 0][..], &size].concat()),
        chunk(b"ANIM", &[0; 6]),
        frame(ORANGE),
        frame([0, 0, 255]),
    ];
    chunk(b"RIFF", &body.concat())
}

#[test]
fn every_kind_of_picture_becomes_the_same_kind_of_jpeg() {
    let plain = |_: &mut Encoder<&mut Vec<u8>>| {};
    let orange = |width, height| RgbImage::from_pixel(width, height, Rgb(ORANGE));
    let deep = image::ImageBuffer::from_pixel(60, 40, Rgb(ORANGE.map(|color| u16::from(color) * 257)));
    let gray = image::ImageBuffer::from_pixel(60, 40, Luma([90_u8]));
    let cmyk = [255 - ORANGE[0], 255 - ORANGE[1], 255 - ORANGE[2], 0];
    let cases: Vec<(&str, Vec<u8>, [u8; 3])> = vec![
        ("JPEG", of_one_color(60, 40, &ORANGE, ColorType::Rgb, plain), ORANGE),
        ("large JPEG", of_one_color(2_500, 167, &ORANGE, ColorType::Rgb, plain), ORANGE),
        ("progressive", of_one_color(60, 40, &ORANGE, ColorType::Rgb, |it| it.set_progressive(true)), ORANGE),
        ("large progressive", of_one_color(2_500, 167, &ORANGE, ColorType::Rgb, |it| it.set_progressive(true)), ORANGE),
        (
            "one color for each pixel",
            of_one_color(2_501, 167, &ORANGE, ColorType::Rgb, |it| it.set_sampling_factor(SamplingFactor::F_1_1)),
            ORANGE,
        ),
        (
            "one color for two pixels",
            of_one_color(2_501, 167, &ORANGE, ColorType::Rgb, |it| it.set_sampling_factor(SamplingFactor::F_2_1)),
            ORANGE,
        ),
        ("gray JPEG", of_one_color(60, 40, &[90], ColorType::Luma, plain), [90; 3]),
        ("large gray JPEG", of_one_color(2_501, 167, &[90], ColorType::Luma, plain), [90; 3]),
        ("CMYK", of_one_color(60, 40, &cmyk, ColorType::Cmyk, plain), ORANGE),
        ("YCCK", of_one_color(60, 40, &cmyk, ColorType::CmykAsYcck, plain), ORANGE),
        ("large CMYK", of_one_color(2_500, 100, &cmyk, ColorType::Cmyk, plain), ORANGE),
        ("PNG", written(orange(60, 40), ImageFormat::Png), ORANGE),
        ("PNG of 16 bits", written(DynamicImage::ImageRgb16(deep), ImageFormat::Png), ORANGE),
        ("gray PNG", written(DynamicImage::ImageLuma8(gray), ImageFormat::Png), [90; 3]),
        ("WebP", written(orange(60, 40), ImageFormat::WebP), ORANGE),
        ("animated WebP", animated_webp(60, 40), ORANGE),
    ];
    for (what, file, color) in cases {
        let made = made(&file);
        assert_eq!(made.damage, None, "{what}");
        let read = read(&file).unwrap();
        let longest = read.width.max(read.height).min(2_048);
        assert_eq!(made.display.width.max(made.display.height), longest, "{what}");
        for rendition in [&made.display.bytes, &made.thumbnail.bytes] {
            let picture = pixels(rendition);
            for at in [(0, 0), (picture.width() / 2, picture.height() / 2), (picture.width() - 1, picture.height() - 1)]
            {
                let seen = picture.get_pixel(at.0, at.1).0;
                let near = seen.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 6);
                assert!(near, "{what} at {at:?}: {seen:?}, not {color:?}");
            }
        }
    }
}

#[test]
fn a_picture_of_100_000_by_100_000_is_refused_by_its_header() {
    let mut file = photo_files::png(8, 8);
    file[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    file[20..24].copy_from_slice(&100_000_u32.to_be_bytes());
    let sum = crc32(&file[12..29]).to_be_bytes();
    file[29..33].copy_from_slice(&sum);
    let Err(problem) = read(&file) else { panic!("accepted") };
    assert_eq!(problem, PhotoProblem::TooLarge { width: 100_000, height: 100_000, bytes: file.len() as u64 });
    assert!(problem.to_string().contains("100000 × 100000 pixels"), "{problem}");
}

/// PNG's checksum (ISO 15948, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
    })
}

#[test]
fn a_png_that_unpacks_to_more_memory_than_there_is_to_spare_is_refused() {
    // 16 bits of four channels: eight bytes for each of 40 million pixels, from some 300 KB of file.
    let (width, height) = (8_000_u32, 5_000_u32);
    assert!(u64::from(width) * u64::from(height) < MAX_PIXELS);
    let mut file = photo_files::png(8, 8);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    file[24] = 16;
    let sum = crc32(&file[12..29]).to_be_bytes();
    file[29..33].copy_from_slice(&sum);
    let refused = make(&file, &read(&file).unwrap());
    assert_eq!(refused, Err(PhotoProblem::TooLarge { width, height, bytes: file.len() as u64 }));
}

#[test]
fn the_camera_is_named_once() {
    let camera = |maker: &str, model: &str| {
        read(&with_exif(&jpeg(40, 30), &[(Tag::Make, ascii(maker)), (Tag::Model, ascii(model))])).unwrap().camera
    };
    for (maker, model, expected) in [
        ("Apple", "iPhone 13 Pro Max", Some("Apple iPhone 13 Pro Max")),
        ("Canon", "Canon EOS 40D", Some("Canon EOS 40D")),
        ("NIKON CORPORATION", "NIKON D70  ", Some("NIKON D70")),
        ("", "COOLPIX P6000", Some("COOLPIX P6000")),
        ("samsung", "", Some("samsung")),
        ("  ", " ", None),
        ("Evil\u{7}", "Cam\nera", Some("Evil Camera")),
    ] {
        assert_eq!(camera(maker, model).as_deref(), expected, "{maker:?} {model:?}");
    }
    assert_eq!(camera("x", &"y".repeat(5_000)).unwrap().chars().count(), 80);
}

#[test]
fn an_exif_block_that_loops_lies_or_points_outside_costs_nothing_but_itself() {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
    };
    let block = |entries: &[Vec<u8>], next: u32| {
        let count = u16::try_from(entries.len()).unwrap().to_be_bytes();
        [&b"MM\0\x2a\0\0\0\x08"[..], &count, &entries.concat(), &next.to_be_bytes()].concat()
    };
    let turned = entry(0x112, 3, 1, 6 << 16);
    let (exif, gps) = (0x8769, 0x8825);
    for (what, damaged) in [
        ("a directory that follows itself", block(std::slice::from_ref(&turned), 8)),
        ("EXIF that is its own parent", block(&[turned.clone(), entry(exif, 4, 1, 8)], 0)),
        ("positions that are their own parent", block(&[turned.clone(), entry(gps, 4, 1, 8)], 0)),
        ("four billion letters", block(&[entry(0x10f, 2, u32::MAX, 8), turned.clone()], 0)),
        ("half a billion fractions", block(&[turned.clone(), entry(0x11a, 5, 1 << 29, 8)], 0)),
        ("letters far outside", block(&[entry(0x110, 2, 40, u32::MAX - 8), turned.clone()], 0)),
        ("a kind that does not exist", block(&[entry(0x110, 99, 1, 0), turned.clone()], 0)),
        ("positions far outside", block(&[turned.clone(), entry(gps, 4, 1, u32::MAX)], 0)),
    ] {
        let reading = read(&with_block(&jpeg(40, 30), &damaged)).unwrap();
        assert_eq!((reading.width, reading.height, reading.place), (40, 30, None), "{what}");
        assert!(reading.camera.is_none_or(|name| name.chars().count() <= 80), "{what}");
    }
    let many: Vec<Vec<u8>> = (0..5_000).map(|_| turned.clone()).collect();
    assert_eq!(read(&with_block(&jpeg(40, 30), &block(&many, 0))).unwrap().orientation, 6);
}

#[test]
fn what_others_have_decoded_becomes_the_same_renditions() {
    let file = photo_files::jpeg(600, 400);
    let decoded = pixels(&file);
    let other = Pixels { width: 600, height: 400, rgb: decoded.into_raw(), profile: None };
    let turned = with_exif(&file, &[(Tag::Orientation, Value::Short(vec![6]))]);
    let theirs = make_of(other.clone(), 6).unwrap();
    assert_eq!((theirs.display.width, theirs.display.height), (400, 600));
    let difference =
        photo_files::mean_difference(&pixels(&theirs.display.bytes), &pixels(&made(&turned).display.bytes));
    assert!(difference < 0.5, "{difference}");
    for (width, height) in [(600, 401), (0, 0), (u32::MAX, u32::MAX)] {
        assert!(matches!(make_of(Pixels { width, height, ..other.clone() }, 1), Err(PhotoProblem::Damaged(_))));
    }
}

#[test]
fn a_blur_is_short_and_shows_where_which_color_is() {
    let left_red = RgbImage::from_fn(400, 300, |x, _| Rgb(if x < 200 { [250, 0, 0] } else { [0, 0, 250] }));
    let blur = |picture: &RgbImage| {
        let (width, height) = picture.dimensions();
        make_of(Pixels { width, height, rgb: picture.as_raw().clone(), profile: None }, 1).unwrap().blur.unwrap()
    };
    let wide = blur(&left_red);
    let text = wide.to_text();
    assert!(text.len() <= Blur::MOST_TEXT, "{text}");
    assert_eq!(Blur::from_text(&text).unwrap().to_text(), text);
    // A bitmap of 32 × 24, from the lowest row up, blue before green before red.
    let url = Blur::from_text(&text).unwrap().data_url().unwrap();
    let file = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        url.strip_prefix("data:image/bmp;base64,").unwrap(),
    );
    let file = file.unwrap();
    assert_eq!((&file[..2], file[18], file[22], file.len()), (&b"BM"[..], 32, 24, 54 + 32 * 24 * 3));
    let (first, last) = (&file[54..57], &file[54 + 31 * 3..54 + 32 * 3]);
    assert!(first[2] > 200 && first[0] < 50, "{first:?}");
    assert!(last[0] > 200 && last[2] < 50, "{last:?}");

    let high = blur(&image::imageops::rotate90(&left_red));
    assert_eq!(Blur::from_text(&high.to_text()), Some(Blur::from_text(&high.to_text()).unwrap()));
    assert_ne!(high.to_text(), text);
    for nonsense in ["", "Q", "!!!!", "QwAA", &text[..30], &format!("{text}AA"), &"A".repeat(34)] {
        assert_eq!(Blur::from_text(nonsense), None, "{nonsense:?}");
    }
}
