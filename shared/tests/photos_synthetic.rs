//! Photos made to order: every turn, odd positions and times, other formats, damage, and mutations.

mod photo_files;

use coldpatch_shared::photo::{
    JpegFile, MAX_THUMBNAIL_BYTES, MediaType, PhotoProblem, Pixels, Small, make, make_of, read,
};
use exif::{Rational, Tag, Value};
use photo_files::{ascii, degrees, jpeg, made, pixels, rational, real_photo, with_exif};
use proptest::prelude::*;

#[test]
fn all_eight_orientations_are_undone() {
    // Red, green / blue, white: no turn or mirroring of it looks like another.
    let corners = |file: &[u8]| {
        let picture = pixels(file);
        let (w, h) = picture.dimensions();
        [(8, 8), (w - 8, 8), (8, h - 8), (w - 8, h - 8)].map(|(x, y)| photo_files::name(picture.get_pixel(x, y).0))
    };
    // How a camera stores the upright picture "RG/BW" for each orientation (EXIF 2.32, 4.6.4, tag 0112).
    for (orientation, stored) in
        [(1, "RGBW"), (2, "GRWB"), (3, "WBGR"), (4, "BWRG"), (5, "RBGW"), (6, "GWRB"), (7, "WGBR"), (8, "BRWG")]
    {
        let turn = (Tag::Orientation, Value::Short(vec![orientation]));
        let display = made(&with_exif(&photo_files::four_colors(stored), &[turn])).display;
        assert_eq!(corners(&display.bytes), ['R', 'G', 'B', 'W'], "orientation {orientation}");
    }
}

#[test]
fn an_orientation_that_does_not_exist_leaves_the_picture_as_it_is() {
    for value in [0, 9, 255, 256, 65_535] {
        let file = with_exif(&jpeg(40, 30), &[(Tag::Orientation, Value::Short(vec![value]))]);
        assert_eq!(read(&file).unwrap().orientation, 1, "{value}");
    }
}

#[test]
fn each_hemisphere_has_its_sign() {
    for (north, east, expected) in [
        ("N", "E", "10.508333,20.000000"),
        ("S", "E", "-10.508333,20.000000"),
        ("N", "W", "10.508333,-20.000000"),
        ("S", "W", "-10.508333,-20.000000"),
    ] {
        let file = photo_files::at(degrees(10, 30, 30), north, degrees(20, 0, 0), east);
        assert_eq!(read(&file).unwrap().place.unwrap().to_string(), expected);
    }
}

#[test]
fn null_island_is_no_place_but_the_equator_and_greenwich_are() {
    let place = |lat, lon| read(&photo_files::at(lat, "N", lon, "E")).unwrap().place.map(|place| place.to_string());
    assert_eq!(place(degrees(0, 0, 0), degrees(0, 0, 0)), None);
    assert_eq!(place(degrees(0, 0, 0), degrees(32, 34, 48)).as_deref(), Some("0.000000,32.580000"));
    assert_eq!(place(degrees(51, 28, 48), degrees(0, 0, 0)).as_deref(), Some("51.480000,0.000000"));
}

#[test]
fn a_position_that_cannot_be_is_none_and_costs_nothing_else() {
    let zero = Rational { num: 0, denom: 0 };
    let odd = [
        ("zero denominators", Value::Rational(vec![zero; 3])),
        ("one zero denominator", Value::Rational(vec![rational(10, 1), rational(30, 1), zero])),
        ("beyond the pole", degrees(91, 0, 0)),
        ("61 minutes", degrees(10, 61, 0)),
        ("no numbers", Value::Rational(vec![])),
        ("text", ascii("47.6")),
    ];
    for (what, lat) in odd {
        let mut fields = photo_files::position(lat, "N", degrees(20, 0, 0), "E");
        fields.push((Tag::DateTimeOriginal, ascii("2024:05:06 07:08:09")));
        fields.push((Tag::GPSHPositioningError, Value::Rational(vec![zero])));
        let reading = read(&with_exif(&jpeg(40, 30), &fields)).unwrap();
        assert_eq!((reading.place, reading.accuracy_m), (None, None), "{what}");
        assert_eq!(reading.taken_at.as_deref(), Some("2024-05-06T07:08:09"), "{what}");
    }
    for hemisphere in ["", "X"] {
        let file = photo_files::at(degrees(10, 0, 0), hemisphere, degrees(20, 0, 0), "E");
        assert_eq!(read(&file).unwrap().place, None, "hemisphere {hemisphere:?}");
    }
}

