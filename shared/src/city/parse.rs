//! From a city's files to a [`City`].

use super::error::CityError;
use super::files::short_hash;
use super::json_path::malformed;
use super::{Catalog, City, CityFiles, Crew, Department, Person, PhotosStay, Route, Units, places};
use crate::geo::LatLon;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// `city.json`.
#[derive(Deserialize)]
struct About {
    jurisdiction_id: String,
    name: String,
    time_zone: String,
    center: LatLon,
    phone: String,
    units: Units,
    #[serde(default)]
    photos_stay_on_phones: PhotosStay,
}

/// `organization.json`.
#[derive(Deserialize)]
struct Organization {
    departments: Vec<Department>,
    crews: Vec<Crew>,
    people: Vec<Person>,
}

/// `routing.json`.
#[derive(Deserialize)]
struct Routing {
    routes: Vec<Route>,
}

impl City {
    /// Reads a city and verifies what its files say of each other: that the departments, crews, districts, questions and
    /// choices that they mention exist, that codes and ids are unique, and that every service type has somebody to do it.
    ///
    /// # Errors
    /// [`CityError`]: the first fault, with file, place and reason.
    pub fn parse(files: &CityFiles) -> Result<Self, CityError> {
        let about: About = json(files, "city.json")?;
        let mut catalog: Catalog = json(files, "catalog.json")?;
        catalog.version = short_hash([text(files, "catalog.json")?]);
        let organization: Organization = json(files, "organization.json")?;
        let routing: Routing = json(files, "routing.json")?;
        let (boundary, neighbors) = with(files, "boundary.geojson", places::parse_boundary)?;
        let city = Self {
            version: files.version().to_owned(),
            jurisdiction_id: about.jurisdiction_id,
            name: about.name,
            time_zone: about.time_zone,
            center: about.center,
            phone: about.phone,
            units: about.units,
            photos_stay: about.photos_stay_on_phones,
            catalog,
            departments: organization.departments,
            crews: organization.crews,
            people: organization.people,
            districts: with(files, "districts.geojson", places::parse_districts)?,
            boundary,
            neighbors,
            routing: routing.routes,
            streets: with(files, "streets.geojson", places::parse_streets)?,
            features: with(files, "map.geojson", places::parse_features)?,
        };
        city.check()?;
        Ok(city)
    }
}

fn text<'a>(files: &'a CityFiles, name: &str) -> Result<&'a str, CityError> {
    files.get(name).ok_or_else(|| CityError::MissingFile { file: name.to_owned() })
}

fn json<T: DeserializeOwned>(files: &CityFiles, name: &str) -> Result<T, CityError> {
    let text = text(files, name)?;
    serde_json::from_str(text).map_err(|e| malformed(name, text, &e))
}

fn with<T>(
    files: &CityFiles,
    name: &str,
    parse: impl FnOnce(&str, &str) -> Result<T, CityError>,
) -> Result<T, CityError> {
    parse(name, text(files, name)?)
}
