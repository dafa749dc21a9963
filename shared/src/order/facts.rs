//! A permissive reading of a work order's document: every entry, typed where its kind is known, kept raw where not.

use super::content::{self, Content};
use super::entry::{
    Asset, Decision, Entry, Equipment, Labor, Lamport, Material, Note, Photo, ServiceRequest, Stamp, Tick,
};
use super::event::Event;
use super::json;
use crate::ids::{EntryId, WorkOrderId};
use automerge::{ChangeHash, ObjId, ObjType, ReadDoc, ValueRef};
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

/// An entry that a change made.
#[derive(Debug)]
pub(crate) struct Made {
    /// One of [`CONTAINERS`].
    pub(crate) container: &'static str,
    /// Its id there.
    pub(crate) id: EntryId,
}

/// What such an entry says.
pub(crate) struct MadeValue {
    /// Of the operation that made it.
    pub(crate) lamport: Lamport,
    /// Without its id.
    pub(crate) value: Value,
}

impl Made {
    fn look(&self, doc: &impl ReadDoc) -> Option<MadeValue> {
        let (_, container) = json::get(doc, &ObjId::Root, self.container)?;
        let (_, object) = json::get(doc, &container, self.id.as_str())?;
        let content = Content::read(doc, &object, None);
        let value = content.object(&ValueRef::Object(ObjType::Map), &object);
        Some(MadeValue { lamport: lamport(&object), value })
    }

    fn entry<T: DeserializeOwned>(&self, made: MadeValue) -> Option<Entry<T>> {
        Some(Entry { lamport: made.lamport, ..parse(&self.id, made.value).ok()? })
    }
}

fn add<T>(entries: &mut Vec<Entry<T>>, new: Vec<Entry<T>>) {
    for entry in new {
        let at = entries.partition_point(|other| (&other.lamport, &other.id) < (&entry.lamport, &entry.id));
        entries.insert(at, entry);
    }
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
        let content = Content::read(doc, &ObjId::Root, heads);
        let mut unknown = Vec::new();
        let facts = Self {
            id: content.root("id").and_then(|id| content::text(&id.value)?.parse().ok()),
            requests: container(&content, "requests", &mut unknown),
            photos: container(&content, "photos", &mut unknown),
            notes: container(&content, "notes", &mut unknown),
            labor: container(&content, "labor", &mut unknown),
            materials: container(&content, "materials", &mut unknown),
            equipment: container(&content, "equipment", &mut unknown),
            ticks: container(&content, "ticks", &mut unknown),
            assets: container(&content, "assets", &mut unknown),
            decisions: container(&content, "decisions", &mut unknown),
            events: container(&content, "events", &mut unknown),
            opaque: Vec::new(),
            unknown: Vec::new(),
        };
        let opaque = unknown.iter().filter(|entry| entry.container == "events").map(OpaqueEvent::of).collect();
        for (id, lamport, value) in raw(&content, "ext") {
            unknown.push(UnknownEntry { container: "ext".to_owned(), id, lamport, value });
        }
        Self { opaque, unknown, ..facts }
    }

    /// Reads only the entries that one change made; `None` where one is not as this version writes them.
    pub(crate) fn made(doc: &impl ReadDoc, made: &[Made]) -> Option<Self> {
        Self::made_of(made, |entry| entry.look(doc))
    }

    /// The same of entries that `look` finds, asked for one after the other.
    pub(crate) fn made_of(made: &[Made], mut look: impl FnMut(&Made) -> Option<MadeValue>) -> Option<Self> {
        #[cfg(feature = "sabotage")]
        if crate::sabotage::by_clock() {
            return None;
        }
        let mut facts = Self::default();
        for entry in made {
            let says = look(entry)?;
            match entry.container {
                "requests" => facts.requests.push(entry.entry(says)?),
                "photos" => facts.photos.push(entry.entry(says)?),
                "notes" => facts.notes.push(entry.entry(says)?),
                "labor" => facts.labor.push(entry.entry(says)?),
                "materials" => facts.materials.push(entry.entry(says)?),
                "equipment" => facts.equipment.push(entry.entry(says)?),
                "ticks" => facts.ticks.push(entry.entry(says)?),
                "assets" => facts.assets.push(entry.entry(says)?),
                "decisions" => facts.decisions.push(entry.entry(says)?),
                "events" => facts.events.push(entry.entry(says)?),
                _ => return None,
            }
        }
        Some(facts)
    }

    /// Adds entries that are not among these yet, each to its place.
    pub(crate) fn add(&mut self, new: Self) {
        let Self {
            id: _, requests, photos, notes, labor, materials, equipment, ticks, assets, decisions, events, ..
        } = new;
        add(&mut self.requests, requests);
        add(&mut self.photos, photos);
        add(&mut self.notes, notes);
        add(&mut self.labor, labor);
        add(&mut self.materials, materials);
        add(&mut self.equipment, equipment);
        add(&mut self.ticks, ticks);
        add(&mut self.assets, assets);
        add(&mut self.decisions, decisions);
        add(&mut self.events, events);
        self.opaque.extend(new.opaque);
        self.unknown.extend(new.unknown);
    }

    /// Whether an entry of any kind belongs to an action: its id begins with `prefix`.
    pub(crate) fn has_any_of(&self, prefix: &str) -> bool {
        fn any<T>(entries: &[Entry<T>], prefix: &str) -> bool {
            entries.iter().any(|entry| entry.id.0.starts_with(prefix))
        }
        any(&self.requests, prefix)
            || any(&self.photos, prefix)
            || any(&self.notes, prefix)
            || any(&self.labor, prefix)
            || any(&self.materials, prefix)
            || any(&self.equipment, prefix)
            || any(&self.ticks, prefix)
            || any(&self.assets, prefix)
            || any(&self.decisions, prefix)
            || any(&self.events, prefix)
            || self.unknown.iter().any(|entry| entry.id.0.starts_with(prefix))
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
    content: &Content<'_, impl ReadDoc>,
    name: &str,
    unknown: &mut Vec<UnknownEntry>,
) -> Vec<Entry<T>> {
    let mut entries = Vec::new();
    for (id, lamport, value) in raw(content, name) {
        match parse(&id, value) {
            Ok(entry) => entries.push(Entry { lamport, ..entry }),
            Err(value) => unknown.push(UnknownEntry { container: name.to_owned(), id, lamport, value }),
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

/// An entry, or what it says where that is not one. Stamp and body are read one after the other: as parts of an [`Entry`],
/// which has both beside one another, they would be copied field by field before.
fn parse<T: DeserializeOwned>(id: &EntryId, value: Value) -> Result<Entry<T>, Value> {
    if !value.is_object() {
        return Err(value);
    }
    let Ok(stamp) = Stamp::deserialize(&value) else { return Err(value) };
    let Ok(body) = T::deserialize(&value) else { return Err(value) };
    Ok(Entry { id: id.clone(), lamport: Lamport::default(), stamp, body })
}

fn raw(content: &Content<'_, impl ReadDoc>, name: &str) -> Vec<(EntryId, Lamport, Value)> {
    let Some(container) = content.root(name) else {
        return Vec::new();
    };
    content
        .fields(&container.id())
        .map(|entry| {
            let id = entry.id();
            (EntryId(entry.key.clone().into_owned()), lamport(&id), content.object(&entry.value, &id))
        })
        .collect()
}

fn lamport(entry: &ObjId) -> Lamport {
    match entry {
        ObjId::Id(counter, actor, _) => Lamport { counter: *counter, actor: actor.to_hex_string() },
        ObjId::Root => Lamport::default(),
    }
}
