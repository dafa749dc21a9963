//! Puts generated work orders, and what others did to them, into a server's storage: as its ledger would, without judging
//! what is known to be right.

use crate::generate::{Made, Order};
use anyhow::Result;
use coldpatch_server::storage::{ALL, Batch, DEVICE, KEPT, NewChange, OrderWrite, Scopes, Storage};
use coldpatch_shared::city::City;
use coldpatch_shared::order::WorkOrder;
use std::collections::BTreeMap;

/// When the server received it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Just now: nothing has left a scope yet, and the log has all changes.
    Now,
    /// Each change when it was made: what was closed long ago is in no scope any more, and the log has given up what is old.
    Then,
}

/// How a work order is written after `changes`, the last of its changes; `seen` is the number that its document had.
///
/// # Errors
/// When it is not a work order.
pub fn write(
    city: &City,
    order: &Order,
    changes: &[Made],
    seen: u64,
    received: Received,
    now: i64,
) -> Result<OrderWrite> {
    let view = order.view()?;
    let mut doc = order.doc.clone();
    let changes: Vec<NewChange> = changes
        .iter()
        .map(|made| NewChange {
            hash: made.change.hash(),
            bytes: made.change.raw_bytes().to_vec(),
            action: made.deed.id,
            device: made.device,
            received_at: (received == Received::Then).then_some(made.at),
        })
        .collect();
    let scopes = scopes(city, &view, &changes, now);
    Ok(OrderWrite { seen, changes, document: doc.save_plain(), heads: doc.heads(), order: view, scopes })
}

/// Those that the ledger would give it.
fn scopes(city: &City, order: &WorkOrder, changes: &[NewChange], now: i64) -> Scopes {
    let at = |change: &NewChange| change.received_at.unwrap_or(now).saturating_add(KEPT);
    let mut devices: BTreeMap<String, i64> = BTreeMap::new();
    for change in changes.iter().filter(|change| at(change) > now) {
        if let Some(device) = change.device {
            devices.insert(format!("{DEVICE}{device}"), at(change));
        }
    }
    let last = changes.iter().map(at).max().unwrap_or(now);
    let expires_at = order.status.is_closed().then_some(last);
    if expires_at.is_some_and(|at| at <= now) {
        return Scopes { exactly: BTreeMap::new(), devices };
    }
    let mut exactly = BTreeMap::from([(ALL.to_owned(), expires_at)]);
    let crew = order.assignment.as_ref().map(|crew| format!("crew:{crew}"));
    let department = city.service_type(&order.service_code).map(|kind| format!("department:{}", kind.department));
    let district = order.place.as_ref().and_then(|place| city.district_at(place.at));
    let district = district.map(|district| format!("district:{}", district.id));
    exactly.extend([crew, department, district].into_iter().flatten().map(|scope| (scope, expires_at)));
    Scopes { exactly, devices }
}

/// Commits them as one. What the log would have given up by now it never gets: the documents have it.
///
/// # Errors
/// When storage cannot, or a document is not as the write says.
pub fn commit(storage: &dyn Storage, mut orders: Vec<OrderWrite>, now: i64) -> Result<()> {
    let cut = now - KEPT;
    let mut made = Vec::new();
    for change in orders.iter_mut().flat_map(|order| &mut order.changes) {
        let old = change.received_at.unwrap_or(now) < cut;
        if old {
            change.bytes = Vec::new();
        }
        made.push(old);
    }
    let committed = storage.commit(&Batch { received_at: now, orders, ..Batch::default() })?;
    let first = committed.sequence + 1 - u64::try_from(made.len())?;
    let old: Vec<u64> = (first..).zip(made).filter_map(|(number, old)| old.then_some(number)).collect();
    if !old.is_empty() {
        storage.compact(&old)?;
    }
    Ok(())
}

/// Commits what others did to work orders that are stored already.
///
/// # Errors
/// As [`commit`].
pub fn commit_day(storage: &dyn Storage, city: &City, day: &[crate::generate::day::Edited], now: i64) -> Result<()> {
    let mut writes = Vec::with_capacity(day.len());
    for edited in day {
        let seen = storage.document(edited.id)?.map_or(0, |stored| stored.sequence);
        writes.push(write(city, &edited.order, &edited.changes, seen, Received::Now, now)?);
    }
    commit(storage, writes, now)
}

#[cfg(test)]
mod tests;
