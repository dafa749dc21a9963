//! Distances and sizes as people read them.

use coldpatch_shared::city::Units;

const METERS_PER_FOOT: f64 = 0.3048;
const METERS_PER_MILE: f64 = 1_609.344;

/// A distance, rounded to what a person can pace out: `80 m`, `1.2 km`, `260 ft`, `0.8 mi`.
#[must_use]
pub fn distance(meters: f64, units: Units) -> String {
    match units {
        Units::Metric if meters < 995.0 => format!("{} m", coarse(meters)),
        Units::Metric => format!("{:.1} km", meters / 1000.0),
        Units::Imperial if meters < 300.0 => format!("{} ft", coarse(meters / METERS_PER_FOOT)),
        Units::Imperial => format!("{:.1} mi", meters / METERS_PER_MILE),
    }
}

/// A radius of error: `±9 m`, `±30 ft`.
#[must_use]
pub fn accuracy(meters: f64, units: Units) -> String {
    format!("±{}", distance(meters.max(1.0), units))
}

fn coarse(number: f64) -> i64 {
    let step = if number < 20.0 { 1.0 } else { 10.0 };
    ((number / step).round() * step) as i64
}

/// A size: `640 KB`, `1.1 MB`, `2.1 GB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1_000_000.0),
        _ => format!("{:.1} GB", bytes as f64 / 1_000_000_000.0),
    }
}

/// A count without needless decimals: `2`, `0.5`.
#[must_use]
pub fn count(number: f64) -> String {
    // An empty sum is minus zero, which nobody counts.
    let text = format!("{:.2}", number + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_change_unit_where_the_small_one_stops_being_useful() {
        for (meters, units, words) in [
            (9.4, Units::Metric, "9 m"),
            (83.0, Units::Metric, "80 m"),
            (1_240.0, Units::Metric, "1.2 km"),
            (83.0, Units::Imperial, "270 ft"),
            (1_240.0, Units::Imperial, "0.8 mi"),
        ] {
            assert_eq!(distance(meters, units), words);
        }
    }

    #[test]
    fn counts_show_no_needless_decimals() {
        assert_eq!(count(2.0), "2");
        assert_eq!(count(0.5), "0.5");
        assert_eq!(count(10.0), "10");
        assert_eq!(count(-0.0), "0");
    }
}
