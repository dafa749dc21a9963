//! The fictional City of Harbor, which `assets/city/` describes.

use super::{CityFiles, FILE_NAMES};

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../../assets/city/", $name))
    };
}

/// In the order of [`FILE_NAMES`].
const TEXTS: [&str; FILE_NAMES.len()] = [
    asset!("boundary.geojson"),
    asset!("catalog.json"),
    asset!("city.json"),
    asset!("districts.geojson"),
    asset!("map.geojson"),
    asset!("organization.json"),
    asset!("routing.json"),
    asset!("streets.geojson"),
];

/// The demo city's files, compiled in: demos and tests need no folder. About 65 KB in a program that calls it, so the
/// phone does not; it gets its city from the server.
#[must_use]
pub fn demo_files() -> CityFiles {
    let files = FILE_NAMES.iter().zip(TEXTS);
    CityFiles::new(files.map(|(name, text)| ((*name).to_owned(), text.to_owned())).collect())
}
