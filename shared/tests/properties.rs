//! What holds for every story that people can make, each claim by its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ReadDoc};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::{EntryId, WorkOrderId};
use coldpatch_shared::order::rounds::EventGraph;
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{EventKind, Facts, Field, FieldValue, FlagKind, OrderDoc, Status, WorkOrder, status};
use proptest::prelude::*;
use std::collections::BTreeSet;
use support::stories::{Step, facts, heard, play, play_with, steps};
use support::{Phone, complete, file, meet, priority};
use uuid::Uuid;

const ALL: [usize; 4] = [0, 1, 2, 3];
const TEN_YEARS: i64 = 10 * 365 * 86_400_000;

/// Whether what a deed says can be seen in the work order, whatever became of it since.
fn visible(order: &WorkOrder, deed: &Deed) -> bool {
    let own = |id: &EntryId| id.as_str().starts_with(&deed.id.to_string());
    let said = |what: &dyn Fn(&HistoryWhat) -> bool| order.history.iter().any(|item| own(&item.id) && what(&item.what));
    let event = |kind: EventKind| said(&|what| matches!(what, HistoryWhat::Event(event) if event.kind == kind));
    match &deed.action {
        Action::File { request, .. } | Action::Join { request, .. } => {
            order.requests.iter().any(|entry| entry.body == **request)
        }
        Action::AddPhoto { photo } => order.photos.iter().any(|entry| own(&entry.id) && entry.body == *photo),
        Action::AddNote { note } => order.notes.iter().any(|entry| own(&entry.id) && entry.body == *note),
        Action::RecordLabor { labor } => said(&|what| *what == HistoryWhat::Labor(labor.clone())),
        Action::RecordMaterial { material } => said(&|what| *what == HistoryWhat::Material(material.clone())),
        Action::RecordEquipment { equipment } => said(&|what| *what == HistoryWhat::Equipment(equipment.clone())),
        Action::Tick { item, checked } => {
            said(&|what| matches!(what, HistoryWhat::Tick(tick) if tick.item == *item && tick.checked == *checked))
        }
        Action::Decide { value } => said(&|what| *what == HistoryWhat::Decision(value.clone())),
        Action::Start => event(EventKind::Started),
        Action::Pause => event(EventKind::Paused),
        Action::Complete { .. } => event(EventKind::Completed),
        Action::CannotComplete { .. } => event(EventKind::CannotComplete),
        Action::Transfer { .. } => event(EventKind::Transferred),
        Action::Cancel { .. } => event(EventKind::Cancelled),
        Action::Reopen { .. } => event(EventKind::Reopened),
        Action::Review { .. } => event(EventKind::Reviewed),
        Action::Acknowledge { .. } => event(EventKind::Acknowledged),
        Action::Withdraw { names, .. } => {
            event(EventKind::Withdrawn) && names.iter().all(|id| order.withdrawn.contains(id))
        }
        Action::WithdrawLink { links, .. } => {
            event(EventKind::Withdrawn)
                && links.iter().all(|id| order.links.iter().any(|link| link.id == *id && link.withdrawn))
        }
        Action::MarkDuplicate { of } => order.links.iter().any(|link| own(&link.id) && link.other == *of),
        Action::LosePhoto { .. } => event(EventKind::PhotoLost),
    }
}

/// Everything that is derived, without when it was done.
fn apart_from_time(order: &WorkOrder) -> impl PartialEq + std::fmt::Debug {
    let ids = |ids: &mut dyn Iterator<Item = &EntryId>| ids.cloned().collect::<Vec<_>>();
    (
        (order.status, order.status_set_by.as_ref().map(|event| event.id.clone()), order.round),
        (order.flags.clone(), order.withdrawn.clone(), order.links.clone(), order.lost_photos.clone()),
        (order.priority, order.assignment.clone(), order.description.clone()),
        order.disagreements.keys().copied().collect::<Vec<_>>(),
        ids(&mut order.history.iter().map(|item| &item.id)),
        ids(&mut order.labor.iter().map(|entry| &entry.id)),
        ids(&mut order.ticked.iter().map(|entry| &entry.id)),
    )
}

