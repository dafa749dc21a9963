//! The service catalog: what a city fixes, what it asks, and what it wants done before a job is closed.
//!
//! Members that we do not know are ignored, so that a phone reads the catalog of a newer server.

use crate::ids::{DepartmentId, ServiceCode};
use serde::{Deserialize, Serialize};

/// All service types of a city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Which catalog this is: 16 hex digits over `catalog.json`, so that no edit can forget to change it. A work order
    /// keeps the version that it was begun with.
    #[serde(default)]
    pub version: String,
    /// In the order in which people pick them.
    pub service_types: Vec<ServiceType>,
}

impl Catalog {
    /// A service type by its code.
    #[must_use]
    pub fn service_type(&self, code: &ServiceCode) -> Option<&ServiceType> {
        self.service_types.iter().find(|kind| kind.code == *code)
    }
}

/// One kind of thing that the city fixes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceType {
    /// Its code here and in Open311 (`pothole`).
    pub code: ServiceCode,
    /// As people read it (`Pothole`).
    pub name: String,
    /// One or two sentences: what belongs here and what does not.
    pub description: String,
    /// The heading under which lists show it (`Streets`).
    pub group: String,
    /// Words by which people look for it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Who is responsible.
    pub department: DepartmentId,
    /// How urgent, unless a person decides otherwise.
    pub priority: Priority,
    /// What the city promises: hours from filing to closing.
    pub hours_to_complete: u32,
    /// Whether the person who files is asked for a name and an address.
    pub contact: ContactRule,
    /// Requests of this type closer than this many meters may be the same thing.
    pub nearby_m: f64,
    /// The name of its icon in `assets/icons`.
    pub icon: String,
    /// Whether a crew is asked for a photo of the finished work.
    #[serde(default)]
    pub after_photo: bool,
    /// What the person who files is asked.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// What a crew ticks before it closes.
    pub checklist: Vec<ChecklistItem>,
    /// What the work uses up.
    #[serde(default)]
    pub materials: Vec<Material>,
    /// What the work occupies.
    #[serde(default)]
    pub equipment: Vec<Equipment>,
    /// Why the work may be impossible.
    pub cannot_complete: Vec<Choice>,
}

/// How urgent a job is; `Low < Normal < High < Urgent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// When somebody is near.
    Low,
    /// In the order of filing.
    #[default]
    Normal,
    /// Before the others of the day.
    High,
    /// Now: somebody may be hurt.
    Urgent,
}

/// Whether a requester's name and e-mail are asked. Where they are not, they are not stored either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactRule {
    /// Not asked at all.
    None,
    /// Asked; may stay empty.
    Optional,
    /// Needed to do the work (a missed pickup needs the household).
    Required,
}

/// A question to the person who files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its code, unique in the service type; Open311's attribute code.
    pub code: String,
    /// The question.
    pub text: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// Whether filing needs an answer.
    #[serde(default)]
    pub required: bool,
    /// What there is to choose from; empty for text and number.
    #[serde(default)]
    pub options: Vec<Choice>,
}

/// The kind of a question's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuestionKind {
    /// Free text.
    Text,
    /// A number.
    Number,
    /// One of the options.
    Single,
    /// Any of the options.
    Multi,
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is stored.
    pub key: String,
    /// What people read.
    pub name: String,
}

/// One line of the closing checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// Its id, unique in the service type; ticks name it.
    pub id: String,
    /// What is true when it is ticked (`Hole cleaned and dry`).
    pub text: String,
    /// Whether closing without it is asked about.
    #[serde(default)]
    pub required: bool,
}

/// Something that the work uses up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// Its id; the same in every service type that uses it.
    pub id: String,
    /// As the crew knows it (`Cold patch, 25 kg bag`).
    pub name: String,
    /// What is counted (`bag`).
    pub unit: String,
    /// By how much one press of plus or minus changes the count; more than zero.
    pub step: f64,
}

/// Something that the work occupies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// Its id; the same in every service type that uses it.
    pub id: String,
    /// As the crew knows it (`Patch truck`).
    pub name: String,
}
