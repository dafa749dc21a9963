//! Which photos of one picking show the same thing, and in which order they were taken: the rule of photo-first filing.
//!
//! | photos | belong to one draft when |
//! |---|---|
//! | both with a position | at most [`NEAR_M`] apart, or as far as their own error circles say up to [`FAR_M`], and within [`SOON_MS`] of the draft's latest; without a time the place alone decides |
//! | one without a position | within [`AT_ONCE_MS`] of a photo of the draft, the nearest in time |
//! | neither time nor position | never: each is a draft of its own |
//!
//! What shows the same moment twice counts once: the still and the film of a live photo, one picture in two formats (both
//! by the file's name), the frames of a burst (one camera, one second).

use super::{Glance, MediaType};
use crate::geo::{LatLon, distance_m};

/// Photos so near each other show one thing: as good as a phone's position is on a street, in meters.
pub const NEAR_M: f64 = 25.0;
/// The most that an error circle stretches that, in meters.
pub const FAR_M: f64 = 60.0;
/// Back at the same spot after so long, it is another visit, ms.
pub const SOON_MS: i64 = 10 * 60 * 1000;
/// Without a position, photos so close in time show one thing, ms: nobody walks to the next thing in that time.
pub const AT_ONCE_MS: i64 = 30 * 1000;
/// A burst's frames have one second on the camera's clock, ms.
const BURST_MS: i64 = 1000;

/// A photo as it was picked.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// The file's name.
    pub name: String,
    /// What its beginning says.
    pub glance: Glance,
}

/// What became of a picking. Every photo is in it once, as its index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grouped {
    /// The drafts in the order in which their first photos were taken; in each its photos, in that order, too.
    pub drafts: Vec<Vec<usize>>,
    /// Left out: the photo, and the one that shows the same moment.
    pub same_moment: Vec<(usize, usize)>,
}

/// Puts photos in order and together.
#[must_use]
pub fn grouped(shots: &[Shot]) -> Grouped {
    let mut order: Vec<usize> = (0..shots.len()).collect();
    // Without a time: as they were picked, after the others.
    order.sort_by_key(|at| (clock(&shots[*at]).is_none(), clock(&shots[*at]), *at));
    let mut same_moment = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    for &at in &order {
        match kept.iter().position(|&other| is_one_moment(&shots[other], &shots[at])) {
            // What everybody can show stays: of a live photo the still, of a pair the JPEG.
            Some(place) if rank(&shots[at]) < rank(&shots[kept[place]]) => {
                let replaced = std::mem::replace(&mut kept[place], at);
                for left_out in &mut same_moment {
                    let (_, by): &mut (usize, usize) = left_out;
                    if *by == replaced {
                        *by = at;
                    }
                }
                same_moment.push((replaced, at));
            }
            Some(place) => same_moment.push((at, kept[place])),
            None => kept.push(at),
        }
    }
    kept.sort_by_key(|at| order.iter().position(|other| other == at));
    let mut drafts: Vec<Draft> = Vec::new();
    for &at in kept.iter().filter(|at| place(&shots[**at]).is_some()) {
        place_in(&mut drafts, shots, at);
    }
    for &at in kept.iter().filter(|at| place(&shots[**at]).is_none()) {
        time_in(&mut drafts, shots, at);
    }
    let rank_of = |at: usize| kept.iter().position(|other| *other == at);
    let mut drafts: Vec<Vec<usize>> = drafts.into_iter().map(|draft| draft.photos).collect();
    for photos in &mut drafts {
        photos.sort_by_key(|at| rank_of(*at));
    }
    drafts.sort_by_key(|photos| photos.first().and_then(|at| rank_of(*at)));
    Grouped { drafts, same_moment }
}

/// A draft in the making.
struct Draft {
    /// Of its first photo: a draft does not wander along the street.
    place: Option<LatLon>,
    accuracy_m: f64,
    photos: Vec<usize>,
}

impl Draft {
    fn of(shots: &[Shot], at: usize) -> Self {
        Self { place: place(&shots[at]), accuracy_m: accuracy(&shots[at]), photos: vec![at] }
    }
}

