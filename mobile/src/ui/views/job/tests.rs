//! Links and taking back, over real documents.

use super::kin::knots;
use super::same_job::candidates;
use super::undo::{events_of, status_without};
use crate::engine::api::{JobRow, NearbyJob};
use coldpatch_shared::action::{Action, Deed, Edit, apply, rules};
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::ids::{ActionId, EntryId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{LinkKind, OrderDoc, RequestSource, ServiceRequest, Stamp, Status, WorkOrder, status};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const ONE: WorkOrderId = WorkOrderId(Uuid::from_u128(1));
const TWO: WorkOrderId = WorkOrderId(Uuid::from_u128(2));
const THREE: WorkOrderId = WorkOrderId(Uuid::from_u128(3));

/// Some work orders, and people who do things to them one after the other.
#[derive(Default)]
struct City {
    docs: BTreeMap<WorkOrderId, OrderDoc>,
    deeds: u128,
}

impl City {
    fn with(ids: &[WorkOrderId]) -> Self {
        let mut city = Self::default();
        for id in ids {
            let request = ServiceRequest {
                request: ServiceRequestId(id.0),
                source: RequestSource::Field,
                service_code: "pothole".into(),
                description: String::new(),
                answers: BTreeMap::new(),
                place: None,
                address: None,
                mirrors: None,
                observed_at: None,
            };
            let action = Action::File {
                request: Box::new(request),
                photos: Vec::new(),
                priority: Priority::Normal,
                due: None,
                assignment: None,
                follows: None,
            };
            city.act("ines", Role::Inspector, *id, action);
        }
        city
    }

    fn act(&mut self, by: &str, role: Role, on: WorkOrderId, action: Action) -> EntryId {
        self.deeds += 1;
        let stamp = Stamp { by: by.into(), role, crew: None, at: 0, offset_ms: None, offset_age_s: None };
        let deed = Deed { id: ActionId(Uuid::from_u128(self.deeds)), work_order: on, stamp, action };
        for part in deed.parts() {
            let doc = self.docs.entry(part).or_insert_with(|| OrderDoc::empty(&[1]));
            apply(doc, &deed, part).expect("the action applies");
        }
        deed.entry(0)
    }

    fn order(&self, id: WorkOrderId) -> WorkOrder {
        WorkOrder::derive(id, &self.docs[&id].facts()).expect("a work order")
    }

    fn kin(&self) -> BTreeMap<WorkOrderId, WorkOrder> {
        self.docs.keys().map(|id| (*id, self.order(*id))).collect()
    }
}

#[test]
fn the_rules_judge_what_the_screen_knows_as_they_judge_the_document() {
    let mut city = City::with(&[ONE]);
    let ana = |city: &mut City, action| city.act("ana", Role::Crew, ONE, action);
    ana(&mut city, Action::Start);
    let done = ana(&mut city, Action::Complete { note: None });
    let order = city.order(ONE);
    assert_eq!(status::derive(&events_of(&order)), status::derive(&city.docs[&ONE].facts()));
    let me = UserId::from("ana");
    let edits = |order: &WorkOrder| rules::withdrawing(&events_of(order), std::slice::from_ref(&done), None, &me);
    assert_eq!(edits(&order), Ok(BTreeSet::from([Edit::WithdrawOwn])));

    city.act("sam", Role::Supervisor, ONE, Action::Reopen { reason: "Not level.".to_owned() });
    assert_eq!(edits(&city.order(ONE)), Ok(BTreeSet::from([Edit::WithdrawOwnBuiltOn])));
}

#[test]
fn the_question_names_the_state_that_taking_back_really_leads_to() {
    let mut city = City::with(&[ONE]);
    city.act("ana", Role::Crew, ONE, Action::Start);
    let done = city.act("ana", Role::Crew, ONE, Action::Complete { note: None });
    let order = city.order(ONE);
    let event = events_of(&order).events.into_iter().find(|event| event.id == done).expect("the event");
    let foretold = status_without(&order, &event);
    city.act("ana", Role::Crew, ONE, Action::Withdraw { names: vec![done], note: None });
    assert_eq!(foretold, Status::Working);
    assert_eq!(city.order(ONE).status, foretold);
}

#[test]
fn links_that_cross_are_one_line_and_go_away_from_either_side() {
    let mut city = City::with(&[ONE, TWO, THREE]);
    let there = city.act("ines", Role::Inspector, ONE, Action::MarkDuplicate { of: TWO });
    let back = city.act("sam", Role::Supervisor, TWO, Action::MarkDuplicate { of: ONE });
    let knots_of = |city: &City| knots(&city.order(ONE), &city.kin());
    let found = knots_of(&city);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].other, &found[0].links), (TWO, &vec![there.clone(), back.clone()]));

    let mut half = city.order(TWO);
    for link in &mut half.links {
        link.withdrawn = true;
    }
    let kin = BTreeMap::from([(TWO, half)]);
    assert!(knots(&city.order(ONE), &kin).is_empty(), "taken back in the other job alone");

    let untie = Action::WithdrawLink { other: TWO, links: vec![there, back], note: None };
    city.act("sam", Role::Supervisor, ONE, untie);
    assert!(knots_of(&city).is_empty());
}

#[test]
fn a_link_to_a_job_that_is_not_here_is_shown_all_the_same() {
    let mut city = City::with(&[ONE, TWO]);
    city.act("ines", Role::Inspector, ONE, Action::MarkDuplicate { of: TWO });
    let found = knots(&city.order(TWO), &BTreeMap::new());
    assert_eq!(found.iter().map(|knot| (knot.kind, knot.other)).collect::<Vec<_>>(), [(LinkKind::HasDuplicate, ONE)]);
}

#[test]
fn what_is_offered_is_neither_the_job_itself_nor_tied_to_it_and_the_same_type_comes_first() {
    let four = WorkOrderId(Uuid::from_u128(4));
    let mut city = City::with(&[ONE, TWO, THREE, four]);
    city.act("ines", Role::Inspector, ONE, Action::MarkDuplicate { of: TWO });
    let near = |id, service_code: &str, distance_m| NearbyJob { row: row(id, service_code), distance_m };
    let all = vec![
        near(ONE, "pothole", 0.0),
        near(TWO, "pothole", 5.0),
        near(THREE, "graffiti", 6.0),
        near(four, "pothole", 80.0),
    ];
    let offered: Vec<WorkOrderId> = candidates(&city.order(ONE), all).into_iter().map(|job| job.row.id).collect();
    assert_eq!(offered, [four, THREE]);
}

fn row(id: WorkOrderId, service_code: &str) -> JobRow {
    JobRow {
        id,
        service_code: service_code.into(),
        status: Status::Open,
        priority: Priority::Normal,
        place: None,
        address: None,
        due: None,
        assignment: None,
        requests: 1,
        tracking_number: None,
        flags: Vec::new(),
        disagreements: false,
        thumbnail: None,
        blur: None,
        created_at: 0,
        updated_at: 0,
        only_here: false,
        status_crew: None,
        status_at: None,
        status_why: None,
    }
}
