//! Taking back what one did last: from the history at any time, and right after *Done* with one tap.

use super::follow_up::FollowUp;
use super::{may, may_all};
use crate::platform::now_ms;
use crate::ui::components::button::Button;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::links::{JustDone, TakeBack};
use crate::ui::state::{Devices, Here};
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit, rules};
use coldpatch_shared::ids::EntryId;
use coldpatch_shared::order::facts::{OpaqueEvent, UnknownEntry};
use coldpatch_shared::order::undo::{Undo, undo_of};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{Entry, Event, EventKind, Facts, Lamport, Stamp, Status, WorkOrder, status};
use dioxus::prelude::*;

/// For so long after *Done* there is a way back at the foot, ms; in the history it stays.
const MOMENT_MS: i64 = 10_000;
/// How often the end of that is looked for, ms.
const LOOK_MS: i64 = 500;

/// The events of a job with what each had seen, as the rules want them.
pub(super) fn events_of(order: &WorkOrder) -> Facts {
    let mut facts = Facts { id: Some(order.id), ..Facts::default() };
    for (place, item) in order.history.iter().enumerate() {
        // The history is in Lamport order; its counters are not handed on.
        let lamport = Lamport { counter: place as u64, actor: String::new() };
        match &item.what {
            HistoryWhat::Event(event) => {
                facts.events.push(Entry {
                    id: item.id.clone(),
                    lamport,
                    stamp: item.stamp.clone(),
                    body: event.clone(),
                });
            }
            HistoryWhat::Unknown(entry) if entry.container == "events" => facts.opaque.push(opaque(entry, lamport)),
            _ => {}
        }
    }
    facts
}

/// An event of a newer version: what it had seen counts, whatever else it says.
fn opaque(entry: &UnknownEntry, lamport: Lamport) -> OpaqueEvent {
    let after = entry.value.get("after").and_then(|after| after.as_array());
    let after = after.into_iter().flatten().filter_map(|id| id.as_str()).map(EntryId::from).collect();
    OpaqueEvent { id: entry.id.clone(), lamport, after }
}

/// What this person did last to the job's state, if the rules and the policy let them take it back.
pub(super) fn takeable(here: &Here, order: &WorkOrder) -> Option<Entry<Event>> {
    let facts = events_of(order);
    let own = |event: &&Entry<Event>| {
        event.stamp.by == here.me.user
            && undo_of(&event.body.kind) == Undo::Deed
            && !order.withdrawn.contains(&event.id)
    };
    let last = facts.events.iter().rev().find(own)?;
    let edits = rules::withdrawing(&facts, std::slice::from_ref(&last.id), None, &here.me.user);
    may_all(here, order, edits).then(|| last.clone())
}

/// What the job is once `event` was taken back by whoever did it.
pub(super) fn status_without(order: &WorkOrder, event: &Entry<Event>) -> Status {
    let mut facts = events_of(order);
    let mut body = Event::new(EventKind::Withdrawn, facts.latest_events());
    body.names = vec![event.id.clone()];
    let lamport = Lamport { counter: order.history.len() as u64, actor: String::new() };
    let stamp: Stamp = event.stamp.clone();
    facts.events.push(Entry { id: EntryId::from("asked"), lamport, stamp, body });
    status::derive(&facts).status
}

fn take_back(here: &Here, order: &WorkOrder, event: &Entry<Event>) {
    here.device.act(order.id, Action::Withdraw { names: vec![event.id.clone()], note: None });
}

/// Asks before it takes back.
#[component]
pub(super) fn TakeBackDialog(here: Here, order: WorkOrder, event: Entry<Event>, onclose: EventHandler<()>) -> Element {
    let means = words::undo::means(&event.body.kind, status_without(&order, &event));
    rsx! {
        Dialog { title: words::undo::ask(&event.body.kind), testid: "take-back-dialog", onclose,
            TakeBack {
                text: means,
                onno: onclose,
                onyes: move |()| {
                    take_back(&here, &order, &event);
                    onclose.call(());
                },
            }
        }
    }
}

/// The foot of a job that this person has just finished.
#[component]
pub(super) fn MomentAfter(here: Here, order: WorkOrder) -> Element {
    // Here and not in the moment, which passes while somebody writes.
    let mut left = use_signal(|| false);
    let done = order.status_set_by.clone().filter(|done| done.body.kind == EventKind::Completed);
    let taken = takeable(&here, &order).filter(|event| done.as_ref().is_some_and(|done| done.id == event.id));
    rsx! {
        if let Some(event) = taken {
            Moment { key: "{event.id}", here: here.clone(), order: order.clone(), event, onleft: move |()| left.set(true) }
        }
        if left() {
            FollowUp { here: here.clone(), order: order.clone(), onclose: move |()| left.set(false) }
        }
    }
}

#[component]
fn Moment(here: Here, order: WorkOrder, event: Entry<Event>, onleft: EventHandler<()>) -> Element {
    let platform = use_context::<Devices>().platform();
    let ends = event.stamp.at.saturating_add(MOMENT_MS);
    // By this device's clock, which stamped it. Far in the future only after the clock was set back.
    let lasts = move || (0..=MOMENT_MS).contains(&(ends - now_ms()));
    let mut there = use_signal(lasts);
    use_future(move || {
        let platform = platform.clone();
        async move {
            while lasts() {
                platform.0.sleep(LOOK_MS).await;
            }
            there.set(false);
        }
    });
    if !there() {
        return rsx! {};
    }
    rsx! {
        JustDone {
            text: words::undo::DONE,
            back: words::undo::TAKE_BACK,
            onback: {
                let (here, order) = (here.clone(), order.clone());
                move |()| take_back(&here, &order, &event)
            },
            if may(&here, &order, Edit::FollowUp) {
                Button { testid: "something-left", onclick: move |()| onleft.call(()), {words::links::SOMETHING_LEFT} }
            }
        }
    }
}
