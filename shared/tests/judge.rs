//! What the server accepts from a phone, what it refuses, and that nothing hostile gets further than its step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ReadDoc};
use coldpatch_shared::action::Action;
use coldpatch_shared::action::Edit;
use coldpatch_shared::action::policy::{self, Denied};
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::ActionId;
use coldpatch_shared::order::{Note, OrderDoc, Photo, PhotoSlot, PlaceFix, PlaceSource, Status, WorkOrder};
use coldpatch_shared::sync::judge::{Judged, judge};
use coldpatch_shared::sync::wire::{RefusalCode, SentChange, Verdict};
use proptest::prelude::*;
use support::{ORDER, Phone, assign, complete, file, priority};
use uuid::Uuid;

/// An inspector's phone that filed a work order, and the server's copy of it.
fn filed() -> (Phone, OrderDoc) {
    let mut inspector = Phone::inspector(1);
    let sent = inspector.does(file());
    let judged = judge(None, &sent, &inspector.session).unwrap();
    assert!(judged.creates);
    (inspector, judged.doc)
}

fn code(verdict: Result<Judged, Verdict>) -> RefusalCode {
    match verdict {
        Err(Verdict::Refused { code, message }) => {
            assert!(message.ends_with('.'), "{message}");
            code
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// A change that `edit` makes with Automerge's own means on the phone's document.
fn handmade(phone: &mut Phone, edit: impl FnOnce(&mut AutoCommit)) -> SentChange {
    let mut doc = AutoCommit::load(&phone.doc.save()).unwrap();
    let actor = [phone.session.device.0.as_bytes().as_slice(), &[8; 8]].concat();
    doc.set_actor(ActorId::from(actor));
    let action = ActionId(Uuid::from_u128(0xbad));
    edit(&mut doc);
    let hash = doc.commit_with(CommitOptions::default().with_message(action.to_string())).unwrap();
    let change = doc.get_change_by_hash(&hash).unwrap();
    SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() }
}

fn container(doc: &AutoCommit, name: &str) -> ObjId {
    doc.get(ObjId::Root, name).unwrap().unwrap().1
}

#[test]
fn how_old_a_place_was_is_accepted_and_reads_back_the_same() {
    let (mut inspector, server) = filed();
    let Action::AddPhoto { photo } = support::photo(PhotoSlot::Before, 1) else { unreachable!() };
    let at = LatLon { lat: 47.6, lon: -122.3 };
    let place = Some(PlaceFix { at, source: PlaceSource::Device, accuracy_m: Some(8.5), age_s: Some(120) });
    let sent = inspector.does(Action::AddPhoto { photo: Photo { place: place.clone(), ..photo } });
    let judged = judge(Some(&server), &sent, &inspector.session).unwrap();
    let order = WorkOrder::derive(ORDER, &judged.doc.facts()).unwrap();
    assert_eq!(order.photos[0].body.place, place);
    assert_eq!(order.requests[0].body.place.as_ref().unwrap().age_s, None, "nobody knows");
}

#[test]
fn every_honest_action_is_accepted_in_order_and_again() {
    let (inspector, mut server) = filed();
    let mut desk = Phone::supervisor(3);
    desk.doc.apply(server.changes_since(&[])).unwrap();
    let actions = [
        assign("crew-4"),
        priority(Priority::Urgent),
        Action::Start,
        Action::Tick { item: "cones".to_owned(), checked: true },
        Action::Tick { item: "cones".to_owned(), checked: false },
        complete(),
        Action::Reopen { reason: "sank".to_owned() },
        Action::Review { settles: vec!["x".to_owned()], note: None },
        Action::Cancel { reason: "dug up".to_owned() },
    ];
    for action in actions {
        let sent = desk.does(action);
        let judged = judge(Some(&server), &sent, &desk.session).unwrap();
        assert!(!judged.repeated && !judged.creates);
        server = judged.doc;
        assert!(judge(Some(&server), &sent, &desk.session).unwrap().repeated);
    }
    assert_eq!(server.heads(), desk.doc.heads());
    drop(inspector);
}

#[test]
fn a_stale_but_honest_edit_is_judged_by_what_its_author_saw() {
    let (mut inspector, mut server) = filed();
    let mut crew = Phone::crew(2, "crew-4");
    crew.hears(&mut inspector);
    let cancelled = inspector.does(Action::Cancel { reason: "duplicate".to_owned() });
    server = judge(Some(&server), &cancelled, &inspector.session).unwrap().doc;
    let done = crew.does(complete());
    let judged = judge(Some(&server), &done, &crew.session).unwrap();
    assert!(!judged.repeated);
}

#[test]
fn what_the_policy_denies_is_refused_with_a_reason_and_the_document_stays() {
    let (mut inspector, mut server) = filed();
    let before = server.heads();
    // A phone of ours would not let a crew do this; one that was tampered with says it is a supervisor's.
    let mut crew = Phone::crew(2, "crew-4");
    crew.hears(&mut inspector);
    let session = crew.session.clone();
    crew.session.role = Role::Supervisor;
    let sent = crew.does(priority(Priority::Low));
    assert_eq!(code(judge(Some(&server), &sent, &session)), RefusalCode::NotYours);
    assert_eq!(server.heads(), before);
}

#[test]
fn another_devices_actor_is_refused() {
    let (mut inspector, server) = filed();
    let sent = inspector.does(Action::Start);
    let other = Phone::inspector(5).session;
    assert_eq!(code(judge(Some(&server), &sent, &other)), RefusalCode::NotYours);
}

#[test]
fn a_change_whose_dependencies_are_missing_waits() {
    let (mut inspector, server) = filed();
    inspector.does(Action::Start);
    let second = inspector.does(Action::Pause);
    assert!(matches!(judge(Some(&server), &second, &inspector.session), Err(Verdict::NotNow { .. })));
}

#[test]
fn whatever_is_not_adding_an_entry_is_refused() {
    type EditFn = fn(&mut AutoCommit);
    let cases: [(&str, EditFn); 8] = [
        ("a new root key", |doc| doc.put(ObjId::Root, "hello", 1).unwrap()),
        ("overwriting the id", |doc| doc.put(ObjId::Root, "id", "other").unwrap()),
        ("a container put over", |doc| {
            doc.put_object(ObjId::Root, "notes", ObjType::Map).unwrap();
        }),
        ("a container deleted", |doc| doc.delete(ObjId::Root, "notes").unwrap()),
        ("an entry deleted", |doc| {
            let requests = container(doc, "requests");
            let key = doc.keys(&requests).next().unwrap();
            doc.delete(&requests, key).unwrap();
        }),
        ("an entry's field changed", |doc| {
            let requests = container(doc, "requests");
            let key = doc.keys(&requests).next().unwrap();
            let entry = doc.get(&requests, key).unwrap().unwrap().1;
            doc.put(&entry, "description", "nothing to see").unwrap();
        }),
        ("a put and a delete that cancel out", |doc| {
            let notes = container(doc, "notes");
            doc.put(&notes, "x", 1).unwrap();
            doc.delete(&notes, "x").unwrap();
        }),
        ("an entry under another action's name", |doc| {
            let notes = container(doc, "notes");
            doc.put_object(&notes, format!("{}:0", Uuid::from_u128(1)), ObjType::Map).unwrap();
        }),
    ];
    for (what, edit) in cases {
        let (mut inspector, server) = filed();
        let sent = handmade(&mut inspector, edit);
        assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::NotAnEdit, "{what}");
    }
}

#[test]
fn an_entry_of_a_newer_version_waits_and_is_not_thrown_away() {
    let (mut inspector, server) = filed();
    let sent = handmade(&mut inspector, |doc| {
        let ext = container(doc, "ext");
        doc.put_object(&ext, format!("{}:0", Uuid::from_u128(0xbad)), ObjType::Map).unwrap();
    });
    assert!(matches!(judge(Some(&server), &sent, &inspector.session), Err(Verdict::NotNow { .. })));
}

#[test]
fn an_entry_signed_with_another_persons_name_is_refused() {
    let (mut inspector, server) = filed();
    let session = inspector.session.clone();
    inspector.session.user = "somebody-else".into();
    let sent = inspector.does(Action::AddNote { note: Note { text: "hi".to_owned() } });
    assert_eq!(code(judge(Some(&server), &sent, &session)), RefusalCode::NotYours);
}

#[test]
fn nobody_takes_the_place_of_another_persons_entry() {
    let (mut inspector, mut server) = filed();
    let mut crew = Phone::crew(2, "crew-4");
    crew.hears(&mut inspector);
    let victim = inspector.deed(Action::AddNote { note: Note { text: "the truth".to_owned() } });
    let change = coldpatch_shared::action::apply(&mut inspector.doc, &victim, ORDER).unwrap().unwrap();
    server.apply([change]).unwrap();
    let mut taken = crew.deed(Action::AddNote { note: Note { text: "something else".to_owned() } });
    taken.id = victim.id;
    let change = coldpatch_shared::action::apply(&mut crew.doc, &taken, ORDER).unwrap().unwrap();
    let sent = SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() };
    assert_eq!(code(judge(Some(&server), &sent, &crew.session)), RefusalCode::NotAnEdit);
}

