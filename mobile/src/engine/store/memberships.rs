//! Which scopes each work order is in, as far as the phone has read: what its digests are over, and what may leave it.

use super::StoreError;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::digest::{self, Sum};
use coldpatch_shared::sync::wire::ScopeBuckets;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// A work order is in a scope. → whether that is new.
pub(super) fn add(db: &Connection, id: WorkOrderId, scope: &str) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached("INSERT OR IGNORE INTO memberships (work_order, scope) VALUES (?1, ?2)")?
        .execute(params![id.0, scope])?;
    Ok(added > 0)
}

/// A work order is no longer in a scope.
pub(super) fn remove(db: &Connection, id: WorkOrderId, scope: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM memberships WHERE work_order = ?1 AND scope = ?2")?.execute(params![id.0, scope])?;
    Ok(())
}

/// A work order is in no scope.
pub(super) fn forget(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM memberships WHERE work_order = ?1")?.execute([id.0])?;
    Ok(())
}

/// Nothing is known about scopes.
pub(super) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM memberships", [])?;
    Ok(())
}

/// The phone follows these scopes only.
pub(super) fn keep_only(db: &Connection, scopes: &[String]) -> Result<(), StoreError> {
    for scope in followed(db)? {
        if !scopes.contains(&scope) {
            db.prepare_cached("DELETE FROM memberships WHERE scope = ?1")?.execute([scope])?;
        }
    }
    Ok(())
}

/// The scopes that have work orders, sorted.
pub(super) fn followed(db: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut followed = BTreeSet::new();
    // One step in the index for each scope, however many work orders it has.
    let mut next = db.prepare_cached("SELECT scope FROM memberships WHERE scope > ?1 ORDER BY scope LIMIT 1")?;
    let mut after = String::new();
    while let Some(scope) = next.query_row([&after], |row| row.get::<_, String>(0)).optional()? {
        after.clone_from(&scope);
        followed.insert(scope);
    }
    Ok(followed)
}

/// The work orders of a scope.
pub(super) fn of_scope(db: &Connection, scope: &str) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    let mut statement = db.prepare_cached("SELECT work_order FROM memberships WHERE scope = ?1")?;
    let rows = statement.query_map([scope], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The scopes of a work order, sorted.
pub(super) fn of_work_order(db: &Connection, id: WorkOrderId) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT scope FROM memberships WHERE work_order = ?1 ORDER BY scope")?;
    let rows = statement.query_map([id.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The accepted documents that are in no scope.
pub(super) fn without(db: &Connection) -> Result<Vec<WorkOrderId>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT work_order FROM documents d
         WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.work_order = d.work_order)",
    )?;
    let rows = statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The digests of a scope's accepted documents.
fn digests(db: &Connection, scope: &str) -> Result<Vec<(WorkOrderId, [u8; digest::LENGTH])>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT m.work_order, d.digest FROM memberships m JOIN documents d USING (work_order)
         WHERE m.scope = ?1 AND d.digest IS NOT NULL",
    )?;
    let rows = statement.query_map([scope], |row| Ok((WorkOrderId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The sum of a scope's digests.
pub(super) fn sum(db: &Connection, scope: &str) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    digests(db, scope)?.into_iter().for_each(|(_, digest)| sum.add(digest));
    Ok(sum)
}

/// What the phone holds, in sums.
pub(super) fn buckets(db: &Connection) -> Result<Vec<ScopeBuckets>, StoreError> {
    let mut buckets = Vec::new();
    for scope in followed(db)? {
        let held = digests(db, &scope)?;
        let count = digest::bucket_count(held.len());
        buckets.push(ScopeBuckets { sums: digest::buckets(held, count), scope });
    }
    Ok(buckets)
}
