//! Which photos of one picking become one draft.

use coldpatch_shared::geo::LatLon;
use coldpatch_shared::photo::{AT_ONCE_MS, Glance, Grouped, MediaType, NEAR_M, SOON_MS, Shot, glance, grouped};
use proptest::prelude::*;
use std::collections::BTreeSet;

mod photo_files;

/// Meters of a degree of latitude.
const DEGREE_M: f64 = 111_195.0;

/// A photo taken so many ms after noon, so many meters up the street.
fn shot(name: &str, clock_ms: Option<i64>, meters: Option<f64>) -> Shot {
    let place = meters.map(|meters| LatLon { lat: 47.6 + meters / DEGREE_M, lon: -122.3 });
    let media_type = match name.rsplit('.').next() {
        Some("jpg" | "JPG") => Some(MediaType::Jpeg),
        Some("heic" | "HEIC") => Some(MediaType::Heic),
        _ => None,
    };
    Shot { name: name.to_owned(), glance: Glance { media_type, clock_ms, place, ..Glance::default() } }
}

fn drafts(shots: &[Shot]) -> Vec<Vec<usize>> {
    grouped(shots).drafts
}

#[test]
fn one_pothole_photographed_three_times_is_one_draft() {
    let shots = [
        shot("a.jpg", Some(0), Some(0.0)),
        shot("b.jpg", Some(20_000), Some(6.0)),
        shot("c.jpg", Some(95_000), Some(11.0)),
        shot("d.jpg", Some(120_000), Some(60.0)),
    ];
    assert_eq!(drafts(&shots), [vec![0, 1, 2], vec![3]]);
}

#[test]
fn distance_and_time_each_part_drafts_at_their_limit() {
    let pair = |ms: i64, meters: f64| {
        drafts(&[shot("a.jpg", Some(0), Some(0.0)), shot("b.jpg", Some(ms), Some(meters))]).len()
    };
    assert_eq!(pair(1_000, NEAR_M - 1.0), 1);
    assert_eq!(pair(1_000, NEAR_M + 1.0), 2);
    assert_eq!(pair(SOON_MS, 0.0), 1);
    assert_eq!(pair(SOON_MS + 1, 0.0), 2, "another visit");
}

#[test]
fn a_bad_fix_reaches_as_far_as_it_says_and_no_farther_than_a_house() {
    let with = |accuracy: f64, meters: f64| {
        let mut shots = [shot("a.jpg", Some(0), Some(0.0)), shot("b.jpg", Some(5_000), Some(meters))];
        shots[1].glance.accuracy_m = Some(accuracy);
        drafts(&shots).len()
    };
    assert_eq!((with(50.0, 45.0), with(50.0, 55.0), with(5_000.0, 70.0)), (1, 2, 2));
}

#[test]
fn a_draft_does_not_wander_along_the_street() {
    let walk: Vec<Shot> =
        (0_i32..6).map(|n| shot("a.jpg", Some(i64::from(n) * 5_000), Some(f64::from(n) * 20.0))).collect();
    assert_eq!(drafts(&walk), [vec![0, 1], vec![2, 3], vec![4, 5]]);
}

#[test]
fn a_photo_without_a_position_joins_the_neighbor_nearest_in_time() {
    let shots = [
        shot("a.jpg", Some(0), Some(0.0)),
        shot("b.jpg", Some(50_000), Some(200.0)),
        shot("c.jpg", Some(28_000), None),
        shot("d.jpg", Some(-20_000), None),
        shot("e.jpg", Some(50_001 + AT_ONCE_MS), None),
    ];
    assert_eq!(drafts(&shots), [vec![3, 0], vec![2, 1], vec![4]]);
}

#[test]
fn photos_without_any_position_are_together_only_when_taken_at_once() {
    let shots = [
        shot("a.jpg", Some(0), None),
        shot("b.jpg", Some(AT_ONCE_MS), None),
        shot("c.jpg", Some(3 * AT_ONCE_MS), None),
        shot("d.jpg", None, None),
        shot("e.jpg", None, None),
    ];
    assert_eq!(drafts(&shots), [vec![0, 1], vec![2], vec![3], vec![4]]);
}

#[test]
fn without_a_time_the_place_alone_decides() {
    let shots = [shot("a.jpg", Some(0), Some(0.0)), shot("b.jpg", None, Some(5.0)), shot("c.jpg", None, Some(90.0))];
    assert_eq!(drafts(&shots), [vec![0, 1], vec![2]]);
}

