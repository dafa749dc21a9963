//! Every lie that an event can tell about itself is refused, and every honest new action is accepted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ReadDoc};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, PhotoSlot};
use coldpatch_shared::sync::judge::judge;
use coldpatch_shared::sync::wire::{RefusalCode, SentChange, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{ORDER, Phone, SECOND, assign, complete, file, photo};
use uuid::Uuid;

/// The city's copies.
type Server = BTreeMap<WorkOrderId, OrderDoc>;

fn send(server: &mut Server, phone: &Phone, changes: Vec<SentChange>) {
    for sent in changes {
        let judged = judge(server.get(&sent.work_order), &sent, &phone.session)
            .unwrap_or_else(|verdict| panic!("{verdict:?}: {sent:?}"));
        server.insert(sent.work_order, judged.doc);
    }
}

/// A crew's phone and the city, which have the same two jobs; the crew added a photo, and began.
fn city() -> (Server, Phone) {
    let (mut server, mut crew) = (Server::new(), Phone::crew(2, "crew-4"));
    for action in [file(), photo(PhotoSlot::After, 1), Action::Start] {
        let sent = crew.does_in(ORDER, action);
        send(&mut server, &crew, sent);
    }
    let sent = crew.does_in(SECOND, file());
    send(&mut server, &crew, sent);
    (server, crew)
}

/// A person's phone that has everything that the crew's has.
fn phone(mut phone: Phone, crew: &mut Phone) -> Phone {
    phone.hears(crew);
    phone
}

#[test]
fn every_honest_new_action_is_accepted_in_both_documents_and_again() {
    let (mut server, mut crew) = city();
    let mut desk = phone(Phone::supervisor(3), &mut crew);
    let new = WorkOrderId(Uuid::from_u128(7));
    let mut follow = file();
    if let Action::File { follows, assignment, .. } = &mut follow {
        (*follows, *assignment) = (Some(ORDER), Some("crew-1".into()));
    }
    let started = crew.doc.facts().events.last().unwrap().id.clone();
    let photo = crew.order().photos[0].id.clone();
    let mut sent = Vec::new();
    sent.extend(desk.does_in(new, follow));
    sent.extend(desk.does_in(ORDER, assign("crew-1")));
    sent.extend(desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND }));
    let links: Vec<_> = desk.order_of(SECOND).links.iter().map(|link| link.id.clone()).collect();
    sent.extend(desk.does_in(SECOND, Action::WithdrawLink { other: ORDER, links, note: Some("two holes".to_owned()) }));
    sent.extend(desk.does_in(ORDER, Action::Withdraw { names: vec![started], note: None }));
    sent.extend(desk.does_in(ORDER, Action::LosePhoto { photo, note: None }));
    let lost = desk.doc.facts().latest_events();
    sent.extend(desk.does_in(ORDER, Action::Withdraw { names: lost, note: None }));
    assert_eq!(sent.len(), 10);
    send(&mut server, &desk, sent.clone());
    for again in sent {
        assert!(judge(server.get(&again.work_order), &again, &desk.session).unwrap().repeated);
    }
    for order in desk.orders() {
        assert_eq!(server.get_mut(&order.id).unwrap().heads(), desk.document(order.id).unwrap().heads());
    }
}

/// An event of `ORDER`, written by hand, signed as the phone's person, after what the phone had seen.
fn by_hand(phone: &mut Phone, said: &Value) -> SentChange {
    let after: Vec<String> = phone.doc.facts().latest_events().into_iter().map(|id| id.0).collect();
    let mut doc = AutoCommit::load(&phone.doc.save()).unwrap();
    doc.set_actor(ActorId::from([phone.session.device.0.as_bytes().as_slice(), &[8; 8]].concat()));
    let action = ActionId(Uuid::from_u128(0xbad));
    let events = doc.get(ObjId::Root, "events").unwrap().unwrap().1;
    let entry = doc.put_object(&events, format!("{action}:0"), ObjType::Map).unwrap();
    doc.put(&entry, "by", phone.session.user.as_str()).unwrap();
    doc.put(&entry, "role", format!("{:?}", phone.session.role).to_lowercase()).unwrap();
    doc.put(&entry, "at", 0).unwrap();
    let said = said.as_object().unwrap().clone();
    for (key, value) in [("after".to_owned(), json!(after))].into_iter().chain(said) {
        if let Value::Array(items) = value {
            let list = doc.put_object(&entry, key, ObjType::List).unwrap();
            for (at, item) in items.iter().enumerate() {
                doc.insert(&list, at, item.as_str().unwrap()).unwrap();
            }
        } else {
            doc.put(&entry, key, value.as_str().unwrap()).unwrap();
        }
    }
    let hash = doc.commit_with(CommitOptions::default().with_message(action.to_string())).unwrap();
    let change = doc.get_change_by_hash(&hash).unwrap();
    SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() }
}