#[test]
fn a_time_is_an_instant_only_with_a_zone_or_satellites_that_agree() {
    let time = |fields: &[(Tag, Value)]| {
        let reading = read(&with_exif(&jpeg(40, 30), fields)).unwrap();
        (reading.taken_at, reading.taken_at_ms)
    };
    let taken = |text: &str| (Tag::DateTimeOriginal, ascii(text));
    let zone = |text: &str| (Tag::OffsetTimeOriginal, ascii(text));
    let satellites = |date: &str| {
        let time = Value::Rational(vec![rational(14, 1), rational(29, 1), rational(4_950, 100)]);
        [(Tag::GPSDateStamp, ascii(date)), (Tag::GPSTimeStamp, time)]
    };
    let local = Some("2008-10-22T16:29:49".to_owned());
    let zoned = Some("2008-10-22T16:29:49+02:00".to_owned());
    let clock = taken("2008:10:22 16:29:49");

    assert_eq!(time(std::slice::from_ref(&clock)), (local.clone(), None));
    assert_eq!(time(&[clock.clone(), zone("+02:00")]), (zoned, Some(1_224_685_789_000)));
    assert_eq!(time(&[clock.clone(), zone("   :  ")]), (local.clone(), None));
    assert_eq!(time(&[clock.clone(), zone("+99:00")]), (local.clone(), None));
    let [date, hour] = satellites("2008:10:22");
    assert_eq!(time(&[clock.clone(), date.clone(), hour.clone()]), (local.clone(), Some(1_224_685_789_500)));
    assert_eq!(time(&[date, hour]), (None, Some(1_224_685_789_500)));
    let [date, hour] = satellites("2008:10:23");
    assert_eq!(time(&[clock, date, hour]), (local, None), "a day apart");
    for never_set in
        ["0000:00:00 00:00:00", "    :  :     :  :  ", "2023:02:30 10:00:00", "2023:01:01 25:00:00", "", "x"]
    {
        assert_eq!(time(&[taken(never_set)]), (None, None), "{never_set:?}");
    }
}

#[test]
fn a_position_is_as_old_as_the_satellites_time_where_the_photos_own_is_sure() {
    let age = |clock: &str, zone: Option<&str>, date: Option<&str>| {
        let mut fields = photo_files::position(degrees(10, 30, 0), "N", degrees(20, 0, 0), "E");
        fields.push((Tag::DateTimeOriginal, ascii(clock)));
        fields.extend(zone.map(|zone| (Tag::OffsetTimeOriginal, ascii(zone))));
        if let Some(date) = date {
            let time = Value::Rational(vec![rational(14, 1), rational(29, 1), rational(4_950, 100)]);
            fields.extend([(Tag::GPSDateStamp, ascii(date)), (Tag::GPSTimeStamp, time)]);
        }
        read(&with_exif(&jpeg(40, 30), &fields)).unwrap().place_fix().unwrap().age_s
    };
    let (zone, day) = (Some("+02:00"), Some("2008:10:22"));
    assert_eq!(age("2008:10:22 16:31:50", zone, day), Some(120));
    assert_eq!(age("2008:10:22 16:29:49", zone, day), Some(0), "found while it was taken");
    assert_eq!(age("2008:10:22 16:20:00", zone, day), None, "found long after: one of the clocks is wrong");
    assert_eq!(age("2008:10:24 16:29:49", zone, day), None, "two days apart");
    assert_eq!(age("2008:10:22 16:31:50", None, day), None, "in no known zone");
    assert_eq!(age("2008:10:22 16:31:50", zone, None), None);
}

#[test]
fn an_exif_block_cut_off_anywhere_never_costs_the_picture() {
    let mut fields = photo_files::position(degrees(10, 30, 30), "N", degrees(20, 0, 0), "E");
    fields.push((Tag::Orientation, Value::Short(vec![6])));
    let block = photo_files::exif_block(&fields);
    for length in 0..=block.len() {
        let file = photo_files::with_block(&jpeg(40, 30), &block[..length]);
        let reading = read(&file).unwrap();
        assert_eq!((reading.width, reading.height), (40, 30));
        assert!(make(&file, &reading).is_ok());
        assert!(length < block.len() || reading.place.is_some());
    }
}

#[test]
fn what_is_no_picture_is_refused_in_words_for_people() {
    assert_eq!(read(b""), Err(PhotoProblem::Empty));
    let text = b"pothole at the corner, see photo.jpg";
    let video = b"\0\0\0\x14ftypisom\0\0\0\0mp42more";
    for not_a_picture in [&text[..], b"\xff", b"GIF89a", video, b"\0\0\0\x00ftypheic", b"%PDF-1.7"] {
        assert_eq!(read(not_a_picture), Err(PhotoProblem::NotAPicture), "{not_a_picture:?}");
    }
    assert!(PhotoProblem::NotAPicture.to_string().contains("Pick another"));
}

#[test]
fn avif_and_heic_are_known_by_their_brands() {
    for (file, media_type) in [
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif....", MediaType::Avif),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif....", MediaType::Avif),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic....", MediaType::Heic),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic....", MediaType::Heic),
    ] {
        let reading = read(file).unwrap();
        assert_eq!(reading.media_type, media_type);
        assert_eq!(make(file, &reading), Err(PhotoProblem::CannotDecodeHere(media_type)));
        assert!(make(file, &reading).unwrap_err().to_string().contains(media_type.name()));
    }
}

