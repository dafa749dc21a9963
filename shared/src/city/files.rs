//! A city's files as one bundle: what the server reads from a folder and sends to phones.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use thiserror::Error;

/// The files that a city consists of. A bundle may hold others; they are carried along and not read.
pub const FILE_NAMES: [&str; 8] = [
    "boundary.geojson",
    "catalog.json",
    "city.json",
    "districts.geojson",
    "map.geojson",
    "organization.json",
    "routing.json",
    "streets.geojson",
];

/// File names and their text. In JSON `{"version": "<hash>", "files": {"city.json": "…", …}}`.
///
/// The version is computed from the files, never taken on trust: reading a bundle whose files and version do not belong
/// together is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct CityFiles {
    version: String,
    files: BTreeMap<String, String>,
}

/// A bundle's files are not those that its version says: a transfer that was cut or mixed up. Fetch it again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the city's files have version {actual}, but were sent as version {claimed}")]
pub struct VersionMismatch {
    /// What the bundle said.
    pub claimed: String,
    /// What its files are.
    pub actual: String,
}

#[derive(Deserialize)]
struct Wire {
    version: String,
    files: BTreeMap<String, String>,
}

impl TryFrom<Wire> for CityFiles {
    type Error = VersionMismatch;

    fn try_from(wire: Wire) -> Result<Self, VersionMismatch> {
        let files = Self::new(wire.files);
        if files.version == wire.version {
            Ok(files)
        } else {
            Err(VersionMismatch { claimed: wire.version, actual: files.version })
        }
    }
}

impl CityFiles {
    /// A bundle of these files.
    #[must_use]
    pub fn new(files: BTreeMap<String, String>) -> Self {
        let parts = files.iter().flat_map(|(name, text)| [name, text]);
        Self { version: short_hash(parts.map(String::as_str)), files }
    }

    /// The first 16 hex digits of the SHA-256 over name and text of every file, in the order of the names, each preceded
    /// by its length in bytes (u64, big-endian).
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A file's text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// All files, by name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }
}

/// 16 hex digits: plenty to tell versions apart, and short enough for a header or a log line. Each part is preceded by
/// its length, so that moving text from one part to the next changes the hash.
pub(super) fn short_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(files: &[(&str, &str)]) -> CityFiles {
        let owned = files.iter().map(|(n, t)| ((*n).into(), (*t).into()));
        CityFiles::new(owned.collect())
    }

    #[test]
    fn the_version_depends_on_names_and_text_but_not_on_order() {
        let a = bundle(&[("a.json", "1"), ("b.json", "2")]);
        assert_eq!(a, bundle(&[("b.json", "2"), ("a.json", "1")]));
        assert_ne!(a.version(), bundle(&[("a.json", "12")]).version());
        assert_ne!(a.version(), bundle(&[("a.json", "2"), ("b.json", "1")]).version());
        assert_eq!(a.version().len(), 16);
    }

    #[test]
    fn a_bundle_survives_the_wire_and_a_damaged_one_is_noticed() {
        let sent = bundle(&[("city.json", "{}")]);
        let wire = serde_json::to_string(&sent).unwrap();
        assert_eq!(serde_json::from_str::<CityFiles>(&wire).unwrap(), sent);
        let damaged = wire.replace("{}", "{ }");
        let error = serde_json::from_str::<CityFiles>(&damaged).unwrap_err();
        assert!(error.to_string().contains("were sent as version"), "{error}");
    }
}
