//! Scopes: which work orders a phone gets.
//!
//! A work order is in the scopes of its crew, its type's department and its district, and in `all`, while it is open and
//! for [`KEPT`] after it was closed. It is in the scope of every device that wrote to it, for as long after that device
//! last did, so that whoever did the work sees how it ended.

use crate::storage::{ALL, DEVICE, KEPT, NewChange, Scopes};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{City, Role};
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::WorkOrder;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Version;

/// The scopes that a work order is in as it stands. `changed_at` is when the server received its last change, `now` the
/// time, both ms since the Unix epoch; `changes` are those that it now gets.
pub(super) fn of(city: &City, order: &WorkOrder, changes: &[NewChange], changed_at: i64, now: i64) -> Scopes {
    let mut devices: BTreeMap<String, i64> = BTreeMap::new();
    for change in changes {
        if let Some(device) = change.device {
            let until = change.received_at.unwrap_or(now).saturating_add(KEPT);
            let kept = devices.entry(format!("{DEVICE}{device}")).or_insert(until);
            *kept = until.max(*kept);
        }
    }
    let expires_at = order.status.is_closed().then(|| closed_at(order, changed_at).saturating_add(KEPT));
    if expires_at.is_some_and(|at| at <= now) {
        return Scopes { exactly: BTreeMap::new(), devices };
    }
    let mut exactly = BTreeMap::from([(ALL.to_owned(), expires_at)]);
    if let Some(crew) = &order.assignment {
        exactly.insert(format!("crew:{crew}"), expires_at);
    }
    if let Some(kind) = city.service_type(&order.service_code) {
        exactly.insert(format!("department:{}", kind.department), expires_at);
    }
    if let Some(district) = order.place.as_ref().and_then(|place| city.district_at(place.at)) {
        exactly.insert(format!("district:{}", district.id), expires_at);
    }
    Scopes { exactly, devices }
}

/// When it was closed. A phone's clock may be years off: there the server's own counts. What an import brings was closed
/// when its record says so.
fn closed_at(order: &WorkOrder, changed_at: i64) -> i64 {
    let closing = order.status_set_by.as_ref().map(|event| &event.stamp);
    closing.filter(|stamp| stamp.role == Role::Server).map_or(changed_at, |stamp| stamp.time().min(changed_at))
}

/// The device that an actor id belongs to; `None` for the server's own, which are of another kind of UUID.
pub(super) fn device_of(actor: &[u8]) -> Option<DeviceId> {
    let id = uuid::Uuid::from_slice(actor.get(..16)?).ok()?;
    (id.get_version() == Some(Version::SortRand)).then_some(DeviceId(id))
}

/// The scopes that a phone follows, sorted: its own device's, and a crew's phone its crew's; an inspector's or
/// supervisor's those of the departments and districts that the city's files name for the person, or all.
#[must_use]
pub fn followed(city: &City, session: &Session) -> Vec<String> {
    let mut scopes = BTreeSet::from([format!("{DEVICE}{}", session.device)]);
    scopes.extend(session.crew.iter().map(|crew| format!("crew:{crew}")));
    if matches!(session.role, Role::Inspector | Role::Supervisor) {
        let before = scopes.len();
        if let Some(person) = city.person(&session.user) {
            scopes.extend(person.departments.iter().map(|id| format!("department:{id}")));
            scopes.extend(person.districts.iter().map(|id| format!("district:{id}")));
        }
        if scopes.len() == before {
            scopes.insert(ALL.to_owned());
        }
    }
    scopes.into_iter().collect()
}
