//! Duplicates of one another: whoever has one of them sees what becomes of the others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_shared::action::Action;
use coldpatch_shared::ids::{CrewId, WorkOrderId};
use coldpatch_shared::order::FieldValue;
use coldpatch_shared::sync::wire::Verdict;
use std::collections::BTreeSet;
use support::{Phone, Server};

fn assign(crew: &str) -> Action {
    Action::Decide { value: FieldValue::Assignment(Some(CrewId::from(crew))) }
}

fn of_crew(phone: &Phone) -> BTreeSet<WorkOrderId> {
    phone.members.get("crew:crew-4").cloned().unwrap_or_default()
}

/// A supervisor's phone, one of crew 4, and two potholes: crew 4's and crew 1's.
async fn two_potholes(server: &Server) -> (Phone, Phone, WorkOrderId, WorkOrderId) {
    let mut desk = server.phone("sam-lindqvist").await;
    let (ours, theirs) = (desk.file_pothole("ours"), desk.file_pothole("theirs"));
    desk.sync().await;
    desk.act(ours, assign("crew-4"));
    desk.act(theirs, assign("crew-1"));
    desk.sync().await;
    let mut crew = server.phone("ana-ruiz").await;
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours]));
    (desk, crew, ours, theirs)
}

#[tokio::test]
async fn a_crew_gets_the_duplicates_of_its_jobs_until_they_are_none_any_more() {
    let server = Server::start().await;
    let (mut desk, mut crew, ours, theirs) = two_potholes(&server).await;
    desk.act(theirs, Action::MarkDuplicate { of: ours });
    desk.sync().await;
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours, theirs]));
    // What happens to the other one comes, although it is another crew's.
    desk.act(theirs, Action::Complete { note: None });
    desk.sync().await;
    crew.sync().await;
    assert!(crew.order(theirs).status.is_closed());

    let links = desk.order(theirs).links.iter().map(|link| link.id.clone()).collect();
    desk.act(ours, Action::WithdrawLink { other: theirs, links, note: None });
    desk.sync().await;
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours]));
}

#[tokio::test]
async fn half_a_link_brings_nobody_the_other_job() {
    let server = Server::start().await;
    let (desk, mut crew, ours, theirs) = two_potholes(&server).await;
    // The other job's id is all that one must know to write this half.
    crew.docs.insert(theirs, desk.docs[&theirs].clone());
    crew.act(ours, Action::MarkDuplicate { of: theirs });
    let (half, other_half) = crew.outbox.drain(..).partition::<Vec<_>, _>(|sent| sent.work_order == ours);
    assert_eq!((half.len(), other_half.len()), (1, 1));
    crew.outbox = half;
    assert_eq!(crew.sync().await, [Verdict::Accepted]);
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours]));
    crew.outbox = other_half;
    assert_eq!(crew.sync().await, [Verdict::Accepted]);
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours, theirs]), "both tell of it");
}

#[tokio::test]
async fn a_duplicate_that_nobody_touches_follows_its_group_to_another_crew() {
    let server = Server::start().await;
    let (mut desk, mut crew, ours, theirs) = two_potholes(&server).await;
    desk.act(ours, Action::MarkDuplicate { of: theirs });
    desk.sync().await;
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::from([ours, theirs]));
    desk.act(ours, assign("crew-1"));
    desk.sync().await;
    crew.sync().await;
    assert_eq!(of_crew(&crew), BTreeSet::new());
}
