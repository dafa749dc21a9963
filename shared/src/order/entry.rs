//! Entries: the facts that people add to a work order. Each is written once and never changed.
//!
//! Instants are milliseconds since the Unix epoch, UTC, by the clock of the device that wrote them. That clock can be
//! wrong: order comes from causality, and [`Stamp::time`] corrects what is shown.

use super::marks::Mark;
use crate::city::{Priority, Role};
use crate::geo::LatLon;
use crate::ids::{CrewId, EntryId, ServiceCode, ServiceRequestId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who added an entry, in which role, and when by which clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// The person (or `server`, `resident`, `import:…`).
    pub by: UserId,
    /// The role that the person acted in.
    pub role: Role,
    /// The crew that the person belonged to then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crew: Option<CrewId>,
    /// The device's clock, ms since the Unix epoch.
    pub at: i64,
    /// Server clock minus device clock in ms, as last measured; absent until the device has once met the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// How old that measurement was, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_age_s: Option<i64>,
}

impl Stamp {
    /// The best estimate of the true instant, ms since the Unix epoch.
    #[must_use]
    pub fn time(&self) -> i64 {
        self.at.saturating_add(self.offset_ms.unwrap_or(0))
    }
}

/// Where an entry stands in Lamport order: the counter of the operation that made it, then the actor in hexadecimal.
/// Only for breaking ties between entries that did not see each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lamport {
    /// Automerge's operation counter.
    pub counter: u64,
    /// The actor, in hexadecimal.
    pub actor: String,
}

/// One entry of a container: its id, who wrote it, and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<T> {
    /// Derived from the action that wrote it.
    pub id: EntryId,
    /// Read from the document's operations, not written into the entry.
    #[serde(skip)]
    pub lamport: Lamport,
    /// Who and when.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// What.
    #[serde(flatten)]
    pub body: T,
}

/// Where a position came from, so that nobody takes a guess for a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    /// The photo's EXIF block.
    Photo,
    /// The phone's own fix.
    Device,
    /// A person set a pin on the map.
    Pin,
    /// An address, looked up.
    Address,
    /// The record that was imported or received from another system.
    Import,
}

/// A position with its source. Degrees, WGS84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceFix {
    /// Where.
    #[serde(flatten)]
    pub at: LatLon,
    /// By what.
    pub source: PlaceSource,
    /// Radius of the error circle in meters, when the source gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
    /// Whole seconds between the fix and the moment that it was used for (the photo's, the report's); absent when nobody knows, and
    /// for what no clock measured (a pin, an address).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u32>,
}

impl PlaceFix {
    /// The same fix, used so many ms later (or earlier, as for a photo from before). One of unknown age stays so.
    #[must_use]
    pub fn aged(mut self, ms: i64) -> Self {
        let age_s = self.age_s.map(|age| (i64::from(age).saturating_add(ms / 1000)).unsigned_abs());
        self.age_s = age_s.map(|age| u32::try_from(age).unwrap_or(u32::MAX));
        self
    }
}

/// How a service request reached the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestSource {
    /// A city employee's phone.
    Field,
    /// The residents' page.
    Web,
    /// Another program, through Open311.
    Open311,
    /// A city's published export.
    Import,
}

/// A record in another system that this one mirrors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// The other system (`nyc311`).
    pub system: String,
    /// Its id there. Not `id` in the document: that is the entry's own.
    #[serde(rename = "asset_id")]
    pub id: String,
}

/// A service request (Open311's word; residents read "report"): what one person filed. No personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceRequest {
    /// Made where the request was made.
    pub request: ServiceRequestId,
    /// How it came in.
    pub source: RequestSource,
    /// The type that the person chose.
    pub service_code: ServiceCode,
    /// What the person wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Answers to the type's questions: question code → chosen keys, or one text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Vec<String>>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceFix>,
    /// The place in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The record that this request mirrors, for one that was imported or came through Open311.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirrors: Option<Asset>,
    /// When it was first seen, if that is known to differ from the entry's own time; ms since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<i64>,
}

/// What a photo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoSlot {
    /// What was reported.
    Report,
    /// The place before the work.
    Before,
    /// The place after the work.
    After,
    /// Anything else.
    Other,
}

