//! What every backend of [`Storage`] passes. A backend's tests are one line: `conformance!(open)`, where `open` makes an
//! empty store and whatever keeps it alive.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use super::*;
use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, ServiceCode};
use coldpatch_shared::order::{
    FieldValue, OrderDoc, Photo, PhotoSlot, PlaceFix, PlaceSource, Rendition, RenditionKind, RequestSource,
    ServiceRequest, Stamp,
};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

macro_rules! conformance {
    ($open:path) => {
        macro_rules! cases {
            ($name:ident) => {
                #[test]
                fn $name() {
                    let (store, _kept) = $open();
                    $crate::storage::conformance::$name(&store);
                }
            };
        }
        cases!(numbers_follow_commit_order_without_gaps);
        cases!(a_batch_goes_in_whole_or_not_at_all);
        cases!(who_saw_an_older_document_is_told_to_look_again);
        cases!(another_life_of_the_log_begins_once);
        cases!(a_request_is_found_by_id_number_and_mirror);
        cases!(a_request_cannot_be_taken_over);
        cases!(requests_are_filtered_and_come_newest_first);
        cases!(contacts_are_kept_beside_requests);
        cases!(a_code_works_once_and_again_only_for_the_same_device_soon_after);
        cases!(a_device_stays_its_persons);
        cases!(what_was_revoked_stays_so_until_the_device_signs_in_again);
        cases!(a_lost_enrollment_comes_back_but_not_over_a_younger_one);
        cases!(a_file_is_public_only_as_a_rendition_that_residents_may_see);
        cases!(an_original_waits_until_it_is_here_and_then_until_something_was_made_of_it);
    };
}
pub(super) use conformance;

/// A document under a test's pen.
pub(crate) struct Pen {
    pub(crate) id: WorkOrderId,
    pub(crate) doc: OrderDoc,
    pub(crate) seen: u64,
    pub(crate) count: u128,
    pub(crate) at: i64,
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

pub(crate) fn request(n: u128) -> ServiceRequest {
    ServiceRequest {
        request: ServiceRequestId(id(n)),
        source: RequestSource::Web,
        service_code: ServiceCode::from("pothole"),
        description: "a hole".to_owned(),
        answers: BTreeMap::new(),
        place: Some(PlaceFix {
            at: LatLon { lat: 47.6, lon: -122.3 },
            source: PlaceSource::Pin,
            accuracy_m: None,
            age_s: None,
        }),
        address: None,
        mirrors: Some(Asset { system: "test".to_owned(), id: n.to_string() }),
        observed_at: None,
    }
}

impl Pen {
    pub(crate) fn new(n: u128) -> Self {
        let actor = id(n).as_bytes().to_vec();
        Self { id: WorkOrderId(id(n)), doc: OrderDoc::empty(&actor), seen: 0, count: n * 1_000, at: 1_000_000 }
    }

    pub(crate) fn change(&mut self, action: Action) -> NewChange {
        self.count += 1;
        let stamp = Stamp {
            by: UserId::from("server"),
            role: Role::Server,
            crew: None,
            at: self.at,
            offset_ms: None,
            offset_age_s: None,
        };
        let deed = Deed { id: ActionId(id(self.count)), work_order: self.id, stamp, action };
        let change = apply(&mut self.doc, &deed, deed.work_order).unwrap().unwrap();
        NewChange {
            hash: change.hash(),
            bytes: change.raw_bytes().to_vec(),
            action: deed.id,
            device: None,
            received_at: None,
        }
    }

    pub(crate) fn file(&mut self, request: ServiceRequest) -> NewChange {
        let request = Box::new(request);
        let (photos, due) = (Vec::new(), None);
        self.change(Action::File { request, photos, priority: Priority::Normal, due, assignment: None, follows: None })
    }

    pub(crate) fn write(&mut self, scopes: &[&str], changes: Vec<NewChange>) -> OrderWrite {
        let mut placed = Scopes { exactly: BTreeMap::from([(ALL.to_owned(), None)]), ..Scopes::default() };
        for scope in scopes {
            if scope.starts_with(DEVICE) {
                placed.devices.insert((*scope).to_owned(), self.at + KEPT);
            } else {
                placed.exactly.insert((*scope).to_owned(), None);
            }
        }
        OrderWrite {
            seen: self.seen,
            changes,
            document: self.doc.save_plain(),
            heads: self.doc.heads(),
            order: WorkOrder::derive(self.id, &self.doc.facts()).unwrap(),
            scopes: placed,
        }
    }

