//! Whether the phone and the server hold the same, and what to mend where they do not.

use super::meta::{self, Mismatch};
use super::{StoreError, documents, memberships, repairs};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::digest;
use coldpatch_shared::sync::wire::{Differing, SyncResponse};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Takes in what the server has where the phone's sums differ: memberships at once, documents by comparing.
pub(super) fn take_differing(db: &Connection, response: &SyncResponse) -> Result<(), StoreError> {
    for differing in &response.differing {
        let Some(scope) = usize::try_from(differing.scope).ok().and_then(|at| response.scopes.get(at)) else {
            continue;
        };
        take_bucket(db, scope, differing)?;
    }
    // What is in no scope was not summed up. The server may know it all the same, or have lost it.
    for id in memberships::without(db)? {
        repairs::compare(db, id)?;
    }
    Ok(())
}

fn take_bucket(db: &Connection, scope: &str, differing: &Differing) -> Result<(), StoreError> {
    let (Ok(of), Ok(bucket)) = (usize::try_from(differing.of), usize::try_from(differing.bucket)) else {
        return Ok(());
    };
    if !of.is_power_of_two() {
        return Ok(());
    }
    let listed: BTreeSet<WorkOrderId> = differing.documents.iter().map(|digested| digested.work_order).collect();
    for id in memberships::of_scope(db, scope)? {
        if digest::bucket_of(id, of) == bucket && !listed.contains(&id) {
            memberships::remove(db, id, scope)?;
            repairs::compare(db, id)?;
        }
    }
    for digested in &differing.documents {
        memberships::add(db, digested.work_order, scope)?;
        if documents::digest_of(db, digested.work_order)?.as_ref() != Some(&digested.digest) {
            repairs::compare(db, digested.work_order)?;
        }
    }
    Ok(())
}

/// Compares the sums of the last page. → whether the phone dropped its cursor, so that the next round reconciles: at once
/// the first time, later and later while it does not help.
pub(super) fn compare_sums(db: &Connection, response: &SyncResponse, now: i64) -> Result<bool, StoreError> {
    let mends = !repairs::due(db, now)?.is_empty();
    if response.more || response.cursor.is_none() || response.digests.is_empty() || mends {
        return Ok(false);
    }
    let mut same = response.digests.len() == response.scopes.len();
    for (scope, digest) in response.scopes.iter().zip(&response.digests) {
        same &= memberships::sum(db, scope)?.to_bytes().as_slice() == digest.as_slice();
    }
    if same {
        meta::set_mismatch(db, None)?;
        return Ok(false);
    }
    let before = meta::mismatch(db)?.unwrap_or_default();
    let due = before.times == 0 || now < before.at || now - before.at >= repairs::pause(before.times - 1);
    tracing::warn!(times = before.times, due, "the phone does not hold what the server has");
    if due {
        meta::set_mismatch(db, Some(Mismatch { times: before.times.saturating_add(1), at: now }))?;
        meta::drop_cursor(db)?;
    }
    Ok(due)
}
