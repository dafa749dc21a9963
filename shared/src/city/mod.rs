//! The city as data: what it fixes, who works for it, where it ends.
//!
//! A city is a handful of JSON and GeoJSON files ([`CityFiles`]), which the server reads and sends to phones as one
//! bundle; [`City::parse`] turns the same text into the same [`City`] on both sides, or says which file is wrong, where
//! and why. Nothing here changes while the program runs: what people do is in work orders, not here.
//!
//! - [`catalog`](ServiceType): `catalog.json`, the service types with questions, checklists, materials;
//! - [`organization`](Crew): `organization.json`, departments, crews, people;
//! - [`places`](District): `districts.geojson`, `boundary.geojson`, `streets.geojson`, `map.geojson`;
//! - [`routing`](Route): `routing.json`, who gets what;
//! - [`demo_files`]: the fictional City of Harbor in `assets/city/`, for demos and tests.

mod address;
mod catalog;
mod check;
mod demo;
mod error;
mod files;
mod json_path;
mod organization;
mod parse;
mod places;
mod routing;

pub use catalog::{
    Catalog, ChecklistItem, Choice, ContactRule, Equipment, Material, Priority, Question, QuestionKind, ServiceType,
};
pub use demo::demo_files;
pub use error::{CityError, Problem};
pub use files::{CityFiles, FILE_NAMES, VersionMismatch};
pub use organization::{Crew, Department, Person, Role};
pub use places::{District, FeatureKind, Jurisdiction, MapFeature, Neighbor, Street, parse_districts};
pub use routing::{Answers, Route};

use crate::geo::{Area, LatLon};
use crate::ids::{CrewId, DepartmentId, DistrictId, ServiceCode, UserId};
use serde::{Deserialize, Serialize};

/// Everything that a city's files say, checked: every id that one file mentions exists in the other.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// The version of the bundle that it was read from, [`CityFiles::version`].
    pub version: String,
    /// The city's id in Open311 (`harbor.example`).
    pub jurisdiction_id: String,
    /// `Harbor`.
    pub name: String,
    /// IANA name (`America/Los_Angeles`), in which due dates are shown and counted.
    pub time_zone: String,
    /// Where a map opens when it knows nothing better; lies inside the boundary.
    pub center: LatLon,
    /// The non-emergency number that residents may call, as the city writes it.
    pub phone: String,
    /// In which units distances are shown. Stored numbers are metric always.
    pub units: Units,
    /// How long phones keep photos that the city has.
    pub photos_stay: PhotosStay,
    /// What the city fixes.
    pub catalog: Catalog,
    /// The city's departments.
    pub departments: Vec<Department>,
    /// Its crews; their order matters to [`City::route`].
    pub crews: Vec<Crew>,
    /// Who works for it.
    pub people: Vec<Person>,
    /// Its districts, which cover the city without a gap.
    pub districts: Vec<District>,
    /// Where its responsibility ends.
    pub boundary: Area,
    /// The jurisdictions around it.
    pub neighbors: Vec<Neighbor>,
    /// Who gets what; the first rule that matches decides.
    pub routing: Vec<Route>,
    /// Streets: the base map, and addresses.
    pub streets: Vec<Street>,
    /// Water and parks: the base map.
    pub features: Vec<MapFeature>,
}

/// How long a photo that the city has stays on a phone that needs the room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotosStay {
    /// Until it is in one of the server's backups. In a city that makes none, for good.
    #[default]
    UntilBackedUp,
    /// Until the server has it.
    UntilSent,
}

/// How distances are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Meters and kilometers.
    Metric,
    /// Feet and miles.
    Imperial,
}

impl City {
    /// The district in which a place lies; the first in the file's order for a place exactly on the line between two;
    /// `None` outside all.
    #[must_use]
    pub fn district_at(&self, place: LatLon) -> Option<&District> {
        self.districts.iter().find(|district| district.area.contains(place))
    }

    /// Whose place it is. The city's own boundary is asked first, so a place exactly on the line is ours.
    #[must_use]
    pub fn jurisdiction_at(&self, place: LatLon) -> Jurisdiction<'_> {
        if self.boundary.contains(place) {
            return Jurisdiction::Ours;
        }
        let neighbor = self.neighbors.iter().find(|n| n.area.contains(place));
        neighbor.map_or(Jurisdiction::Unknown, Jurisdiction::Neighbor)
    }

    /// A district by its id.
    #[must_use]
    pub fn district(&self, id: &DistrictId) -> Option<&District> {
        self.districts.iter().find(|district| district.id == *id)
    }

    /// A department by its id.
    #[must_use]
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == *id)
    }

    /// A crew by its id.
    #[must_use]
    pub fn crew(&self, id: &CrewId) -> Option<&Crew> {
        self.crews.iter().find(|crew| crew.id == *id)
    }

    /// A person by their id.
    #[must_use]
    pub fn person(&self, id: &UserId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// Shorthand for [`Catalog::service_type`].
    #[must_use]
    pub fn service_type(&self, code: &ServiceCode) -> Option<&ServiceType> {
        self.catalog.service_type(code)
    }
}