    pub(crate) fn commit(&mut self, store: &dyn Storage, scopes: &[&str], changes: Vec<NewChange>) -> Committed {
        let write = self.write(scopes, changes);
        let done = store.commit(&Batch { orders: vec![write], ..Batch::default() }).unwrap();
        self.seen = done.sequence;
        done
    }

    /// Files and stores one work order.
    pub(crate) fn stored(store: &dyn Storage, n: u128, scopes: &[&str]) -> Self {
        let mut pen = Self::new(n);
        let filed = pen.file(request(n));
        pen.commit(store, scopes, vec![filed]);
        pen
    }

    pub(crate) fn touch(&mut self, store: &dyn Storage, scopes: &[&str]) -> NewChange {
        let value = FieldValue::Description(format!("touched {}", self.count));
        let change = self.change(Action::Decide { value });
        self.commit(store, scopes, vec![change.clone()]);
        change
    }
}

pub(crate) fn numbers_follow_commit_order_without_gaps(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &[]);
    let b = Pen::stored(store, 2, &[]);
    a.touch(store, &[]);
    assert_eq!((b.seen, a.seen), (2, 3));
    assert_eq!(store.state().unwrap().sequence, 3);
    assert_eq!(
        store.document(a.id).unwrap().unwrap(),
        StoredDocument { sequence: 3, changed_at: 0, bytes: a.doc.save_plain() }
    );
    assert_eq!(store.document(WorkOrderId(id(99))).unwrap(), None);
}

pub(crate) fn a_batch_goes_in_whole_or_not_at_all(store: &dyn Storage) {
    let (mut a, mut b) = (Pen::new(1), Pen::new(2));
    let (filed_a, filed_b) = (a.file(request(1)), b.file(request(2)));
    let good = a.write(&[], vec![filed_a]);
    let stale = OrderWrite { seen: 7, ..b.write(&[], vec![filed_b]) };
    let batch = Batch { orders: vec![good.clone(), stale], tracking: Some((0, 2)), ..Batch::default() };
    assert!(matches!(store.commit(&batch), Err(StorageError::Conflict)));
    let state = store.state().unwrap();
    assert_eq!((state.sequence, state.tracking_counter), (0, 0));
    assert_eq!(store.document(a.id).unwrap(), None);
    store.commit(&Batch { orders: vec![good], tracking: Some((0, 2)), ..Batch::default() }).unwrap();
    assert_eq!(store.state().unwrap().tracking_counter, 2);
}

pub(crate) fn who_saw_an_older_document_is_told_to_look_again(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &[]);
    let mut stale = Pen { id: a.id, doc: a.doc.clone(), seen: a.seen, count: 5_000, at: a.at };
    a.touch(store, &[]);
    let change = stale.change(Action::Decide { value: FieldValue::Description("late".to_owned()) });
    let write = stale.write(&[], vec![change]);
    let batch = Batch { orders: vec![write], ..Batch::default() };
    assert!(matches!(store.commit(&batch), Err(StorageError::Conflict)));
    let counter = Batch { tracking: Some((41, 42)), ..Batch::default() };
    assert!(matches!(store.commit(&counter), Err(StorageError::Conflict)));
}

pub(crate) fn another_life_of_the_log_begins_once(store: &dyn Storage) {
    Pen::stored(store, 1, &[]);
    let first = store.state().unwrap();
    assert_eq!(store.running(first.sequence).unwrap(), Some(first.running.clone()));
    assert_eq!(store.running(first.sequence + 1).unwrap(), None);
    let new = |n| NewEpoch { id: id(n), at_least: 0, proof: None };
    let begun = store.begin_epoch(&first.epoch, new(7)).unwrap();
    assert_eq!((begun.epoch.as_str(), begun.epoch_number), (format!("1/{}", id(7)).as_str(), first.epoch_number + 1));
    assert_eq!((begun.sequence, begun.tracking_counter), (first.sequence, first.tracking_counter));
    assert_eq!(store.begin_epoch(&first.epoch, new(8)).unwrap(), begun, "somebody else was first");
    let unknown = NewEpoch { proof: Some("4/x"), ..new(9) };
    assert!(!store.knows_epoch("4/x").unwrap());
    let third = store.begin_epoch(&begun.epoch, unknown).unwrap();
    assert_eq!(third.epoch_number, 5, "larger than any that is known");
    assert!(["4/x", &first.epoch, &begun.epoch, &third.epoch].iter().all(|epoch| store.knows_epoch(epoch).unwrap()));
    let fourth = store.begin_epoch(&third.epoch, NewEpoch { at_least: 9, ..new(10) }).unwrap();
    assert_eq!(fourth.epoch_number, 9);
}

