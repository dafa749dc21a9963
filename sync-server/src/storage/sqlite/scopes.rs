//! Which work orders are in which scopes, and the sums of their digests.

use super::log::Writing;
use super::{int, uuid};
use crate::storage::{Committed, DEVICE, MOST_MOVED, Scopes, Stored};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::digest::{LENGTH, Sum};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::{BTreeMap, HashSet};

type Digest = [u8; LENGTH];

/// What one commit does to scopes.
#[derive(Default)]
pub(super) struct Moving {
    /// All scopes of what changed, and those that something left.
    pub(super) touched: HashSet<String>,
    /// What is to be added to the sums.
    sums: BTreeMap<String, Sum>,
}

impl Moving {
    fn add(&mut self, scope: &str, digest: Digest) {
        self.sums.entry(scope.to_owned()).or_default().add(digest);
    }

    fn remove(&mut self, scope: &str, digest: Digest) {
        self.sums.entry(scope.to_owned()).or_default().remove(digest);
    }

    pub(super) fn write_sums(&self, connection: &Connection) -> Stored<()> {
        let mut put = connection.prepare_cached(
            "INSERT INTO scope_sums (scope, sum) VALUES (?1, ?2) ON CONFLICT (scope) DO UPDATE SET sum = ?2",
        )?;
        for (scope, more) in self.sums.iter().filter(|(_, more)| **more != Sum::default()) {
            let mut sum = sum(connection, scope)?;
            sum.add(more.to_bytes());
            put.execute(params![scope, sum.to_bytes()])?;
        }
        Ok(())
    }
}

/// The sum of the documents in a scope.
pub(super) fn sum(connection: &Connection, scope: &str) -> Stored<Sum> {
    let found = connection
        .prepare_cached("SELECT sum FROM scope_sums WHERE scope = ?1")?
        .query_row([scope], |row| row.get(0))
        .optional()?;
    Ok(found.map_or_else(Sum::default, Sum::from_bytes))
}

/// A scope that a work order is or was in.
struct Membership {
    scope: String,
    inside: bool,
    expires_at: Option<i64>,
}

fn memberships(connection: &Connection, id: WorkOrderId) -> Stored<Vec<Membership>> {
    let mut list = connection
        .prepare_cached("SELECT scope, left_at IS NULL, expires_at FROM scopes WHERE work_order = ?1 ORDER BY scope")?;
    let rows = list.query_map([id.0.as_bytes()], |row| {
        Ok(Membership { scope: row.get(0)?, inside: row.get(1)?, expires_at: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A document changed, and its digest from one to another (it had none when it is new).
pub(super) fn changed(
    connection: &Connection,
    moving: &mut Moving,
    id: WorkOrderId,
    (before, after): (Option<Digest>, Digest),
    scopes: &Scopes,
    number: u64,
) -> Stored<()> {
    let there = memberships(connection, id)?;
    for membership in there.iter().filter(|membership| membership.inside) {
        if let Some(before) = before {
            moving.remove(&membership.scope, before);
        }
        moving.add(&membership.scope, after);
        moving.touched.insert(membership.scope.clone());
    }
    connection
        .prepare_cached("UPDATE scopes SET moved = ?2 WHERE work_order = ?1 AND left_at IS NULL")?
        .execute(params![id.0.as_bytes(), int(number)])?;
    place(connection, moving, id, after, scopes, number, &there)
}

/// A document's scopes become other ones.
pub(super) fn rescope(
    connection: &Connection,
    moving: &mut Moving,
    id: WorkOrderId,
    digest: Digest,
    scopes: &Scopes,
    number: u64,
) -> Stored<()> {
    let there = memberships(connection, id)?;
    place(connection, moving, id, digest, scopes, number, &there)
}

fn place(
    connection: &Connection,
    moving: &mut Moving,
    id: WorkOrderId,
    digest: Digest,
    scopes: &Scopes,
    number: u64,
    there: &[Membership],
) -> Stored<()> {
    let key = id.0.as_bytes();
    for membership in there.iter().filter(|membership| membership.inside) {
        let scope = &membership.scope;
        if !scope.starts_with(DEVICE) && !scopes.exactly.contains_key(scope) {
            leave(connection, moving, id, scope, digest, number)?;
        }
    }
    let mut enter = connection.prepare_cached(
        "INSERT INTO scopes (scope, work_order, first_entered, entered, left_at, moved, expires_at)
         VALUES (?1, ?2, ?3, ?3, NULL, ?3, ?4)
         ON CONFLICT (scope, work_order) DO UPDATE SET entered = ?3, left_at = NULL, moved = ?3, expires_at = ?4",
    )?;
    let mut stay = connection.prepare_cached(
        "UPDATE scopes SET expires_at = ?3 WHERE scope = ?1 AND work_order = ?2 AND expires_at IS NOT ?3",
    )?;
    let devices = scopes.devices.iter().map(|(scope, at)| (scope, Some(*at)));
    for (scope, expires_at) in scopes.exactly.iter().map(|(scope, at)| (scope, *at)).chain(devices) {
        match there.iter().find(|membership| membership.scope == *scope && membership.inside) {
            Some(membership) => {
                let later = scope.starts_with(DEVICE).then_some(membership.expires_at).flatten();
                stay.execute(params![scope, key, expires_at.max(later)])?;
            }
            None => {
                enter.execute(params![scope, key, int(number), expires_at])?;
                moving.add(scope, digest);
                moving.touched.insert(scope.clone());
            }
        }
    }
    Ok(())
}

fn leave(
    connection: &Connection,
    moving: &mut Moving,
    id: WorkOrderId,
    scope: &str,
    digest: Digest,
    number: u64,
) -> Stored<()> {
    connection
        .prepare_cached(
            "UPDATE scopes SET left_at = ?3, moved = ?3, expires_at = NULL WHERE scope = ?1 AND work_order = ?2",
        )?
        .execute(params![scope, id.0.as_bytes(), int(number)])?;
    moving.remove(scope, digest);
    moving.touched.insert(scope.to_owned());
    Ok(())
}

/// Lets work orders leave the scopes whose time is over.
pub(super) fn sweep(connection: &mut Connection, now: i64) -> Stored<Option<Committed>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let over: Vec<(String, Vec<u8>, Digest)> = transaction
        .prepare_cached(
            "SELECT s.scope, s.work_order, d.digest FROM scopes s JOIN documents d USING (work_order)
             WHERE s.left_at IS NULL AND s.expires_at IS NOT NULL AND s.expires_at <= ?1
             ORDER BY s.expires_at, s.scope, s.work_order LIMIT ?2",
        )?
        .query_map(params![now, i64::try_from(MOST_MOVED).unwrap_or(i64::MAX)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let Some((_, first, _)) = over.first() else { return Ok(None) };
    let mut writing = Writing::begin(&transaction, now)?;
    let number = writing.next(first);
    for (scope, id, digest) in &over {
        leave(&transaction, &mut writing.moving, WorkOrderId(uuid(id)?), scope, *digest, number)?;
    }
    let committed = writing.finish()?;
    transaction.commit()?;
    Ok(Some(committed))
}

pub(super) fn in_any(connection: &Connection, id: WorkOrderId, scopes: &[String]) -> Stored<bool> {
    let mut find =
        connection.prepare_cached("SELECT 1 FROM scopes WHERE scope = ?1 AND work_order = ?2 AND left_at IS NULL")?;
    for scope in scopes {
        if find.exists(params![scope, id.0.as_bytes()])? {
            return Ok(true);
        }
    }
    Ok(false)
}
