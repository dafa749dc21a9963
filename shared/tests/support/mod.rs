//! People with phones, for tests that merge: five lines make a new case.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses its part")]

pub mod stories;

use coldpatch_shared::action::{Action, ApplyError, Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, CrewId, DeviceId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{
    Flag, OrderDoc, Photo, PhotoSlot, PlaceFix, PlaceSource, Rendition, RenditionKind, RequestSource, ServiceRequest,
    Stamp, WorkOrder, links,
};
use coldpatch_shared::sync::wire::SentChange;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The work order of every test.
pub const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));
/// Another one, for what concerns two.
pub const SECOND: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002));

/// A person with a phone and this phone's copies of the work orders.
#[derive(Clone)]
pub struct Phone {
    pub session: Session,
    /// [`ORDER`].
    pub doc: OrderDoc,
    /// All others.
    pub others: BTreeMap<WorkOrderId, OrderDoc>,
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
            others: BTreeMap::new(),
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
        self.deed_in(ORDER, action)
    }

    pub fn deed_in(&mut self, work_order: WorkOrderId, action: Action) -> Deed {
        self.actions += 1;
        self.clock += 1_000;
        Deed {
            id: ActionId(Uuid::from_u128(self.actions)),
            work_order,
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

    /// Does something to [`ORDER`]; the change as it would be sent. What goes into other work orders goes there.
    pub fn does(&mut self, action: Action) -> SentChange {
        let sent = self.does_in(ORDER, action);
        sent.into_iter().next().expect("a new deed makes a change")
    }

    /// Does something to a work order, and to the other one that it touches if that is here; one change for each.
    pub fn does_in(&mut self, work_order: WorkOrderId, action: Action) -> Vec<SentChange> {
        let deed = self.deed_in(work_order, action);
        self.applies(&deed).unwrap()
    }

    /// All parts of a deed, or none of them.
    pub fn applies(&mut self, deed: &Deed) -> Result<Vec<SentChange>, ApplyError> {
        let parts = deed.parts();
        let before = (parts.len() > 1).then(|| self.clone());
        let sent = self.applies_parts(deed, &parts);
        if let (Err(_), Some(before)) = (&sent, before) {
            *self = before;
        }
        sent
    }

    fn applies_parts(&mut self, deed: &Deed, parts: &[WorkOrderId]) -> Result<Vec<SentChange>, ApplyError> {
        let mut sent = Vec::new();
        for part in parts.iter().copied() {
            let creates = part == deed.work_order && matches!(deed.action, Action::File { .. });
            if creates && part != ORDER {
                self.others.insert(part, OrderDoc::empty(&self.actor));
            }
            let Some(doc) = self.document(part) else { continue };
            if let Some(change) = apply(doc, deed, part)? {
                sent.push(SentChange { work_order: part, bytes: change.raw_bytes().to_vec() });
            }
        }
        Ok(sent)
    }

    pub fn document(&mut self, id: WorkOrderId) -> Option<&mut OrderDoc> {
        if id == ORDER { Some(&mut self.doc) } else { self.others.get_mut(&id) }
    }

    /// Takes in everything that `other` has.
    pub fn hears(&mut self, other: &mut Phone) {
        let Self { doc, others, actor, .. } = self;
        take_in(doc, &mut other.doc, actor);
        for (id, theirs) in &mut other.others {
            take_in(others.entry(*id).or_insert_with(|| OrderDoc::empty(actor)), theirs, actor);
        }
    }

    pub fn order(&self) -> WorkOrder {
        self.order_of(ORDER)
    }

    pub fn order_of(&self, id: WorkOrderId) -> WorkOrder {
        let doc = if id == ORDER { &self.doc } else { &self.others[&id] };
        WorkOrder::derive(id, &doc.facts()).unwrap()
    }

    /// Every work order on this phone.
    pub fn orders(&self) -> Vec<WorkOrder> {
        let first = (!self.doc.is_empty()).then_some(ORDER);
        first.into_iter().chain(self.others.keys().copied()).map(|id| self.order_of(id)).collect()
    }

    /// Every work order, the groups of duplicates, and what one's completion says to the others.
    pub fn world(&self) -> World {
        let orders = self.orders();
        World {
            groups: links::groups(orders.iter().map(|order| (order.id, order.links.as_slice()))),
            flags: links::completed_in_group(&orders.iter().collect::<Vec<_>>()),
            orders,
        }
    }
}

/// What a phone shows.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    pub orders: Vec<WorkOrder>,
    pub groups: Vec<BTreeSet<WorkOrderId>>,
    pub flags: BTreeMap<WorkOrderId, Vec<Flag>>,
}

fn take_in(ours: &mut OrderDoc, theirs: &mut OrderDoc, actor: &[u8]) {
    if ours.heads() == theirs.heads() {
        return;
    }
    let changes: Vec<_> = theirs.changes_since(&[]).into_iter().filter(|change| !ours.has(&change.hash())).collect();
    ours.apply(changes).unwrap();
    ours.set_actor(actor);
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
                age_s: None,
            }),
            address: Some("Alder St 214".to_owned()),
            mirrors: None,
            observed_at: None,
        }),
        photos: Vec::new(),
        priority: Priority::Normal,
        due: Some(1_790_100_000_000),
        assignment: None,
        follows: None,
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

/// A photo of the work; `n` makes its file.
pub fn photo(slot: PhotoSlot, n: u8) -> Action {
    let rendition = Rendition {
        kind: RenditionKind::Original,
        sha256: format!("{n:02x}").repeat(32),
        bytes: 1_000,
        media_type: "image/jpeg".to_owned(),
        width: 640,
        height: 480,
    };
    Action::AddPhoto {
        photo: Photo {
            slot,
            request: None,
            taken_at: None,
            place: None,
            blur: None,
            renditions: vec![rendition],
            marks: Vec::new(),
            covered: false,
        },
    }
}
