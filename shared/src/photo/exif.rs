//! The few things that Coldpatch wants from a photo's EXIF block (CIPA DC-008 2.32), each read with suspicion: cameras
//! write zeros, blanks and leftovers where they know nothing. What is not believable is left out, never guessed.

use crate::geo::LatLon;
use exif::{Exif, Field, In, Reader, Tag, Value};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use std::io::Cursor;

/// The longest name of a camera, in characters: leftovers can be long.
const MOST_CAMERA: usize = 80;

/// What the block says; nothing where there is none.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) orientation: Option<u8>,
    pub(super) taken_at: Option<String>,
    pub(super) taken_at_ms: Option<i64>,
    pub(super) place: Option<LatLon>,
    pub(super) accuracy_m: Option<f64>,
    pub(super) place_age_s: Option<u32>,
    pub(super) direction_deg: Option<f64>,
    pub(super) camera: Option<String>,
}

/// Reads the EXIF block of a JPEG, PNG, WebP, HEIC or AVIF file.
pub(super) fn metadata(file: &[u8]) -> Metadata {
    // One damaged field must not cost the others.
    let read = Reader::new().continue_on_error(true).read_from_container(&mut Cursor::new(file));
    let Ok(exif) = read.or_else(|error| error.distill_partial_result(|_| {})) else {
        return Metadata::default();
    };
    let clock = clock(&exif);
    let zone = text(&exif, Tag::OffsetTimeOriginal).and_then(|text| offset(&text));
    let place = place(&exif);
    let zone_of_clock = zone.as_ref().map(|(offset, _)| *offset);
    Metadata {
        orientation: orientation(&exif),
        taken_at: clock.map(|clock| zone.as_ref().map_or(clock.to_string(), |(_, zone)| format!("{clock}{zone}"))),
        taken_at_ms: match (clock, zone) {
            (Some(clock), Some((offset, _))) => instant(clock, offset),
            (Some(clock), None) => satellite_time(&exif).filter(|utc| agrees(clock, *utc)),
            (None, _) => satellite_time(&exif),
        },
        place,
        // The radius of a circle around nothing says nothing.
        accuracy_m: place.and_then(|_| number(&exif, Tag::GPSHPositioningError)).filter(|meters| *meters > 0.0),
        place_age_s: place.and_then(|_| age_s(clock?, zone_of_clock?, satellite_time(&exif)?)),
        direction_deg: number(&exif, Tag::GPSImgDirection).filter(|degrees| (0.0..=360.0).contains(degrees)),
        camera: camera(&exif),
    }
}

fn field(exif: &Exif, tag: Tag) -> Option<&Field> {
    exif.get_field(tag, In::PRIMARY)
}

fn orientation(exif: &Exif) -> Option<u8> {
    let value = field(exif, Tag::Orientation)?.value.get_uint(0)?;
    u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    match &field(exif, tag)?.value {
        Value::Ascii(lines) => Some(String::from_utf8_lossy(lines.first()?).trim().to_owned()),
        _ => None,
    }
}

/// Maker and model, `Apple iPhone 13 Pro Max`; many models begin with their maker's name already.
fn camera(exif: &Exif) -> Option<String> {
    let [maker, model] = [Tag::Make, Tag::Model].map(|tag| text(exif, tag).unwrap_or_default());
    let [maker, model] =
        [maker, model].map(|text| text.chars().filter(|letter| !letter.is_control()).collect::<String>());
    let brand = maker.split_whitespace().next().unwrap_or_default().to_lowercase();
    let said = if model.to_lowercase().starts_with(&brand) { model } else { format!("{maker} {model}") };
    let said: String = said.trim().chars().take(MOST_CAMERA).collect();
    (!said.is_empty()).then_some(said)
}

/// The rationals of a field; `None` if one of them is a division by zero, which is how cameras write *unknown*.
fn rationals(exif: &Exif, tag: Tag) -> Option<Vec<f64>> {
    match &field(exif, tag)?.value {
        Value::Rational(list) => {
            list.iter().map(|value| (value.denom != 0).then(|| value.to_f64()).filter(|n| n.is_finite())).collect()
        }
        _ => None,
    }
}

fn number(exif: &Exif, tag: Tag) -> Option<f64> {
    rationals(exif, tag)?.first().copied()
}

fn place(exif: &Exif) -> Option<LatLon> {
    let lat = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, ['N', 'S'])?;
    let lon = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, ['E', 'W'])?;
    LatLon::new(lat, lon).ok()
}