/// Which version of a photo a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenditionKind {
    /// The file as the camera made it, metadata included. Never public.
    Original,
    /// Upright, longest side at most 2,048 px, no metadata.
    Display,
    /// Upright, longest side at most 320 px, no metadata.
    Thumbnail,
}

/// One file of a photo, named by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Which version.
    pub kind: RenditionKind,
    /// SHA-256 of the file, lowercase hexadecimal.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// `image/jpeg`, `image/heic`, …
    pub media_type: String,
    /// Pixels across as stored; 0 where nothing could decode it.
    pub width: u32,
    /// Pixels down as stored; 0 where nothing could decode it.
    pub height: u32,
}

/// A photo and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    /// What it shows.
    pub slot: PhotoSlot,
    /// The request that it came with, for a photo of what was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ServiceRequestId>,
    /// The camera's own time as EXIF has it (`2021-05-01T14:32:00`, with `+02:00` when the camera said so).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// Where the camera says it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceFix>,
    /// What is shown until a file is there; see [`crate::photo::Blur`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blur: Option<String>,
    /// The files.
    pub renditions: Vec<Rendition>,
    /// What people drew over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Parts of it were covered where it was taken, see [`crate::photo::covered`]. Then there is no original.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub covered: bool,
}

impl Photo {
    /// The file of that kind, if it was made.
    #[must_use]
    pub fn rendition(&self, kind: RenditionKind) -> Option<&Rendition> {
        self.renditions.iter().find(|rendition| rendition.kind == kind)
    }
}

/// Words for whoever opens the job next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The words.
    pub text: String,
}

/// Time that people worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labor {
    /// How many people.
    pub people: u32,
    /// Minutes each of them worked.
    pub minutes: u32,
    /// Earlier entries of the same person that this one corrects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<EntryId>,
}

/// Material that was used up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// The material's id in the catalog.
    pub material: String,
    /// Its name when it was used.
    pub name: String,
    /// How many units.
    pub quantity: f64,
    /// The unit (`bag`).
    pub unit: String,
    /// Earlier entries of the same person that this one corrects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<EntryId>,
}

/// Equipment that was in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// The equipment's id in the catalog.
    pub equipment: String,
    /// Its name when it was used.
    pub name: String,
    /// Minutes in use.
    pub minutes: u32,
    /// Earlier entries of the same person that this one corrects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<EntryId>,
}

/// A mark on the checklist, set or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The checklist item's id in the catalog.
    pub item: String,
    /// Set, or taken back.
    pub checked: bool,
    /// The ticks of this item that its author saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<EntryId>,
}

/// A field and the value that somebody gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldValue {
    /// The service type.
    ServiceCode(ServiceCode),
    /// How urgent.
    Priority(Priority),
    /// Where.
    Location(PlaceFix),
    /// The place in words.
    Address(String),
    /// Whose job it is; `None` takes it from whoever has it.
    Assignment(Option<CrewId>),
    /// Until when, ms since the Unix epoch.
    Due(i64),
    /// What is to be done.
    Description(String),
}

/// The name of a field, without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// See [`FieldValue::ServiceCode`].
    ServiceCode,
    /// See [`FieldValue::Priority`].
    Priority,
    /// See [`FieldValue::Location`].
    Location,
    /// See [`FieldValue::Address`].
    Address,
    /// See [`FieldValue::Assignment`].
    Assignment,
    /// See [`FieldValue::Due`].
    Due,
    /// See [`FieldValue::Description`].
    Description,
}

impl FieldValue {
    /// Which field this is a value of.
    #[must_use]
    pub fn field(&self) -> Field {
        match self {
            Self::ServiceCode(_) => Field::ServiceCode,
            Self::Priority(_) => Field::Priority,
            Self::Location(_) => Field::Location,
            Self::Address(_) => Field::Address,
            Self::Assignment(_) => Field::Assignment,
            Self::Due(_) => Field::Due,
            Self::Description(_) => Field::Description,
        }
    }
}

/// Somebody decided a field's value, having seen certain earlier decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The field and its value.
    #[serde(flatten)]
    pub value: FieldValue,
    /// The decisions on this field that its author saw as current.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<EntryId>,
}