#[test]
fn bodies_that_are_not_one_change_chunk_are_refused_before_anything_parses_them() {
    let (mut inspector, server) = filed();
    let good = inspector.does(Action::Start);
    let twice = [good.bytes.clone(), good.bytes.clone()].concat();
    let document = inspector.doc.save();
    let cases = [Vec::new(), vec![0; 64], twice, document, good.bytes[..good.bytes.len() - 1].to_vec()];
    for bytes in cases {
        let sent = SentChange { bytes, ..good.clone() };
        assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::Malformed);
    }
    let sent = SentChange { bytes: vec![0; 300 << 10], ..good };
    assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::TooLarge);
}

#[test]
fn the_policy_is_this_and_nothing_else() {
    use Denied::{AlreadyClosed, NotYourRole, StillOpen};
    let cases = [
        (Role::Crew, Edit::Complete, Some(Status::Working), Ok(())),
        (Role::Crew, Edit::Complete, Some(Status::Completed), Err(AlreadyClosed)),
        (Role::Crew, Edit::DecidePriority, Some(Status::Open), Err(NotYourRole)),
        (Role::Crew, Edit::DecideAssignment, Some(Status::Open), Err(NotYourRole)),
        (Role::Crew, Edit::RecordLabor, Some(Status::Completed), Ok(())),
        (Role::Crew, Edit::Reopen, Some(Status::Completed), Err(NotYourRole)),
        (Role::Inspector, Edit::File, None, Ok(())),
        (Role::Inspector, Edit::DecideAssignment, Some(Status::Open), Err(NotYourRole)),
        (Role::Inspector, Edit::Review, Some(Status::Completed), Err(NotYourRole)),
        (Role::Supervisor, Edit::Reopen, Some(Status::Open), Err(StillOpen)),
        (Role::Supervisor, Edit::Reopen, Some(Status::Completed), Ok(())),
        (Role::Supervisor, Edit::Review, Some(Status::Completed), Ok(())),
        (Role::Supervisor, Edit::Acknowledge, Some(Status::Open), Err(NotYourRole)),
        (Role::Server, Edit::Acknowledge, Some(Status::Completed), Ok(())),
        (Role::Resident, Edit::File, None, Err(NotYourRole)),
    ];
    for (role, edit, status, expected) in cases {
        assert_eq!(policy::may(role, edit, status), expected, "{role:?} {edit:?} {status:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_damaged_change_panics_or_leaves_a_document_that_cannot_be_loaded(
        flips in prop::collection::vec((0_usize..2_000, any::<u8>()), 1..6),
        fix_checksum in any::<bool>(),
    ) {
        let (mut inspector, server) = filed();
        let mut sent = inspector.does(Action::AddNote { note: Note { text: "a note".to_owned() } });
        let length = sent.bytes.len();
        for (at, byte) in flips {
            sent.bytes[12 + at % (length - 12)] ^= byte;
        }
        if fix_checksum {
            // The checksum is the start of the SHA-256 of everything from the type on.
            use sha2::Digest;
            let digest = sha2::Sha256::digest(&sent.bytes[8..]);
            sent.bytes[4..8].copy_from_slice(&digest[..4]);
        }
        if let Ok(judged) = judge(Some(&server), &sent, &inspector.session) {
            let mut doc = judged.doc;
            prop_assert!(OrderDoc::load(&doc.save()).is_ok());
        }
    }
}

#[test]
fn a_few_bytes_that_claim_millions_of_operations_are_refused_before_they_are_expanded() {
    let (mut inspector, server) = filed();
    let good = inspector.does(Action::Start);
    // Every byte of the body replaced by the longest run length that fits: whatever column it hits, it is counted.
    for at in 60..good.bytes.len() {
        let mut bytes = good.bytes.clone();
        bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0xff, 0x3f]);
        let length = bytes.len() - 10 - usize::from(bytes[9] & 0x80 != 0);
        if bytes[9] & 0x80 != 0 {
            bytes[9] = u8::try_from(length & 0x7f).unwrap() | 0x80;
            bytes[10] = u8::try_from(length >> 7).unwrap();
        } else {
            bytes[9] = u8::try_from(length).unwrap();
        }
        let sent = SentChange { bytes, ..good.clone() };
        let code = code(judge(Some(&server), &sent, &inspector.session));
        assert!(matches!(code, RefusalCode::Malformed | RefusalCode::TooLarge), "{code:?} at {at}");
    }
}

