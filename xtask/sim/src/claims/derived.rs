//! What is derived, projected and summed up is what a fresh computation gives.

use super::{City, Known, claim};
use crate::run::phone::Phone;
use crate::run::record::entries;
use crate::run::{Run, Wrong};
use coldpatch_shared::ids::{EntryId, WorkOrderId};
use coldpatch_shared::order::status::rank;
use coldpatch_shared::order::{Event, EventKind, OrderDoc, Status, WorkOrder};
use coldpatch_shared::sync::digest::{self, Sum};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The server's projection, index and sums.
pub(super) fn server(run: &Run<'_>, city: &City, db: &Connection) -> Result<(), Wrong> {
    let Some(running) = &run.server.running else { return Err(Wrong("the server does not run".to_owned())) };
    let storage = &running.sync.storage;
    for (id, known) in &city.known {
        let differs = differences(&serde_json::to_value(storage.order(*id)?)?, &serde_json::to_value(&known.order)?);
        claim(differs.is_empty(), || format!("{id} is not projected as what it is: {}", differs.join("; ")))?;
        for request in &known.order.requests {
            let found = storage.request(request.body.request)?.map(|record| record.work_order);
            claim(found == Some(*id), || {
                format!("request {} of {id} is looked up in {found:?}", request.body.request)
            })?;
        }
        history(*id, known)?;
        status(*id, known)?;
    }
    for (scope, members) in &city.scopes {
        let mut fresh = Sum::default();
        for id in members {
            let mut doc =
                city.known.get(id).ok_or_else(|| Wrong(format!("{id} is in a scope and not there")))?.doc.clone();
            fresh.add(digest::document(*id, &doc.heads()));
        }
        let kept: Option<Vec<u8>> =
            db.query_row("SELECT sum FROM scope_sums WHERE scope = ?1", [scope], |row| row.get(0)).optional()?;
        claim(kept.as_deref() == Some(&fresh.to_bytes()[..]), || {
            format!("the sum of {scope} is not that of its documents")
        })?;
    }
    Ok(())
}

/// Where two values differ, in words.
fn differences(here: &Value, there: &Value) -> Vec<String> {
    match (here, there) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let of = |fields: &Map<String, Value>, name: &str| fields.get(name).cloned().unwrap_or_default();
            let inside = |name: &&String| differences(&of(a, name), &of(b, name));
            names.iter().flat_map(|name| inside(name).into_iter().map(move |text| format!("{name}.{text}"))).collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let inside = a.iter().zip(b).map(|(a, b)| differences(a, b)).enumerate();
            inside.flat_map(|(at, texts)| texts.into_iter().map(move |text| format!("{at}.{text}"))).collect()
        }
        _ if here == there => Vec::new(),
        _ => vec![format!(" {here} and {there}")],
    }
}

/// Every entry is in the history, and what saw something comes after it.
fn history(id: WorkOrderId, known: &Known) -> Result<(), Wrong> {
    let places: BTreeMap<&EntryId, usize> =
        known.order.history.iter().enumerate().map(|(at, item)| (&item.id, at)).collect();
    for entry in entries(&known.facts).keys() {
        claim(places.contains_key(entry), || format!("{entry} of {id} is not in its history"))?;
    }
    for event in &known.facts.events {
        for seen in &event.body.after {
            let in_order = places.get(seen).is_none_or(|seen| Some(seen) < places.get(&event.id));
            claim(in_order, || format!("{id}: the history has {} before {seen}, which its author had seen", event.id))?;
        }
    }
    Ok(())
}

/// The status, by a few rules that need no table.
fn status(id: WorkOrderId, known: &Known) -> Result<(), Wrong> {
    let events: BTreeMap<&EntryId, &Event> = known.facts.events.iter().map(|event| (&event.id, &event.body)).collect();
    let order = &known.order;
    if !order.withdrawn.is_empty() {
        return Ok(());
    }
    let mut rounds = BTreeMap::new();
    let round = events.keys().map(|id| round(&events, id, &mut rounds)).max().unwrap_or(0);
    claim(order.round == round, || format!("{id} is in round {}, and was reopened {round} times", order.round))?;
    let by = order.status_set_by.as_ref().map(|event| &event.id);
    let counts = by.is_none_or(|by| rounds.get(by) == Some(&round));
    claim(counts, || format!("{id} is {:?} by an event of an earlier round", order.status))?;
    let of_round =
        || events.iter().filter(|(id, event)| rounds.get(*id) == Some(&round) && rank(&event.kind).is_some());
    let last = of_round().find(|(last, _)| of_round().all(|(id, _)| id == *last || saw(&events, last, id)));
    let expected = match last.map(|(_, event)| &event.kind) {
        Some(EventKind::Completed) => Status::Completed,
        Some(EventKind::Cancelled) => Status::Cancelled,
        Some(EventKind::Reopened | EventKind::Created) => Status::Open,
        _ => return Ok(()),
    };
    claim(order.status == expected, || format!("{id} is {:?}, and all that was done was before {last:?}", order.status))
}

