//! Instants as the standard writes and reads them: ISO 8601 with an offset, in the city's own time.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// `2026-11-22T10:04:00-08:00`.
pub(super) fn write(ms: i64, zone: &TimeZone) -> Option<String> {
    let zoned = Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone());
    Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// With an offset; without one, and a date alone, it is the city's time.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<i64> {
    // A plus sign that nobody escaped arrives as a space.
    let text = text.trim().replace(' ', "+");
    let instant = text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from)).ok()?;
        Some(local.to_zoned(zone.clone()).ok()?.timestamp())
    });
    instant.map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_local_time_is_the_citys() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        let ms = 1_795_309_331_000;
        let text = write(ms, &zone).unwrap();
        assert_eq!(text, "2026-11-21T17:02:11-08:00");
        assert_eq!(read(&text, &zone), Some(ms));
        assert_eq!(read("2026-11-21T17:02:11", &zone), Some(ms));
        assert_eq!(read("2026-11-22T01:02:11Z", &zone), Some(ms));
        assert_eq!(read("2026-11-22T02:02:11 01:00", &zone), Some(ms));
        assert_eq!(read("2026-11-21", &zone), read("2026-11-21T00:00:00-08:00", &zone));
        assert_eq!(read("yesterday", &zone), None);
    }
}
