//! A work order as people see it: everything derived from its entries, nothing stored.

use super::decisions::{self, Decided};
use super::developed;
use super::entry::{
    Entry, Equipment, Field, FieldValue, Labor, Lamport, Material, Note, Photo, PlaceFix, ServiceRequest, Stamp, Tick,
};
use super::event::{Event, EventKind};
use super::facts::{Facts, UnknownEntry};
use super::links::{self, Link};
use super::status::{self, Flag, Status};
use crate::city::{Priority, Role};
use crate::ids::{CrewId, EntryId, ServiceCode, ServiceRequestId, WorkOrderId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// One line of a work order's history: an event, a decision or a fact, in causal order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryItem {
    /// The entry.
    pub id: EntryId,
    /// Who and when.
    pub stamp: Stamp,
    /// What.
    pub what: HistoryWhat,
}

/// What a line of the history is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "entry", rename_all = "snake_case")]
#[allow(missing_docs, reason = "named after the entries that they hold")]
pub enum HistoryWhat {
    Event(Event),
    Decision(FieldValue),
    Request(Box<ServiceRequest>),
    Photo(Box<Photo>),
    Note(Note),
    Labor(Labor),
    Material(Material),
    Equipment(Equipment),
    Tick(Tick),
    /// Made by a newer version of the app; kept untouched.
    Unknown(UnknownEntry),
}

/// A work order, derived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// Its state.
    pub status: Status,
    /// The event that put it there: who completed it, who could not and why.
    pub status_set_by: Option<Entry<Event>>,
    /// 0 until it is first reopened.
    pub round: u32,
    /// What a person must look at after a merge.
    pub flags: Vec<Flag>,
    /// The ids of flags that a review settled.
    #[serde(default)]
    pub settled: BTreeSet<String>,
    /// The events that were taken back: they are in the history and decide nothing.
    #[serde(default)]
    pub withdrawn: BTreeSet<EntryId>,
    /// Other work orders that this one is tied to, oldest first; links that were taken back too.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The service type.
    pub service_code: ServiceCode,
    /// How urgent.
    pub priority: Priority,
    /// Where.
    pub place: Option<PlaceFix>,
    /// The place in words.
    pub address: Option<String>,
    /// What is to be done.
    pub description: String,
    /// Until when, ms since the Unix epoch.
    pub due: Option<i64>,
    /// Whose job it is.
    pub assignment: Option<CrewId>,
    /// Fields on which people who did not see each other disagree, with all their values.
    pub disagreements: BTreeMap<Field, Decided>,
    /// What people filed.
    pub requests: Vec<Entry<ServiceRequest>>,
    /// The numbers that people were given for what they filed.
    pub tracking_numbers: BTreeMap<ServiceRequestId, String>,
    /// Photos, oldest first.
    pub photos: Vec<Entry<Photo>>,
    /// Those of them whose files were lost and have not turned up.
    #[serde(default)]
    pub lost_photos: BTreeSet<EntryId>,
    /// Notes, oldest first.
    pub notes: Vec<Entry<Note>>,
    /// Labor that counts: not corrected by a later entry.
    pub labor: Vec<Entry<Labor>>,
    /// Material that counts.
    pub materials: Vec<Entry<Material>>,
    /// Equipment that counts.
    pub equipment: Vec<Entry<Equipment>>,
    /// Checklist items that are ticked.
    pub ticked: Vec<Entry<Tick>>,
    /// Everything that was ever entered, in causal order.
    pub history: Vec<HistoryItem>,
    /// When it came to be, by whoever created it; ms since the Unix epoch.
    pub created_at: i64,
    /// When the last entry in causal order was made, ms since the Unix epoch.
    pub updated_at: i64,
}

impl WorkOrder {
    /// Derives a work order from its facts; `None` when it holds no service type, which no genesis of ours leaves out.
    #[must_use]
    pub fn derive(id: WorkOrderId, facts: &Facts) -> Option<Self> {
        let outcome = status::derive(facts);
        let decided = |field| decisions::current(&facts.decisions, field);
        let FieldValue::ServiceCode(service_code) = decisions::value(&facts.decisions, Field::ServiceCode)? else {
            return None;
        };
        let photos = developed::photos(&facts.photos);
        let (history, updated_at) = history(facts, &photos);
        let created = facts.events.iter().find(|event| event.body.kind == EventKind::Created);
        Some(Self {
            id,
            status: outcome.status,
            status_set_by: outcome.set_by.and_then(|id| facts.events.iter().find(|event| event.id == id)).cloned(),
            round: outcome.round,
            flags: outcome.flags,
            settled: outcome.settled,
            links: links::of(facts, &outcome.withdrawn),
            lost_photos: facts
                .events
                .iter()
                .filter(|event| event.body.kind == EventKind::PhotoLost && !outcome.withdrawn.contains(&event.id))
                .filter_map(|event| event.body.photo.clone())
                .collect(),
            withdrawn: outcome.withdrawn,
            service_code,
            priority: match decisions::value(&facts.decisions, Field::Priority) {
                Some(FieldValue::Priority(priority)) => priority,
                _ => Priority::Normal,
            },
            place: match decisions::value(&facts.decisions, Field::Location) {
                Some(FieldValue::Location(place)) => Some(place),
                _ => None,
            },
            address: match decisions::value(&facts.decisions, Field::Address) {
                Some(FieldValue::Address(address)) => Some(address),
                _ => None,
            },
            description: match decisions::value(&facts.decisions, Field::Description) {
                Some(FieldValue::Description(text)) => text,
                _ => String::new(),
            },
            due: match decisions::value(&facts.decisions, Field::Due) {
                Some(FieldValue::Due(due)) => Some(due),
                _ => None,
            },
            assignment: match decisions::value(&facts.decisions, Field::Assignment) {
                Some(FieldValue::Assignment(crew)) => crew,
                _ => None,
            },
            disagreements: [
                Field::ServiceCode,
                Field::Priority,
                Field::Location,
                Field::Address,
                Field::Assignment,
                Field::Due,
                Field::Description,
            ]
            .into_iter()
            .filter_map(|field| Some((field, decided(field).filter(|decided| !decided.others.is_empty())?)))
            .collect(),
            requests: facts.requests.clone(),
            tracking_numbers: facts
                .events
                .iter()
                .filter(|event| event.body.kind == EventKind::Acknowledged)
                .filter_map(|event| Some((event.body.request?, event.body.tracking_number.clone()?)))
                .collect(),
            photos,
            notes: facts.notes.clone(),
            labor: not_replaced(&facts.labor, |labor| &labor.replaces),
            materials: not_replaced(&facts.materials, |material| &material.replaces),
            equipment: not_replaced(&facts.equipment, |equipment| &equipment.replaces),
            ticked: ticked(&facts.ticks),
            created_at: created.map_or(0, |event| event.stamp.time()),
            // The last in causal order: a clock that is years ahead must not keep a job on top for years.
            updated_at,
            history,
        })
    }

