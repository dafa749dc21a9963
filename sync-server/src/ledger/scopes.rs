//! Scopes: which work orders a phone gets.
//!
//! A work order is in the scopes of its crew, its type's department, its district, and of every device that ever wrote
//! to it; and in `all`. It stays in a scope that it once entered, so that a crew sees that a job was given away.

use crate::storage::{ALL, NewChange};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{City, Role};
use coldpatch_shared::order::WorkOrder;
use std::collections::BTreeSet;

/// The scopes that a work order is in as it stands.
pub(super) fn of(city: &City, order: &WorkOrder, changes: &[NewChange]) -> BTreeSet<String> {
    let mut scopes = BTreeSet::from([ALL.to_owned()]);
    if let Some(crew) = &order.assignment {
        scopes.insert(format!("crew:{crew}"));
    }
    if let Some(kind) = city.service_type(&order.service_code) {
        scopes.insert(format!("department:{}", kind.department));
    }
    if let Some(district) = order.place.as_ref().and_then(|place| city.district_at(place.at)) {
        scopes.insert(format!("district:{}", district.id));
    }
    scopes.extend(changes.iter().filter_map(|change| change.device).map(|device| format!("device:{device}")));
    scopes
}

/// The scopes that a phone follows.
#[must_use]
pub fn followed(session: &Session) -> Vec<String> {
    let mut scopes = match session.role {
        Role::Inspector | Role::Supervisor => vec![ALL.to_owned()],
        Role::Crew | Role::Resident | Role::Server => vec![format!("device:{}", session.device)],
    };
    scopes.extend(session.crew.iter().map(|crew| format!("crew:{crew}")));
    scopes
}