/// Adds, with Automerge's own means, what a newer version might: a container, an entry of `ext`, an event and a decision
/// of unknown kinds, an event by an unknown role, and an unknown field in a known entry.
fn from_the_future(doc: &mut OrderDoc, after: &[EntryId], n: u8) -> OrderDoc {
    let mut raw = AutoCommit::load(&doc.save()).unwrap();
    raw.set_actor(ActorId::from([n; 24]));
    let action = Uuid::from_u128(u128::from(n) << 100);
    let container = |raw: &AutoCommit, name: &str| raw.get(ObjId::Root, name).unwrap().unwrap().1;
    let mut entry = |container: ObjId, at: usize, fields: &[(&str, &str)]| {
        let entry = raw.put_object(&container, format!("{action}:{at}"), ObjType::Map).unwrap();
        for (key, value) in [("by", "rob"), ("role", "supervisor")].iter().chain(fields) {
            raw.put(&entry, *key, *value).unwrap();
        }
        raw.put(&entry, "at", 1_790_000_000_000_i64).unwrap();
        let list = raw.put_object(&entry, "after", ObjType::List).unwrap();
        for (at, id) in after.iter().enumerate() {
            raw.insert(&list, at, id.as_str()).unwrap();
        }
    };
    let reader = AutoCommit::load(&doc.save()).unwrap();
    entry(container(&reader, "ext"), 0, &[("kind", "inspection"), ("grade", "A")]);
    entry(container(&reader, "events"), 1, &[("kind", "inspected_by_drone"), ("drone", "d-7")]);
    entry(container(&reader, "decisions"), 2, &[("field", "budget"), ("value", "300 dollars")]);
    entry(container(&reader, "events"), 3, &[("kind", "completed"), ("role", "contractor")]);
    entry(container(&reader, "notes"), 4, &[("text", "hello"), ("mood", "cheerful")]);
    let hash = raw.commit_with(CommitOptions::default().with_message(action.to_string())).unwrap();
    let change = raw.get_change_by_hash(&hash).unwrap();
    let mut after = doc.clone();
    after.apply([change]).unwrap();
    after
}

/// What [`from_the_future`] wrote, as it stands in a document.
fn future_of(doc: &mut OrderDoc, n: u8) -> Vec<Option<String>> {
    let raw = AutoCommit::load(&doc.save()).unwrap();
    let action = Uuid::from_u128(u128::from(n) << 100);
    let places = [
        ("ext", 0, "grade"),
        ("events", 1, "drone"),
        ("decisions", 2, "value"),
        ("events", 3, "role"),
        ("notes", 4, "mood"),
    ];
    let read = |(container, at, field): (&str, usize, &str)| {
        let container = raw.get(ObjId::Root, container).ok()??.1;
        let entry = raw.get(&container, format!("{action}:{at}")).ok()??.1;
        Some(raw.get(&entry, field).ok()??.0.as_str()?.to_owned())
    };
    places.into_iter().map(read).collect()
}

const FUTURE: [&str; 5] = ["A", "d-7", "300 dollars", "contractor", "cheerful"];

