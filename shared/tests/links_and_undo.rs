//! Duplicates, follow-ups, taking back and lost photos: what people see and who may.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use coldpatch_shared::action::policy::Denied;
use coldpatch_shared::action::{Action, ApplyError, apply};
use coldpatch_shared::ids::{EntryId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{EventKind, FlagKind, LinkKind, PhotoSlot, Status, WorkOrder};
use std::collections::BTreeSet;
use support::{ORDER, Phone, SECOND, assign, complete, file, meet, photo};
use uuid::Uuid;

/// A supervisor's desk, a crew's phone, and both have the same two open jobs.
fn two_jobs() -> (Phone, Phone) {
    let (mut desk, mut crew) = (Phone::supervisor(1), Phone::crew(2, "crew-4"));
    desk.does(file());
    desk.does_in(SECOND, file());
    crew.hears(&mut desk);
    (desk, crew)
}

fn last_event(phone: &Phone) -> EntryId {
    phone.doc.facts().latest_events()[0].clone()
}

fn withdraw(name: EntryId) -> Action {
    Action::Withdraw { names: vec![name], note: None }
}

fn denied(phone: &mut Phone, work_order: WorkOrderId, action: Action) -> Denied {
    let deed = phone.deed_in(work_order, action);
    match phone.applies(&deed) {
        Err(ApplyError::Denied(denied)) => denied,
        other => panic!("not denied: {other:?}"),
    }
}

fn kinds(order: &WorkOrder) -> Vec<FlagKind> {
    order.flags.iter().map(|flag| flag.kind).collect()
}

// ---- duplicates ----

#[test]
fn marking_a_duplicate_writes_the_same_action_into_both_work_orders_and_changes_no_status() {
    let (mut desk, _) = two_jobs();
    let sent = desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    assert_eq!(sent.iter().map(|sent| sent.work_order).collect::<Vec<_>>(), [ORDER, SECOND]);
    let (first, second) = (desk.order(), desk.order_of(SECOND));
    assert_eq!((first.links[0].kind, first.links[0].other), (LinkKind::DuplicateOf, SECOND));
    assert_eq!((second.links[0].kind, second.links[0].other), (LinkKind::HasDuplicate, ORDER));
    assert_eq!(first.links[0].id, second.links[0].id);
    assert_eq!((first.status, second.status), (Status::Open, Status::Open));
    assert_eq!(desk.world().groups, [BTreeSet::from([ORDER, SECOND])]);
    assert_eq!((first.requests.len(), second.requests.len()), (1, 1), "requests never move");
}

#[test]
fn when_one_of_a_group_is_done_the_open_ones_are_flagged_until_somebody_looks() {
    let (mut desk, mut crew) = two_jobs();
    desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    crew.does(complete());
    desk.hears(&mut crew);
    let flags = desk.world().flags;
    assert_eq!(flags.keys().copied().collect::<Vec<_>>(), [SECOND]);
    assert_eq!(flags[&SECOND][0].kind, FlagKind::CompletedInGroup);
    // Work that begins there meanwhile is no new question.
    crew.does_in(SECOND, Action::Start);
    desk.does_in(SECOND, Action::Review { settles: vec![flags[&SECOND][0].id.clone()], note: None });
    desk.hears(&mut crew);
    assert!(desk.world().flags.is_empty());
    // Done once more after a reopening: that is.
    desk.does(Action::Reopen { reason: "sank".to_owned() });
    desk.does(complete());
    assert_eq!(desk.world().flags.len(), 1);
}

#[test]
fn a_link_that_was_taken_back_in_either_document_is_gone_and_stays_in_the_history() {
    let (mut desk, mut crew) = two_jobs();
    desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    let link = desk.order().links[0].clone();
    // The inspector's phone heard only of the first document's half.
    let mut inspector = Phone::inspector(3);
    inspector.hears(&mut desk);
    *inspector.document(SECOND).unwrap() = crew.document(SECOND).unwrap().clone();
    let back = Action::WithdrawLink { other: SECOND, links: vec![link.id.clone()], note: None };
    let sent = inspector.does_in(ORDER, back);
    assert_eq!(sent.len(), 1, "there was nothing to take back in the other one");
    desk.doc.apply(inspector.doc.changes_since(&[])).unwrap();
    assert!(!desk.order_of(SECOND).links[0].withdrawn);
    assert!(desk.world().groups.is_empty());
    assert!(desk.order().links[0].withdrawn);
    assert!(desk.order().history.iter().any(|item| item.id == link.id));
    // Said again, it is a new link.
    crew.hears(&mut desk);
    crew.does_in(SECOND, Action::MarkDuplicate { of: ORDER });
    assert_eq!(crew.world().groups.len(), 1);
}

#[test]
fn a_link_is_taken_back_by_whoever_made_it_an_inspector_or_a_supervisor() {
    let (mut desk, mut crew) = two_jobs();
    let mut other_crew = Phone::crew(3, "crew-1");
    crew.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    desk.hears(&mut crew);
    other_crew.hears(&mut crew);
    let link = crew.order().links[0].id.clone();
    let back = || Action::WithdrawLink { other: SECOND, links: vec![link.clone()], note: None };
    assert_eq!(denied(&mut other_crew, ORDER, back()), Denied::NotYourRole);
    for mut phone in [crew, desk, Phone::inspector(5)] {
        phone.hears(&mut other_crew);
        assert_eq!(phone.does_in(ORDER, back()).len(), 2);
        assert_eq!(denied(&mut phone, ORDER, back()), Denied::NothingToTakeBack);
    }
}

#[test]
fn a_job_is_never_linked_to_itself() {
    let (mut desk, _) = two_jobs();
    assert_eq!(denied(&mut desk, ORDER, Action::MarkDuplicate { of: ORDER }), Denied::SameWorkOrder);
    let mut own = file();
    if let Action::File { follows, .. } = &mut own {
        *follows = Some(WorkOrderId(Uuid::from_u128(7)));
    }
    assert_eq!(denied(&mut desk, WorkOrderId(Uuid::from_u128(7)), own), Denied::SameWorkOrder);
}

// ---- follow-ups ----

#[test]
fn a_follow_up_names_its_first_job_and_is_named_there() {
    let (mut desk, mut crew) = two_jobs();
    desk.does(complete());
    crew.hears(&mut desk);
    let new = WorkOrderId(Uuid::from_u128(7));
    let mut follow = file();
    if let Action::File { follows, .. } = &mut follow {
        *follows = Some(ORDER);
    }
    let deed = crew.deed_in(new, follow);
    assert_eq!(deed.parts(), [new, ORDER]);
    assert_eq!(crew.applies(&deed).unwrap().len(), 2);
    let (first, second) = (crew.order(), crew.order_of(new));
    assert_eq!((second.links[0].kind, second.links[0].other), (LinkKind::Follows, ORDER));
    assert_eq!((first.links[0].kind, first.links[0].other), (LinkKind::FollowedUp, new));
    assert_eq!((first.status, second.status), (Status::Completed, Status::Open));
    assert!(crew.world().groups.is_empty(), "a follow-up is no duplicate");
    // Applied again, each part makes nothing new.
    for part in deed.parts() {
        assert!(apply(crew.document(part).unwrap(), &deed, part).unwrap().is_none());
    }
    assert!(matches!(apply(&mut crew.doc, &deed, SECOND), Err(ApplyError::NoSuchWorkOrder)));
}

#[test]
fn deeds_and_jobs_that_older_versions_stored_are_read() {
    let (mut desk, _) = two_jobs();
    let deed = desk.deed(file());
    let mut stored = serde_json::to_value(&deed).unwrap();
    stored["action"].as_object_mut().unwrap().remove("follows");
    assert_eq!(serde_json::from_value::<coldpatch_shared::action::Deed>(stored).unwrap(), deed);
    let order = desk.order();
    let mut stored = serde_json::to_value(&order).unwrap();
    for new in ["links", "settled", "withdrawn", "lost_photos"] {
        assert!(stored.as_object_mut().unwrap().remove(new).is_some());
    }
    let read: WorkOrder = serde_json::from_value(stored).unwrap();
    assert_eq!((read.id, read.status, read.links.len()), (order.id, order.status, 0));
}

// ---- taking back ----

#[test]
fn a_crew_takes_back_its_own_report_and_the_job_is_where_it_was() {
    let (_, mut crew) = two_jobs();
    crew.does(Action::Start);
    crew.does(complete());
    let done = last_event(&crew);
    crew.does(withdraw(done.clone()));
    let order = crew.order();
    assert_eq!((order.status, order.round), (Status::Working, 0));
    assert!(order.withdrawn.contains(&done));
    let shown = order.history.iter().any(|item| item.id == done);
    assert!(shown, "it stays in the history");
    assert_eq!(denied(&mut crew, ORDER, withdraw(done)), Denied::NothingToTakeBack);
}

#[test]
fn what_somebody_else_built_on_is_taken_back_by_a_supervisor_only() {
    let (mut desk, mut crew) = two_jobs();
    let mut mate = Phone::crew(3, "crew-4");
    crew.does(Action::CannotComplete { reason: "blocked".to_owned(), note: None });
    let obstacle = last_event(&crew);
    mate.hears(&mut crew);
    // Notes, photos and one's own later events do not matter; a mate's start does.
    crew.clone().does(withdraw(obstacle.clone()));
    mate.does(Action::Start);
    meet(&mut crew, &mut mate);
    assert_eq!(denied(&mut crew, ORDER, withdraw(obstacle.clone())), Denied::NotYourRole);
    assert_eq!(denied(&mut mate, ORDER, withdraw(obstacle.clone())), Denied::NotYourRole);
    desk.hears(&mut crew);
    desk.does(withdraw(obstacle));
    assert_eq!(desk.order().status, Status::Working);
}

#[test]
fn nobody_but_its_author_and_supervisors_takes_an_event_back() {
    let (mut desk, mut crew) = two_jobs();
    crew.does(complete());
    let done = last_event(&crew);
    for mut other in [Phone::crew(3, "crew-4"), Phone::inspector(4)] {
        other.hears(&mut crew);
        assert_eq!(denied(&mut other, ORDER, withdraw(done.clone())), Denied::NotYourRole);
    }
    desk.hears(&mut crew);
    desk.does(withdraw(done));
    assert_eq!(desk.order().status, Status::Open);
}

#[test]
fn what_cannot_be_taken_back_is_not() {
    let (mut desk, mut crew) = two_jobs();
    let created = last_event(&desk);
    desk.does(assign("crew-4"));
    let assigned = last_event(&desk);
    desk.does(Action::Start);
    desk.does(withdraw(last_event(&desk.clone())));
    let back = last_event(&desk);
    crew.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    let link = crew.order().links[0].id.clone();
    desk.hears(&mut crew);
    for name in [created, assigned, back, link.clone(), "nothing:0".into()] {
        assert_eq!(denied(&mut desk, ORDER, withdraw(name)), Denied::NothingToTakeBack);
    }
    assert_eq!(denied(&mut desk, ORDER, Action::Withdraw { names: Vec::new(), note: None }), Denied::NothingToTakeBack);
    // A link with one job is not a link with another.
    let wrong = Action::WithdrawLink { other: WorkOrderId(Uuid::from_u128(7)), links: vec![link], note: None };
    assert_eq!(denied(&mut desk, ORDER, wrong), Denied::NothingToTakeBack);
}

#[test]
fn a_crew_that_went_to_a_job_whose_reopening_was_taken_back_is_shown_to_the_desk() {
    let (mut desk, mut crew) = two_jobs();
    desk.does(complete());
    desk.does(Action::Reopen { reason: "sank".to_owned() });
    let reopened = last_event(&desk);
    crew.hears(&mut desk);
    crew.does(Action::Start);
    desk.does(withdraw(reopened));
    assert_eq!((desk.order().status, desk.order().round), (Status::Completed, 0));
    meet(&mut desk, &mut crew);
    assert_eq!(desk.order().status, Status::Completed);
    assert_eq!(kinds(&desk.order()), [FlagKind::BuiltOnWithdrawn]);
}

#[test]
fn a_review_that_was_taken_back_lets_its_flags_return() {
    let (mut desk, mut crew) = two_jobs();
    crew.does(complete());
    desk.does(assign("crew-1"));
    meet(&mut desk, &mut crew);
    let settles = desk.order().flags.iter().map(|flag| flag.id.clone()).collect();
    desk.does(Action::Review { settles, note: None });
    assert_eq!(kinds(&desk.order()), []);
    desk.does(withdraw(last_event(&desk.clone())));
    assert_eq!(kinds(&desk.order()), [FlagKind::MovedWhileWorked]);
}

// ---- lost photos ----

#[test]
fn a_completion_whose_photo_was_lost_is_flagged_until_the_photo_turns_up() {
    let (mut desk, mut crew) = two_jobs();
    crew.does(photo(PhotoSlot::After, 1));
    crew.does(complete());
    let lost = crew.order().photos[0].id.clone();
    crew.does(Action::LosePhoto { photo: lost.clone(), note: Some("The phone fell into the river".to_owned()) });
    desk.hears(&mut crew);
    let order = desk.order();
    assert_eq!(order.status, Status::Completed, "flagged, not blocked");
    assert_eq!(kinds(&order), [FlagKind::PhotoLost]);
    assert_eq!(order.lost_photos, BTreeSet::from([lost]));
    assert_eq!(order.photos.len(), 1);
    desk.does(withdraw(last_event(&desk.clone())));
    assert_eq!((kinds(&desk.order()), desk.order().lost_photos.len()), (Vec::new(), 0));
}

#[test]
fn a_lost_photo_is_held_against_the_completion_that_it_belongs_to() {
    let (mut desk, mut crew) = two_jobs();
    crew.does(photo(PhotoSlot::After, 1));
    crew.does(complete());
    desk.hears(&mut crew);
    desk.does(Action::Reopen { reason: "sank".to_owned() });
    crew.hears(&mut desk);
    crew.does(photo(PhotoSlot::After, 2));
    crew.does(complete());
    let photos: Vec<EntryId> = crew.order().photos.iter().map(|photo| photo.id.clone()).collect();
    crew.does(Action::LosePhoto { photo: photos[0].clone(), note: None });
    assert_eq!(kinds(&crew.order()), [], "that round is history");
    crew.does(Action::LosePhoto { photo: photos[1].clone(), note: None });
    assert_eq!(kinds(&crew.order()), [FlagKind::PhotoLost]);
}

#[test]
fn a_photo_of_what_was_reported_flags_no_completion() {
    let (_, mut crew) = two_jobs();
    crew.does(photo(PhotoSlot::Report, 1));
    crew.does(complete());
    let lost = crew.order().photos[0].id.clone();
    crew.does(Action::LosePhoto { photo: lost, note: None });
    assert_eq!(kinds(&crew.order()), []);
    assert_eq!(crew.order().lost_photos.len(), 1);
}

#[test]
fn only_its_photographer_supervisors_and_the_server_say_that_a_photo_is_lost() {
    let (mut desk, mut crew) = two_jobs();
    crew.does(photo(PhotoSlot::After, 1));
    let lost = crew.order().photos[0].id.clone();
    let lose = || Action::LosePhoto { photo: lost.clone(), note: None };
    let mut other = Phone::crew(3, "crew-4");
    other.hears(&mut crew);
    assert_eq!(denied(&mut other, ORDER, lose()), Denied::NotYourRole);
    assert_eq!(denied(&mut crew, SECOND, lose()), Denied::NoSuchPhoto);
    desk.hears(&mut crew);
    desk.does(lose());
    let said = desk
        .order()
        .history
        .iter()
        .any(|item| matches!(&item.what, HistoryWhat::Event(event) if event.kind == EventKind::PhotoLost));
    assert!(said);
}

#[test]
fn a_link_of_which_only_one_half_is_there_is_shown_by_both_jobs_and_said_to_be_half() {
    use coldpatch_shared::order::links::{Half, seen};
    let (mut desk, mut crew) = two_jobs();
    // The other job was not on the phone that made the link.
    let there = desk.others.remove(&SECOND).unwrap();
    desk.does_in(ORDER, Action::MarkDuplicate { of: SECOND });
    let shown = |phone: &Phone, id: WorkOrderId| {
        let others = phone.orders().into_iter().filter(|order| order.id != id).map(|order| (order.id, order)).collect();
        let links = seen(&phone.order_of(id), &others);
        links.into_iter().map(|one| (one.link.kind, one.link.other, one.link.withdrawn, one.half)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&desk, ORDER), [(LinkKind::DuplicateOf, SECOND, false, Half::NotHere)]);
    desk.others.insert(SECOND, there);
    assert_eq!(shown(&desk, ORDER), [(LinkKind::DuplicateOf, SECOND, false, Half::One)]);
    assert_eq!(shown(&desk, SECOND), [(LinkKind::HasDuplicate, ORDER, false, Half::One)]);
    // Made again with both at hand: beside the half one there is a whole one.
    desk.does_in(SECOND, Action::MarkDuplicate { of: ORDER });
    crew.hears(&mut desk);
    let halves: Vec<_> = shown(&crew, SECOND).into_iter().map(|(.., half)| half).collect();
    assert_eq!(halves, [Half::Both, Half::One]);
    // Taken back in the one document that has it, it is gone from both.
    let half = crew.order().links[0].id.clone();
    let mut sam = Phone::supervisor(5);
    sam.hears(&mut crew);
    sam.does_in(ORDER, Action::WithdrawLink { other: SECOND, links: vec![half], note: None });
    let left: Vec<_> = shown(&sam, SECOND).into_iter().filter(|(_, _, withdrawn, _)| !withdrawn).collect();
    assert_eq!(left, [(LinkKind::DuplicateOf, ORDER, false, Half::Both)]);
    // A follow-up's two halves are two events.
    let mut next = file();
    let Action::File { follows, .. } = &mut next else { panic!("a filing") };
    *follows = Some(ORDER);
    let new = WorkOrderId(Uuid::from_u128(99));
    sam.does_in(new, next);
    assert_eq!(shown(&sam, new), [(LinkKind::Follows, ORDER, false, Half::Both)]);
}

// ---- told again from entries ----

#[test]
fn what_somebody_did_is_told_again_by_the_entries_that_it_left() {
    use coldpatch_shared::action::retold;
    let (mut desk, _) = two_jobs();
    let number =
        Action::Acknowledge { request: desk.order().requests[0].body.request, tracking_number: "26-000001".to_owned() };
    let mut server = Phone::new(9, coldpatch_shared::city::Role::Server, None);
    server.hears(&mut desk);
    server.does(number.clone());
    desk.hears(&mut server);
    assert_eq!(retold_last(&desk).action, number);
    for action in [
        assign("crew-4"),
        photo(PhotoSlot::After, 1),
        complete(),
        Action::Reopen { reason: "sank".to_owned() },
        Action::MarkDuplicate { of: SECOND },
        Action::Cancel { reason: "twice".to_owned() },
    ] {
        let deed = desk.deed_in(ORDER, action);
        desk.applies(&deed).unwrap();
        assert_eq!(retold::deed(&desk.doc.facts(), ORDER, deed.id), Some(deed));
    }
    let filed = desk.deed_in(WorkOrderId(Uuid::from_u128(77)), file());
    desk.applies(&filed).unwrap();
    let facts = desk.document(filed.work_order).unwrap().facts();
    assert_eq!(retold::deed(&facts, filed.work_order, filed.id), Some(filed));
}

/// The last thing that happened, told by its entries.
fn retold_last(phone: &Phone) -> coldpatch_shared::action::Deed {
    let facts = phone.doc.facts();
    let last = facts.latest_events()[0].0.split(':').next().unwrap().parse().unwrap();
    coldpatch_shared::action::retold::deed(&facts, ORDER, last).unwrap()
}