    /// Whether a checklist item is ticked.
    #[must_use]
    pub fn is_ticked(&self, item: &str) -> bool {
        self.ticked.iter().any(|tick| tick.body.item == item)
    }

    /// The ticks of `item` that a new tick replaces.
    #[must_use]
    pub fn ticks_of(&self, item: &str) -> Vec<EntryId> {
        self.ticked.iter().filter(|tick| tick.body.item == item).map(|tick| tick.id.clone()).collect()
    }

    /// The number by which people know it: the first request's, once the server has given one.
    #[must_use]
    pub fn tracking_number(&self) -> Option<&str> {
        self.requests.iter().find_map(|request| self.tracking_numbers.get(&request.body.request)).map(String::as_str)
    }
}

/// Ticks that hold. Anybody may take back anybody's tick of that item, having seen it.
fn ticked(ticks: &[Entry<Tick>]) -> Vec<Entry<Tick>> {
    let replaced: HashSet<(&EntryId, &str)> =
        ticks.iter().flat_map(|tick| tick.body.replaces.iter().map(|id| (id, tick.body.item.as_str()))).collect();
    ticks
        .iter()
        .filter(|tick| tick.body.checked && !replaced.contains(&(&tick.id, tick.body.item.as_str())))
        .cloned()
        .collect()
}

fn not_replaced<T: Clone>(entries: &[Entry<T>], replaces: impl Fn(&T) -> &Vec<EntryId>) -> Vec<Entry<T>> {
    // Only an entry of the same person corrects one: two crews' labor adds up, whatever either claims to replace.
    let replaced: HashSet<(&EntryId, &str)> =
        entries.iter().flat_map(|entry| replaces(&entry.body).iter().map(|id| (id, entry.stamp.by.as_str()))).collect();
    entries.iter().filter(|entry| !replaced.contains(&(&entry.id, entry.stamp.by.as_str()))).cloned().collect()
}

/// Everything in causal order, and when the last entry was made.
fn history(facts: &Facts, photos: &[Entry<Photo>]) -> (Vec<HistoryItem>, i64) {
    let mut items: Vec<(Lamport, HistoryItem)> = Vec::new();
    collect(&mut items, &facts.requests, |body| HistoryWhat::Request(Box::new(body)));
    collect(&mut items, &facts.decisions, |body| HistoryWhat::Decision(body.value));
    collect(&mut items, &facts.events, HistoryWhat::Event);
    collect(&mut items, photos, |body| HistoryWhat::Photo(Box::new(body)));
    collect(&mut items, &facts.notes, HistoryWhat::Note);
    collect(&mut items, &facts.labor, HistoryWhat::Labor);
    collect(&mut items, &facts.materials, HistoryWhat::Material);
    collect(&mut items, &facts.equipment, HistoryWhat::Equipment);
    collect(&mut items, &facts.ticks, HistoryWhat::Tick);
    items.extend(facts.unknown.iter().map(|unknown| {
        let stamp = permissive_stamp(&unknown.value);
        let item = HistoryItem { id: unknown.id.clone(), stamp, what: HistoryWhat::Unknown(unknown.clone()) };
        (unknown.lamport.clone(), item)
    }));
    items.sort_by(|(a, item_a), (b, item_b)| a.cmp(b).then_with(|| item_a.id.cmp(&item_b.id)));
    let updated_at = items.iter().rev().map(|(_, item)| item.stamp.time()).find(|at| *at != 0).unwrap_or(0);
    (items.into_iter().map(|(_, item)| item).collect(), updated_at)
}

/// As much of a stamp as an entry of a newer version shows. A role that is unknown here may do the least.
pub(crate) fn permissive_stamp(entry: &Value) -> Stamp {
    serde_json::from_value(entry.clone()).unwrap_or_else(|_| Stamp {
        by: entry.get("by").and_then(Value::as_str).unwrap_or("unknown").into(),
        role: Role::Resident,
        crew: None,
        at: entry.get("at").and_then(Value::as_i64).unwrap_or(0),
        offset_ms: entry.get("offset_ms").and_then(Value::as_i64),
        offset_age_s: None,
    })
}

fn collect<T: Clone>(items: &mut Vec<(Lamport, HistoryItem)>, entries: &[Entry<T>], what: impl Fn(T) -> HistoryWhat) {
    items.extend(entries.iter().map(|entry| {
        let item = HistoryItem { id: entry.id.clone(), stamp: entry.stamp.clone(), what: what(entry.body.clone()) };
        (entry.lamport.clone(), item)
    }));
}
