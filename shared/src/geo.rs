//! Places on the earth: one coordinate type, distance, and point in polygon.
//!
//! Everything is WGS84 degrees and meters. [`Area`] is a region (a district, a park); [`geojson`] reads the RFC 7946
//! files that cities publish. What a place *means* to a city (its district, its street) is in [`crate::city`].

mod area;
pub mod geojson;
mod plane;

pub use area::{Area, AreaError, Polygon};
pub(crate) use plane::{Meters, Plane, crossing};

use geo::{Distance, Haversine};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A position in degrees, datum WGS84. In JSON an object `{"lat": …, "lon": …}`; GeoJSON files have the opposite order
/// (`[lon, lat]`) and are converted at their border.
///
/// Deserializing takes any two numbers, so that a document from elsewhere stays readable; what comes in from a person or a
/// device goes through [`LatLon::new`] or [`LatLon::checked`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LatLon {
    /// Degrees north of the equator, −90 to 90.
    pub lat: f64,
    /// Degrees east of Greenwich, −180 to 180.
    pub lon: f64,
}

/// Why two numbers are not a place.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PlaceError {
    /// Both coordinates are zero: what cameras and forms write when they know no position. Ask for a pin.
    #[error("latitude and longitude are both 0, which means that there is no position")]
    NullIsland,
    /// Not a number, infinite, or beyond a pole.
    #[error("latitude {0} is not between -90 and 90 degrees")]
    Latitude(f64),
    /// Not a number, infinite, or more than half way round the earth.
    #[error("longitude {0} is not between -180 and 180 degrees")]
    Longitude(f64),
}

impl LatLon {
    /// A place, latitude first.
    ///
    /// ```
    /// use coldpatch_shared::geo::{LatLon, PlaceError};
    /// assert!(LatLon::new(47.627167, -122.337333).is_ok());
    /// assert!(LatLon::new(51.48, 0.0).is_ok()); // Greenwich: one zero is a real coordinate
    /// assert_eq!(LatLon::new(0.0, 0.0), Err(PlaceError::NullIsland));
    /// ```
    ///
    /// # Errors
    /// [`PlaceError`]: out of range, not a number, or the absence of a position (0, 0).
    pub fn new(lat: f64, lon: f64) -> Result<Self, PlaceError> {
        // `contains` is false for NaN, so no separate test.
        if !(-90.0..=90.0).contains(&lat) {
            return Err(PlaceError::Latitude(lat));
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(PlaceError::Longitude(lon));
        }
        if lat == 0.0 && lon == 0.0 {
            return Err(PlaceError::NullIsland);
        }
        Ok(Self { lat, lon })
    }

    /// The same place, if it is one: for values that were deserialized.
    ///
    /// # Errors
    /// As [`LatLon::new`].
    pub fn checked(self) -> Result<Self, PlaceError> {
        Self::new(self.lat, self.lon)
    }
}

/// `47.627167,-122.337333`: latitude first, six decimals (0.1 m).
impl fmt::Display for LatLon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6},{:.6}", self.lat, self.lon)
    }
}

/// Meters between two places along a great circle: haversine (`geo::Haversine`) on a sphere of the earth's mean radius,
/// 6,371,008.8 m. At most 0.56 % off the WGS84 ellipsoid, which is 1 m in 200; exact geodesics cost ten times as much and
/// no city's rule needs them. NaN if a coordinate is NaN.
#[must_use]
pub fn distance_m(a: LatLon, b: LatLon) -> f64 {
    Haversine.distance(geo::Point::new(a.lon, a.lat), geo::Point::new(b.lon, b.lat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_island_is_no_position_but_one_zero_is_a_coordinate() {
        assert_eq!(LatLon::new(0.0, 0.0), Err(PlaceError::NullIsland));
        assert_eq!(LatLon::new(-0.0, 0.0), Err(PlaceError::NullIsland));
        assert!(LatLon::new(0.0, 32.58).is_ok());
        assert!(LatLon::new(51.48, 0.0).is_ok());
    }

    #[test]
    fn what_is_out_of_range_or_not_a_number_is_no_place() {
        assert_eq!(LatLon::new(90.1, 0.0), Err(PlaceError::Latitude(90.1)));
        assert_eq!(LatLon::new(1.0, -180.5), Err(PlaceError::Longitude(-180.5)));
        assert!(LatLon::new(f64::NAN, 1.0).is_err());
        assert!(LatLon::new(1.0, f64::INFINITY).is_err());
        assert!(LatLon::new(-90.0, 180.0).is_ok());
    }

    #[test]
    fn a_thousandth_of_a_degree_of_latitude_is_111_meters() {
        let a = LatLon::new(47.627, -122.337).unwrap();
        let b = LatLon::new(47.628, -122.337).unwrap();
        assert!((distance_m(a, b) - 111.195).abs() < 0.01);
    }

    #[test]
    fn distance_crosses_the_date_line_the_short_way() {
        let fiji = LatLon::new(-17.0, 179.99).unwrap();
        let samoa_side = LatLon::new(-17.0, -179.99).unwrap();
        assert!(distance_m(fiji, samoa_side) < 2_200.0);
    }
}
