//! Links between the work orders on this device, by both ends: which of them name a job whose own document does not say so,
//! and which open ones have a duplicate that is done.

use super::values::name_of;
use super::{StoreError, documents};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{WorkOrder, links};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// More jobs of one group than this are not looked at.
const MOST: usize = 64;

/// Keeps the links of a work order, and looks again at those that it is tied to.
pub(super) fn keep(db: &Connection, order: &WorkOrder) -> Result<(), StoreError> {
    let before = groups_with(db, order.id)?;
    db.prepare_cached("DELETE FROM ties WHERE work_order = ?1")?.execute([order.id.0])?;
    for link in &order.links {
        db.prepare_cached("INSERT OR REPLACE INTO ties (work_order, link, kind, other) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![order.id.0, link.id.0, name_of(&link.kind), link.other.0])?;
    }
    if !before.is_empty() || order.links.iter().any(|link| link.kind.groups()) {
        look_again(db, order.id, Some(order))?;
    }
    Ok(())
}

/// A work order is no longer here.
pub(super) fn forget(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    let tied = groups_with(db, id)?;
    db.prepare_cached("DELETE FROM ties WHERE work_order = ?1")?.execute([id.0])?;
    for other in tied {
        look_again(db, other, None)?;
    }
    Ok(())
}

/// The jobs here whose documents name this one, whatever it says itself.
pub(crate) fn naming(db: &Connection, id: WorkOrderId) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    let mut statement = db.prepare_cached("SELECT work_order FROM ties WHERE other = ?1")?;
    let rows = statement.query_map([id.0], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The jobs that a link of duplicates ties directly to this one, by either half, also one that was taken back.
fn groups_with(db: &Connection, id: WorkOrderId) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT other FROM ties WHERE work_order = ?1 AND kind IN ('duplicate_of', 'has_duplicate')
         UNION SELECT work_order FROM ties WHERE other = ?1 AND kind IN ('duplicate_of', 'has_duplicate')",
    )?;
    let rows = statement.query_map([id.0], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which of the jobs around one are open although a duplicate is done. `known` is that one, where it is at hand.
fn look_again(db: &Connection, start: WorkOrderId, known: Option<&WorkOrder>) -> Result<(), StoreError> {
    let mut orders: BTreeMap<WorkOrderId, WorkOrder> = BTreeMap::new();
    let mut asked = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop().filter(|_| asked.len() < MOST) {
        if !asked.insert(id) {
            continue;
        }
        open.extend(groups_with(db, id)?);
        let order = match known.filter(|known| known.id == id) {
            Some(known) => Some(known.clone()),
            None => match documents::contained(|| documents::current(db, id)) {
                Ok(doc) => doc.and_then(|doc| WorkOrder::derive(id, &doc.facts())),
                // Compared with the server's elsewhere; what is missing raises nothing.
                Err(error) if error.is_about_one_document() => None,
                Err(error) => return Err(error),
            },
        };
        orders.extend(order.map(|order| (id, order)));
    }
    let flagged = links::completed_in_group(&orders.values().collect::<Vec<_>>());
    for id in orders.keys() {
        db.prepare_cached("UPDATE jobs SET done_in_group = ?2 WHERE work_order = ?1")?
            .execute(params![id.0, flagged.contains_key(id)])?;
    }
    Ok(())
}