fn round<'a>(
    events: &BTreeMap<&'a EntryId, &'a Event>,
    id: &'a EntryId,
    known: &mut BTreeMap<&'a EntryId, u32>,
) -> u32 {
    if let Some(round) = known.get(id) {
        return *round;
    }
    let Some(event) = events.get(id) else { return 0 };
    let before = event.after.iter().map(|seen| round(events, seen, known)).max().unwrap_or(0);
    let round = before + u32::from(event.kind == EventKind::Reopened);
    known.insert(id, round);
    round
}

fn saw(events: &BTreeMap<&EntryId, &Event>, later: &EntryId, earlier: &EntryId) -> bool {
    let mut seen = BTreeSet::new();
    let mut todo = vec![later];
    while let Some(next) = todo.pop() {
        for id in events.get(next).map(|event| &event.after).into_iter().flatten() {
            if id == earlier {
                return true;
            }
            if seen.insert(id) {
                todo.push(id);
            }
        }
    }
    false
}

/// What the phone shows is what its documents say.
pub(super) fn phone(phone: &mut Phone, city: &City) -> Result<(), Wrong> {
    let number = phone.id.0;
    let Some(store) = &mut phone.store else { return Ok(()) };
    let mut rows = BTreeSet::new();
    let mut statement = store.db().prepare("SELECT work_order FROM jobs")?;
    for row in statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))? {
        rows.insert(row?);
    }
    drop(statement);
    let held: BTreeSet<WorkOrderId> = store.work_orders()?.into_iter().collect();
    claim(rows == held, || format!("phone {number} lists {rows:?} and holds {held:?}"))?;
    let waits: BTreeSet<WorkOrderId> = store.waiting()?.into_iter().map(|(_, id)| id).collect();
    for id in held {
        let derived = |doc: &OrderDoc| WorkOrder::derive(id, &doc.facts());
        let accepted = store.accepted(id)?;
        let heads = accepted.clone().map(|mut doc| doc.heads());
        // The one that is open in the phone's process says the same as the one on its disk.
        let shown = store.document(id)?.and_then(|doc| derived(doc));
        let order = if waits.contains(&id) { accepted.as_ref().and_then(derived) } else { shown.clone() };
        let there = city.known.get(&id).filter(|known| heads == Some(known.doc.clone().heads()));
        if let Some(known) = there.filter(|known| order.as_ref() != Some(&known.order)) {
            let differs = differences(&serde_json::to_value(&order)?, &serde_json::to_value(&known.order)?);
            return Err(Wrong(format!("{id} is not on phone {number} what it is: {}", differs.join("; "))));
        }
        let Some(shown) = shown else { return Err(Wrong(format!("{id} is no work order on phone {number}"))) };
        row(store.db(), number, &shown)?;
    }
    Ok(())
}

fn row(db: &Connection, number: u8, order: &WorkOrder) -> Result<(), Wrong> {
    let flags: Vec<_> = order.flags.iter().map(|flag| flag.kind).collect();
    let expected = (
        order.service_code.0.clone(),
        serde_json::to_value(order.status)?.as_str().map(str::to_owned),
        order.assignment.as_ref().map(|crew| crew.0.clone()),
        i64::try_from(order.requests.len()).unwrap_or(i64::MAX),
        order.tracking_number().map(str::to_owned),
        serde_json::to_string(&flags)?,
        order.updated_at,
        order.due,
    );
    let found = db.query_row(
        "SELECT service_code, status, assignment, requests, tracking_number, flags, updated_at, due FROM jobs
         WHERE work_order = ?1",
        [order.id.0],
        |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?))
        },
    )?;
    claim(found == expected, || format!("phone {number} lists {} as {found:?}, and it is {expected:?}", order.id))
}