pub(crate) fn what_was_revoked_stays_so_until_the_device_signs_in_again(store: &dyn Storage) {
    let (ana, code) = (UserId::from("ana"), |n: u8| [n; 32]);
    for (n, created_at) in [(1, 1), (2, 1), (3, 18)] {
        store.add_code(&NewCode { hash: code(n), person: ana.clone(), created_at, expires_at: 100 }).unwrap();
    }
    let revoked = |n| store.revoked(DeviceId(id(n)), &ana).unwrap();
    assert_eq!(redeem(store, code(1), 1, 10), Redeemed::SignedIn(ana.clone()));
    assert_eq!(revoked(1), None);
    store.revoke(&Whose::Device(DeviceId(id(1))), 12).unwrap();
    store.revoke(&Whose::Device(DeviceId(id(1))), 11).unwrap();
    assert_eq!((revoked(1), revoked(2)), (Some(12), None), "an older word takes nothing back");
    assert!(store.devices().unwrap()[0].revoked);
    assert_eq!(redeem(store, code(1), 1, 15), Redeemed::Used, "the code that it had used is no way back");
    assert_eq!(redeem(store, code(2), 1, 19), Redeemed::Expired, "nor is one that was made before");
    assert_eq!(redeem(store, code(3), 1, 20), Redeemed::SignedIn(ana.clone()));
    let [device] = &store.devices().unwrap()[..] else { panic!("one device") };
    assert_eq!((device.revoked, &device.person, device.enrolled_at), (false, &ana, 20));
    store.revoke(&Whose::Person(ana.clone()), 30).unwrap();
    assert_eq!((revoked(1), revoked(7)), (Some(30), Some(30)), "also a device that was never heard of");
}

pub(crate) fn a_request_is_found_by_id_number_and_mirror(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &[]);
    let found = store.request(ServiceRequestId(id(1))).unwrap().unwrap();
    assert_eq!((found.work_order, found.tracking_number, found.requested_at), (a.id, None, 1_000_000));
    let request = ServiceRequestId(id(1));
    let number = a.change(Action::Acknowledge { request, tracking_number: "26-000001".to_owned() });
    a.commit(store, &[], vec![number]);
    assert_eq!(store.request_by_number("26-000001").unwrap().unwrap().request, request);
    assert_eq!(store.request_by_number("26-000002").unwrap(), None);
    let mirrors = |id: &str| Asset { system: "test".to_owned(), id: id.to_owned() };
    assert_eq!(store.request_by_mirror(&mirrors("1")).unwrap(), Some(request));
    assert_eq!(store.request_by_mirror(&mirrors("2")).unwrap(), None);
    let order = store.order(a.id).unwrap().unwrap();
    assert_eq!(order.tracking_number(), Some("26-000001"));
}

pub(crate) fn a_request_cannot_be_taken_over(store: &dyn Storage) {
    let a = Pen::stored(store, 1, &[]);
    let mut thief = Pen::new(2);
    let filed = thief.file(request(1));
    thief.commit(store, &[], vec![filed]);
    assert_eq!(store.request(ServiceRequestId(id(1))).unwrap().unwrap().work_order, a.id);
}

pub(crate) fn requests_are_filtered_and_come_newest_first(store: &dyn Storage) {
    for n in 1..=3_u32 {
        let mut pen = Pen::new(n.into());
        pen.at = i64::from(n) * 1_000;
        let filed = pen.file(request(n.into()));
        pen.commit(store, &[], vec![filed]);
        if n == 2 {
            let done = pen.change(Action::Complete { note: None });
            pen.commit(store, &[], vec![done]);
        }
    }
    let times = |filter: RequestFilter| {
        let found = store.requests(&RequestFilter { limit: filter.limit.max(2), ..filter }).unwrap();
        found.iter().map(|(record, _)| record.requested_at).collect::<Vec<_>>()
    };
    assert_eq!(times(RequestFilter { limit: 9, ..Default::default() }), [3_000, 2_000, 1_000]);
    assert_eq!(times(RequestFilter::default()), [3_000, 2_000]);
    assert_eq!(times(RequestFilter { closed: Some(true), ..Default::default() }), [2_000]);
    assert_eq!(times(RequestFilter { from: Some(2_000), to: Some(2_999), ..Default::default() }), [2_000]);
    let of = |code| RequestFilter { service_codes: vec![ServiceCode::from(code)], limit: 9, ..Default::default() };
    assert_eq!(times(of("pothole")).len(), 3);
    assert_eq!(times(of("tree")).len(), 0);
}

