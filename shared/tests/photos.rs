//! Real photos: what is read from cameras' files, and what is made of them. Photos made to order are in `photos_synthetic`.
//!
//! The real photos lie in `../shared/data/photos` beside the repository; where they are absent, their tests say *skipped*.
//! What is expected of each was taken with another program: sizes, orientation, time and position with `exiftool` 12.57
//! (`exiftool -n -ImageSize -Orientation -DateTimeOriginal -OffsetTimeOriginal -GPS*`), and which pictures are damaged with
//! libjpeg's `djpeg`, which warns of `corrupted.jpg` alone: the `invalid_*.jpg` are whole pictures with metadata (XMP of
//! other tools) on which EXIF readers used to fail.

mod photo_files;

use coldpatch_shared::order::{PlaceSource, RenditionKind};
use coldpatch_shared::photo::{MAX_THUMBNAIL_BYTES, MediaType, PhotoProblem, make, read};
use photo_files::{made, mean_difference, pixels, real_photo};
use std::process::Command;

/// A real photo and what other programs say about it.
struct Known {
    file: &'static str,
    size: (u32, u32),
    orientation: u8,
    taken_at: Option<&'static str>,
    /// ms since the Unix epoch.
    taken_at_ms: Option<i64>,
    /// Six decimals.
    place: Option<&'static str>,
}

const fn plain(file: &'static str, size: (u32, u32), orientation: u8) -> Known {
    Known { file, size, orientation, taken_at: None, taken_at_ms: None, place: None }
}

const fn taken(file: &'static str, size: (u32, u32), orientation: u8, at: &'static str) -> Known {
    Known { taken_at: Some(at), ..plain(file, size, orientation) }
}

const fn placed(file: &'static str, size: (u32, u32), orientation: u8, at: &'static str, place: &'static str) -> Known {
    Known { place: Some(place), ..taken(file, size, orientation, at) }
}

const KNOWN: [Known; 20] = [
    // A GPS block without a position in it.
    taken("Canon_40D.jpg", (100, 68), 1, "2008-05-30T15:56:01"),
    // Their satellites' date is a day later than the camera's, which no zone explains: no instant.
    placed("DSCN0010.jpg", (640, 480), 1, "2008-10-22T16:28:39", "43.467448,11.885127"),
    placed("DSCN0012.jpg", (640, 480), 1, "2008-10-22T16:29:49", "43.467157,11.885395"),
    placed("DSCN0021.jpg", (640, 480), 1, "2008-10-22T16:38:20", "43.467082,11.884538"),
    placed("DSCN0025.jpg", (640, 480), 1, "2008-10-22T16:43:21", "43.468365,11.881635"),
    // HEIC is not opened, so its size is unknown (2566 × 3313).
    Known {
        taken_at_ms: Some(1_618_174_073_000),
        ..placed("IMG_5195.HEIC", (0, 0), 1, "2021-04-11T15:47:53-05:00", "39.051344,-94.288772")
    },
    placed("Kodak_CX7530.jpg", (100, 78), 1, "2005-08-13T09:47:23", "-0.371300,36.056417"),
    taken("corrupted.jpg", (3648, 2736), 1, "2015-09-08T11:02:17"),
    plain("invalid_image00971.jpg", (636, 227), 1),
    plain("invalid_image01551.jpg", (61, 58), 1),
    plain("invalid_image02206.jpg", (65, 65), 1),
    // A satellites' time without a date: no instant.
    placed("iphone5_rotated.jpg", (3264, 2448), 3, "2012-09-29T16:11:25", "47.627167,-122.337333"),
    Known {
        taken_at_ms: Some(1_645_012_541_000),
        ..taken("iphone_13_pro_max.HEIC", (0, 0), 6, "2022-02-16T12:55:41+01:00")
    },
    // From the satellites: 18:12:23.06 UTC.
    Known {
        taken_at_ms: Some(1_428_689_543_060),
        ..placed("iphone_hdr_YES.jpg", (3264, 2448), 1, "2015-04-10T20:12:23", "40.446972,-3.724753")
    },
    plain("landscape_1.jpg", (600, 450), 1),
    plain("landscape_3.jpg", (600, 450), 3),
    plain("landscape_6.jpg", (450, 600), 6),
    plain("no_exif.jpg", (322, 466), 1),
    plain("portrait_6.jpg", (600, 450), 6),
    plain("portrait_8.jpg", (600, 450), 8),
];

