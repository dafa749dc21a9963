//! Marks over photos: what people drew arrives as they drew it, within limits, and what nobody here knows is left alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use coldpatch_shared::action::{Action, ApplyError, apply, limits};
use coldpatch_shared::order::{Mark, OrderDoc, Photo, PhotoSlot, Shape, WorkOrder};
use coldpatch_shared::sync::judge::judge;
use coldpatch_shared::sync::wire::{RefusalCode, Verdict};
use proptest::prelude::*;
use serde_json::json;
use support::{ORDER, Phone, file, photo};

fn with_marks(marks: Vec<Mark>) -> Action {
    let Action::AddPhoto { photo } = photo(PhotoSlot::Before, 1) else { unreachable!() };
    Action::AddPhoto { photo: Photo { marks, ..photo } }
}

fn raw(value: serde_json::Value) -> Mark {
    serde_json::from_value(value).unwrap()
}

fn drawn() -> Vec<Mark> {
    [
        Shape::Arrow { x: 0.0, y: 1.0, to_x: 0.5, to_y: 0.25 },
        Shape::Circle { x: 0.5, y: 0.5, radius: 0.1 },
        Shape::Text { x: 0.7, y: 0.1, text: "Riß im Bord ↗ 🕳️".to_owned() },
    ]
    .map(Mark::from)
    .to_vec()
}

/// A phone with a job, and the server's copy of it.
fn filed() -> (Phone, OrderDoc) {
    let mut inspector = Phone::inspector(1);
    let sent = inspector.does(file());
    let judged = judge(None, &sent, &inspector.session).unwrap();
    (inspector, judged.doc)
}

/// What the server says to a photo with these marks, from a phone that does not ask first.
fn judged(marks: Vec<Mark>) -> Result<Vec<Mark>, Verdict> {
    let (mut inspector, server) = filed();
    // Written past the phone's own limits, as one that was tampered with would.
    let sent = unchecked(&mut inspector, marks);
    let judged = judge(Some(&server), &sent, &inspector.session)?;
    Ok(WorkOrder::derive(ORDER, &judged.doc.facts()).unwrap().photos[0].body.marks.clone())
}

/// The honest change of one mark, with other marks in its place.
fn unchecked(phone: &mut Phone, marks: Vec<Mark>) -> coldpatch_shared::sync::wire::SentChange {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ActorId, AutoCommit, ObjId, ObjType, ReadDoc};
    fn put(doc: &mut AutoCommit, list: &ObjId, at: usize, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                let map = doc.insert_object(list, at, ObjType::Map).unwrap();
                for (key, value) in fields {
                    match value {
                        serde_json::Value::String(text) => doc.put(&map, key.as_str(), text.as_str()).unwrap(),
                        serde_json::Value::Number(number) => {
                            doc.put(&map, key.as_str(), number.as_f64().unwrap()).unwrap()
                        }
                        other => panic!("{other}"),
                    }
                }
            }
            other => doc.insert(list, at, other.to_string()).unwrap(),
        }
    }
    let mut probe = phone.clone();
    let honest = probe.does(with_marks(Vec::new()));
    let honest = automerge::Change::from_bytes(honest.bytes).unwrap();
    let action = honest.message().unwrap();
    let stamp = probe.order().photos[0].clone();
    let mut doc = AutoCommit::load(&phone.doc.save()).unwrap();
    doc.set_actor(ActorId::from([phone.session.device.0.as_bytes().as_slice(), &[7; 8]].concat()));
    let photos = doc.get(ObjId::Root, "photos").unwrap().unwrap().1;
    let entry = doc.put_object(&photos, format!("{action}:0"), ObjType::Map).unwrap();
    doc.put(&entry, "by", stamp.stamp.by.as_str()).unwrap();
    doc.put(&entry, "role", "inspector").unwrap();
    doc.put(&entry, "at", stamp.stamp.at).unwrap();
    doc.put(&entry, "slot", "before").unwrap();
    doc.put_object(&entry, "renditions", ObjType::List).unwrap();
    let list = doc.put_object(&entry, "marks", ObjType::List).unwrap();
    for (at, mark) in marks.iter().enumerate() {
        put(&mut doc, &list, at, &serde_json::to_value(mark).unwrap());
    }
    let hash = doc.commit_with(CommitOptions::default().with_message(action)).unwrap();
    let change = doc.get_change_by_hash(&hash).unwrap();
    coldpatch_shared::sync::wire::SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() }
}

