//! Documents of every released schema, which today's code must read: `golden/v<schema>-<what>.automerge`.
//!
//! A new schema adds a file and never changes an old one. `COLDPATCH_WRITE_GOLDEN=1 cargo test -p coldpatch-shared
//! --test golden` writes the ones that are missing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

mod support;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ReadDoc};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{
    Field, FlagKind, Labor, LinkKind, Mark, Material, Note, OrderDoc, Photo, PhotoSlot, Shape, Status, WorkOrder,
};
use std::path::PathBuf;
use support::{ORDER, Phone, SECOND, assign, complete, file, meet, photo, priority};
use uuid::Uuid;

/// The file's document; written first if it is missing and that is asked for.
fn read_golden(name: &str, make: impl FnOnce() -> Vec<u8>) -> OrderDoc {
    let path = golden(name);
    if std::env::var_os("COLDPATCH_WRITE_GOLDEN").is_some() && !path.exists() {
        std::fs::write(&path, make()).unwrap();
    }
    OrderDoc::load(&std::fs::read(&path).unwrap()).unwrap()
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A job that one crew finished while the desk moved it, with a bit of everything.
fn a_bit_of_everything() -> Vec<u8> {
    let (mut desk, mut crew, mut inspector) = (Phone::supervisor(1), Phone::crew(2, "crew-4"), Phone::inspector(3));
    desk.does(file());
    desk.does(assign("crew-4"));
    crew.hears(&mut desk);
    inspector.hears(&mut desk);
    crew.does(Action::Start);
    crew.does(Action::Tick { item: "cones".to_owned(), checked: true });
    crew.does(Action::RecordLabor { labor: Labor { people: 2, minutes: 20, replaces: Vec::new() } });
    crew.does(Action::RecordMaterial {
        material: Material {
            material: "cold-patch".to_owned(),
            name: "Cold patch, 25 kg bag".to_owned(),
            quantity: 2.0,
            unit: "bag".to_owned(),
            replaces: Vec::new(),
        },
    });
    crew.does(Action::AddNote { note: Note { text: "Näher am Gully 🕳️".to_owned() } });
    crew.does(complete());
    desk.does(priority(Priority::Urgent));
    desk.does(assign("crew-1"));
    inspector.does(priority(Priority::High));
    meet(&mut desk, &mut crew);
    meet(&mut desk, &mut inspector);
    desk.doc.save()
}

#[test]
fn todays_code_reads_schema_1() {
    let doc = read_golden("v1-a-bit-of-everything.automerge", a_bit_of_everything);
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    assert_eq!(order.status, Status::Completed);
    assert_eq!(order.status_set_by.as_ref().unwrap().stamp.crew, Some("crew-4".into()));
    assert_eq!(order.priority, Priority::Urgent);
    assert!(order.disagreements.contains_key(&Field::Priority));
    assert_eq!(order.assignment, Some("crew-1".into()));
    assert_eq!(order.flags.iter().map(|flag| flag.kind).collect::<Vec<_>>(), [FlagKind::MovedWhileWorked]);
    assert_eq!(order.requests[0].body.description, "Deep, at the crossing");
    assert_eq!(order.labor[0].body.minutes, 20);
    assert!((order.materials[0].body.quantity - 2.0).abs() < f64::EPSILON);
    assert_eq!(order.notes[0].body.text, "Näher am Gully 🕳️");
    assert!(order.is_ticked("cones"));
    assert_eq!(order.history.len(), 20);
}

/// A follow-up that was linked twice (one link taken back), finished, taken back and finished again, with a lost photo
/// and a review.
fn links_undo_and_losses() -> Vec<u8> {
    let (mut desk, mut crew) = (Phone::supervisor(1), Phone::crew(2, "crew-4"));
    desk.does_in(SECOND, file());
    let mut follow = file();
    if let Action::File { follows, .. } = &mut follow {
        *follows = Some(SECOND);
    }
    desk.does_in(ORDER, follow);
    let third = WorkOrderId(Uuid::from_u128(7));
    desk.does_in(third, file());
    crew.hears(&mut desk);
    desk.does(Action::MarkDuplicate { of: SECOND });
    let links = vec![desk.doc.facts().latest_events()[0].clone()];
    desk.does(Action::WithdrawLink { other: SECOND, links, note: Some("Two holes".to_owned()) });
    desk.does_in(third, Action::MarkDuplicate { of: ORDER });
    crew.does(photo(PhotoSlot::After, 1));
    crew.does(complete());
    let names = crew.doc.facts().latest_events();
    crew.does(Action::Withdraw { names, note: None });
    crew.does(complete());
    let lost = crew.order().photos[0].id.clone();
    crew.does(Action::LosePhoto { photo: lost, note: None });
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    let moved = desk.order().flags.into_iter().find(|flag| flag.kind == FlagKind::MovedWhileWorked).unwrap();
    desk.does(Action::Review { settles: vec![moved.id], note: None });
    let follow = WorkOrderId(Uuid::from_u128(8));
    let mut last = file();
    if let Action::File { follows, .. } = &mut last {
        *follows = Some(ORDER);
    }
    desk.does_in(follow, last);
    desk.doc.save()
}

#[test]
fn todays_code_reads_links_undo_and_losses_of_schema_1() {
    let doc = read_golden("v1-links-undo-and-losses.automerge", links_undo_and_losses);
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    assert_eq!(order.status, Status::Completed);
    let links: Vec<_> = order.links.iter().map(|link| (link.kind, link.withdrawn)).collect();
    let (follows, of, has, followed) =
        (LinkKind::Follows, LinkKind::DuplicateOf, LinkKind::HasDuplicate, LinkKind::FollowedUp);
    let mut expected = vec![(follows, false), (of, true), (has, false), (followed, false)];
    expected.sort();
    let mut sorted = links;
    sorted.sort();
    assert_eq!(sorted, expected);
    assert_eq!(order.withdrawn.len(), 2, "a link and a completion");
    assert_eq!(order.lost_photos.len(), 1);
    assert_eq!(order.flags.iter().map(|flag| flag.kind).collect::<Vec<_>>(), [FlagKind::PhotoLost]);
    assert_eq!(order.settled.len(), 1);
}

/// A photo with marks, one of which is of a kind from the future, and one whose parts were covered.
fn marks() -> Vec<u8> {
    let mut crew = Phone::crew(2, "crew-4");
    let mut desk = Phone::supervisor(1);
    desk.does(file());
    crew.hears(&mut desk);
    let future: Mark = serde_json::from_str(r#"{"kind":"measure","x":0.1,"y":0.2,"centimeters":40.5}"#).unwrap();
    let drawn = [
        Shape::Arrow { x: 0.125, y: 0.25, to_x: 0.5, to_y: 0.75 }.into(),
        Shape::Circle { x: 0.5, y: 0.5, radius: 0.0625 }.into(),
        Shape::Text { x: 0.75, y: 0.1, text: "Gully lose".to_owned() }.into(),
        future,
    ];
    for (slot, marks, covered) in [(PhotoSlot::Before, drawn.to_vec(), false), (PhotoSlot::After, Vec::new(), true)] {
        let Action::AddPhoto { photo } = photo(slot, 1) else { unreachable!() };
        crew.does(Action::AddPhoto { photo: Photo { marks, covered, ..photo } });
    }
    crew.doc.save()
}

#[test]
fn todays_code_reads_marks_and_keeps_those_that_it_does_not_know() {
    let doc = read_golden("v1-marks.automerge", marks);
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    let [before, after] = &order.photos[..] else { panic!("{:?}", order.photos) };
    let shapes: Vec<_> = before.body.marks.iter().map(Mark::shape).collect();
    assert_eq!(shapes[0], Some(Shape::Arrow { x: 0.125, y: 0.25, to_x: 0.5, to_y: 0.75 }));
    assert_eq!(shapes[1], Some(Shape::Circle { x: 0.5, y: 0.5, radius: 0.0625 }));
    assert_eq!(shapes[2], Some(Shape::Text { x: 0.75, y: 0.1, text: "Gully lose".to_owned() }));
    assert_eq!(shapes[3], None);
    let kept = serde_json::to_value(&before.body.marks[3]).unwrap();
    assert_eq!(kept["centimeters"], 40.5, "as it came");
    assert!(!before.body.covered && after.body.covered && after.body.marks.is_empty());
}

/// [`a_bit_of_everything`] as a newer version might leave it: an unknown container, entry of `ext`, kind of event,
/// field that is decided, role, and field of a known entry.
fn from_the_future() -> Vec<u8> {
    let mut doc = AutoCommit::load(&a_bit_of_everything()).unwrap();
    doc.set_actor(ActorId::from([0xf7_u8; 24]));
    let action = Uuid::from_u128(0xf7);
    doc.put_object(ObjId::Root, "permits", ObjType::Map).unwrap();
    let entries: [(&str, &[(&str, &str)]); 6] = [
        ("permits", &[("number", "P-77")]),
        ("ext", &[("kind", "inspection"), ("grade", "A")]),
        ("events", &[("kind", "inspected_by_drone"), ("drone", "d-7")]),
        ("events", &[("kind", "paused"), ("role", "contractor")]),
        ("decisions", &[("field", "budget"), ("value", "300 dollars")]),
        ("notes", &[("text", "hello"), ("mood", "cheerful")]),
    ];
    for (n, (container, fields)) in entries.into_iter().enumerate() {
        let container = doc.get(ObjId::Root, container).unwrap().unwrap().1;
        let entry = doc.put_object(&container, format!("{action}:{n}"), ObjType::Map).unwrap();
        for (key, value) in [("by", "rob"), ("role", "supervisor")].iter().chain(fields) {
            doc.put(&entry, *key, *value).unwrap();
        }
        doc.put(&entry, "at", 1_790_000_500_000_i64).unwrap();
    }
    doc.commit_with(CommitOptions::default().with_message(action.to_string()));
    doc.save()
}

/// Everything that is in a document, as text.
fn all_of(doc: &mut OrderDoc) -> AutoCommit {
    AutoCommit::load(&doc.save()).unwrap()
}

#[test]
fn a_document_from_the_future_survives_todays_code_change_by_change_and_field_by_field() {
    let mut doc = read_golden("future-everything-unknown.automerge", from_the_future);
    let before: Vec<Vec<u8>> = doc.changes_since(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect();
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    assert_eq!(order.status, Status::Completed);
    assert_eq!(order.notes.last().unwrap().body.text, "hello");
    let newer = |order: &WorkOrder| {
        let unknown = |what: &_| matches!(what, coldpatch_shared::order::view::HistoryWhat::Unknown(_));
        order.history.iter().filter(|item| unknown(&item.what)).count()
    };
    assert_eq!(newer(&order), 3, "an entry of ext, an unknown role and an unknown field show as newer");
    // Today's code writes on, saves and loads.
    let mut desk = Phone::supervisor(9);
    desk.doc = doc;
    desk.doc.set_actor(&[9; 24]);
    desk.does(Action::AddNote { note: Note { text: "of today".to_owned() } });
    desk.does(Action::Review { settles: Vec::new(), note: None });
    let mut again = OrderDoc::load(&desk.doc.save()).unwrap();
    let after: Vec<Vec<u8>> = again.changes_since(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect();
    assert!(before.iter().all(|change| after.contains(change)), "every change is there, byte for byte");
    let raw = all_of(&mut again);
    let places = [
        ("permits", 0, "number", "P-77"),
        ("ext", 1, "grade", "A"),
        ("events", 2, "drone", "d-7"),
        ("events", 3, "role", "contractor"),
        ("decisions", 4, "value", "300 dollars"),
        ("notes", 5, "mood", "cheerful"),
    ];
    for (container, n, field, expected) in places {
        let container = raw.get(ObjId::Root, container).unwrap().unwrap().1;
        let entry = raw.get(&container, format!("{}:{n}", Uuid::from_u128(0xf7))).unwrap().unwrap().1;
        assert_eq!(raw.get(&entry, field).unwrap().unwrap().0.as_str(), Some(expected));
    }
    assert_eq!(newer(&WorkOrder::derive(ORDER, &again.facts()).unwrap()), 3);
}
