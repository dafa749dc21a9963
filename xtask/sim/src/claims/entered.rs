//! Nothing that people entered is lost, and nothing is there twice.

use super::{City, claim};
use crate::run::record::{Entered, entries, of_action};
use crate::run::{Run, Wrong};
use coldpatch_mobile::engine::store::{State, Store};
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::EventKind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Entries = BTreeMap<EntryId, Value>;

pub(super) fn check(run: &mut Run<'_>, city: &City) -> Result<(), Wrong> {
    let documents: BTreeMap<WorkOrderId, Entries> =
        city.known.iter().map(|(id, known)| (*id, entries(&known.facts))).collect();
    nothing_twice(run, city, &documents)?;
    let (mut accepted, mut refused) = (0, 0);
    for entered in run.record.entered.values() {
        let phone = entered.phone.and_then(|id| run.phones.get(usize::from(id.0)));
        match where_it_is(entered, phone.and_then(|phone| phone.store.as_ref()), &documents)? {
            Some(State::Refused) => refused += 1,
            Some(_) => accepted += 1,
            None => {}
        }
    }
    run.trace.add("actions accepted at the end", accepted);
    run.trace.add("actions refused and visible at the end", refused);
    Ok(())
}

/// In the documents or before its person's eyes; `None` when it is excused.
fn where_it_is(
    entered: &Entered,
    store: Option<&Store>,
    documents: &BTreeMap<WorkOrderId, Entries>,
) -> Result<Option<State>, Wrong> {
    let deed = &entered.deed;
    let who = entered.phone.map_or_else(|| "a resident".to_owned(), |id| format!("phone {}", id.0));
    let what = format!("{:?} {} by {who}", deed.action.edit(), deed.id);
    let attention = store.map(Store::needs_attention).transpose()?.unwrap_or_default();
    let refused = attention.iter().find(|refused| refused.deed.id == deed.id);
    let mut accepted = 0;
    for (id, made) in &entered.parts {
        let there = documents.get(id).map(|entries| of_action(entries, deed.id)).unwrap_or_default();
        if !there.is_empty() {
            accepted += 1;
            claim(there == *made, || format!("{what} on {id} says {there:?}, and was entered as {made:?}"))?;
        } else if refused.is_none() && !entered.excused.contains_key(id) {
            let state = store.map(|store| store.state_of(deed.id)).transpose()?.flatten();
            return Err(Wrong(format!(
                "{what} on {id} is lost: not in the city's document, not shown as refused ({state:?})"
            )));
        }
    }
    if let Some(refused) = refused {
        claim(refused.deed == *deed, || format!("{what} is shown as {:?}", refused.deed))?;
        claim(!refused.message.is_empty(), || format!("{what} is shown without a reason"))?;
        claim(accepted == 0, || format!("{what} is shown as refused, and the city has it: {}", refused.message))?;
        return Ok(Some(State::Refused));
    }
    Ok((accepted > 0).then_some(State::Accepted))
}

fn nothing_twice(run: &Run<'_>, city: &City, documents: &BTreeMap<WorkOrderId, Entries>) -> Result<(), Wrong> {
    let mut actions: BTreeMap<ActionId, BTreeSet<WorkOrderId>> = BTreeMap::new();
    for (id, entries) in documents {
        let of = |entry: &EntryId| entry.0.split_once(':').and_then(|(action, _)| action.parse().ok());
        for action in entries.keys().filter_map(of) {
            actions.entry(action).or_default().insert(*id);
        }
    }
    for (action, places) in actions.iter().filter(|(_, places)| places.len() > 1) {
        let parts = run.record.parts(*action);
        let meant = places.iter().all(|id| parts.contains(id));
        claim(meant, || format!("action {action} is in {places:?}, and was done to {parts:?}"))?;
    }
    let (mut requests, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for (id, known) in &city.known {
        let mut seen = BTreeSet::new();
        for item in &known.order.history {
            claim(seen.insert(&item.id), || format!("{id} has the entry {} twice", item.id))?;
        }
        for request in &known.order.requests {
            let before = requests.insert(request.body.request, *id);
            claim(before.is_none(), || format!("request {} is in {id} and in {before:?}", request.body.request))?;
            let given = known.order.tracking_numbers.contains_key(&request.body.request);
            claim(given, || format!("request {} of {id} has no tracking number", request.body.request))?;
        }
        for event in known.facts.events.iter().filter(|event| event.body.kind == EventKind::Acknowledged) {
            let (Some(number), Some(request)) = (&event.body.tracking_number, event.body.request) else { continue };
            let before = *numbers.entry(number.clone()).or_insert(request);
            claim(before == request || run.server.numbers_repeat, || {
                format!("the number {number} was given to {before} and to {request}")
            })?;
        }
    }
    Ok(())
}
