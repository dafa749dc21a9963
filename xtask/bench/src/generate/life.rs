//! What happens to a work order from its filing on: about ten changes, or five in a short life.

use super::people::Person;
use super::request::photo;
use super::{DAY, HOUR, MINUTE, Order, World};
use anyhow::{Context, Result};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::{Priority, ServiceType};
use coldpatch_shared::ids::CrewId;
use coldpatch_shared::order::{FieldValue, Labor, Material, Note, PhotoSlot};

/// The least that happens: it is filed, given to a crew, which begins, and closes as many as New York has closed.
pub(super) fn pass(world: &World, order: &mut Order, created: i64, crew: &CrewId) -> Result<()> {
    let mut at = created;
    let kind = file(world, order, &mut at, crew)?;
    let phone = Person::of_crew(crew, order.dice.below(3));
    let worked = (created + open_for(world, order)).max(at + HOUR);
    order.does(&phone, worked, Action::Start)?;
    if let Some(complete) = complete(world, order) {
        order.does(&phone, worked + i64::from(kind.hours_to_complete) * MINUTE, complete)?;
    }
    Ok(())
}

/// Files it and lets it live until closed, or until now.
pub(super) fn live(world: &World, order: &mut Order, created: i64, crew: &CrewId) -> Result<()> {
    let mut at = created;
    let kind = file(world, order, &mut at, crew)?;
    at += 20 * MINUTE;
    triage(world, order, at, kind)?;
    let worked = created + open_for(world, order);
    let phone = Person::of_crew(crew, order.dice.below(3));
    for (step, action) in work(world, order, kind).into_iter().enumerate() {
        let later = i64::try_from(step).unwrap_or(0) * 7 * MINUTE;
        order.does(&phone, worked.max(at + HOUR) + later, action)?;
    }
    Ok(())
}

/// Somebody files it, the server gives it to the crew, and somebody else may file the same.
fn file<'a>(world: &'a World, order: &mut Order, at: &mut i64, crew: &CrewId) -> Result<&'a ServiceType> {
    let server = Person::server();
    let kind = filing(world, order, *at, &server)?;
    *at += 2 * MINUTE;
    order.does(&server, *at, Action::Decide { value: FieldValue::Assignment(Some(crew.clone())) })?;
    if order.dice.chance(world.fit.duplicates) {
        *at += i64::try_from(order.dice.below(24)).unwrap_or(0) * HOUR + MINUTE;
        let said = one_text(world, order);
        let request = world.request(order, *at, &said, kind);
        let number = tracking(order);
        let id = request.request;
        order.does(&server, *at, Action::Join { request: Box::new(request), photos: Vec::new() })?;
        order.does(&server, *at, Action::Acknowledge { request: id, tracking_number: number })?;
    }
    Ok(kind)
}

fn filing<'a>(world: &'a World, order: &mut Order, at: i64, server: &Person) -> Result<&'a ServiceType> {
    let (said, kind) = world.kind(&mut order.dice);
    let kind = kind.context("the demo city has no service type")?;
    let request = world.request(order, at, &said, kind);
    let id = request.request;
    let photos = match order.dice.chance(world.fit.photos) {
        true => vec![photo(PhotoSlot::Report, Some(id), &mut order.dice)],
        false => Vec::new(),
    };
    // Residents' requests come in by the server, the others by an inspector's phone.
    let by = match order.dice.chance(0.7) {
        true => server.clone(),
        false => Person::inspector(order.dice.below(5)),
    };
    let due = at + i64::from(kind.hours_to_complete) * HOUR;
    let filing = Action::File {
        request: Box::new(request),
        photos,
        priority: kind.priority,
        due: Some(due),
        assignment: None,
        follows: None,
    };
    order.does(&by, at, filing)?;
    let tracking_number = tracking(order);
    order.does(server, at + MINUTE, Action::Acknowledge { request: id, tracking_number })?;
    Ok(kind)
}

/// A supervisor looks at it.
fn triage(world: &World, order: &mut Order, at: i64, kind: &ServiceType) -> Result<()> {
    let supervisor = Person::supervisor(order.dice.below(3));
    if order.dice.chance(0.5) {
        let priority = if kind.priority == Priority::High { Priority::Urgent } else { Priority::High };
        order.does(&supervisor, at, Action::Decide { value: FieldValue::Priority(priority) })?;
    }
    if order.dice.chance(0.4) {
        let note = Note { text: world.words(&mut order.dice) };
        order.does(&supervisor, at + MINUTE, Action::AddNote { note })?;
    }
    if order.dice.chance(0.3) {
        order.does(&supervisor, at + 2 * MINUTE, Action::Decide { value: FieldValue::Due(at + 3 * DAY) })?;
    }
    Ok(())
}

/// What a crew does at the place; the last step only in as many cases as New York has closed.
fn work(world: &World, order: &mut Order, kind: &ServiceType) -> Vec<Action> {
    let mut steps = vec![Action::Start];
    steps.extend(kind.checklist.iter().take(3).map(|item| Action::Tick { item: item.id.clone(), checked: true }));
    if order.dice.chance(world.fit.photos) {
        steps.push(Action::AddPhoto { photo: photo(PhotoSlot::After, None, &mut order.dice) });
    }
    steps.push(labor(order));
    steps.extend(material(world, order, kind));
    steps.extend(complete(world, order));
    steps
}

fn complete(world: &World, order: &mut Order) -> Option<Action> {
    if !order.dice.chance(world.fit.closed) {
        return None;
    }
    let note = order.dice.chance(0.5).then(|| world.words(&mut order.dice));
    Some(Action::Complete { note })
}

pub(super) fn labor(order: &mut Order) -> Action {
    let people = 1 + u32::try_from(order.dice.below(3)).unwrap_or(0);
    let minutes = 15 + 5 * u32::try_from(order.dice.below(20)).unwrap_or(0);
    Action::RecordLabor { labor: Labor { people, minutes, replaces: Vec::new() } }
}

fn material(world: &World, order: &mut Order, kind: &ServiceType) -> Option<Action> {
    let material = order.dice.pick(&kind.materials)?;
    let quantity = world.fit.filled.at(order.dice.share()).round().max(1.0) * material.step;
    let (id, name, unit) = (material.id.clone(), material.name.clone(), material.unit.clone());
    Some(Action::RecordMaterial { material: Material { material: id, name, quantity, unit, replaces: Vec::new() } })
}

pub(super) fn one_text(world: &World, order: &mut Order) -> String {
    world.kind(&mut order.dice).0
}

fn tracking(order: &mut Order) -> String {
    order.tracked += 1;
    super::tracking_number(order.number, order.tracked - 1)
}

#[allow(clippy::cast_possible_truncation, reason = "some hundred hours")]
fn open_for(world: &World, order: &mut Order) -> i64 {
    (world.fit.hours_to_close.at(order.dice.share()) * HOUR as f64) as i64
}