fn code(server: &Server, phone: &Phone, sent: &SentChange) -> Option<RefusalCode> {
    match judge(server.get(&sent.work_order), sent, &phone.session) {
        Ok(_) => None,
        Err(Verdict::Refused { code, message }) => {
            assert!(message.ends_with('.'), "{message}");
            Some(code)
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn events_that_say_what_their_kind_does_not_say_are_refused() {
    let (server, mut crew) = city();
    let mut desk = phone(Phone::supervisor(3), &mut crew);
    let started = crew.doc.facts().latest_events()[0].0.clone();
    let photo = crew.order().photos[0].id.0.clone();
    let (other, own) = (SECOND.to_string(), ORDER.to_string());
    let honest = [
        json!({"kind": "duplicate_of", "other": other}),
        json!({"kind": "has_duplicate", "other": other}),
        json!({"kind": "followed_up", "other": other}),
        json!({"kind": "withdrawn", "names": [started]}),
        json!({"kind": "photo_lost", "photo": photo}),
        json!({"kind": "paused"}),
    ];
    for said in honest {
        assert_eq!(code(&server, &desk.clone(), &by_hand(&mut desk, &said)), None, "{said}");
    }
    let lies = [
        ("a link without the other job", json!({"kind": "duplicate_of"})),
        ("a link without the other job", json!({"kind": "has_duplicate"})),
        ("a link without the other job", json!({"kind": "followed_up"})),
        ("a link to itself", json!({"kind": "duplicate_of", "other": own})),
        ("a link to itself", json!({"kind": "has_duplicate", "other": own})),
        ("a link to itself", json!({"kind": "followed_up", "other": own})),
        ("a start that names another job", json!({"kind": "started", "other": other})),
        ("a start that takes something back", json!({"kind": "started", "names": [started]})),
        ("a start that loses a photo", json!({"kind": "started", "photo": photo})),
        ("a start that settles flags", json!({"kind": "started", "settles": ["x"]})),
        ("a start that gives a number", json!({"kind": "started", "tracking_number": "26-1"})),
        ("a start that gives the job away", json!({"kind": "started", "assigned_to": "crew-1"})),
        ("a start that hands it over", json!({"kind": "started", "department": "parks"})),
        ("a review that takes something back", json!({"kind": "reviewed", "names": [started]})),
        ("an assignment that nobody decided", json!({"kind": "assigned", "assigned_to": "crew-1"})),
        ("a second beginning", json!({"kind": "created"})),
    ];
    for (lie, said) in lies {
        let sent = by_hand(&mut desk, &said);
        assert_eq!(code(&server, &desk, &sent), Some(RefusalCode::NotAnEdit), "{lie}");
    }
}

#[test]
fn withdrawals_of_what_is_not_there_or_cannot_be_or_is_not_theirs_are_refused() {
    let (mut server, mut crew) = city();
    let mut desk = phone(Phone::supervisor(3), &mut crew);
    let created = crew.doc.facts().events[0].id.0.clone();
    let started = crew.doc.facts().latest_events()[0].0.clone();
    let sent = desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    send(&mut server, &desk, sent);
    let link = desk.order().links[0].id.0.clone();
    // Done by another phone, known to the city, and not to whoever takes it back.
    let mut mate = phone(Phone::crew(4, "crew-4"), &mut crew);
    let sent = mate.does_in(ORDER, complete());
    send(&mut server, &mate, sent);
    let unseen = mate.doc.facts().latest_events()[0].0.clone();
    let (other, third) = (SECOND.to_string(), Uuid::from_u128(9).to_string());
    let lies = [
        ("nothing", json!({"kind": "withdrawn"})),
        ("nothing", json!({"kind": "withdrawn", "names": []})),
        ("what does not exist", json!({"kind": "withdrawn", "names": ["x:0"]})),
        ("what its author had not seen", json!({"kind": "withdrawn", "names": [unseen]})),
        ("how it came to be", json!({"kind": "withdrawn", "names": [created]})),
        ("a link as if it were none", json!({"kind": "withdrawn", "names": [link]})),
        ("a start as if it were a link", json!({"kind": "withdrawn", "names": [started], "other": other})),
        ("a link with another job", json!({"kind": "withdrawn", "names": [link], "other": third})),
        ("a link and a start at once", json!({"kind": "withdrawn", "names": [link, started], "other": other})),
    ];
    for (lie, said) in lies {
        let sent = by_hand(&mut desk, &said);
        assert_eq!(code(&server, &desk, &sent), Some(RefusalCode::NotAllowed), "{lie}");
    }
    // An honest one by somebody who may not.
    for mut person in [Phone::inspector(5), Phone::crew(6, "crew-4")] {
        person.hears(&mut crew);
        let sent = by_hand(&mut person, &json!({"kind": "withdrawn", "names": [started]}));
        assert_eq!(code(&server, &person, &sent), Some(RefusalCode::NotAllowed));
    }
    // And twice.
    let sent = desk.does_in(ORDER, Action::Withdraw { names: vec![started.as_str().into()], note: None });
    send(&mut server, &desk, sent);
    let sent = by_hand(&mut desk, &json!({"kind": "withdrawn", "names": [started]}));
    assert_eq!(code(&server, &desk, &sent), Some(RefusalCode::NotAllowed));
}

#[test]
fn photos_that_are_not_there_or_not_theirs_are_not_lost() {
    let (server, mut crew) = city();
    let photo = crew.order().photos[0].id.0.clone();
    for said in [json!({"kind": "photo_lost"}), json!({"kind": "photo_lost", "photo": "x:0"})] {
        let sent = by_hand(&mut crew, &said);
        assert_eq!(code(&server, &crew, &sent), Some(RefusalCode::NotAllowed), "{said}");
    }
    let mut mate = phone(Phone::crew(4, "crew-4"), &mut crew);
    let sent = by_hand(&mut mate, &json!({"kind": "photo_lost", "photo": photo}));
    assert_eq!(code(&server, &mate, &sent), Some(RefusalCode::NotAllowed));
}

#[test]
fn a_decision_that_moves_a_job_without_the_event_that_says_so_is_refused() {
    let (server, mut crew) = city();
    let mut desk = phone(Phone::supervisor(3), &mut crew);
    let mut doc = AutoCommit::load(&desk.doc.save()).unwrap();
    doc.set_actor(ActorId::from([desk.session.device.0.as_bytes().as_slice(), &[8; 8]].concat()));
    let action = ActionId(Uuid::from_u128(0xbad));
    let decisions = doc.get(ObjId::Root, "decisions").unwrap().unwrap().1;
    let entry = doc.put_object(&decisions, format!("{action}:0"), ObjType::Map).unwrap();
    for (key, value) in
        [("by", desk.session.user.as_str()), ("role", "supervisor"), ("field", "assignment"), ("value", "crew-9")]
    {
        doc.put(&entry, key, value).unwrap();
    }
    doc.put(&entry, "at", 0).unwrap();
    let hash = doc.commit_with(CommitOptions::default().with_message(action.to_string())).unwrap();
    let change = doc.get_change_by_hash(&hash).unwrap();
    let sent = SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() };
    assert_eq!(code(&server, &desk, &sent), Some(RefusalCode::NotAnEdit));
}

#[test]
fn a_job_is_born_with_its_filing_and_nothing_else() {
    use coldpatch_shared::action::Edit;
    use coldpatch_shared::action::policy::{Denied, may};
    for edit in Edit::ALL {
        let born_with = matches!(edit, Edit::File | Edit::AddPhoto | Edit::DecideAssignment);
        let said = may(coldpatch_shared::city::Role::Supervisor, edit, None);
        assert_eq!(said.is_ok(), born_with, "{edit:?}");
        assert!(born_with || matches!(said, Err(Denied::NotThereYet | Denied::NotYourRole)));
    }
}