pub(crate) fn contacts_are_kept_beside_requests(store: &dyn Storage) {
    Pen::stored(store, 1, &[]);
    let request = ServiceRequestId(id(1));
    let contact =
        Contact { name: "Ada".to_owned(), email: "ada@example.org".to_owned(), notify: true, ..Default::default() };
    let keep =
        |secret, contact| Batch { private: vec![PrivateRequest { request, secret, contact }], ..Batch::default() };
    store.commit(&keep(Some([7; 32]), Some(contact.clone()))).unwrap();
    assert_eq!(store.contact(request).unwrap(), Some(contact));
    // The first secret stays: nobody locks out the person who filed.
    store.commit(&keep(Some([8; 32]), None)).unwrap();
    assert_eq!(store.request(request).unwrap().unwrap().secret, Some([7; 32]));
    assert_eq!(store.contact(ServiceRequestId(id(2))).unwrap(), None);
}

fn code(store: &dyn Storage, hash: Hash, person: &str) {
    store.add_code(&NewCode { hash, person: UserId::from(person), created_at: 0, expires_at: 100 }).unwrap();
}

fn redeem(store: &dyn Storage, code: Hash, device: u128, now: i64) -> Redeemed {
    let (device, token) = (DeviceId(id(device)), [u8::try_from(now).unwrap(); 32]);
    store.redeem(&Redeem { code: &code, device, device_name: "phone", token: &token, now, grace: 10 }).unwrap()
}

pub(crate) fn a_code_works_once_and_again_only_for_the_same_device_soon_after(store: &dyn Storage) {
    code(store, [1; 32], "ana");
    let ana = || Redeemed::SignedIn(UserId::from("ana"));
    assert_eq!(redeem(store, [9; 32], 1, 1), Redeemed::Unknown);
    assert_eq!(redeem(store, [1; 32], 1, 2), ana());
    assert_eq!(redeem(store, [1; 32], 2, 3), Redeemed::Used);
    assert_eq!(redeem(store, [1; 32], 1, 4), ana());
    assert_eq!(store.device(&[2; 32]).unwrap(), None, "the token of the lost answer is no good any more");
    let device = store.device(&[4; 32]).unwrap().unwrap();
    assert_eq!((device.device, device.person), (DeviceId(id(1)), UserId::from("ana")));
    assert_eq!(redeem(store, [1; 32], 1, 13), Redeemed::Used, "grace counts from the first use");
    code(store, [2; 32], "ana");
    assert_eq!(redeem(store, [2; 32], 1, 101), Redeemed::Expired);
    store.seen(DeviceId(id(1)), 77).unwrap();
    assert_eq!(store.device(&[4; 32]).unwrap().unwrap().last_seen, 77);
}

pub(crate) fn a_device_stays_its_persons(store: &dyn Storage) {
    code(store, [1; 32], "ana");
    code(store, [2; 32], "ben");
    redeem(store, [1; 32], 1, 1);
    assert_eq!(redeem(store, [2; 32], 1, 2), Redeemed::DeviceTaken);
    assert_eq!(store.device_person(DeviceId(id(1))).unwrap(), Some(UserId::from("ana")));
    // The code is still good for another device.
    assert_eq!(redeem(store, [2; 32], 2, 3), Redeemed::SignedIn(UserId::from("ben")));
}

