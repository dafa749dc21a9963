//! What must be true when everything has come to rest.
//!
//! - `scopes`: everyone in a scope has the same documents
//! - `entered`: what people entered is in the documents, or in front of the person who did it; nothing exists twice
//! - `derived`: what is derived, projected and summed up is what a fresh computation gives

mod derived;
mod entered;
mod scopes;

use crate::run::server::DATABASE;
use crate::run::{Run, Wrong};
use coldpatch_server::ledger::scopes as rules;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Facts, OrderDoc, WorkOrder};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// A work order as the server has it, read afresh.
pub(crate) struct Known {
    pub(crate) doc: OrderDoc,
    pub(crate) facts: Facts,
    pub(crate) order: WorkOrder,
}

/// What the server has.
pub(crate) struct City {
    pub(crate) known: BTreeMap<WorkOrderId, Known>,
    /// For each scope, what is in it.
    pub(crate) scopes: BTreeMap<String, BTreeSet<WorkOrderId>>,
}

/// Checks everything.
pub(crate) fn check(run: &mut Run<'_>) -> Result<(), Wrong> {
    let db = run.server.disk.connect(DATABASE)?;
    let mut city = read(&db)?;
    whole(&db, "the server")?;
    for (id, known) in &mut city.known {
        for change in known.doc.changes_since(&[]) {
            run.watch.heard(*id, &change)?;
        }
    }
    derived::server(run, &city, &db)?;
    for at in 0..run.phones.len() {
        let Some(phone) = run.phones.get_mut(at) else { continue };
        let session = run.people.session(phone.id, phone.device);
        let followed = session.map(|session| rules::followed(&run.people.city(), &session)).unwrap_or_default();
        scopes::check(phone, &followed, &mut city)?;
        derived::phone(phone, &city)?;
        if let Some(store) = &phone.store {
            whole(store.db(), &format!("phone {}", phone.id.0))?;
        }
    }
    entered::check(run, &city)?;
    run.trace.add("work orders", u64::try_from(city.known.len()).unwrap_or(0));
    run.trace.add("phones", u64::try_from(run.phones.len()).unwrap_or(0));
    Ok(())
}

fn read(db: &Connection) -> Result<City, Wrong> {
    let mut city = City { known: BTreeMap::new(), scopes: BTreeMap::new() };
    let mut documents = db.prepare("SELECT work_order, bytes FROM documents")?;
    let mut rows = documents.query([])?;
    while let Some(row) = rows.next()? {
        let id = WorkOrderId(row.get(0)?);
        let doc = OrderDoc::load(&row.get::<_, Vec<u8>>(1)?)?;
        let facts = doc.facts();
        let order = WorkOrder::derive(id, &facts).ok_or_else(|| Wrong(format!("{id} is no work order")))?;
        city.known.insert(id, Known { doc, facts, order });
    }
    let mut scopes = db.prepare("SELECT scope, work_order FROM scopes WHERE left_at IS NULL")?;
    let mut rows = scopes.query([])?;
    while let Some(row) = rows.next()? {
        city.scopes.entry(row.get(0)?).or_default().insert(WorkOrderId(row.get(1)?));
    }
    Ok(city)
}

fn whole(db: &Connection, whose: &str) -> Result<(), Wrong> {
    let found: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Wrong(format!("the database of {whose}: {found}"))) }
}

/// Fails with these words unless it holds.
pub(crate) fn claim(holds: bool, words: impl FnOnce() -> String) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong(words())) }
}