#[test]
fn every_real_photo_is_read_as_exiftool_reads_it() {
    for known in &KNOWN {
        let Some(bytes) = real_photo(known.file) else {
            return;
        };
        let reading = read(&bytes).unwrap();
        let heic = known.file.ends_with("HEIC");
        assert_eq!(reading.media_type, if heic { MediaType::Heic } else { MediaType::Jpeg }, "{}", known.file);
        assert_eq!((reading.width, reading.height), known.size, "{}", known.file);
        assert_eq!(reading.orientation, known.orientation, "{}", known.file);
        assert_eq!(reading.taken_at.as_deref(), known.taken_at, "{}", known.file);
        assert_eq!(reading.taken_at_ms, known.taken_at_ms, "{}", known.file);
        assert_eq!(reading.place.map(|place| place.to_string()).as_deref(), known.place, "{}", known.file);
    }
}

#[test]
fn the_table_says_what_exiftool_says() {
    for known in &KNOWN {
        let Some(path) = photo_files::real_photo_path(known.file) else {
            return;
        };
        let asked = ["-n", "-json", "-ImageWidth", "-ImageHeight", "-Orientation", "-DateTimeOriginal", "-GPSLatitude"];
        let exiftool = Command::new("exiftool").args(asked).arg("-GPSLongitude").arg(path).output();
        let Ok(output) = exiftool else {
            println!("skipped: no exiftool here");
            return;
        };
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = &said[0];
        let number = |key: &str| said[key].as_f64();
        if known.size != (0, 0) {
            let size = (f64::from(known.size.0), f64::from(known.size.1));
            assert_eq!((number("ImageWidth"), number("ImageHeight")), (Some(size.0), Some(size.1)), "{}", known.file);
        }
        let orientation = number("Orientation").unwrap_or(1.0);
        assert!((orientation - f64::from(known.orientation)).abs() < 0.5, "{}: {orientation}", known.file);
        // It writes dates with colons, and the zone is another field.
        let taken_at = said["DateTimeOriginal"].as_str().map(|text| text.replacen(':', "-", 2).replacen(' ', "T", 1));
        assert_eq!(taken_at.as_deref(), known.taken_at.map(|text| &text[..19]), "{}", known.file);
        let place = number("GPSLatitude").zip(number("GPSLongitude")).map(|(lat, lon)| format!("{lat:.6},{lon:.6}"));
        assert_eq!(place.as_deref(), known.place, "{}", known.file);
    }
}

#[test]
fn no_real_photo_is_missing_from_the_table() {
    let Some(mut present) = photo_files::real_photos() else {
        return;
    };
    let mut listed: Vec<_> = KNOWN.iter().map(|known| known.file.to_owned()).collect();
    present.sort();
    listed.sort();
    assert_eq!(present, listed);
}

#[test]
fn accuracy_direction_and_source_come_along() {
    let Some(heic) = real_photo("IMG_5195.HEIC") else {
        return;
    };
    let reading = read(&heic).unwrap();
    let fix = reading.place_fix().unwrap();
    assert_eq!(fix.source, PlaceSource::Photo);
    assert!((fix.accuracy_m.unwrap() - 38.813_004).abs() < 1e-6);
    assert!((reading.direction_deg.unwrap() - 348.055_328).abs() < 1e-6);
    // As `sha256sum` says.
    assert!(reading.sha256.starts_with("d9b9ebe21c412708"));
    let original = reading.original();
    assert_eq!((original.media_type.as_str(), original.bytes), ("image/heic", 833_284));
}

