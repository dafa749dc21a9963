//! A day apart: what happened on the server and on a phone that could not hear it.

use super::life::labor;
use super::people::Person;
use super::request::photo;
use super::{DAY, MINUTE, Made, Order, World, YEAR};
use crate::dice::Dice;
use anyhow::{Result, ensure};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::{CrewId, WorkOrderId};
use coldpatch_shared::order::{FieldValue, Note, PhotoSlot};
use std::collections::BTreeMap;

/// Work orders that changed on the server, with two changes each.
pub const ON_THE_SERVER: usize = 60;
/// Work orders that changed on the phone: half with two changes, half with three.
pub const ON_THE_PHONE: usize = 40;
/// Work orders that changed on both.
pub const ON_BOTH: usize = 10;

/// When the day begins, ms since the Unix epoch.
pub const TODAY: i64 = YEAR + 320 * DAY;

/// One side's changes to one work order.
#[derive(Debug, Clone)]
pub struct Edited {
    /// Which.
    pub id: WorkOrderId,
    /// The changes of that day.
    pub changes: Vec<Made>,
    /// The work order on that side at the day's end.
    pub order: Order,
}

/// The day.
#[derive(Debug)]
pub struct Day {
    /// Whose phone was away.
    pub phone_of: Person,
    /// What other people's phones and the server did.
    pub on_server: Vec<Edited>,
    /// What was done on the phone.
    pub on_phone: Vec<Edited>,
    /// Each work order that changed on either side, with the changes of both.
    pub merged: BTreeMap<WorkOrderId, Order>,
}

/// The day after `orders`, of the phone of `crew` that has this number.
///
/// # Errors
/// When there are too few work orders that are not closed.
pub fn day(world: &World, orders: &[Order], crew: &CrewId, phone: usize) -> Result<Day> {
    let mut open = Vec::new();
    for order in orders {
        if !order.view()?.status.is_closed() {
            open.push(order);
        }
    }
    let needed = ON_THE_SERVER + ON_THE_PHONE - ON_BOTH;
    ensure!(open.len() >= needed, "only {} of {} work orders are open", open.len(), orders.len());
    // Mixed with dice of its own, so that the changed ones are spread among all.
    let mut dice = Dice::new(world.seed, u64::MAX);
    for place in 0..needed {
        let other = place + dice.below(open.len() - place);
        open.swap(place, other);
    }
    let phone_of = Person::of_crew(crew, phone);
    let today = TODAY;
    let mut day = Day { phone_of, on_server: Vec::new(), on_phone: Vec::new(), merged: BTreeMap::new() };
    for (number, order) in open.iter().take(ON_THE_SERVER).enumerate() {
        day.on_server.push(on_server(world, order, number, crew, today)?);
    }
    for (number, order) in open.iter().skip(ON_THE_SERVER - ON_BOTH).take(ON_THE_PHONE).enumerate() {
        day.on_phone.push(on_phone(world, order, number, &day.phone_of, today)?);
    }
    for edited in day.on_server.iter().chain(&day.on_phone) {
        let merged = day.merged.entry(edited.id).or_insert_with(|| edited.order.clone());
        merged.doc.apply(edited.changes.iter().map(|made| made.change.clone()))?;
    }
    Ok(day)
}

fn on_server(world: &World, order: &Order, number: usize, crew: &CrewId, today: i64) -> Result<Edited> {
    let mut order = order.clone();
    let before = order.changes.len();
    let at = today + i64::try_from(number).unwrap_or(0) * 7 * MINUTE;
    let supervisor = Person::supervisor(number % 3);
    let colleague = Person::of_crew(crew, number % 3);
    match number % 4 {
        0 => {
            order.does(&supervisor, at, Action::Decide { value: FieldValue::Priority(Priority::Urgent) })?;
            let note = Note { text: world.words(&mut order.dice) };
            order.does(&supervisor, at + MINUTE, Action::AddNote { note })?;
        }
        1 => {
            order.does(&supervisor, at, Action::Decide { value: FieldValue::Due(today + 2 * DAY) })?;
            order.does(&colleague, at + 9 * MINUTE, Action::Start)?;
        }
        2 => {
            let record = labor(&mut order);
            order.does(&colleague, at, record)?;
            order.does(&colleague, at + MINUTE, Action::Complete { note: None })?;
        }
        _ => {
            let note = Note { text: world.words(&mut order.dice) };
            order.does(&colleague, at, Action::AddNote { note })?;
            let picture = photo(PhotoSlot::Other, None, &mut order.dice);
            order.does(&colleague, at + MINUTE, Action::AddPhoto { photo: picture })?;
        }
    }
    Ok(Edited { id: order.id, changes: order.changes.split_off(before), order })
}

fn on_phone(world: &World, order: &Order, number: usize, who: &Person, today: i64) -> Result<Edited> {
    let mut order = order.clone();
    // Another row than the server's, or both would make the same ids.
    order.dice = Dice::new(world.seed ^ u64::MAX, u64::try_from(number).unwrap_or(0));
    let before = order.changes.len();
    let at = today + i64::try_from(number).unwrap_or(0) * 11 * MINUTE;
    order.does(who, at, Action::Start)?;
    let record = labor(&mut order);
    order.does(who, at + 20 * MINUTE, record)?;
    if number % 2 == 1 {
        let note = Some(world.words(&mut order.dice));
        order.does(who, at + 21 * MINUTE, Action::Complete { note })?;
    }
    Ok(Edited { id: order.id, changes: order.changes.split_off(before), order })
}
