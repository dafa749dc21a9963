//! What people can do at a moment: to the jobs that their phone shows, in their role, in the state that they see.

use super::Wrong;
use super::phone::{Phone, uuid_at};
use crate::seed::Dice;
use coldpatch_shared::action::{Action, Deed, policy};
use coldpatch_shared::city::{City, Jurisdiction, Priority, ServiceType};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{
    Equipment, FieldValue, Labor, Material, Note, Photo, PhotoSlot, PlaceFix, PlaceSource, RequestSource,
    ServiceRequest, Stamp, WorkOrder,
};
use rand::RngExt as _;

/// What a phone's person does next, by the dice. `None` when nothing can be done.
pub(crate) fn choose(phone: &mut Phone, city: &City, now: i64, dice: &mut Dice) -> Result<Option<Deed>, Wrong> {
    let Some((_, stamp)) = phone.stamp(now)? else { return Ok(None) };
    let id = ActionId(phone.fresh_id(now));
    let shown = shown(phone)?;
    let Some(chosen) = pick(&shown, dice).filter(|_| !dice.random_ratio(1, 6)) else {
        let work_order = WorkOrderId(phone.fresh_id(now));
        let request = request(city, RequestSource::Field, phone.clock(now), dice);
        return Ok(request.map(|request| file(id, work_order, stamp, request, city)));
    };
    let Some(order) = order(phone, chosen)? else { return Ok(None) };
    let allowed = |action: &Action| policy::may(stamp.role, action.edit(), Some(order.status)).is_ok();
    if dice.random_ratio(1, 10)
        && let Some(request) = request(city, RequestSource::Field, phone.clock(now), dice)
    {
        let work_order = WorkOrderId(phone.fresh_id(now));
        return Ok(Some(follow_up(file(id, work_order, stamp, request, city), chosen)));
    }
    let mut can = candidates(&order, &stamp, city, dice);
    can.extend(links(&order, &shown, dice));
    can.retain(allowed);
    let action = pick(&can, dice);
    Ok(action.map(|action| Deed { id, work_order: chosen, stamp, action }))
}

fn follow_up(mut deed: Deed, of: WorkOrderId) -> Deed {
    if let Action::File { follows, .. } = &mut deed.action {
        *follows = Some(of);
    }
    deed
}

/// What ties work orders together, and takes that back; and what takes back other things.
fn links(order: &WorkOrder, shown: &[WorkOrderId], dice: &mut Dice) -> Vec<Action> {
    let mut all = Vec::new();
    for _ in 0..2 {
        all.extend(pick(shown, dice).filter(|of| *of != order.id).map(|of| Action::MarkDuplicate { of }));
    }
    let held: Vec<_> = order.links.iter().filter(|link| !link.withdrawn).collect();
    if let Some(link) = pick(&held, dice).filter(|link| shown.contains(&link.other)) {
        all.push(Action::WithdrawLink { other: link.other, links: vec![link.id.clone()], note: None });
    }
    let events: Vec<_> = order.history.iter().filter(|item| matches!(item.what, HistoryWhat::Event(_))).collect();
    for event in events.iter().rev().take(3).filter(|event| !order.withdrawn.contains(&event.id)) {
        all.push(Action::Withdraw { names: vec![event.id.clone()], note: None });
    }
    all.extend(pick(&order.photos, dice).map(|photo| Action::LosePhoto { photo: photo.id, note: None }));
    all
}

