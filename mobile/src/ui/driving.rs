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
    // A crew can have hundreds, and each is looked at for each: what does not change is computed once, and what is near is
    // told on a plane, because the page waits.
    let plane = Plane::around(start.or_else(|| stops.iter().find_map(|stop| stop.place)));
    let points: Vec<_> = stops.iter().map(|stop| stop.place.map(|place| plane.point(place))).collect();
    let classes: Vec<u8> = stops.iter().map(|stop| class(stop, now, today_ends)).collect();
    let mut left: Vec<usize> = (0..stops.len()).collect();
    let mut tour = Tour { order: Vec::with_capacity(stops.len()), legs: Vec::new(), total_m: 0.0 };
    let mut here = start;
    while !left.is_empty() {
        let from = here.map(|place| plane.point(place));
        let nearest = left.iter().enumerate().min_by_key(|&(_, &index)| {
            // A stop without a place comes after those that can be driven to, by its due time. Floats that are not negative
            // have the order of their bits.
            let far = from.zip(points[index]).map_or(f64::MAX, |(from, to)| Plane::far(from, to));
            (classes[index], far.to_bits(), stops[index].due.unwrap_or(i64::MAX))
        });
        let Some((position, &index)) = nearest else { break };
        left.remove(position);
        let leg = here.zip(stops[index].place).map(|(from, to)| distance_m(from, to));
        tour.total_m += leg.unwrap_or(0.0);
        tour.legs.push(leg);
        tour.order.push(index);
        here = stops[index].place.or(here);
    }
    tour
}

/// A city is small enough to be flat.
struct Plane {
    /// How long a degree of longitude is, in degrees of latitude.
    squeeze: f64,
}

impl Plane {
    fn around(place: Option<LatLon>) -> Self {
        Self { squeeze: place.map_or(1.0, |place| place.lat.to_radians().cos()) }
    }

    fn point(&self, place: LatLon) -> (f64, f64) {
        (place.lat, place.lon * self.squeeze)
    }

    /// The farther, the larger.
    fn far(from: (f64, f64), to: (f64, f64)) -> f64 {
        let (north, east) = (to.0 - from.0, to.1 - from.1);
        north * north + east * east
    }
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
    fn the_next_stop_is_the_nearest_on_the_globe() {
        // Spread over a city, no two alike.
        let place = |n: u32| LatLon {
            lat: 47.5 + f64::from(n * 7_919 % 1_000) / 5_000.0,
            lon: -122.4 + f64::from(n * 104_729 % 997) / 5_000.0,
        };
        let stops: Vec<Stop> =
            (0..60).map(|n| Stop { priority: Priority::Normal, due: None, place: Some(place(n)) }).collect();
        let start = LatLon { lat: 47.6, lon: -122.3 };
        let (tour, mut here) = (tour(&stops, Some(start), 0, 0), start);
        for (step, index) in tour.order.iter().enumerate() {
            let far = |index: &usize| distance_m(here, stops[*index].place.unwrap());
            let nearest = tour.order[step..].iter().map(far).fold(f64::MAX, f64::min);
            assert!(far(index) <= nearest * 1.01, "stop {step} is {} m off, another one {nearest} m", far(index));
            here = stops[*index].place.unwrap();
        }
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