#[test]
fn what_was_drawn_arrives_as_it_was_drawn() {
    let (mut inspector, server) = filed();
    let sent = inspector.does(with_marks(drawn()));
    let accepted = judge(Some(&server), &sent, &inspector.session).unwrap();
    let mut doc = OrderDoc::load(&accepted.doc.clone().save()).unwrap();
    doc.set_actor(&[1; 24]);
    let order = WorkOrder::derive(ORDER, &doc.facts()).unwrap();
    assert_eq!(order.photos[0].body.marks, drawn());
    assert_eq!(judged(drawn()).unwrap(), drawn());
}

#[test]
fn a_photo_without_marks_says_nothing_of_them() {
    let Action::AddPhoto { photo } = photo(PhotoSlot::Before, 1) else { unreachable!() };
    let said = serde_json::to_value(&photo).unwrap();
    assert!(said.get("marks").is_none() && said.get("covered").is_none(), "older versions read the same as ever");
    assert_eq!(serde_json::from_value::<Photo>(said).unwrap(), photo);
}

#[test]
fn marks_have_limits_which_the_phone_asks_before_it_writes_and_the_server_again() {
    let text = |length: usize| Shape::Text { x: 0.1, y: 0.1, text: "ß".repeat(length) };
    let circle = |radius: f64| Shape::Circle { x: 0.1, y: 0.1, radius };
    let many = |count: usize| vec![Mark::from(circle(0.1)); count];
    let fits = [vec![text(limits::LONGEST_MARK).into()], vec![circle(1.0).into()], many(limits::MOST_MARKS)];
    for marks in fits {
        assert_eq!(judged(marks.clone()).unwrap(), marks);
    }
    let too_much = [
        vec![text(limits::LONGEST_MARK + 1).into()],
        vec![circle(1.01).into()],
        vec![circle(-0.1).into()],
        vec![Shape::Arrow { x: 0.0, y: 0.0, to_x: 0.0, to_y: 1e300 }.into()],
        many(limits::MOST_MARKS + 1),
    ];
    for marks in too_much {
        let mut phone = filed().0;
        let deed = phone.deed(with_marks(marks.clone()));
        assert!(matches!(apply(&mut phone.doc, &deed, ORDER), Err(ApplyError::TooMuch(_))), "{marks:?}");
        let Err(Verdict::Refused { code, message }) = judged(marks) else { panic!("taken") };
        assert_eq!(code, RefusalCode::TooLarge);
        assert!(message.ends_with('.'), "{message}");
    }
}

#[test]
fn what_a_newer_phone_drew_waits_for_a_newer_server_and_is_not_lost() {
    for unknown in [json!({"kind": "polygon", "corners": 5.0}), json!({"kind": "arrow", "x": 0.1}), json!("scribble")] {
        let verdict = judged(vec![raw(unknown.clone()), drawn()[0].clone()]).unwrap_err();
        assert!(matches!(&verdict, Verdict::NotNow { message } if message.contains("newer version")), "{verdict:?}");
    }
    // Nor does it grow without bounds.
    let huge = raw(json!({"kind": "polygon", "corners": "x".repeat(5_000)}));
    assert!(matches!(judged(vec![huge]), Err(Verdict::Refused { code: RefusalCode::TooLarge, .. })));
}

#[test]
fn a_known_mark_that_says_more_than_this_version_knows_keeps_what_it_says() {
    let mark = raw(json!({"kind": "circle", "x": 0.5, "y": 0.5, "radius": 0.1, "color": "red"}));
    assert_eq!(judged(vec![mark.clone()]).unwrap(), [mark]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_mark_on_the_picture_goes_into_a_document_and_comes_out_the_same(
        (x, y, to_x, to_y) in (0.0..=1.0, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0),
        text in "\\PC{0,80}",
    ) {
        let marks: Vec<Mark> = [
            Shape::Arrow { x, y, to_x, to_y },
            Shape::Circle { x, y, radius: to_x },
            Shape::Text { x, y, text },
        ].map(Mark::from).to_vec();
        let (mut inspector, server) = filed();
        let sent = inspector.does(with_marks(marks.clone()));
        let doc = judge(Some(&server), &sent, &inspector.session).unwrap().doc;
        prop_assert_eq!(&WorkOrder::derive(ORDER, &doc.facts()).unwrap().photos[0].body.marks, &marks);
    }
}