#[test]
fn a_change_whose_message_is_no_action_is_refused() {
    let (inspector, server) = filed();
    let mut doc = AutoCommit::load(&server.clone().save()).unwrap();
    doc.set_actor(ActorId::from([inspector.session.device.0.as_bytes().as_slice(), &[8; 8]].concat()));
    for message in ["", "hello", "019900000000700080000000000000ff"] {
        let mut doc = doc.clone();
        let notes = container(&doc, "notes");
        doc.put_object(&notes, "x:0", automerge::ObjType::Map).unwrap();
        let hash = doc.commit_with(CommitOptions::default().with_message(message.to_owned())).unwrap();
        let bytes = doc.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec();
        let sent = SentChange { work_order: ORDER, bytes };
        assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::NotAnEdit, "{message:?}");
    }
}

/// A hand-written entry of `action` in `container`, signed as the phone's person.
fn entry(phone: &mut Phone, name: &'static str, fields: &[(&str, &str)], lists: &[(&str, Vec<String>)]) -> SentChange {
    let session = phone.session.clone();
    handmade(phone, |doc| {
        let parent = container(doc, name);
        let key = format!("{}:0", ActionId(Uuid::from_u128(0xbad)));
        let entry = doc.put_object(&parent, key, ObjType::Map).unwrap();
        let role = format!("{:?}", session.role).to_lowercase();
        doc.put(&entry, "by", session.user.as_str()).unwrap();
        doc.put(&entry, "role", role).unwrap();
        doc.put(&entry, "at", 0).unwrap();
        for (key, value) in fields {
            doc.put(&entry, *key, *value).unwrap();
        }
        for (key, values) in lists {
            let list = doc.put_object(&entry, *key, ObjType::List).unwrap();
            for (at, value) in values.iter().enumerate() {
                doc.insert(&list, at, value.as_str()).unwrap();
            }
        }
    })
}

