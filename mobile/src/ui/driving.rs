//! The order in which a crew drives: what is urgent or late first, and among equals always the nearest next.
//!
//! Nearest neighbor as the crow flies: no road network, no optimum. It is the order that a foreman would call out, and it
//! changes little when a job is added.

use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::{LatLon, distance_m};

/// What the order of a stop depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// How urgent.
    pub priority: Priority,
    /// Until when, ms since the Unix epoch.
    pub due: Option<i64>,
    /// Where.
    pub place: Option<LatLon>,
}

/// The stops in driving order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tour {
    /// Indices into the stops.
    pub order: Vec<usize>,
    /// Meters from the stop before, in the same order; `None` where either has no place.
    pub legs: Vec<Option<f64>>,
    /// All legs together, in meters.
    pub total_m: f64,
}

/// Stops whose class is smaller come first, however far they are.
fn class(stop: &Stop, now: i64, today_ends: i64) -> u8 {
    match (stop.priority, stop.due) {
        (Priority::Urgent, _) => 0,
        (_, Some(due)) if due < now => 1,
        (Priority::High, _) => 2,
        (_, Some(due)) if due <= today_ends => 2,
        _ => 3,
    }
}

/// Orders the stops from `start` on.
#[must_use]
pub fn tour(stops: &[Stop], start: Option<LatLon>, now: i64, today_ends: i64) -> Tour {
    let mut left: Vec<usize> = (0..stops.len()).collect();
    let mut tour = Tour { order: Vec::with_capacity(stops.len()), legs: Vec::new(), total_m: 0.0 };
    let mut here = start;
    let key = |index: usize, here: Option<LatLon>| {
        let stop = &stops[index];
        let leg = here.zip(stop.place).map(|(from, to)| distance_m(from, to));
        // A stop without a place comes after those that can be driven to, by its due time.
        (class(stop, now, today_ends), leg.unwrap_or(f64::MAX), stop.due.unwrap_or(i64::MAX), leg)
    };
    while !left.is_empty() {
        let nearest = (0..left.len()).min_by(|&a, &b| {
            let (a, b) = (key(left[a], here), key(left[b], here));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2))
        });
        let Some(position) = nearest else { break };
        let index = left.remove(position);
        let leg = key(index, here).3;
        tour.total_m += leg.unwrap_or(0.0);
        tour.legs.push(leg);
        tour.order.push(index);
        here = stops[index].place.or(here);
    }
    tour
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(priority: Priority, due: Option<i64>, lon: f64) -> Stop {
        Stop { priority, due, place: Some(LatLon { lat: 47.6, lon }) }
    }

    #[test]
    fn urgent_then_late_then_today_and_among_equals_the_nearest() {
        let stops = [
            stop(Priority::Normal, Some(9_000), -122.30),
            stop(Priority::Normal, Some(9_000), -122.35),
            stop(Priority::Normal, Some(500), -122.40),
            stop(Priority::Urgent, None, -122.50),
            stop(Priority::Normal, Some(2_000), -122.10),
        ];
        let start = Some(LatLon { lat: 47.6, lon: -122.34 });
        let tour = tour(&stops, start, 1_000, 3_000);
        assert_eq!(tour.order, [3, 2, 4, 0, 1]);
        assert!(tour.total_m > 60_000.0 && tour.total_m < 75_000.0, "{}", tour.total_m);
    }

    #[test]
    fn a_stop_without_a_place_is_listed_all_the_same() {
        let mut nowhere = stop(Priority::Normal, Some(1), 0.0);
        nowhere.place = None;
        let tour = tour(&[nowhere, stop(Priority::Normal, Some(2), -122.3)], None, 10, 20);
        assert_eq!(tour.order.len(), 2);
        assert_eq!(tour.legs, [None, None]);
    }
}