/// One coordinate: degrees, minutes and seconds, of which the last two may be missing. Without a hemisphere it could lie on
/// either side of the earth, so then there is none.
fn degrees(exif: &Exif, tag: Tag, hemisphere: Tag, [positive, negative]: [char; 2]) -> Option<f64> {
    let letter = text(exif, hemisphere)?.chars().next()?.to_ascii_uppercase();
    let sign = match letter {
        letter if letter == positive => 1.0,
        letter if letter == negative => -1.0,
        _ => return None,
    };
    let parts = rationals(exif, tag)?;
    let (minutes, seconds) = (parts.get(1).copied().unwrap_or(0.0), parts.get(2).copied().unwrap_or(0.0));
    // 60 itself comes out of rounding.
    let believable = (0.0..=60.0).contains(&minutes) && (0.0..=60.0).contains(&seconds);
    believable.then_some(sign * (parts.first()? + minutes / 60.0 + seconds / 3600.0))
}

/// The camera's clock when the picture was taken, in the camera's zone.
fn clock(exif: &Exif) -> Option<DateTime> {
    let text = text(exif, Tag::DateTimeOriginal)?;
    let (date, time) = text.split_once([' ', 'T'])?;
    let [hour, minute, second] = numbers(time, [':'])?;
    Some(DateTime::from_parts(
        civil_date(date)?,
        Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()?,
    ))
}

/// `2008:10:23`, or with the hyphens that some programs write. A clock that was never set (`0000:00:00`) is no date.
fn civil_date(text: &str) -> Option<Date> {
    let [year, month, day] = numbers(text, [':', '-'])?;
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|_| year > 0)
}

fn numbers<const SEPARATORS: usize>(text: &str, separators: [char; SEPARATORS]) -> Option<[u16; 3]> {
    let parts: Vec<u16> = text.split(separators).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// `+02:00`, checked, and as the text that goes behind the time.
fn offset(text: &str) -> Option<(Offset, String)> {
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ if text == "Z" => return Some((Offset::UTC, "+00:00".to_owned())),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    // The zones in use run from -12:00 to +14:00.
    let believable = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    let offset = believable.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())??;
    Some((offset, format!("{}{hours:02}:{minutes:02}", if sign > 0 { '+' } else { '-' })))
}

fn instant(clock: DateTime, offset: Offset) -> Option<i64> {
    let zoned = clock.to_zoned(TimeZone::fixed(offset)).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The date and time that the satellites gave, which is UTC; both are needed.
#[allow(clippy::cast_possible_truncation, reason = "each number is checked to be within a day")]
fn satellite_time(exif: &Exif) -> Option<i64> {
    let date = text(exif, Tag::GPSDateStamp).and_then(|text| civil_date(&text))?;
    let [hours, minutes, seconds]: [f64; 3] = rationals(exif, Tag::GPSTimeStamp)?.try_into().ok()?;
    if !((0.0..24.0).contains(&hours) && (0.0..60.0).contains(&minutes) && (0.0..61.0).contains(&seconds)) {
        return None;
    }
    let midnight = instant(date.to_datetime(Time::midnight()), Offset::UTC)?;
    Some(midnight + ((hours * 3600.0 + minutes * 60.0 + seconds) * 1000.0).round() as i64)
}

/// How old the satellites' position was when the picture was taken. Nothing where that was more than a day: then one of the two clocks is
/// wrong; nor without a zone, as then nobody knows when it was taken.
fn age_s(clock: DateTime, zone: Offset, utc_ms: i64) -> Option<u32> {
    // Cameras look for their position while they take the picture: it may come a moment later.
    const AFTERWARDS_MS: i64 = 60_000;
    const DAY_MS: i64 = 24 * 3_600_000;
    let age_ms = instant(clock, zone)?.checked_sub(utc_ms)?;
    if !(-AFTERWARDS_MS..DAY_MS).contains(&age_ms) {
        return None;
    }
    u32::try_from(age_ms.max(0) / 1000).ok()
}

/// Whether the camera's clock could show this time somewhere on earth when it was `utc_ms`: zones run from -12 to +14 hours,
/// and a clock may be an hour off for summer time. Else one of the two is wrong, and nobody can tell which: the Nikon
/// COOLPIX P6000 of the test photos writes the satellites' date a day late.
fn agrees(clock: DateTime, utc_ms: i64) -> bool {
    const HOUR: i64 = 3_600_000;
    instant(clock, Offset::UTC).is_some_and(|local| ((-13 * HOUR)..=(15 * HOUR)).contains(&(local - utc_ms)))
        && Timestamp::from_millisecond(utc_ms).is_ok()
}