#[test]
fn every_real_photo_gets_its_renditions_or_a_reason() {
    for known in &KNOWN {
        let Some(bytes) = real_photo(known.file) else {
            return;
        };
        let reading = read(&bytes).unwrap();
        if known.file.ends_with("HEIC") {
            assert_eq!(make(&bytes, &reading), Err(PhotoProblem::CannotDecodeHere(MediaType::Heic)), "{}", known.file);
            continue;
        }
        let made = make(&bytes, &reading).unwrap();
        let damaged = matches!(made.damage, Some(PhotoProblem::PartlyDamaged(_)));
        assert_eq!(damaged, known.file == "corrupted.jpg", "{}: {:?}", known.file, made.damage);

        let (wide, high) = if reading.orientation >= 5 { (known.size.1, known.size.0) } else { known.size };
        let longest = wide.max(high);
        assert_eq!(made.display.width > made.display.height, wide > high, "{}", known.file);
        assert_eq!(made.display.width.max(made.display.height), longest.min(2048), "{}", known.file);
        assert_eq!(made.thumbnail.width.max(made.thumbnail.height), longest.min(320), "{}", known.file);
        assert!(made.thumbnail.bytes.len() <= MAX_THUMBNAIL_BYTES, "{}", known.file);
        for (file, kind) in [(&made.display, RenditionKind::Display), (&made.thumbnail, RenditionKind::Thumbnail)] {
            let again = read(&file.bytes).unwrap();
            assert_eq!((again.width, again.height), (file.width, file.height), "{}", known.file);
            assert_eq!(again.sha256, file.sha256, "{}", known.file);
            assert_eq!(file.rendition(kind).sha256, file.sha256);
        }
    }
}

#[test]
fn what_people_are_shown_says_nothing_about_who_took_it_where() {
    for known in &KNOWN {
        let Some(bytes) = real_photo(known.file) else {
            return;
        };
        let Ok(made) = make(&bytes, &read(&bytes).unwrap()) else {
            continue;
        };
        for file in [made.display.bytes, made.thumbnail.bytes] {
            let reading = read(&file).unwrap();
            assert_eq!((reading.taken_at, reading.place, reading.orientation), (None, None, 1), "{}", known.file);
            // APP0 (JFIF) is all that may stand before the picture: no EXIF, XMP, ICC, Photoshop or comment.
            let segments = photo_files::segments(&file);
            assert!(
                segments.iter().all(|marker| !matches!(marker, 0xe1..=0xef | 0xfe)),
                "{}: {segments:x?}",
                known.file
            );
        }
    }
}

#[test]
fn photos_of_one_scene_come_out_upright_whichever_way_the_camera_was_held() {
    for (one, other) in [
        ("landscape_1.jpg", "landscape_3.jpg"),
        ("landscape_1.jpg", "landscape_6.jpg"),
        ("portrait_6.jpg", "portrait_8.jpg"),
    ] {
        let (Some(a), Some(b)) = (real_photo(one), real_photo(other)) else {
            return;
        };
        let (a, b) = (made(&a).display, made(&b).display);
        assert_eq!((a.width, a.height), (b.width, b.height), "{one} and {other}");
        assert_eq!(a.width > a.height, one.starts_with("landscape"), "{one}");
        let (a, mut b) = (pixels(&a.bytes), pixels(&b.bytes));
        let upright = mean_difference(&a, &b);
        image::imageops::rotate180_in_place(&mut b);
        let on_its_head = mean_difference(&a, &b);
        // The files were turned and compressed apart, so they are not the same to the pixel (`djpeg` agrees: 14.5 of 255).
        assert!(
            upright < 18.0 && on_its_head > 3.0 * upright,
            "{one} and {other}: {upright}, on its head {on_its_head}"
        );
    }
}
