//! People with phones, for tests that merge: five lines make a new case.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses its part")]

use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, CrewId, DeviceId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp, WorkOrder};
use coldpatch_shared::sync::wire::SentChange;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The work order of every test.
pub const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));

/// A person with a phone and this phone's copy of the work order.
pub struct Phone {
    pub session: Session,
    pub doc: OrderDoc,
    pub clock: i64,
    actor: Vec<u8>,
    actions: u128,
}

impl Phone {
    /// A new phone that has nothing yet. `n` tells phones apart.
    pub fn new(n: u128, role: Role, crew: Option<&str>) -> Self {
        let device = DeviceId(Uuid::from_u128(n << 64 | 0xd));
        let actor = [device.0.as_bytes().as_slice(), &[7; 8]].concat();
        let name = format!("{}-{n}", format!("{role:?}").to_lowercase());
        Self {
            session: Session {
                device,
                user: name.as_str().into(),
                name: name.clone(),
                role,
                crew: crew.map(CrewId::from),
            },
            doc: OrderDoc::empty(&actor),
            clock: 1_790_000_000_000,
            actor,
            actions: n << 80,
        }
    }

    pub fn crew(n: u128, crew: &str) -> Self {
        Self::new(n, Role::Crew, Some(crew))
    }

    pub fn supervisor(n: u128) -> Self {
        Self::new(n, Role::Supervisor, None)
    }

    pub fn inspector(n: u128) -> Self {
        Self::new(n, Role::Inspector, None)
    }

    pub fn deed(&mut self, action: Action) -> Deed {
        self.actions += 1;
        self.clock += 1_000;
        Deed {
            id: ActionId(Uuid::from_u128(self.actions)),
            work_order: ORDER,
            stamp: Stamp {
                by: self.session.user.clone(),
                role: self.session.role,
                crew: self.session.crew.clone(),
                at: self.clock,
                offset_ms: None,
                offset_age_s: None,
            },
            action,
        }
    }

    /// Does something; the change as it would be sent.
    pub fn does(&mut self, action: Action) -> SentChange {
        let deed = self.deed(action);
        let change = apply(&mut self.doc, &deed, ORDER).unwrap().expect("a new deed makes a change");
        SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() }
    }

    /// Takes in everything that `other` has.
    pub fn hears(&mut self, other: &mut Phone) {
        let known = self.doc.heads();
        let changes: Vec<_> =
            other.doc.changes_since(&[]).into_iter().filter(|change| !known.contains(&change.hash())).collect();
        self.doc.apply(changes).unwrap();
        self.doc.set_actor(&self.actor);
    }

    pub fn order(&self) -> WorkOrder {
        WorkOrder::derive(ORDER, &self.doc.facts()).unwrap()
    }
}

/// Both have everything that either had.
pub fn meet(a: &mut Phone, b: &mut Phone) {
    a.hears(b);
    b.hears(a);
}

/// A pothole, filed.
pub fn file() -> Action {
    Action::File {
        request: Box::new(ServiceRequest {
            request: ServiceRequestId(Uuid::from_u128(0xf1)),
            source: RequestSource::Field,
            service_code: "pothole".into(),
            description: "Deep, at the crossing".to_owned(),
            answers: BTreeMap::from([("size".to_owned(), vec!["large".to_owned()])]),
            place: Some(PlaceFix {
                at: LatLon { lat: 47.627_167, lon: -122.337_333 },
                source: PlaceSource::Photo,
                accuracy_m: Some(5.0),
            }),
            address: Some("Alder St 214".to_owned()),
            mirrors: None,
            observed_at: None,
        }),
        photos: Vec::new(),
        priority: Priority::Normal,
        due: Some(1_790_100_000_000),
        assignment: None,
    }
}

pub fn assign(crew: &str) -> Action {
    Action::Decide { value: coldpatch_shared::order::FieldValue::Assignment(Some(crew.into())) }
}

pub fn priority(priority: Priority) -> Action {
    Action::Decide { value: coldpatch_shared::order::FieldValue::Priority(priority) }
}

pub fn complete() -> Action {
    Action::Complete { note: None }
}