fn is_future(read: &[Option<String>]) -> bool {
    read.iter().map(Option::as_deref).eq(FUTURE.map(Some))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_commutative(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let first = heard(&mut phones, &ALL).world();
        for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            prop_assert_eq!(&heard(&mut phones, &order).world(), &first);
        }
    }

    #[test]
    fn merging_is_associative(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let (mut left, mut right) = (heard(&mut phones, &[0, 1]), heard(&mut phones, &[2, 3]));
        let (mut pairs, mut chain) = (left.clone(), phones[0].clone());
        pairs.hears(&mut right);
        // 0 + (1 + (2 + 3)) and ((0 + 1) + 2) + 3, against (0 + 1) + (2 + 3).
        right = { let mut inner = phones[1].clone(); inner.hears(&mut right); inner };
        chain.hears(&mut right);
        left.hears(&mut phones[2]);
        left.hears(&mut phones[3]);
        prop_assert_eq!(&chain.world(), &pairs.world());
        prop_assert_eq!(&left.world(), &pairs.world());
    }

    #[test]
    fn merging_is_idempotent(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let mut all = heard(&mut phones, &ALL);
        let first = all.world();
        for at in [2, 0, 3, 1, 1] {
            all.hears(&mut phones[at]);
        }
        let mut own = all.clone();
        all.hears(&mut own);
        prop_assert_eq!(&all.world(), &first);
    }

    #[test]
    fn every_accepted_actions_content_is_visible_after_any_merge_order(steps in steps(), order in Just(ALL).prop_shuffle()) {
        let (mut phones, done) = play(&steps);
        let all = heard(&mut phones, &order);
        for deed in &done {
            prop_assert!(visible(&all.order_of(deed.work_order), deed), "{:?} is gone", deed);
            for part in deed.parts().iter().skip(1) {
                let other = all.order_of(*part);
                let prefix = deed.id.to_string();
                prop_assert!(other.history.iter().any(|item| item.id.as_str().starts_with(&prefix)), "{:?} in {}", deed, part);
            }
        }
        for phone in &phones {
            for order in phone.orders() {
                let whole = all.order_of(order.id);
                for item in order.history {
                    prop_assert!(whole.history.contains(&item), "{:?} is gone", item);
                }
            }
        }
    }

    #[test]
    fn a_fresh_load_of_the_saved_document_derives_the_same(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let mut all = heard(&mut phones, &ALL);
        for phone in phones.iter_mut().chain([&mut all]) {
            for order in phone.orders() {
                let saved = phone.document(order.id).unwrap().save();
                let again = OrderDoc::load(&saved).unwrap();
                prop_assert_eq!(WorkOrder::derive(order.id, &again.facts()).unwrap(), order);
            }
        }
    }

    #[test]
    fn unknown_fields_and_kinds_survive_a_round_trip_through_this_version(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let latest = phones[1].doc.facts().latest_events();
        phones[1].doc = from_the_future(&mut phones[1].doc.clone(), &latest, 0xa1);
        let status = phones[1].order().status;
        let mut all = heard(&mut phones, &ALL);
        // This version goes on writing, saves and loads.
        all.does(Action::AddNote { note: coldpatch_shared::order::Note { text: "of today".to_owned() } });
        all.does(Action::Review { settles: Vec::new(), note: None });
        let mut again = OrderDoc::load(&all.doc.save()).unwrap();
        prop_assert!(is_future(&future_of(&mut again, 0xa1)));
        let newer = all.order().history.iter().filter(|item| matches!(item.what, HistoryWhat::Unknown(_))).count();
        prop_assert_eq!(newer, 3, "they show as made by a newer version");
        prop_assert_eq!(phones[1].order().status, status);
    }

    #[test]
    fn two_phones_that_use_a_new_kind_for_the_first_time_at_once_keep_both_entries(steps in steps()) {
        let (mut phones, _) = play(&steps);
        for (at, n) in [(0, 0xa1), (2, 0xa2)] {
            let latest = phones[at].doc.facts().latest_events();
            phones[at].doc = from_the_future(&mut phones[at].doc.clone(), &latest, n);
        }
        let mut all = heard(&mut phones, &ALL);
        prop_assert!(is_future(&future_of(&mut all.doc, 0xa1)));
        prop_assert!(is_future(&future_of(&mut all.doc, 0xa2)));
    }

    #[test]
    fn what_an_unreadable_event_had_seen_stays_seen(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let latest = phones[0].doc.facts().latest_events();
        phones[0].doc = from_the_future(&mut phones[0].doc.clone(), &latest, 0xa1);
        let now = phones[0].doc.facts().latest_events();
        for seen in &latest {
            prop_assert!(!now.contains(seen), "an event of a newer version came after {}", seen);
        }
        // Whoever acts next has seen what it had seen, though they cannot read it.
        let mut newer = phones[0].clone();
        let mut desk = phones[3].clone();
        desk.hears(&mut newer);
        let note = desk.deed(Action::Review { settles: Vec::new(), note: None });
        desk.applies(&note).unwrap();
        let facts = desk.doc.facts();
        let graph = EventGraph::new(&facts);
        let own = facts.latest_events();
        prop_assert_eq!(own.len(), 1);
        for event in facts.events.iter().filter(|event| event.id != own[0]) {
            prop_assert!(graph.saw(&own[0], &event.id));
        }
    }

    #[test]
    fn devices_with_wrong_clocks_order_by_causality(steps in steps(), clocks in prop::array::uniform4(-TEN_YEARS..TEN_YEARS)) {
        let (mut right, _) = play(&steps);
        let (mut wrong, _) = play_with(&steps, clocks);
        for (right, wrong) in heard(&mut right, &ALL).orders().iter().zip(heard(&mut wrong, &ALL).orders()) {
            prop_assert_eq!(apart_from_time(right), apart_from_time(&wrong));
        }
    }

    #[test]
    fn a_stale_completed_does_not_close_a_reopened_job(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let mut desk = heard(&mut phones, &ALL);
        if !desk.order().status.is_closed() {
            desk.does(complete());
        }
        desk.does(Action::Reopen { reason: "sank".to_owned() });
        let mut stale = phones[1].clone();
        if stale.order().status.is_closed() {
            return Ok(());
        }
        stale.does(complete());
        desk.hears(&mut stale);
        let order = desk.order();
        prop_assert_eq!(order.status, Status::Open);
        prop_assert!(order.flags.iter().any(|flag| flag.kind == FlagKind::CompletedInEarlierRound), "{:?}", order.flags);
    }

    #[test]
    fn whoever_reported_it_done_in_the_current_round_it_is_done(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let facts = heard(&mut phones, &ALL).doc.facts();
        let graph = EventGraph::new(&facts);
        let done = facts.events.iter().any(|event| {
            event.body.kind == EventKind::Completed
                && !graph.is_withdrawn(&event.id)
                && graph.round(&event.id) == graph.current_round()
        });
        prop_assert_eq!(done, status::derive(&facts).status == Status::Completed);
    }

    #[test]
    fn what_was_taken_back_decides_as_if_it_had_never_been(steps in steps()) {
        let (mut phones, _) = play(&steps);
        let facts = heard(&mut phones, &ALL).doc.facts();
        let outcome = status::derive(&facts);
        // The same events without the withdrawn ones, whose place in the graph their children keep.
        let without = Facts {
            opaque: facts.events.iter().filter(|event| outcome.withdrawn.contains(&event.id)).map(|event| {
                coldpatch_shared::order::facts::OpaqueEvent {
                    id: event.id.clone(),
                    lamport: event.lamport.clone(),
                    after: event.body.after.clone(),
                }
            }).collect(),
            events: facts.events.iter().filter(|event| !outcome.withdrawn.contains(&event.id)).cloned().collect(),
            ..facts.clone()
        };
        let expected = status::derive(&without);
        prop_assert_eq!((outcome.status, outcome.round, outcome.set_by), (expected.status, expected.round, expected.set_by));
        let flags = outcome.flags.into_iter().filter(|flag| flag.kind != FlagKind::BuiltOnWithdrawn).collect::<Vec<_>>();
        prop_assert_eq!(flags, expected.flags);
    }

    #[test]
    fn what_concurrent_crews_enter_is_all_kept(
        one in prop::collection::vec(facts(), 1..12),
        two in prop::collection::vec(facts(), 1..12),
    ) {
        let (mut a, mut b) = (Phone::crew(2, "crew-1"), Phone::crew(3, "crew-4"));
        a.does(file());
        b.hears(&mut a);
        let mut done = Vec::new();
        for (phone, actions) in [(&mut a, &one), (&mut b, &two)] {
            for action in actions {
                let deed = phone.deed(action.clone());
                prop_assert_eq!(phone.applies(&deed).unwrap().len(), 1);
                done.push(deed);
            }
            phone.does(complete());
        }
        let minutes = |phone: &Phone| phone.order().labor.iter().map(|labor| labor.body.minutes).sum::<u32>();
        let equipment = |phone: &Phone| phone.order().equipment.iter().map(|used| used.body.minutes).sum::<u32>();
        let bags = |phone: &Phone| phone.order().materials.iter().map(|used| used.body.quantity).sum::<f64>();
        let apart = (minutes(&a) + minutes(&b), equipment(&a) + equipment(&b), bags(&a) + bags(&b));
        let ticked: Vec<_> = ["a", "b"].iter().filter(|item| a.order().is_ticked(item) || b.order().is_ticked(item)).collect();
        meet(&mut a, &mut b);
        prop_assert_eq!((minutes(&a), equipment(&a), bags(&a)), apart);
        for item in ticked {
            prop_assert!(a.order().is_ticked(item));
        }
        for deed in &done {
            prop_assert!(visible(&a.order(), deed), "{:?} is gone", deed);
        }
        prop_assert_eq!(a.order(), b.order());
    }

    #[test]
    fn values_that_two_people_decided_at_once_stay_visible_however_many_other_edits_come_between(
        between in prop::collection::vec((0_usize..3, facts()), 40..48),
        other in prop::collection::vec(0_usize..3, 5),
    ) {
        let (mut desk, mut inspector, mut crew) = (Phone::supervisor(1), Phone::inspector(2), Phone::crew(3, "crew-4"));
        desk.does(file());
        inspector.hears(&mut desk);
        crew.hears(&mut desk);
        inspector.does(priority(Priority::Low));
        desk.does(priority(Priority::Urgent));
        let mut phones = [desk, inspector, crew];
        for (who, action) in between {
            phones[who].does(action);
        }
        // Other fields are decided, too.
        for who in other.into_iter().filter(|who| *who < 2) {
            phones[who].does(Action::Decide { value: FieldValue::Due(1_800_000_000_000) });
            phones[who].does(Action::Decide { value: FieldValue::Description("deeper than it looks".to_owned()) });
        }
        let mut all = heard(&mut phones, &[2, 1, 0]);
        let order = all.order();
        prop_assert_eq!(order.priority, Priority::Urgent);
        let others: Vec<_> = order.disagreements[&Field::Priority].others.iter().map(|other| other.body.value.clone()).collect();
        prop_assert_eq!(others, [FieldValue::Priority(Priority::Low)]);
        all.does(priority(Priority::High));
        prop_assert_eq!(all.order().priority, Priority::High);
        prop_assert!(!all.order().disagreements.contains_key(&Field::Priority));
    }

    #[test]
    fn duplicate_links_that_cross_settle(
        marks in prop::collection::vec((0_usize..3, 0_u128..5, 0_u128..5), 1..16),
        withdrawn in prop::collection::vec((0_usize..3, any::<prop::sample::Index>()), 0..6),
        meets in prop::collection::vec((0_usize..3, 0_usize..3), 0..6),
    ) {
        let id = |n: u128| WorkOrderId(Uuid::from_u128(0xd0 + n));
        let mut desk = Phone::supervisor(1);
        for n in 0..5 {
            desk.does_in(id(n), file());
        }
        let mut phones = vec![Phone::supervisor(2), Phone::inspector(3), Phone::crew(4, "crew-4")];
        for phone in &mut phones {
            phone.hears(&mut desk);
        }
        let mut made = Vec::new();
        for (at, (who, a, b)) in marks.into_iter().enumerate() {
            if a != b {
                let deed = phones[who].deed_in(id(a), Action::MarkDuplicate { of: id(b) });
                prop_assert_eq!(phones[who].applies(&deed).unwrap().len(), 2);
                made.push((deed, true));
            }
            if let Some((a, b)) = meets.get(at).filter(|(a, b)| a != b) {
                let mut other = phones[*b].clone();
                phones[*a].hears(&mut other);
            }
        }
        for (who, which) in withdrawn {
            if made.is_empty() {
                break;
            }
            let at = which.index(made.len());
            let (deed, holds) = &mut made[at];
            let other = deed.parts()[1];
            let links = vec![EntryId::nth(deed.id, 0)];
            let back = phones[who].deed_in(deed.work_order, Action::WithdrawLink { other, links, note: None });
            // Only who sees the link and may can take it back.
            *holds &= phones[who].applies(&back).is_err();
        }
        // Everybody hears of everything, in different orders.
        let worlds: Vec<_> = [[0, 1, 2], [2, 1, 0], [1, 2, 0]].iter().map(|order| heard(&mut phones, order).world()).collect();
        prop_assert_eq!(&worlds[0], &worlds[1]);
        prop_assert_eq!(&worlds[0], &worlds[2]);
        // A naive closure: start with everybody alone and join what a link joins, until nothing changes.
        let mut of: Vec<usize> = (0..5).collect();
        let at = |id: WorkOrderId| usize::try_from(id.0.as_u128() - 0xd0).unwrap();
        for _ in 0..5 {
            for (deed, _) in made.iter().filter(|(_, holds)| *holds) {
                let (a, b) = (at(deed.work_order), at(deed.parts()[1]));
                let least = of[a].min(of[b]);
                (of[a], of[b]) = (least, least);
            }
        }
        let mut expected: Vec<BTreeSet<WorkOrderId>> = (0..5)
            .map(|first| (0..5_u128).filter(|n| of[*n as usize] == first).map(id).collect::<BTreeSet<_>>())
            .filter(|group| group.len() > 1)
            .collect();
        expected.sort();
        prop_assert_eq!(&worlds[0].groups, &expected);
        prop_assert!(worlds[0].orders.iter().all(|order| order.status == Status::Open && order.flags.is_empty()));
    }
}

/// The generators are worth something: they reach what they are for.
#[test]
fn the_stories_reach_every_action_flag_and_status() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut names, mut flags, mut statuses, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), 0);
    for _ in 0..300 {
        let steps: Vec<Step> = steps().new_tree(&mut runner).unwrap().current();
        let (mut phones, done) = play(&steps);
        let all = heard(&mut phones, &ALL).world();
        names.extend(done.iter().map(|deed| {
            let value = serde_json::to_value(&deed.action).unwrap();
            value["do"].as_str().unwrap().to_owned()
        }));
        flags.extend(all.orders.iter().flat_map(|order| order.flags.iter().map(|flag| flag.kind)));
        flags.extend(all.flags.values().flatten().map(|flag| flag.kind));
        statuses.extend(all.orders.iter().map(|order| order.status));
        groups += all.groups.len();
    }
    assert_eq!(names.len(), 21, "{names:?}");
    assert_eq!(statuses.len(), Status::ALL.len());
    assert!(groups > 0);
    assert!(flags.len() >= 11, "{flags:?}");
}
