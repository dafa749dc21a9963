//! A flat map around one place, in meters, for questions of a few kilometers: how far is this line, on which side.
//!
//! Equirectangular projection: 5 km from its origin, at the latitude of a city, it is off by less than 0.1 %.

use super::LatLon;

/// Meters in a degree of latitude on the sphere that [`super::distance_m`] uses: 6,371,008.8 m × π ÷ 180.
const METERS_PER_DEGREE: f64 = 111_195.08;

/// A point on a [`Plane`]: meters east and north of its origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Meters {
    pub(crate) east: f64,
    pub(crate) north: f64,
}

/// The plane that touches the earth at `origin`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: LatLon,
    per_degree_east: f64,
}

/// The nearest point of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Foot {
    /// Meters away.
    pub(crate) distance: f64,
    /// 0 at the segment's start, 1 at its end.
    pub(crate) fraction: f64,
    /// Whether the point that was asked about lies to the left of somebody who goes from start to end.
    pub(crate) left: bool,
}

impl Meters {
    /// Meters between two points.
    pub(crate) fn to(self, other: Self) -> f64 {
        (other.east - self.east).hypot(other.north - self.north)
    }

    /// The point of the segment `a`–`b` that is nearest to this one.
    pub(crate) fn foot(self, a: Self, b: Self) -> Foot {
        let (east, north) = (b.east - a.east, b.north - a.north);
        let (to_east, to_north) = (self.east - a.east, self.north - a.north);
        let length2 = east * east + north * north;
        let fraction =
            if length2 > 0.0 { ((to_east * east + to_north * north) / length2).clamp(0.0, 1.0) } else { 0.0 };
        let nearest = Self { east: a.east + fraction * east, north: a.north + fraction * north };
        Foot { distance: self.to(nearest), fraction, left: east * to_north - north * to_east > 0.0 }
    }
}

/// Where two segments cross, their ends included; `None` for parallel ones.
pub(crate) fn crossing(a: (Meters, Meters), b: (Meters, Meters)) -> Option<Meters> {
    let (ax, ay) = (a.1.east - a.0.east, a.1.north - a.0.north);
    let (bx, by) = (b.1.east - b.0.east, b.1.north - b.0.north);
    let (dx, dy) = (b.0.east - a.0.east, b.0.north - a.0.north);
    let cross = ax * by - ay * bx;
    // Divided by zero, `t` and `u` are infinite or NaN, which no range contains.
    let (t, u) = ((dx * by - dy * bx) / cross, (dx * ay - dy * ax) / cross);
    let unit = 0.0..=1.0;
    (unit.contains(&t) && unit.contains(&u)).then_some(Meters { east: a.0.east + t * ax, north: a.0.north + t * ay })
}

impl Plane {
    pub(crate) fn at(origin: LatLon) -> Self {
        Self { origin, per_degree_east: METERS_PER_DEGREE * origin.lat.to_radians().cos() }
    }

    pub(crate) fn project(&self, place: LatLon) -> Meters {
        Meters {
            east: (place.lon - self.origin.lon) * self.per_degree_east,
            north: (place.lat - self.origin.lat) * METERS_PER_DEGREE,
        }
    }

    /// The point of the segment `a`–`b` that is nearest to the origin.
    pub(crate) fn foot(&self, a: LatLon, b: LatLon) -> Foot {
        let origin = Meters { east: 0.0, north: 0.0 };
        origin.foot(self.project(a), self.project(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> LatLon {
        LatLon { lat, lon }
    }

    #[test]
    fn the_foot_on_a_segment_agrees_with_the_great_circle() {
        let place = at(47.627, -122.337);
        let foot = Plane::at(place).foot(at(47.628, -122.340), at(47.628, -122.334));
        assert!((foot.distance - 111.195).abs() < 0.1);
        assert!((foot.fraction - 0.5).abs() < 1e-9);
        assert!(!foot.left, "south of a line that runs east is its right side");
    }

    #[test]
    fn a_segment_without_length_is_a_point() {
        let foot = Plane::at(at(47.627, -122.337)).foot(at(47.628, -122.337), at(47.628, -122.337));
        assert!((foot.distance - 111.195).abs() < 0.1);
    }
}