/// The jobs in the phone's list.
pub(crate) fn shown(phone: &Phone) -> Result<Vec<WorkOrderId>, Wrong> {
    let Some(store) = &phone.store else { return Ok(Vec::new()) };
    let mut statement = store.db().prepare_cached("SELECT work_order FROM jobs ORDER BY work_order")?;
    let rows = statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A job as the phone shows it.
pub(crate) fn order(phone: &mut Phone, id: WorkOrderId) -> Result<Option<WorkOrder>, Wrong> {
    let Some(store) = &mut phone.store else { return Ok(None) };
    Ok(store.document(id)?.and_then(|doc| WorkOrder::derive(id, &doc.facts())))
}

/// Any of them, the first ones more often: so that people meet.
fn pick<T: Clone>(among: &[T], dice: &mut Dice) -> Option<T> {
    let count = among.len();
    if count == 0 {
        return None;
    }
    let at = if dice.random_ratio(1, 3) { dice.random_range(0..count.min(3)) } else { dice.random_range(0..count) };
    among.get(at).cloned()
}

/// A work order for a request.
pub(crate) fn file(id: ActionId, work_order: WorkOrderId, stamp: Stamp, request: ServiceRequest, city: &City) -> Deed {
    let kind = city.service_type(&request.service_code);
    let due = kind.map(|kind| stamp.time().saturating_add(i64::from(kind.hours_to_complete) * 3_600_000));
    let priority = kind.map_or(Priority::Normal, |kind| kind.priority);
    let action =
        Action::File { request: Box::new(request), photos: Vec::new(), priority, due, assignment: None, follows: None };
    Deed { id, work_order, stamp, action }
}

/// Something that somebody has seen.
pub(crate) fn request(city: &City, source: RequestSource, now: i64, dice: &mut Dice) -> Option<ServiceRequest> {
    let kind: ServiceType = pick(&city.catalog.service_types, dice)?;
    // To a tenth of a meter: `serde_json` does not read every longer number back as it was.
    let mut near =
        |degrees: f64| ((degrees + f64::from(dice.random_range(-300..300_i32)) / 10_000.0) * 1e6).round() / 1e6;
    let at = LatLon { lat: near(city.center.lat), lon: near(city.center.lon) };
    let at = if matches!(city.jurisdiction_at(at), Jurisdiction::Ours) { at } else { city.center };
    Some(ServiceRequest {
        request: ServiceRequestId(uuid_at(now, dice)),
        source,
        service_code: kind.code,
        description: words("seen", dice),
        answers: Default::default(),
        place: Some(PlaceFix { at, source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
        address: None,
        mirrors: None,
        observed_at: None,
    })
}

/// Words that nobody else has typed.
fn words(what: &str, dice: &mut Dice) -> String {
    let long = if dice.random_ratio(1, 20) { "very ".repeat(dice.random_range(1..400)) } else { String::new() };
    format!("{what} {long}{:08x}", dice.random::<u32>())
}

/// One action of each kind, as far as the job gives occasion for it.
fn candidates(order: &WorkOrder, stamp: &Stamp, city: &City, dice: &mut Dice) -> Vec<Action> {
    let kind = city.service_type(&order.service_code);
    let note = Some(words("note", dice));
    // What people do most comes first.
    let mut all = vec![
        Action::Start,
        Action::Complete { note: note.clone() },
        Action::AddNote { note: Note { text: words("text", dice) } },
        Action::Pause,
        Action::RecordLabor {
            labor: Labor {
                people: dice.random_range(1..5),
                minutes: dice.random_range(1..500),
                replaces: corrected(order, stamp),
            },
        },
        Action::CannotComplete { reason: "blocked".to_owned(), note: note.clone() },
        Action::Transfer { department: None, note: note.clone() },
        Action::Cancel { reason: words("cancel", dice) },
        Action::Reopen { reason: words("reopen", dice) },
        Action::Reopen { reason: words("again", dice) },
        Action::AddPhoto { photo: photo() },
    ];
    if let Some(request) = request(city, RequestSource::Field, stamp.at, dice) {
        all.push(Action::Join { request: Box::new(request), photos: vec![photo()] });
    }
    if let Some(used) = kind.and_then(|kind| pick(&kind.materials, dice)) {
        let quantity = f64::from(dice.random_range(1..20_u32));
        let material = Material { material: used.id, name: used.name, quantity, unit: used.unit, replaces: Vec::new() };
        all.push(Action::RecordMaterial { material });
    }
    if let Some(used) = kind.and_then(|kind| pick(&kind.equipment, dice)) {
        let minutes = dice.random_range(1..500);
        all.push(Action::RecordEquipment {
            equipment: Equipment { equipment: used.id, name: used.name, minutes, replaces: Vec::new() },
        });
    }
    if let Some(item) = kind.and_then(|kind| pick(&kind.checklist, dice)) {
        let checked = !order.is_ticked(&item.id);
        all.push(Action::Tick { item: item.id, checked });
    }
    if !order.flags.is_empty() {
        all.push(Action::Review { settles: order.flags.iter().map(|flag| flag.id.clone()).collect(), note });
    }
    all.extend(decisions(city, stamp, dice).into_iter().map(|value| Action::Decide { value }));
    all
}

fn decisions(city: &City, stamp: &Stamp, dice: &mut Dice) -> Vec<FieldValue> {
    let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent];
    let mut values = vec![
        FieldValue::Description(words("described", dice)),
        FieldValue::Address(words("address", dice)),
        FieldValue::Due(stamp.at.saturating_add(dice.random_range(0..1_000_000_000))),
    ];
    values.extend(pick(&priorities, dice).map(FieldValue::Priority));
    values.extend(pick(&city.catalog.service_types, dice).map(|kind| FieldValue::ServiceCode(kind.code)));
    for _ in 0..3 {
        let crew = pick(&city.crews, dice).map(|crew| crew.id).filter(|_| !dice.random_ratio(1, 8));
        values.push(FieldValue::Assignment(crew));
    }
    values
}

/// The person's own labor, now and then, to correct it.
fn corrected(order: &WorkOrder, stamp: &Stamp) -> Vec<coldpatch_shared::ids::EntryId> {
    let own = order.labor.iter().rfind(|labor| labor.stamp.by == stamp.by);
    own.filter(|labor| labor.body.minutes % 3 == 0).map(|labor| labor.id.clone()).into_iter().collect()
}

/// Photos' files travel apart and are not simulated.
fn photo() -> Photo {
    Photo {
        slot: PhotoSlot::Other,
        request: None,
        taken_at: None,
        place: None,
        blur: None,
        renditions: Vec::new(),
        marks: Vec::new(),
        covered: false,
    }
}