#[test]
fn an_event_that_does_not_say_truly_what_it_follows_is_refused() {
    let (mut inspector, server) = filed();
    let created = server.facts().latest_events()[0].0.clone();
    let honest = entry(&mut inspector, "events", &[("kind", "started")], &[("after", vec![created.clone()])]);
    assert!(judge(Some(&server), &honest, &inspector.session).is_ok());
    for after in [Vec::new(), vec!["x:0".to_owned()], vec![created, "x:0".to_owned()]] {
        let sent = entry(&mut inspector, "events", &[("kind", "started")], &[("after", after)]);
        assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::NotAnEdit);
    }
}

#[test]
fn only_a_review_settles_a_flag() {
    let (mut inspector, server) = filed();
    let created = server.facts().latest_events()[0].0.clone();
    let sent = entry(
        &mut inspector,
        "events",
        &[("kind", "started")],
        &[("after", vec![created]), ("settles", vec!["double_dispatch/a/b".to_owned()])],
    );
    assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::NotAnEdit);
}

#[test]
fn a_decision_that_hides_decisions_its_author_did_not_replace_is_refused() {
    let (mut inspector, server) = filed();
    let all = server.facts().decisions.iter().map(|decision| decision.id.0.clone()).collect();
    let sent = entry(&mut inspector, "decisions", &[("field", "address"), ("value", "Elm St 1")], &[("replaces", all)]);
    assert_eq!(code(judge(Some(&server), &sent, &inspector.session)), RefusalCode::NotAnEdit);
}

#[test]
fn nonsense_is_refused_on_the_phone_before_it_is_kept() {
    let (mut inspector, _) = filed();
    let deed = inspector.deed(Action::RecordLabor {
        labor: coldpatch_shared::order::Labor { people: 1, minutes: u32::MAX, replaces: Vec::new() },
    });
    let heads = inspector.doc.heads();
    assert!(coldpatch_shared::action::apply(&mut inspector.doc, &deed, ORDER).is_err());
    assert_eq!(inspector.doc.heads(), heads);
}
