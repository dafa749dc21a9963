//! Where a phone's sums differ from what is here.

use super::{log, uuid};
use crate::storage::{ReconcileAsk, Reconciled, Stored};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::digest::{self, LENGTH};
use coldpatch_shared::sync::wire::{Differing, Digested};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

type Listed = (WorkOrderId, [u8; LENGTH]);

pub(super) fn reconcile(connection: &Connection, ask: &ReconcileAsk<'_>) -> Stored<Reconciled> {
    let state = log::state(connection)?;
    let mut differing = Vec::new();
    let mut cut = BTreeSet::new();
    let mut listed = 0;
    for (place, scope) in ask.scopes.iter().enumerate() {
        let theirs = ask.buckets.iter().find(|theirs| theirs.scope == *scope);
        let theirs = theirs.and_then(|theirs| digest::sent_buckets(&theirs.sums));
        let documents = documents(connection, scope)?;
        for (bucket, of, documents) in differences(documents, theirs.as_deref()) {
            if listed + documents.len() > ask.most {
                cut.insert(place);
                break;
            }
            listed += documents.len();
            let documents =
                documents.into_iter().map(|(work_order, digest)| Digested { work_order, digest: digest.to_vec() });
            let scope = u32::try_from(place).unwrap_or(u32::MAX);
            differing.push(Differing { scope, of, bucket, documents: documents.collect() });
        }
    }
    Ok(Reconciled { state, differing, cut })
}

/// The buckets whose sums are not theirs, with how many there are, and what is in them here.
fn differences(documents: Vec<Listed>, theirs: Option<&[[u8; 8]]>) -> Vec<(u32, u32, Vec<Listed>)> {
    let Some(theirs) = theirs else { return vec![(0, 1, documents)] };
    let count = theirs.len();
    let ours = digest::buckets(documents.iter().copied(), count);
    let mut buckets: BTreeMap<usize, Vec<Listed>> = BTreeMap::new();
    for document in documents {
        buckets.entry(digest::bucket_of(document.0, count)).or_default().push(document);
    }
    let differing = ours.as_chunks::<8>().0.iter().zip(theirs).enumerate().filter(|(_, (ours, theirs))| ours != theirs);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    differing.map(|(at, _)| (number(at), number(count), buckets.remove(&at).unwrap_or_default())).collect()
}

fn documents(connection: &Connection, scope: &str) -> Stored<Vec<Listed>> {
    let mut list = connection.prepare_cached(
        "SELECT s.work_order, d.digest FROM scopes s JOIN documents d USING (work_order)
         WHERE s.scope = ?1 AND s.left_at IS NULL ORDER BY s.work_order",
    )?;
    let rows = list.query_map([scope], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (id, digest) = row?;
        Ok((WorkOrderId(uuid(&id)?), digest))
    })
    .collect()
}
