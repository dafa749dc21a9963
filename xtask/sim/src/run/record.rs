//! What people entered, as the world remembers it: what must be somewhere at the end.
//!
//! An action counts from the moment at which the store has answered that it is done. A part of it (what it does to one
//! work order) stops counting only when
//!
//! - a restore took it: it was on the disk that was replaced, and right afterwards no disk in use holds it any more (what was
//!   sent and taken in is on the server's disk, so it is not excused by the restore of a phone; what phones hold is not
//!   excused by the restore of the server); or
//! - its person read that it was refused and put it away.

use super::Wrong;
use super::phone::{self, Phone};
use super::server::{self, Server};
use crate::disk::Disk;
use crate::network::PhoneId;
use crate::seed::Seed;
use coldpatch_shared::action::Deed;
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::{Facts, OrderDoc};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What an action does to one work order.
pub(crate) type Part = (ActionId, WorkOrderId);

/// An action that counts.
#[derive(Debug)]
pub(crate) struct Entered {
    /// Who; `None` for a resident.
    pub(crate) phone: Option<PhoneId>,
    pub(crate) deed: Deed,
    /// What it says in each work order, by entry.
    pub(crate) parts: BTreeMap<WorkOrderId, BTreeMap<EntryId, Value>>,
    /// Why a part no longer counts.
    pub(crate) excused: BTreeMap<WorkOrderId, &'static str>,
}

/// Everything that was entered.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) entered: BTreeMap<ActionId, Entered>,
    /// What else was tried: where a process ended in the middle, it may have happened all the same.
    tried: BTreeMap<ActionId, Vec<WorkOrderId>>,
}

impl Record {
    /// A store or a ledger has said that it is done.
    pub(crate) fn add(
        &mut self,
        phone: Option<PhoneId>,
        deed: Deed,
        parts: BTreeMap<WorkOrderId, BTreeMap<EntryId, Value>>,
    ) {
        self.entered.insert(deed.id, Entered { phone, deed, parts, excused: BTreeMap::new() });
    }

    /// Somebody is about to do it.
    pub(crate) fn tries(&mut self, deed: &Deed) {
        self.tried.insert(deed.id, deed.parts());
    }

    /// The work orders that an action is about; none when nobody has ever done it.
    pub(crate) fn parts(&self, action: ActionId) -> &[WorkOrderId] {
        self.tried.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The person has put it away.
    pub(crate) fn put_away(&mut self, action: ActionId) {
        if let Some(entered) = self.entered.get_mut(&action) {
            for id in entered.deed.parts() {
                entered.excused.insert(id, "put away by its person");
            }
        }
    }

    /// The parts that count, of those given.
    pub(crate) fn counting(&self, among: &BTreeSet<Part>) -> BTreeSet<Part> {
        let counts = |(action, id): &&Part| {
            self.entered
                .get(action)
                .is_some_and(|entered| entered.parts.contains_key(id) && !entered.excused.contains_key(id))
        };
        among.iter().filter(counts).copied().collect()
    }

    /// A restore took these. → how many.
    pub(crate) fn excuse(&mut self, taken: &BTreeSet<Part>) -> u64 {
        for (action, id) in taken {
            if let Some(entered) = self.entered.get_mut(action) {
                entered.excused.insert(*id, "taken by a restore");
            }
        }
        u64::try_from(taken.len()).unwrap_or(u64::MAX)
    }
}

/// The entries of one action in a document, without what a replay on top of other things may say differently.
pub(crate) fn entries(facts: &Facts) -> BTreeMap<EntryId, Value> {
    let mut all = BTreeMap::new();
    let mut add = |id: &EntryId, value: Result<Value, serde_json::Error>| {
        let mut value = value.unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            ["after", "replaces"].iter().for_each(|name| drop(fields.remove(*name)));
        }
        all.insert(id.clone(), value);
    };
    macro_rules! each {
        ($($container:ident),*) => {
            $(facts.$container.iter().for_each(|entry| add(&entry.id, json(entry)));)*
        };
    }
    each!(requests, photos, notes, labor, materials, equipment, ticks, assets, decisions, events);
    facts.unknown.iter().for_each(|entry| add(&entry.id, json(entry)));
    all
}

fn json(value: &impl Serialize) -> Result<Value, serde_json::Error> {
    serde_json::to_value(value)
}

/// The entries of one action.
pub(crate) fn of_action(entries: &BTreeMap<EntryId, Value>, action: ActionId) -> BTreeMap<EntryId, Value> {
    let prefix = format!("{action}:");
    entries.iter().filter(|(id, _)| id.0.starts_with(&prefix)).map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// Everything that a phone's disk holds: what waits or was refused, and what is in accepted documents.
pub(crate) fn held_by_phone(phone: &mut Phone) -> Result<BTreeSet<Part>, Wrong> {
    if let Some(store) = &phone.store {
        return held(store.db(), "documents", "accepted", true);
    }
    with_copy(&phone.disk, phone::DATABASE, |db| held(db, "documents", "accepted", true))
}

/// Everything that the server's disk holds.
pub(crate) fn held_by_server(server: &Server) -> Result<BTreeSet<Part>, Wrong> {
    with_copy(&server.disk, server::DATABASE, |db| held(db, "documents", "bytes", false))
}

/// Looks at a copy of what is durable: the disk itself may be down, or have a journal that has to be played back.
pub(crate) fn with_copy<T>(
    disk: &Disk,
    file: &str,
    look: impl FnOnce(&Connection) -> Result<T, Wrong>,
) -> Result<T, Wrong> {
    let copy = Disk::new("copy", Seed(0))?;
    copy.restore(&disk.back_up())?;
    let db = copy.connect(file)?;
    look(&db)
}

fn held(db: &Connection, table: &str, bytes: &str, journal: bool) -> Result<BTreeSet<Part>, Wrong> {
    let mut held = BTreeSet::new();
    let there = |name: &str| db.table_exists(None, name);
    if !there(table)? {
        return Ok(held);
    }
    let mut documents = db.prepare(&format!("SELECT work_order, {bytes} FROM {table}"))?;
    let mut rows = documents.query([])?;
    while let Some(row) = rows.next()? {
        let id = WorkOrderId(row.get(0)?);
        let bytes: Vec<u8> = row.get(1)?;
        let doc = OrderDoc::load(&bytes).map_err(|error| Wrong(format!("{id} cannot be loaded: {error}")))?;
        let ids = entries(&doc.facts()).into_keys();
        held.extend(ids.filter_map(|entry| Some((entry.0.split_once(':')?.0.parse().ok()?, id))));
    }
    if journal {
        let mut waiting = db.prepare("SELECT deed FROM journal WHERE state IN ('pending', 'refused')")?;
        let mut rows = waiting.query([])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            let deed: Deed =
                serde_json::from_str(&text).map_err(|error| Wrong(format!("a journaled deed: {error}")))?;
            held.extend(deed.parts().into_iter().map(|id| (deed.id, id)));
        }
    }
    Ok(held)
}