#[test]
fn a_photo_cut_off_shows_what_is_left_and_says_so() {
    let whole = jpeg(640, 480);
    let half = &whole[..whole.len() / 2];
    let reading = read(half).unwrap();
    let made = make(half, &reading).unwrap();
    assert_eq!((made.display.width, made.display.height), (640, 480));
    assert!(made.damage.unwrap().to_string().contains("damaged"));

    let header = &whole[..60];
    assert!(matches!(read(header), Err(PhotoProblem::Damaged(_))));
}

#[test]
fn a_header_that_promises_four_gigapixels_is_refused_before_anything_is_allocated() {
    let mut file = jpeg(16, 16);
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    file[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let Err(problem) = read(&file) else { panic!("accepted") };
    assert_eq!(problem, PhotoProblem::TooLarge { width: 65_535, height: 65_535, bytes: file.len() as u64 });
    assert!(problem.to_string().contains("65535 × 65535 pixels"), "{problem}");
}

#[test]
fn a_reading_that_does_not_belong_to_the_bytes_ends_in_an_error() {
    let reading = read(&photo_files::png(8, 8)).unwrap();
    assert!(matches!(make(&jpeg(8, 8), &reading), Err(PhotoProblem::Damaged(_))));
}

#[test]
fn png_and_webp_become_jpeg_and_what_is_transparent_becomes_white() {
    for (file, media_type) in
        [(photo_files::png(500, 20), MediaType::Png), (photo_files::webp(500, 20), MediaType::Webp)]
    {
        let reading = read(&file).unwrap();
        assert_eq!((reading.media_type, reading.width, reading.height), (media_type, 500, 20));
        let made = made(&file);
        assert_eq!((made.display.width, made.display.height), (500, 20));
        assert_eq!((made.thumbnail.width, made.thumbnail.height), (320, 13));
        let picture = pixels(&made.display.bytes);
        assert_eq!(photo_files::name(picture.get_pixel(5, 10).0), 'R', "the opaque half is red");
        assert_eq!(photo_files::name(picture.get_pixel(495, 10).0), 'W', "the transparent half is white");
    }
    for file in [photo_files::png(64, 64), photo_files::webp(64, 64)] {
        let cut = &file[..file.len() - 30];
        let refused = read(cut).and_then(|reading| make(cut, &reading).map(|_| ()));
        assert!(matches!(refused, Err(PhotoProblem::Damaged(_))), "{refused:?}");
    }
}

#[test]
fn a_line_of_pixels_keeps_its_one_pixel() {
    let made = made(&jpeg(6_000, 1));
    assert_eq!((made.display.width, made.display.height), (2048, 1));
    assert_eq!((made.thumbnail.width, made.thumbnail.height), (320, 1));
}

#[test]
fn a_thumbnail_of_pure_noise_still_fits() {
    let made = made(&photo_files::noise(1_200, 1_200));
    assert!(made.thumbnail.bytes.len() <= MAX_THUMBNAIL_BYTES, "{:?}", made.thumbnail);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_photo_never_panics(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        // The real one has EXIF with a position; without the real photos a small one made here does.
        let mut bytes = real_photo("Kodak_CX7530.jpg")
            .unwrap_or_else(|| photo_files::at(degrees(10, 30, 30), "N", degrees(20, 0, 0), "E"));
        for (at, byte) in &hits {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(reading) = read(&bytes) && let Ok(made) = make(&bytes, &reading) {
            prop_assert!(made.thumbnail.bytes.len() <= MAX_THUMBNAIL_BYTES);
            prop_assert!(made.display.width.max(made.display.height) <= 2048);
        }
    }
}

#[test]
fn what_another_program_has_drawn_is_taken_only_if_it_is_what_it_should_be() {
    let pixels =
        |width: u32, height: u32| Pixels { width, height, rgb: vec![90; (3 * width * height) as usize], profile: None };
    let made = make_of(pixels(1_000, 600), 1).unwrap();
    let around = Small::of(pixels(500, 300)).unwrap().beside(made.display.clone()).unwrap();
    assert_eq!((&around.display, &around.blur), (&made.display, &made.blur));
    assert_eq!((around.thumbnail.width, around.thumbnail.height), (320, 192));
    let mut talkative = made.display.clone();
    talkative.bytes.splice(2..2, [0xff, 0xfe, 0, 3, b'x']);
    let larger = JpegFile { width: 3_000, height: 1_800, ..made.display.clone() };
    let short = Pixels { rgb: vec![0; 9], ..pixels(320, 192) };
    for (display, small) in [
        (talkative, pixels(320, 192)),
        (larger, pixels(320, 192)),
        (made.display.clone(), pixels(300, 500)),
        (made.display.clone(), pixels(200, 120)),
        (made.display, short),
    ] {
        assert!(matches!(Small::of(small).and_then(|small| small.beside(display)), Err(PhotoProblem::Damaged(_))));
    }
}
