//! RFC 7946: the files in which cities publish their districts and streets.
//!
//! Only what a city's files hold: feature collections of polygons and lines. Coordinates are `[lon, lat]` there and
//! become [`LatLon`] here; a third number (altitude) is ignored, as are members that we do not know.

use super::{Area, AreaError, LatLon, PlaceError, Polygon};
use geojson::{Geometry, GeometryValue, Position};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A `FeatureCollection` whose features have properties `P`.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
pub struct Collection<P> {
    /// Must be the word `FeatureCollection`; a type of its own, so that another word is an error with a line.
    #[serde(rename = "type")]
    _kind: CollectionKind,
    /// The features, in the file's order.
    pub features: Vec<Feature<P>>,
}

/// One feature: a shape and what is known about it.
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
pub struct Feature<P> {
    #[serde(rename = "type")]
    _kind: FeatureKind,
    /// RFC 7946 section 3.2: text or a number; files that need it require text.
    pub id: Option<serde_json::Value>,
    /// What the file says about it.
    pub properties: P,
    /// Its shape, still in the file's terms.
    pub geometry: Geometry,
}

#[derive(Debug, Clone, Deserialize)]
enum CollectionKind {
    FeatureCollection,
}

#[derive(Debug, Clone, Deserialize)]
enum FeatureKind {
    Feature,
}

/// Why a geometry is not what the file needs there.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ShapeError {
    /// Another kind of geometry.
    #[error("the geometry is a {found}; a {expected} is needed")]
    Kind {
        /// What the file needs.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A position with fewer than two numbers.
    #[error("a position has fewer than two numbers")]
    Position,
    /// A line with fewer than two positions.
    #[error("the line has fewer than two positions")]
    ShortLine,
    /// A position that is no place on the earth.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Rings that are no area.
    #[error(transparent)]
    Area(#[from] AreaError),
}

/// Reads a feature collection.
///
/// # Errors
/// `serde_json`'s, with line and column.
pub fn parse<P: DeserializeOwned>(text: &str) -> Result<Collection<P>, serde_json::Error> {
    serde_json::from_str(text)
}

/// The area of a `Polygon` or `MultiPolygon`.
///
/// # Errors
/// [`ShapeError`]: another kind of geometry, or rings that are no area.
pub fn area(geometry: &Geometry) -> Result<Area, ShapeError> {
    let polygons = match &geometry.value {
        GeometryValue::Polygon { coordinates } => vec![polygon(coordinates)?],
        GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter().map(|rings| polygon(rings)).collect::<Result<_, _>>()?
        }
        other => {
            return Err(ShapeError::Kind { expected: "Polygon or MultiPolygon", found: other.type_name() });
        }
    };
    Ok(Area::new(&polygons)?)
}

/// The places of a `LineString`, in order.
///
/// # Errors
/// [`ShapeError`]: another kind of geometry, or fewer than two places.
pub fn line(geometry: &Geometry) -> Result<Vec<LatLon>, ShapeError> {
    match &geometry.value {
        GeometryValue::LineString { coordinates } if coordinates.len() < 2 => Err(ShapeError::ShortLine),
        GeometryValue::LineString { coordinates } => places(coordinates),
        other => Err(ShapeError::Kind { expected: "LineString", found: other.type_name() }),
    }
}

fn polygon(rings: &[Vec<Position>]) -> Result<Polygon, ShapeError> {
    let mut rings = rings.iter().map(|ring| places(ring));
    Ok(Polygon { outer: rings.next().ok_or(AreaError::Empty)??, holes: rings.collect::<Result<_, _>>()? })
}

fn places(positions: &[Position]) -> Result<Vec<LatLon>, ShapeError> {
    positions
        .iter()
        .map(|position| match position.as_slice() {
            [lon, lat, ..] => Ok(LatLon::new(*lat, *lon)?),
            _ => Err(ShapeError::Position),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry(kind: &str, coordinates: &str) -> Geometry {
        let text = format!(r#"{{"type": "{kind}", "coordinates": {coordinates}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn longitude_comes_first_in_the_file() {
        let line = line(&geometry("LineString", "[[-122.3,47.6],[-122.2,47.7,12]]")).unwrap();
        assert_eq!(line[0], LatLon { lat: 47.6, lon: -122.3 });
    }

    #[test]
    fn a_line_where_an_area_is_needed_says_both() {
        let error = area(&geometry("LineString", "[[8,47],[9,47]]")).unwrap_err();
        assert_eq!(error.to_string(), "the geometry is a LineString; a Polygon or MultiPolygon is needed");
    }

    #[test]
    fn a_file_that_is_no_feature_collection_is_refused() {
        let text = r#"{"type": "Topology", "features": []}"#;
        let error = parse::<serde_json::Value>(text).unwrap_err();
        assert!(error.to_string().contains("FeatureCollection"), "{error}");
    }
}
