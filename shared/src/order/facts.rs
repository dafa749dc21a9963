//! A permissive reading of a work order's document: every entry, typed where its kind is known, kept raw where not.

use super::entry::{Asset, Decision, Entry, Equipment, Labor, Lamport, Material, Note, Photo, ServiceRequest, Tick};
use super::event::Event;
use super::json;
use crate::ids::{EntryId, WorkOrderId};
use automerge::{ChangeHash, ObjId, ReadDoc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// The containers of a work order, in the order in which the genesis creates them.
pub const CONTAINERS: [&str; 11] =
    ["requests", "photos", "notes", "labor", "materials", "equipment", "ticks", "assets", "decisions", "events", "ext"];

/// An entry that this version cannot read: made by a newer version, or damaged. It stays in the document untouched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnknownEntry {
    /// The container that it sits in.
    pub container: String,
    /// Its id there.
    pub id: EntryId,
    /// Read from the document's operations, not written into the entry.
    #[serde(skip)]
    pub lamport: Lamport,
    /// What it says.
    pub value: Value,
}

/// An entry of `events` that this version cannot read as a whole (an unknown role, a field of another shape). It says
/// nothing about the status, yet its place in the causal graph counts: what it had seen was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct OpaqueEvent {
    /// Its id.
    pub id: EntryId,
    /// Read from the document's operations.
    pub lamport: Lamport,
    /// The events that it names as seen, as far as they can be read.
    pub after: Vec<EntryId>,
}

/// Every entry of a work order, each container in Lamport order.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the containers, named as in `CONTAINERS`")]
pub struct Facts {
    /// The work order's id, as its document says.
    pub id: Option<WorkOrderId>,
    pub requests: Vec<Entry<ServiceRequest>>,
    pub photos: Vec<Entry<Photo>>,
    pub notes: Vec<Entry<Note>>,
    pub labor: Vec<Entry<Labor>>,
    pub materials: Vec<Entry<Material>>,
    pub equipment: Vec<Entry<Equipment>>,
    pub ticks: Vec<Entry<Tick>>,
    pub assets: Vec<Entry<Asset>>,
    pub decisions: Vec<Entry<Decision>>,
    pub events: Vec<Entry<Event>>,
    /// The entries of `events` that are also in `unknown`.
    pub opaque: Vec<OpaqueEvent>,
    pub unknown: Vec<UnknownEntry>,
}

impl Facts {
    /// Reads the document as it stands.
    #[must_use]
    pub fn read(doc: &impl ReadDoc) -> Self {
        Self::read_at(doc, None)
    }

    /// Reads the document as it stood at `heads` (what the author of a change had seen), or as it stands.
    #[must_use]
    pub fn read_at(doc: &impl ReadDoc, heads: Option<&[ChangeHash]>) -> Self {
        let mut unknown = Vec::new();
        let facts = Self {
            id: json::get(doc, &ObjId::Root, "id", heads).and_then(|(id, _)| id.as_str()?.parse().ok()),
            requests: container(doc, "requests", heads, &mut unknown),
            photos: container(doc, "photos", heads, &mut unknown),
            notes: container(doc, "notes", heads, &mut unknown),
            labor: container(doc, "labor", heads, &mut unknown),
            materials: container(doc, "materials", heads, &mut unknown),
            equipment: container(doc, "equipment", heads, &mut unknown),
            ticks: container(doc, "ticks", heads, &mut unknown),
            assets: container(doc, "assets", heads, &mut unknown),
            decisions: container(doc, "decisions", heads, &mut unknown),
            events: container(doc, "events", heads, &mut unknown),
            opaque: Vec::new(),
            unknown: Vec::new(),
        };
        let opaque = unknown.iter().filter(|entry| entry.container == "events").map(OpaqueEvent::of).collect();
        for (id, lamport, value) in raw(doc, "ext", heads) {
            unknown.push(UnknownEntry { container: "ext".to_owned(), id, lamport, value });
        }
        Self { opaque, unknown, ..facts }
    }

    /// Facts that hold nothing but these events.
    #[must_use]
    pub fn of_events(events: Vec<Entry<Event>>) -> Self {
        Self { events, ..Self::default() }
    }

    /// The latest events: those that no other event names as seen. Events that this version cannot read count.
    #[must_use]
    pub fn latest_events(&self) -> Vec<EntryId> {
        let readable = || self.events.iter().map(|event| (&event.id, &event.body.after));
        let opaque = || self.opaque.iter().map(|event| (&event.id, &event.after));
        let seen: HashSet<&EntryId> = readable().chain(opaque()).flat_map(|(_, after)| after).collect();
        readable().chain(opaque()).map(|(id, _)| id).filter(|id| !seen.contains(id)).cloned().collect()
    }
}

impl OpaqueEvent {
    fn of(entry: &UnknownEntry) -> Self {
        let after = entry.value.get("after").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Self {
            id: entry.id.clone(),
            lamport: entry.lamport.clone(),
            after: after.iter().filter_map(Value::as_str).map(EntryId::from).collect(),
        }
    }
}

fn container<T: DeserializeOwned>(
    doc: &impl ReadDoc,
    name: &str,
    heads: Option<&[ChangeHash]>,
    unknown: &mut Vec<UnknownEntry>,
) -> Vec<Entry<T>> {
    let mut entries = Vec::new();
    for (id, lamport, value) in raw(doc, name, heads) {
        match parse(&id, &value) {
            Some(entry) => entries.push(Entry { lamport, ..entry }),
            None => unknown.push(UnknownEntry { container: name.to_owned(), id, lamport, value }),
        }
    }
    #[cfg(feature = "sabotage")]
    if crate::sabotage::by_clock() {
        for entry in &mut entries {
            let entry: &mut Entry<T> = entry;
            entry.lamport.counter = u64::try_from(entry.stamp.time()).unwrap_or(0);
        }
    }
    entries.sort_by(|a: &Entry<T>, b| a.lamport.cmp(&b.lamport).then_with(|| a.id.cmp(&b.id)));
    entries
}

fn parse<T: DeserializeOwned>(id: &EntryId, value: &Value) -> Option<Entry<T>> {
    let Value::Object(mut fields) = value.clone() else {
        return None;
    };
    fields.insert("id".to_owned(), Value::String(id.0.clone()));
    serde_json::from_value(Value::Object(fields)).ok()
}

fn raw(doc: &impl ReadDoc, name: &str, heads: Option<&[ChangeHash]>) -> Vec<(EntryId, Lamport, Value)> {
    let Some((_, object)) = json::get(doc, &ObjId::Root, name, heads) else {
        return Vec::new();
    };
    json::fields(doc, &object, heads)
        .map(|(key, _, entry)| {
            let lamport = match &entry {
                ObjId::Id(counter, actor, _) => Lamport { counter: *counter, actor: actor.to_hex_string() },
                ObjId::Root => Lamport::default(),
            };
            (EntryId(key), lamport, json::read(doc, &entry, heads))
        })
        .collect()
}
