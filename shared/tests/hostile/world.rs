//! A work order with history as the server has it, and a phone's honest next changes to it. The document is a file, so
//! that hostile changes which were found once, and the fuzzer's corpus, fit it for good.

use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{
    FieldValue, Labor, Material, Note, OrderDoc, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp,
};
use std::collections::BTreeMap;
use uuid::Uuid;

pub const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));
/// A work order that the server does not have.
pub const OTHER: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002));

/// The document as the server has it: filed by the inspector, assigned, begun by a crew, and a note that nobody
/// else saw.
pub const BASE: &[u8] = include_bytes!("base.automerge");

pub struct Person {
    pub session: Session,
    actions: u128,
}

impl Person {
    pub fn new(n: u128, role: Role) -> Self {
        let session = Session {
            device: DeviceId(Uuid::from_u128(n << 64 | 0xd)),
            user: format!("person-{n}").as_str().into(),
            name: format!("Person {n}"),
            role,
            crew: (role == Role::Crew).then(|| "crew-4".into()),
        };
        Self { session, actions: n << 80 }
    }

    /// The one whose phone sends, and who filed the work order.
    pub fn inspector() -> Self {
        Self::new(1, Role::Inspector)
    }

    pub fn actor(&self, incarnation: u8) -> Vec<u8> {
        [self.session.device.0.as_bytes().as_slice(), &[incarnation; 8]].concat()
    }

    /// Does `action` to `order` in `doc`; the change.
    pub fn does(&mut self, doc: &mut OrderDoc, order: WorkOrderId, action: Action) -> Vec<u8> {
        self.actions += 1;
        let stamp = Stamp {
            by: self.session.user.clone(),
            role: self.session.role,
            crew: self.session.crew.clone(),
            at: 1_790_000_000_000 + i64::try_from(self.actions % 1_000).unwrap() * 1_000,
            offset_ms: Some(12),
            offset_age_s: None,
        };
        let deed = Deed { id: ActionId(Uuid::from_u128(self.actions)), work_order: order, stamp, action };
        apply(doc, &deed, order).unwrap().unwrap().raw_bytes().to_vec()
    }
}

/// Builds what [`BASE`] holds.
pub fn build_base() -> Vec<u8> {
    let (mut inspector, mut desk, mut crew) =
        (Person::inspector(), Person::new(2, Role::Supervisor), Person::new(3, Role::Crew));
    let mut doc = OrderDoc::empty(&inspector.actor(7));
    inspector.does(&mut doc, ORDER, file());
    doc.set_actor(&desk.actor(7));
    desk.does(&mut doc, ORDER, Action::Decide { value: FieldValue::Assignment(Some("crew-4".into())) });
    let mut apart = doc.clone();
    doc.set_actor(&crew.actor(7));
    crew.does(&mut doc, ORDER, Action::Start);
    apart.set_actor(&inspector.actor(7));
    inspector.does(&mut apart, ORDER, Action::AddNote { note: Note { text: "Look at the drain, too".to_owned() } });
    let heads = doc.heads();
    doc.apply(apart.changes_since(&heads)).unwrap();
    doc.save()
}

pub fn base() -> OrderDoc {
    OrderDoc::load(BASE).unwrap()
}

/// A pothole.
pub fn file() -> Action {
    Action::File {
        request: Box::new(request()),
        photos: Vec::new(),
        priority: Priority::Normal,
        due: Some(1_790_100_000_000),
        assignment: None,
        follows: None,
    }
}

fn request() -> ServiceRequest {
    ServiceRequest {
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
    }
}

/// What the inspector's phone, opened anew, may send next: changes that do not build on each other, each accepted.
pub fn honest() -> Vec<Vec<u8>> {
    let material = Material {
        material: "cold-patch".to_owned(),
        name: "Cold patch, 25 kg bag".to_owned(),
        quantity: 2.5,
        unit: "bag".to_owned(),
        replaces: Vec::new(),
    };
    let actions = [
        Action::AddNote { note: Note { text: "a note".to_owned() } },
        Action::Decide { value: FieldValue::Priority(Priority::Urgent) },
        Action::Complete { note: Some("done".to_owned()) },
        Action::Tick { item: "cones".to_owned(), checked: true },
        Action::RecordLabor { labor: Labor { people: 2, minutes: 20, replaces: Vec::new() } },
        Action::RecordMaterial { material },
        Action::Join { request: Box::new(request()), photos: Vec::new() },
        Action::MarkDuplicate { of: OTHER },
    ];
    actions.into_iter().zip(10..).map(|(action, incarnation)| next(incarnation, action)).collect()
}

/// One honest change of the inspector's phone to the base document, by an actor of its own.
pub fn next(incarnation: u8, action: Action) -> Vec<u8> {
    let mut person = Person::inspector();
    person.actions += u128::from(incarnation) << 8;
    let mut doc = base();
    doc.set_actor(&person.actor(incarnation));
    person.does(&mut doc, ORDER, action)
}

/// The first change of a work order that the server does not have.
pub fn genesis() -> Vec<u8> {
    let mut person = Person::inspector();
    person.actions += 100;
    let mut doc = OrderDoc::empty(&person.actor(9));
    person.does(&mut doc, OTHER, file())
}
