//! What people call a place: the street, the house number, the next corner.
//!
//! Made from center lines on the phone, without a geocoder: good enough to find a hole in the road, not to deliver mail.

use super::{City, Street};
use crate::geo::{LatLon, Meters, Plane, crossing};

/// Farther from every street than this, a place has no address.
const STREET_WITHIN_M: f64 = 150.0;
/// A corner farther along than this does not help to find the place.
const CORNER_WITHIN_M: f64 = 400.0;
/// A line that ends this close to another meets it: published center lines stop short of each other.
const MEETS_WITHIN_M: f64 = 8.0;

impl City {
    /// The place as an address: `Alder St 214, near Fifth Ave`, without the number where the street has none, without the
    /// corner where none is near; `None` farther than 150 m from every street.
    ///
    /// The number is interpolated along the whole street, even on the left side of its direction and odd on the right.
    #[must_use]
    pub fn address_near(&self, place: LatLon) -> Option<String> {
        let plane = Plane::at(place);
        let (nearest, street) = self
            .streets
            .iter()
            .filter_map(|street| Some((nearest_on(&plane, street)?, street)))
            .filter(|(on, _)| on.distance <= STREET_WITHIN_M)
            .min_by(|(a, _), (b, _)| a.distance.total_cmp(&b.distance))?;
        let mut address = street.name.clone();
        if let Some((from, to)) = street.numbers {
            address.push_str(&format!(" {}", house_number(from, to, &nearest)));
        }
        if let Some(corner) = self.corner(&plane, street) {
            address.push_str(&format!(", near {corner}"));
        }
        Some(address)
    }

    /// The name of the street that meets `street` closest to the plane's origin. Not just the next street: that is often
    /// the parallel one, a block of houses away.
    fn corner(&self, plane: &Plane, street: &Street) -> Option<&str> {
        let near = segments_near(plane, street);
        self.streets
            .iter()
            .filter(|other| other.name != street.name)
            .filter_map(|other| {
                let corner = meeting(&near, &segments_near(plane, other))?;
                (corner <= CORNER_WITHIN_M).then_some((corner, other.name.as_str()))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, name)| name)
    }
}

/// A piece of a street between two of its places.
type Segment = (Meters, Meters);

/// The segments on which a corner within reach can be; comparing all with all would cost a phone milliseconds.
fn segments_near(plane: &Plane, street: &Street) -> Vec<Segment> {
    street
        .segments()
        .filter(|(a, b)| plane.foot(*a, *b).distance <= CORNER_WITHIN_M + MEETS_WITHIN_M)
        .map(|(a, b)| (plane.project(a), plane.project(b)))
        .collect()
}

/// The nearest point of a street.
struct OnStreet {
    distance: f64,
    /// How far along, by length: 0 at the first place of the line, 1 at the last.
    along: f64,
    left: bool,
}

fn nearest_on(plane: &Plane, street: &Street) -> Option<OnStreet> {
    let mut total = 0.0;
    let mut nearest: Option<OnStreet> = None;
    for (a, b) in street.segments() {
        let (foot, length) = (plane.foot(a, b), plane.project(a).to(plane.project(b)));
        if nearest.as_ref().is_none_or(|n| foot.distance < n.distance) {
            nearest =
                Some(OnStreet { distance: foot.distance, along: total + foot.fraction * length, left: foot.left });
        }
        total += length;
    }
    nearest.map(|n| OnStreet { along: if total > 0.0 { n.along / total } else { 0.0 }, ..n })
}

fn house_number(from: u32, to: u32, on: &OnStreet) -> u32 {
    let (from, to) = (f64::from(from), f64::from(to));
    // A float becomes the nearest u32 that exists, so no value of `along` can overflow.
    let number = (from + (to - from) * on.along).round() as u32;
    let wanted = u32::from(!on.left);
    if number % 2 == wanted { number } else { number.saturating_add(1) }
}

/// How far from the plane's origin two lines meet, at their meeting point nearest to it; `None` if they do not.
fn meeting(line: &[Segment], other: &[Segment]) -> Option<f64> {
    let mut nearest: Option<f64> = None;
    let mut meet = |at: Meters| {
        let distance = at.east.hypot(at.north);
        nearest = Some(nearest.map_or(distance, |n| n.min(distance)));
    };
    for &a in line {
        for &b in other {
            if let Some(at) = crossing(a, b) {
                meet(at);
            }
            for (end, on) in [(b.0, a), (b.1, a), (a.0, b), (a.1, b)] {
                if end.foot(on.0, on.1).distance <= MEETS_WITHIN_M {
                    meet(end);
                }
            }
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::demo_files;

    /// A place that is so many meters east and north of a round coordinate.
    fn at(east: f64, north: f64) -> LatLon {
        LatLon { lat: 47.6 + north / 111_195.08, lon: -122.3 + east / (111_195.08 * 47.6_f64.to_radians().cos()) }
    }

    fn street(name: &str, line: &[(f64, f64)], numbers: Option<(u32, u32)>) -> Street {
        Street { name: name.to_owned(), line: line.iter().map(|&(e, n)| at(e, n)).collect(), numbers }
    }

    /// Alder St runs east, Birch St parallel to it 80 m north, Fifth Ave crosses both 100 m along, Mill Ln ends 5 m short
    /// of Alder St at 700 m.
    fn city() -> City {
        let mut city = City::parse(&demo_files()).unwrap();
        city.streets = vec![
            street("Alder St", &[(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)], Some((100, 300))),
            street("Birch St", &[(0.0, 80.0), (1000.0, 80.0)], None),
            street("Fifth Ave", &[(100.0, -300.0), (100.0, 300.0)], None),
            street("Mill Ln", &[(700.0, -200.0), (700.0, -5.0)], None),
        ];
        city
    }

    #[test]
    fn the_number_runs_along_the_street_and_its_parity_is_the_side() {
        let near = |east, north| city().address_near(at(east, north)).unwrap();
        assert_eq!(near(300.0, 20.0), "Alder St 160, near Fifth Ave");
        assert_eq!(near(300.0, -20.0), "Alder St 161, near Fifth Ave");
    }

    #[test]
    fn the_corner_is_a_street_that_meets_this_one_and_not_the_parallel_one() {
        let address = city().address_near(at(150.0, 35.0)).unwrap();
        assert!(address.ends_with("near Fifth Ave"), "{address}");
        let address = city().address_near(at(680.0, 10.0)).unwrap();
        assert!(address.ends_with("near Mill Ln"), "{address}");
    }

    #[test]
    fn a_street_without_numbers_gives_its_name() {
        let address = city().address_near(at(150.0, 90.0));
        assert_eq!(address.as_deref(), Some("Birch St, near Fifth Ave"));
        let far_from_any_corner = city().address_near(at(900.0, 90.0));
        assert_eq!(far_from_any_corner.as_deref(), Some("Birch St"));
    }

    #[test]
    fn far_from_every_street_there_is_no_address() {
        assert_eq!(city().address_near(at(600.0, 235.0)), None);
        assert!(city().address_near(at(600.0, 225.0)).is_some());
    }
}
