//! Random stories of several people and two work orders, for properties.

use super::{ORDER, Phone, SECOND, assign, complete, file, meet, photo, priority};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{
    Equipment, FieldValue, Labor, Material, Note, PhotoSlot, RequestSource, ServiceRequest, WorkOrder,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What somebody means to do; which entry it concerns is settled when it is done.
#[derive(Debug, Clone)]
pub enum Deeds {
    Plain(Action),
    /// Takes back the n-th event from the last one, counted around.
    Withdraw(usize),
    /// Takes back the n-th link.
    WithdrawLink(usize),
    /// Says that the n-th photo is lost.
    Lose(usize),
    /// Marks it as a duplicate of the other one.
    Mark,
    FollowUp,
    /// Settles every flag in sight.
    Review,
    /// Corrects the person's own labor.
    Correct(u32),
}

#[derive(Debug, Clone)]
pub enum Step {
    Do(usize, bool, Deeds),
    Meet(usize, usize),
}

fn plain() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Start),
        Just(Action::Pause),
        Just(complete()),
        Just(Action::CannotComplete { reason: "blocked".to_owned(), note: None }),
        Just(Action::Transfer { department: None, note: None }),
        Just(Action::Cancel { reason: "not ours".to_owned() }),
        Just(Action::Reopen { reason: "sank".to_owned() }),
        Just(assign("crew-1")),
        Just(assign("crew-4")),
        Just(priority(Priority::Low)),
        Just(priority(Priority::Urgent)),
        "[a-z]{1,12}".prop_map(|text| Action::Decide { value: FieldValue::Description(text) }),
        "[a-z]{1,12}".prop_map(|text| Action::AddNote { note: Note { text } }),
        facts(),
    ]
}

/// Something that only adds up: labor, material, equipment, photos, notes, ticks, further reports.
pub fn facts() -> impl Strategy<Value = Action> {
    prop_oneof![
        (1_u32..90)
            .prop_map(|minutes| Action::RecordLabor { labor: Labor { people: 1, minutes, replaces: Vec::new() } }),
        (1_u32..9).prop_map(|bags| Action::RecordMaterial {
            material: Material {
                material: "cold-patch".to_owned(),
                name: "Cold patch".to_owned(),
                quantity: f64::from(bags),
                unit: "bag".to_owned(),
                replaces: Vec::new(),
            },
        }),
        (1_u32..90).prop_map(|minutes| Action::RecordEquipment {
            equipment: Equipment {
                equipment: "roller".to_owned(),
                name: "Roller".to_owned(),
                minutes,
                replaces: Vec::new()
            },
        }),
        (any::<bool>(), any::<u8>())
            .prop_map(|(after, n)| photo(if after { PhotoSlot::After } else { PhotoSlot::Before }, n)),
        "[a-z]{1,12}".prop_map(|text| Action::AddNote { note: Note { text } }),
        ("[ab]", any::<bool>()).prop_map(|(item, checked)| Action::Tick { item, checked }),
        any::<u64>().prop_map(|n| Action::Join {
            request: Box::new(ServiceRequest {
                request: coldpatch_shared::ids::ServiceRequestId(Uuid::from_u128(u128::from(n))),
                source: RequestSource::Web,
                service_code: "pothole".into(),
                description: format!("seen too, {n}"),
                answers: BTreeMap::new(),
                place: None,
                address: None,
                mirrors: None,
                observed_at: None,
            }),
            photos: Vec::new(),
        }),
    ]
}

fn deeds() -> impl Strategy<Value = Deeds> {
    prop_oneof![
        10 => plain().prop_map(Deeds::Plain),
        2 => Just(Deeds::Plain(complete())),
        2 => Just(Deeds::Plain(Action::Reopen { reason: "sank".to_owned() })),
        3 => (0_usize..4).prop_map(Deeds::Withdraw),
        1 => (0_usize..4).prop_map(Deeds::WithdrawLink),
        2 => (0_usize..4).prop_map(Deeds::Lose),
        2 => any::<u8>().prop_map(|n| Deeds::Plain(photo(PhotoSlot::After, n))),
        2 => Just(Deeds::Mark),
        1 => Just(Deeds::FollowUp),
        1 => Just(Deeds::Review),
        1 => (1_u32..90).prop_map(Deeds::Correct),
    ]
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(
        prop_oneof![
            4 => (0_usize..4, prop::bool::weighted(0.3), deeds())
                .prop_map(|(who, second, deeds)| Step::Do(who, second, deeds)),
            1 => (0_usize..4, 0_usize..4).prop_map(|(a, b)| Step::Meet(a, b)),
        ],
        1..24,
    )
}