/// By its position: with the nearest draft, or alone.
fn place_in(drafts: &mut Vec<Draft>, shots: &[Shot], at: usize) {
    let Some(here) = place(&shots[at]) else { return };
    let nearest = drafts
        .iter_mut()
        .filter_map(|draft| {
            let away = distance_m(draft.place?, here);
            let reach = (draft.accuracy_m + accuracy(&shots[at])).clamp(NEAR_M, FAR_M);
            let latest = draft.photos.iter().filter_map(|photo| clock(&shots[*photo])).max();
            let soon = latest.zip(clock(&shots[at])).is_none_or(|(last, now)| (now - last).abs() <= SOON_MS);
            (away <= reach && soon).then_some((away, draft))
        })
        .min_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((_, draft)) => draft.photos.push(at),
        None => drafts.push(Draft::of(shots, at)),
    }
}

/// By its time alone: with the draft of the photo nearest in time, or alone.
fn time_in(drafts: &mut Vec<Draft>, shots: &[Shot], at: usize) {
    let nearest = clock(&shots[at]).and_then(|now| {
        let apart = |draft: &Draft| {
            draft.photos.iter().filter_map(|photo| clock(&shots[*photo])).map(|then| (now - then).abs()).min()
        };
        let near = drafts.iter_mut().filter_map(|draft| Some((apart(draft)?, draft)));
        near.filter(|(apart, _)| *apart <= AT_ONCE_MS).min_by_key(|(apart, _)| *apart)
    });
    match nearest {
        Some((_, draft)) => draft.photos.push(at),
        None => drafts.push(Draft::of(shots, at)),
    }
}

fn clock(shot: &Shot) -> Option<i64> {
    shot.glance.clock_ms
}

fn place(shot: &Shot) -> Option<LatLon> {
    shot.glance.place
}

fn accuracy(shot: &Shot) -> f64 {
    shot.glance.accuracy_m.unwrap_or(0.0)
}

/// What is better kept: what is decoded everywhere, then other pictures, then what is no picture.
fn rank(shot: &Shot) -> u8 {
    match shot.glance.media_type {
        Some(media_type) if media_type.can_be_decoded_here() => 0,
        Some(_) => 1,
        None => 2,
    }
}

fn is_one_moment(one: &Shot, other: &Shot) -> bool {
    is_one_picture(one, other) || is_one_burst(one, other)
}

/// `IMG_1.HEIC` beside `IMG_1.MOV`, the film of a live photo, or beside `IMG_1.JPG`, the same in another format. Two
/// pictures with one name and different times are two: folders count from one again.
fn is_one_picture(one: &Shot, other: &Shot) -> bool {
    let ((stem, extension), (other_stem, other_extension)) = (name_of(&one.name), name_of(&other.name));
    let formats: [Option<MediaType>; 2] = [one.glance.media_type, other.glance.media_type];
    let times_agree = match (clock(one), clock(other)) {
        (Some(one), Some(other)) => (one - other).abs() < BURST_MS,
        _ => true,
    };
    !stem.is_empty()
        && stem == other_stem
        && extension != other_extension
        && formats[0] != formats[1]
        && (is_film(&extension) || is_film(&other_extension) || formats.iter().all(Option::is_some))
        && times_agree
}

/// The film of a live photo is no picture, and nobody picked it to be told so.
fn is_film(extension: &str) -> bool {
    matches!(extension, "mov" | "mp4")
}

fn is_one_burst(one: &Shot, other: &Shot) -> bool {
    let together = |(one, other): (i64, i64)| (one - other).abs() < BURST_MS;
    one.glance.camera.is_some()
        && one.glance.camera == other.glance.camera
        && clock(one).zip(clock(other)).is_some_and(together)
        && place(one).zip(place(other)).is_none_or(|(one, other)| distance_m(one, other) <= NEAR_M)
}

/// A file's name without and its extension, both in lower case.
fn name_of(name: &str) -> (String, String) {
    let name = name.to_lowercase();
    match name.rsplit_once('.') {
        Some((stem, extension)) => (stem.to_owned(), extension.to_owned()),
        None => (name, String::new()),
    }
}