#[test]
fn drafts_are_in_the_order_taken_whatever_the_order_picked() {
    let shots = [
        shot("late.jpg", Some(900_000), Some(500.0)),
        shot("early.jpg", Some(0), Some(0.0)),
        shot("between.jpg", Some(60_000), Some(100.0)),
        shot("early again.jpg", Some(30_000), Some(1.0)),
    ];
    assert_eq!(drafts(&shots), [vec![1, 3], vec![2], vec![0]]);
}

#[test]
fn a_live_photo_and_a_pair_of_formats_count_once() {
    let shots = [
        shot("IMG_1.HEIC", Some(0), Some(0.0)),
        shot("img_1.MOV", None, None),
        shot("IMG_2.HEIC", Some(60_000), Some(200.0)),
        shot("IMG_2.jpg", Some(60_000), Some(200.0)),
    ];
    let Grouped { drafts, same_moment } = grouped(&shots);
    assert_eq!(drafts, [vec![0], vec![3]], "of two formats the one that everybody can show");
    assert_eq!(same_moment.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([(1, 0), (2, 3)]));
}

#[test]
fn one_name_in_two_folders_is_two_photos() {
    let one = shot("IMG_1.jpg", Some(0), Some(0.0));
    let other = shot("IMG_1.HEIC", Some(86_400_000), Some(0.0));
    assert_eq!(grouped(&[one.clone(), other]).same_moment, []);
    assert_eq!(grouped(&[one, shot("IMG_1.jpg", Some(400_000), Some(0.0))]).same_moment, []);
    // What is no picture and no film is not left out in silence: it is told that it is none.
    assert_eq!(grouped(&[shot("a.jpg", Some(0), None), shot("a.txt", None, None)]).drafts.len(), 2);
}

#[test]
fn frames_of_a_burst_count_once_and_the_next_second_is_another_photo() {
    let frame = |ms: i64, camera: Option<&str>| {
        let mut frame = shot("f.jpg", Some(ms), Some(0.0));
        frame.glance.camera = camera.map(ToOwned::to_owned);
        frame
    };
    let burst = [frame(0, Some("Pixel 8")), frame(0, Some("Pixel 8")), frame(1_000, Some("Pixel 8"))];
    let Grouped { drafts, same_moment } = grouped(&burst);
    assert_eq!((drafts, same_moment), (vec![vec![0, 2]], vec![(1, 0)]));
    let strangers = [frame(0, Some("Pixel 8")), frame(0, Some("iPhone 5")), frame(0, None), frame(0, None)];
    assert_eq!(grouped(&strangers).same_moment, [], "two cameras, or unknown ones");
}

#[test]
fn the_beginning_of_a_real_photo_says_what_the_whole_says() {
    for name in ["DSCN0010.jpg", "iphone5_rotated.jpg", "no_exif.jpg", "corrupted.jpg"] {
        let Some(file) = photo_files::real_photo(name) else { return };
        let head = glance(&file[..file.len().min(coldpatch_shared::photo::HEAD)]);
        let reading = coldpatch_shared::photo::read(&file).unwrap();
        assert_eq!((head.place, head.camera), (reading.place, reading.camera), "{name}");
        assert_eq!(head.clock_ms.is_some(), reading.taken_at.is_some(), "{name}");
    }
    assert_eq!(glance(b"GIF89a"), Glance::default());
}

proptest! {
    #[test]
    fn every_photo_is_somewhere_exactly_once(
        shots in prop::collection::vec((0_i64..400, any::<bool>(), 0_u8..120, any::<bool>(), 0_u8..4, 0_u8..3), 0..50)
    ) {
        let shots: Vec<Shot> = shots.into_iter().map(|(seconds, timed, meters, placed, name, camera)| {
            let name = ["a.jpg", "a.HEIC", "a.MOV", "b.jpg"][usize::from(name)];
            let mut shot = shot(name, timed.then_some(seconds * 1_000), placed.then_some(f64::from(meters)));
            shot.glance.camera = ["x", "y"].get(usize::from(camera)).map(|name| (*name).to_owned());
            shot
        }).collect();
        let Grouped { drafts, same_moment } = grouped(&shots);
        let mut seen: Vec<usize> = drafts.iter().flatten().copied().collect();
        for (left_out, kept) in &same_moment {
            prop_assert!(drafts.iter().flatten().any(|at| at == kept), "what it is the same as is there");
            seen.push(*left_out);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..shots.len()).collect::<Vec<_>>());
    }
}