/// What a person does when they mean `deeds`; `None` when there is nothing of the kind.
fn action(order: &WorkOrder, by: &str, other: WorkOrderId, deeds: &Deeds) -> Option<Action> {
    let around = |n: usize, length: usize| (length > 0).then(|| n % length);
    Some(match deeds {
        Deeds::Plain(action) => action.clone(),
        Deeds::Withdraw(n) => {
            let events: Vec<_> = order
                .history
                .iter()
                .filter(|item| matches!(item.what, coldpatch_shared::order::view::HistoryWhat::Event(_)))
                .collect();
            let last = events.len() - 1 - around(*n, events.len())?;
            Action::Withdraw { names: vec![events[last].id.clone()], note: None }
        }
        Deeds::WithdrawLink(n) => {
            let link = &order.links[around(*n, order.links.len())?];
            Action::WithdrawLink { other: link.other, links: vec![link.id.clone()], note: None }
        }
        Deeds::Lose(n) => {
            Action::LosePhoto { photo: order.photos[around(*n, order.photos.len())?].id.clone(), note: None }
        }
        Deeds::Mark => Action::MarkDuplicate { of: other },
        Deeds::FollowUp => {
            let Action::File { request, photos, priority, due, assignment, .. } = file() else { return None };
            Action::File { request, photos, priority, due, assignment, follows: Some(order.id) }
        }
        Deeds::Review => {
            Action::Review { settles: order.flags.iter().map(|flag| flag.id.clone()).collect(), note: None }
        }
        Deeds::Correct(minutes) => {
            let own = order.labor.iter().find(|labor| labor.stamp.by.as_str() == by)?;
            Action::RecordLabor { labor: Labor { people: 2, minutes: *minutes, replaces: vec![own.id.clone()] } }
        }
    })
}

/// Four people (crew 1, crew 4, an inspector, a supervisor) who all had the same two open jobs, after `steps`; and every
/// deed that the policy let them do. `clocks` are added to theirs, in ms.
pub fn play_with(steps: &[Step], clocks: [i64; 4]) -> (Vec<Phone>, Vec<Deed>) {
    let mut desk = Phone::supervisor(1);
    desk.does(file());
    desk.does_in(SECOND, file());
    let mut phones = vec![Phone::crew(2, "crew-1"), Phone::crew(3, "crew-4"), Phone::inspector(4)];
    for phone in &mut phones {
        phone.hears(&mut desk);
    }
    phones.push(desk);
    for (phone, clock) in phones.iter_mut().zip(clocks) {
        phone.clock += clock;
    }
    let mut done = Vec::new();
    let mut followed = 0;
    for step in steps {
        match step {
            Step::Do(who, second, deeds) => {
                let (id, other) = if *second { (SECOND, ORDER) } else { (ORDER, SECOND) };
                let phone = &mut phones[*who];
                let by = phone.session.user.clone();
                let Some(action) = action(&phone.order_of(id), by.as_str(), other, deeds) else { continue };
                let id = if matches!(deeds, Deeds::FollowUp) {
                    followed += 1;
                    WorkOrderId(Uuid::from_u128(0xf0 + followed))
                } else {
                    id
                };
                let deed = phone.deed_in(id, action);
                // What the policy denies is not done; that is not what is tested here.
                if phone.applies(&deed).is_ok_and(|sent| !sent.is_empty()) {
                    done.push(deed);
                }
            }
            Step::Meet(a, b) if a != b => {
                let (low, high) = (a.min(b), a.max(b));
                let (left, right) = phones.split_at_mut(*high);
                meet(&mut left[*low], &mut right[0]);
            }
            Step::Meet(..) => {}
        }
    }
    (phones, done)
}

/// The same with right clocks.
pub fn play(steps: &[Step]) -> (Vec<Phone>, Vec<Deed>) {
    play_with(steps, [0; 4])
}

/// Somebody who heard from these phones in this order.
pub fn heard(phones: &mut [Phone], order: &[usize]) -> Phone {
    let mut all = Phone::new(9, Role::Supervisor, None);
    for at in order {
        all.hears(&mut phones[*at]);
    }
    all
}
