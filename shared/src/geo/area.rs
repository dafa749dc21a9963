//! A region of the earth: a city, a district, a park.

use super::{LatLon, PlaceError, Plane};
use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{BoundingRect, Coord, LineString, MultiPolygon, Rect};
use thiserror::Error;

/// One or more polygons, each with holes or without. Degrees, WGS84. Areas across the antimeridian must be cut there, as
/// RFC 7946 section 3.1.9 asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    shape: MultiPolygon<f64>,
    bounds: Rect<f64>,
}

/// The rings of one polygon, for drawing. Each ring is closed: its last place equals its first.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// The outer ring.
    pub outer: Vec<LatLon>,
    /// What is cut out of it.
    pub holes: Vec<Vec<LatLon>>,
}

/// Why rings are not an area.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum AreaError {
    /// No polygon, or a polygon without rings.
    #[error("the area has no rings")]
    Empty,
    /// RFC 7946 section 3.1.6: a ring has four positions or more.
    #[error("a ring has {0} positions; it needs at least 4, the last equal to the first")]
    ShortRing(usize),
    /// RFC 7946 section 3.1.6: the first and last positions are the same.
    #[error("a ring is not closed: its last position differs from its first")]
    OpenRing,
    /// A corner is no place on the earth.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl Area {
    /// An area from polygons.
    ///
    /// # Errors
    /// [`AreaError`] if there is no ring, or a ring is short or open. Self-intersection is not looked for.
    pub fn new(polygons: &[Polygon]) -> Result<Self, AreaError> {
        let mut shapes = Vec::with_capacity(polygons.len());
        for polygon in polygons {
            let holes: Result<Vec<_>, _> = polygon.holes.iter().map(|ring| checked(ring)).collect();
            shapes.push(geo::Polygon::new(checked(&polygon.outer)?, holes?));
        }
        let shape = MultiPolygon(shapes);
        let bounds = shape.bounding_rect().ok_or(AreaError::Empty)?;
        Ok(Self { shape, bounds })
    }

    /// Whether the place is inside or exactly on the edge. A place on the line between two neighbors is in both; whoever
    /// asks a list of areas takes the first.
    #[must_use]
    pub fn contains(&self, place: LatLon) -> bool {
        let at = coord(place);
        // Most questions are about another district; the box answers those.
        in_box(&self.bounds, at) && self.shape.coordinate_position(&at) != CoordPos::Outside
    }

    /// Meters from the place to the nearest edge, from inside or outside.
    #[must_use]
    pub fn boundary_distance_m(&self, place: LatLon) -> f64 {
        let plane = Plane::at(place);
        let mut nearest = f64::INFINITY;
        for ring in self.rings() {
            for line in ring.lines() {
                let foot = plane.foot(lat_lon(line.start), lat_lon(line.end));
                nearest = nearest.min(foot.distance);
            }
        }
        nearest
    }

    /// The smallest box around the area: its south-west and its north-east corner.
    #[must_use]
    pub fn bounds(&self) -> (LatLon, LatLon) {
        (lat_lon(self.bounds.min()), lat_lon(self.bounds.max()))
    }

    /// The polygons, for drawing.
    pub fn polygons(&self) -> impl Iterator<Item = Polygon> + '_ {
        self.shape.iter().map(|polygon| Polygon {
            outer: places(polygon.exterior()),
            holes: polygon.interiors().iter().map(places).collect(),
        })
    }

    fn rings(&self) -> impl Iterator<Item = &LineString<f64>> {
        self.shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
    }
}

fn checked(ring: &[LatLon]) -> Result<LineString<f64>, AreaError> {
    match ring {
        [] => return Err(AreaError::Empty),
        [first, .., last] if first != last => return Err(AreaError::OpenRing),
        _ if ring.len() < 4 => return Err(AreaError::ShortRing(ring.len())),
        _ => {}
    }
    ring.iter()
        .map(|place| Ok(coord(place.checked()?)))
        .collect::<Result<Vec<_>, PlaceError>>()
        .map(LineString::from)
        .map_err(AreaError::Place)
}

fn in_box(bounds: &Rect<f64>, at: Coord<f64>) -> bool {
    let (min, max) = (bounds.min(), bounds.max());
    (min.x..=max.x).contains(&at.x) && (min.y..=max.y).contains(&at.y)
}

fn coord(place: LatLon) -> Coord<f64> {
    Coord { x: place.lon, y: place.lat }
}

fn lat_lon(at: Coord<f64>) -> LatLon {
    LatLon { lat: at.y, lon: at.x }
}

fn places(ring: &LineString<f64>) -> Vec<LatLon> {
    ring.coords().copied().map(lat_lon).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Vec<LatLon> {
        corners.iter().map(|&(lat, lon)| LatLon { lat, lon }).collect()
    }

    fn square(south: f64, west: f64, side: f64) -> Vec<LatLon> {
        let (north, east) = (south + side, west + side);
        ring(&[(south, west), (south, east), (north, east), (north, west), (south, west)])
    }

    fn area(outer: Vec<LatLon>, holes: Vec<Vec<LatLon>>) -> Result<Area, AreaError> {
        Area::new(&[Polygon { outer, holes }])
    }

    fn at(lat: f64, lon: f64) -> LatLon {
        LatLon { lat, lon }
    }

    #[test]
    fn the_edge_belongs_to_the_area_and_the_hole_does_not() {
        let park = area(square(47.0, 8.0, 1.0), vec![square(47.4, 8.4, 0.2)]).unwrap();
        assert!(park.contains(at(47.1, 8.1)));
        assert!(park.contains(at(47.0, 8.5)));
        assert!(!park.contains(at(47.5, 8.5)));
        assert!(!park.contains(at(46.9, 8.5)));
        assert!(!park.contains(at(f64::NAN, 8.5)));
    }

    #[test]
    fn the_boundary_distance_is_the_same_from_both_sides() {
        let block = area(square(47.0, 8.0, 0.01), vec![]).unwrap();
        let inside = block.boundary_distance_m(at(47.001, 8.005));
        let outside = block.boundary_distance_m(at(46.999, 8.005));
        assert!((inside - 111.195).abs() < 0.01, "{inside}");
        assert!((outside - inside).abs() < 0.01);
    }

    #[test]
    fn open_short_and_empty_rings_are_refused() {
        let mut open = square(47.0, 8.0, 1.0);
        open.pop();
        assert_eq!(area(open, vec![]), Err(AreaError::OpenRing));
        let sliver = ring(&[(47.0, 8.0), (48.0, 8.0), (47.0, 8.0)]);
        assert_eq!(area(sliver, vec![]), Err(AreaError::ShortRing(3)));
        assert_eq!(area(vec![], vec![]), Err(AreaError::Empty));
        assert_eq!(Area::new(&[]), Err(AreaError::Empty));
    }

    #[test]
    fn swapped_coordinates_are_refused_where_they_can_be_told() {
        let swapped = square(-122.3, 47.6, 0.1);
        assert!(matches!(area(swapped, vec![]), Err(AreaError::Place(PlaceError::Latitude(_)))));
    }
}
