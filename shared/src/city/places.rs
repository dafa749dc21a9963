//! Where things are: districts, the boundary and who is beyond it, streets, water and parks.

use super::error::{CityError, Problem};
use super::json_path::malformed;
use crate::geo::geojson::{self, Feature};
use crate::geo::{Area, LatLon};
use crate::ids::DistrictId;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A part of the city.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    /// `north`.
    pub id: DistrictId,
    /// `North End`.
    pub name: String,
    /// Where it is.
    pub area: Area,
}

/// Somebody else's city, and whom to call there.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbor {
    /// `Town of Alderbrook`.
    pub name: String,
    /// Its non-emergency number, as it is written there.
    pub phone: String,
    /// Where requests are filed.
    pub url: String,
    /// Where it is.
    pub area: Area,
}

/// Whose place it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jurisdiction<'a> {
    /// This city's.
    Ours,
    /// A neighbor's: the person is told whom to call.
    Neighbor(&'a Neighbor),
    /// Nobody's that we know of.
    Unknown,
}

/// A street's center line.
#[derive(Debug, Clone, PartialEq)]
pub struct Street {
    /// `Alder St`.
    pub name: String,
    /// From its first house number to its last; two places or more.
    pub line: Vec<LatLon>,
    /// House numbers at both ends of the line, where the city knows them.
    pub numbers: Option<(u32, u32)>,
}

impl Street {
    /// The straight pieces of the line, each from one place to the next.
    pub fn segments(&self) -> impl Iterator<Item = (LatLon, LatLon)> + '_ {
        self.line.iter().copied().zip(self.line.iter().copied().skip(1))
    }
}

/// An area on the base map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapFeature {
    /// How it is drawn.
    pub kind: FeatureKind,
    /// Its name; may be empty.
    pub name: String,
    /// Where it is.
    pub area: Area,
}

/// What an area on the base map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeatureKind {
    /// Sea, lake or river.
    Water,
    /// A park or another green place.
    Park,
    /// A kind that a newer version knows; drawn plainly.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Reads districts: a feature collection of polygons, each with a text `id` and a `name` among its properties. Useful by
/// itself for the files that cities publish.
///
/// # Errors
/// [`CityError`], which names `file`, the place in it and the reason.
pub fn parse_districts(file: &str, text: &str) -> Result<Vec<District>, CityError> {
    read(file, text, |path, feature: &Feature<Named>| {
        let Some(serde_json::Value::String(id)) = &feature.id else {
            let rule = "a district needs an `id` that is text";
            return Err(CityError::rule(file, format!("{path}.id"), rule));
        };
        Ok(District {
            id: DistrictId::from(id.as_str()),
            name: feature.properties.name.clone(),
            area: area(file, path, feature)?,
        })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    City,
    Neighbor,
}

#[derive(Deserialize)]
struct BoundaryProperties {
    kind: Side,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    url: String,
}

/// Reads the boundary: one feature of `kind` `city`, and any number of `neighbor`s with name, phone and url.
pub(super) fn parse_boundary(file: &str, text: &str) -> Result<(Area, Vec<Neighbor>), CityError> {
    let mut city = None;
    let mut neighbors = Vec::new();
    read(file, text, |path, feature: &Feature<BoundaryProperties>| {
        let about = &feature.properties;
        let area = area(file, path, feature)?;
        match about.kind {
            Side::City if city.is_some() => {
                let rule = "a second feature of kind `city`; there must be one";
                return Err(CityError::rule(file, path, rule));
            }
            Side::City => city = Some(area),
            Side::Neighbor if about.name.is_empty() || about.phone.is_empty() => {
                let rule = "a neighbor needs a name and a phone, so that people are told whom to call";
                return Err(CityError::rule(file, format!("{path}.properties"), rule));
            }
            Side::Neighbor => neighbors.push(Neighbor {
                name: about.name.clone(),
                phone: about.phone.clone(),
                url: about.url.clone(),
                area,
            }),
        }
        Ok(())
    })?;
    let missing = || CityError::rule(file, "features", "there is no feature of kind `city`");
    Ok((city.ok_or_else(missing)?, neighbors))
}

#[derive(Deserialize)]
struct StreetProperties {
    name: String,
    from_number: Option<u32>,
    to_number: Option<u32>,
}

/// Reads streets: lines with a `name`, and with both of `from_number` and `to_number` or neither.
pub(super) fn parse_streets(file: &str, text: &str) -> Result<Vec<Street>, CityError> {
    read(file, text, |path, feature: &Feature<StreetProperties>| {
        let about = &feature.properties;
        let numbers = match (about.from_number, about.to_number) {
            (Some(from), Some(to)) => Some((from, to)),
            (None, None) => None,
            _ => {
                let rule = "from_number and to_number must both be there, or neither";
                return Err(CityError::rule(file, format!("{path}.properties"), rule));
            }
        };
        Ok(Street {
            name: about.name.clone(),
            line: geojson::line(&feature.geometry)
                .map_err(|e| CityError::invalid(file, format!("{path}.geometry"), e))?,
            numbers,
        })
    })
}

#[derive(Deserialize)]
struct MapProperties {
    kind: FeatureKind,
    #[serde(default)]
    name: String,
}

/// Reads the base map: polygons with a `kind` and perhaps a `name`.
pub(super) fn parse_features(file: &str, text: &str) -> Result<Vec<MapFeature>, CityError> {
    read(file, text, |path, feature: &Feature<MapProperties>| {
        Ok(MapFeature {
            kind: feature.properties.kind,
            name: feature.properties.name.clone(),
            area: area(file, path, feature)?,
        })
    })
}

fn read<P: DeserializeOwned, T>(
    file: &str,
    text: &str,
    mut each: impl FnMut(&str, &Feature<P>) -> Result<T, CityError>,
) -> Result<Vec<T>, CityError> {
    let collection = geojson::parse::<P>(text).map_err(|e| malformed(file, text, &e))?;
    let features = collection.features.iter().enumerate();
    features.map(|(index, feature)| each(&format!("features[{index}]"), feature)).collect()
}

fn area<P>(file: &str, path: &str, feature: &Feature<P>) -> Result<Area, CityError> {
    geojson::area(&feature.geometry)
        .map_err(|e| CityError::invalid(file, format!("{path}.geometry"), Problem::Shape(e)))
}