pub(crate) fn a_lost_enrollment_comes_back_but_not_over_a_younger_one(store: &dyn Storage) {
    let (ana, ben) = (UserId::from("ana"), UserId::from("ben"));
    let adopt = |person, issued, token: &Hash| {
        store.adopt(&Adopt { device: DeviceId(id(1)), person, token, issued, now: 50 }).unwrap()
    };
    assert!(adopt(&ana, 10, &[1; 32]));
    assert_eq!(store.device(&[1; 32]).unwrap().unwrap().person, ana);
    assert!(adopt(&ana, 11, &[2; 32]), "the phone signed in once more after the backup");
    assert!(!adopt(&ana, 10, &[1; 32]) && !adopt(&ben, 12, &[3; 32]));
    assert_eq!(store.device(&[1; 32]).unwrap(), None);
    code(store, [9; 32], "ana");
    assert_eq!(store.person_of_code(&[9; 32]).unwrap(), Some(ana.clone()));
    redeem(store, [9; 32], 1, 40);
    assert!(!adopt(&ana, 39, &[4; 32]), "an older token than the one in use");
}

pub(crate) fn a_file_is_public_only_as_a_rendition_that_residents_may_see(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    let rendition = |kind, name: &str| Rendition {
        kind,
        sha256: name.to_owned(),
        bytes: 1,
        media_type: "image/jpeg".to_owned(),
        width: 1,
        height: 1,
    };
    let photo = |slot, renditions| Photo {
        slot,
        request: None,
        taken_at: None,
        place: None,
        blur: None,
        renditions,
        marks: Vec::new(),
        covered: false,
    };
    let shown = vec![rendition(RenditionKind::Original, "o"), rendition(RenditionKind::Display, "d")];
    let other = vec![rendition(RenditionKind::Display, "x"), rendition(RenditionKind::Thumbnail, "o")];
    let photos = [
        photo(PhotoSlot::After, shown),
        photo(PhotoSlot::Other, other.clone()),
        photo(PhotoSlot::After, other[1..].to_vec()),
    ];
    let changes = photos.map(|photo| a.change(Action::AddPhoto { photo }));
    a.commit(store, &["crew:1"], changes.to_vec());
    assert!(store.is_public("d").unwrap());
    for name in ["o", "x", "unheard of"] {
        assert!(!store.is_public(name).unwrap(), "{name}");
    }
    // Those who follow the work order hear when a file that they can show arrives.
    let crew = HashSet::from([ALL.to_owned(), "crew:1".to_owned()]);
    assert_eq!(store.scopes_of_file("x").unwrap(), crew);
    assert_eq!(store.scopes_of_file("unheard of").unwrap(), HashSet::new());
    let file = FileRecord { sha256: "d".to_owned(), media_type: "image/jpeg".to_owned(), size: 1, received_at: 5 };
    assert!(store.add_file(&file).unwrap());
    assert!(!store.add_file(&file).unwrap());
    assert_eq!(store.file("d").unwrap(), Some(file));
}

pub(crate) fn an_original_waits_until_it_is_here_and_then_until_something_was_made_of_it(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    let rendition = |kind, name: &str| Rendition {
        kind,
        sha256: name.to_owned(),
        bytes: 1,
        media_type: "image/heic".to_owned(),
        width: 0,
        height: 0,
    };
    let add = |renditions| Action::AddPhoto {
        photo: Photo {
            slot: PhotoSlot::After,
            request: None,
            taken_at: None,
            place: None,
            blur: None,
            renditions,
            marks: Vec::new(),
            covered: false,
        },
    };
    let whole = vec![rendition(RenditionKind::Original, "w"), rendition(RenditionKind::Display, "d")];
    let changes = [add(vec![rendition(RenditionKind::Original, "o")]), add(whole)].map(|action| a.change(action));
    a.commit(store, &["crew:1"], changes.to_vec());
    assert_eq!(store.undeveloped(None, 9).unwrap(), []);
    for name in ["o", "w"] {
        let file = FileRecord { sha256: name.to_owned(), media_type: "image/heic".to_owned(), size: 1, received_at: 5 };
        store.add_file(&file).unwrap();
    }
    let waits = [Undeveloped { work_order: a.id, original: "o".to_owned() }];
    assert_eq!(store.undeveloped(None, 9).unwrap(), waits);
    assert_eq!(store.undeveloped(Some(&waits[0]), 9).unwrap(), []);
    let made = [rendition(RenditionKind::Original, "o"), rendition(RenditionKind::Display, "e")].to_vec();
    let change = a.change(add(made));
    a.commit(store, &["crew:1"], vec![change]);
    assert_eq!(store.undeveloped(None, 9).unwrap(), []);
}
