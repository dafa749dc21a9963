//! Instants as people read them, in the city's time zone: clock times, days, how long ago, how long until.
//!
//! Instants come in as milliseconds since the Unix epoch; "now" always comes in from outside.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A minute in ms.
pub const MINUTE: i64 = 60_000;
/// An hour in ms.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in ms.
pub const DAY: i64 = 24 * HOUR;

/// The zone in which a city counts its days.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone with this IANA name. A name that this version does not know is read as the device's own zone: the
    /// people are in the city, and a clock that is right for them beats one in UTC.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or_else(|_| TimeZone::system()))
    }

    /// The device's own zone, for screens that know no city yet.
    #[must_use]
    pub fn system() -> Self {
        Self(TimeZone::system())
    }

    fn civil(&self, ms: i64) -> DateTime {
        let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        self.0.to_datetime(instant)
    }

    fn day(&self, ms: i64) -> Date {
        self.civil(ms).date()
    }

    /// An instant as a camera in this zone writes it into a photo: `2021-05-01T14:32:00-07:00`.
    #[must_use]
    pub fn camera(&self, ms: i64) -> String {
        let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let minutes = self.0.to_offset(instant).seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("{}{sign}{hours:02}:{rest:02}", self.civil(ms).strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// `09:14`.
    #[must_use]
    pub fn clock(&self, ms: i64) -> String {
        self.civil(ms).strftime("%H:%M").to_string()
    }

    /// `Tuesday, Nov 21`.
    #[must_use]
    pub fn heading(&self, ms: i64) -> String {
        self.civil(ms).strftime("%A, %b %-d").to_string()
    }

    /// When something was: `09:14` today, `Yesterday 18:22`, `Mon 18:22` within a week, else `Nov 3, 18:22`;
    /// with the year when it is not this one.
    #[must_use]
    pub fn past(&self, ms: i64, now: i64) -> String {
        let (then, today) = (self.civil(ms), self.day(now));
        let day = then.date();
        if day == today {
            then.strftime("%H:%M").to_string()
        } else if today.yesterday().is_ok_and(|yesterday| day == yesterday) {
            then.strftime("Yesterday %H:%M").to_string()
        } else if day < today && within_a_week(day, today) {
            then.strftime("%a %H:%M").to_string()
        } else if day.year() == today.year() {
            then.strftime("%b %-d, %H:%M").to_string()
        } else {
            then.strftime("%b %-d, %Y, %H:%M").to_string()
        }
    }

    /// When something will be: `Today 16:00`, `Tomorrow 09:00`, `Fri 12:00` within a week, else `Nov 28`; with the
    /// year when it is not this one.
    #[must_use]
    pub fn future(&self, ms: i64, now: i64) -> String {
        let (then, today) = (self.civil(ms), self.day(now));
        let day = then.date();
        if day == today {
            then.strftime("Today %H:%M").to_string()
        } else if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) {
            then.strftime("Tomorrow %H:%M").to_string()
        } else if day > today && within_a_week(today, day) {
            then.strftime("%a %H:%M").to_string()
        } else if day.year() == today.year() {
            then.strftime("%b %-d").to_string()
        } else {
            then.strftime("%b %-d, %Y").to_string()
        }
    }

    /// The day as a key: `2026-11-21`.
    #[must_use]
    pub fn date(&self, ms: i64) -> String {
        self.day(ms).to_string()
    }

    /// Whether two instants are on the same day here.
    #[must_use]
    pub fn same_day(&self, a: i64, b: i64) -> bool {
        self.day(a) == self.day(b)
    }
}

fn within_a_week(earlier: Date, later: Date) -> bool {
    earlier.checked_add(6.days()).is_ok_and(|limit| limit >= later)
}

/// A length of time, rounded down to one unit: `40 s`, `12 min`, `3 h`, `2 days`.
#[must_use]
pub fn length(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        ms if ms < MINUTE => format!("{} s", ms / 1000),
        ms if ms < HOUR => format!("{} min", ms / MINUTE),
        ms if ms < DAY => format!("{} h", ms / HOUR),
        ms if ms < 2 * DAY => "1 day".to_owned(),
        ms => format!("{} days", ms / DAY),
    }
}

/// `just now`, else `12 min ago`.
#[must_use]
pub fn ago(ms: i64, now: i64) -> String {
    let passed = now - ms;
    if passed < MINUTE { "just now".to_owned() } else { format!("{} ago", length(passed)) }
}

/// A running stopwatch: `00:12:40`.
#[must_use]
pub fn stopwatch(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let civil: DateTime = text.parse().unwrap();
        civil.in_tz("America/Los_Angeles").unwrap().timestamp().as_millisecond()
    }

    #[test]
    fn a_shot_bears_the_clock_of_the_city_with_its_offset() {
        let zone = Zone::named("America/Los_Angeles");
        assert_eq!(zone.camera(at("2026-11-21T09:05:07")), "2026-11-21T09:05:07-08:00");
        assert_eq!(zone.camera(at("2026-06-01T23:00:00")), "2026-06-01T23:00:00-07:00");
        assert_eq!(Zone::named("Asia/Kolkata").camera(0), "1970-01-01T05:30:00+05:30");
    }

    #[test]
    fn a_past_instant_is_named_by_the_shortest_words_that_are_not_ambiguous() {
        let zone = Zone::named("America/Los_Angeles");
        let now = at("2026-11-21T10:05:00");
        for (then, words) in [
            ("2026-11-21T09:14:00", "09:14"),
            ("2026-11-20T23:59:00", "Yesterday 23:59"),
            ("2026-11-16T18:22:00", "Mon 18:22"),
            ("2026-11-14T18:22:00", "Nov 14, 18:22"),
            ("2026-01-03T04:55:00", "Jan 3, 04:55"),
            ("2022-01-03T04:55:00", "Jan 3, 2022, 04:55"),
            // A clock that runs ahead: still a date, never "in the future".
            ("2026-11-22T00:10:00", "Nov 22, 00:10"),
        ] {
            assert_eq!(zone.past(at(then), now), words);
        }
    }

    #[test]
    fn a_due_time_is_named_by_day_and_clock_within_a_week() {
        let zone = Zone::named("America/Los_Angeles");
        let now = at("2026-11-21T10:05:00");
        for (then, words) in [
            ("2026-11-21T16:00:00", "Today 16:00"),
            ("2026-11-22T09:00:00", "Tomorrow 09:00"),
            ("2026-11-27T12:00:00", "Fri 12:00"),
            ("2026-11-28T12:00:00", "Nov 28"),
            ("2027-01-03T12:00:00", "Jan 3, 2027"),
            ("2022-01-03T12:00:00", "Jan 3, 2022"),
        ] {
            assert_eq!(zone.future(at(then), now), words);
        }
    }

    #[test]
    fn lengths_round_down_to_one_unit() {
        assert_eq!(length(59_999), "59 s");
        assert_eq!(length(119 * MINUTE), "1 h");
        assert_eq!(length(47 * HOUR), "1 day");
        assert_eq!(length(49 * HOUR), "2 days");
        assert_eq!(stopwatch(760_000), "00:12:40");
    }
}
