//! What was done: checklist, material, labor, equipment. Every change is an action at once; nothing waits for a button.
//!
//! Labor, material and equipment are corrected by a new entry that replaces all of one's own. Several presses may come
//! before the engine says that it has the first, so what was just pressed is remembered here: to show it, and to name its
//! entry among those that the next one replaces.

use super::may;
use crate::engine::api::Job;
use crate::ui::components::card::Section;
use crate::ui::components::stepper::{Stepper, Tick};
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::city::ServiceType;
use coldpatch_shared::ids::EntryId;
use coldpatch_shared::order::{Entry, Equipment, Labor, Material};
use dioxus::prelude::*;
use std::collections::HashMap;

/// By so many minutes a press of plus or minus changes labor and equipment.
const MINUTES_STEP: f64 = 5.0;
/// A crew is two people mostly.
const PEOPLE: u32 = 2;

/// What was pressed and perhaps not yet heard back.
#[derive(Clone, Copy, PartialEq)]
struct Pressed(Signal<HashMap<String, Vec<(EntryId, f64)>>>);

impl Pressed {
    /// The newest value pressed for `key`, unless the job already has it.
    fn newer(&self, key: &str, job: &Job) -> Option<f64> {
        let pressed = self.0.read();
        let (id, value) = pressed.get(key)?.last()?;
        let heard = job.order.history.iter().any(|item| item.id == *id);
        (!heard).then_some(*value)
    }

    /// The entries that were made here, for the next one to replace; naming one twice does no harm.
    fn made(&self, key: &str) -> Vec<EntryId> {
        self.0.peek().get(key).into_iter().flatten().map(|(id, _)| id.clone()).collect()
    }

    fn remember(mut self, key: &str, id: EntryId, value: f64) {
        self.0.write().entry(key.to_owned()).or_default().push((id, value));
    }
}

/// The ids of one's own entries, with those that were just made.
fn own<T>(entries: &[Entry<T>], here: &Here, pressed: Vec<EntryId>, fits: impl Fn(&T) -> bool) -> Vec<EntryId> {
    let mut ids: Vec<EntryId> = entries
        .iter()
        .filter(|entry| entry.stamp.by == here.me.user && fits(&entry.body))
        .map(|entry| entry.id.clone())
        .collect();
    for id in pressed {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Checklist, material, labor, equipment.
#[component]
pub(crate) fn Record(here: Here, job: Job) -> Element {
    let pressed = Pressed(use_signal(HashMap::new));
    let kind = here.town.service_type(&job.order.service_code).cloned();
    rsx! {
        if let Some(kind) = kind {
            if !kind.checklist.is_empty() {
                Checklist { here: here.clone(), job: job.clone(), kind: kind.clone() }
            }
            if !kind.materials.is_empty() {
                Materials { here: here.clone(), job: job.clone(), kind: kind.clone(), pressed }
            }
            LaborPart { here: here.clone(), job: job.clone(), pressed }
            if !kind.equipment.is_empty() {
                EquipmentPart { here: here.clone(), job: job.clone(), kind, pressed }
            }
        }
    }
}

#[component]
fn Checklist(here: Here, job: Job, kind: ServiceType) -> Element {
    let device = here.device;
    let id = job.order.id;
    let done = kind.checklist.iter().filter(|item| job.order.is_ticked(&item.id)).count();
    rsx! {
        Section { title: words::job::checklist(done, kind.checklist.len()), testid: "checklist",
            div { class: "card rows",
                for item in kind.checklist.clone() {
                    Tick {
                        key: "{item.id}",
                        text: item.text.clone(),
                        checked: job.order.is_ticked(&item.id),
                        only_here: job.order.ticks_of(&item.id).iter().any(|tick| job.only_here.contains(tick)),
                        testid: "tick-{item.id}",
                        onchange: move |checked| { device.act(id, Action::Tick { item: item.id.clone(), checked }); },
                    }
                }
            }
        }
    }
}

#[component]
fn Materials(here: Here, job: Job, kind: ServiceType, pressed: Pressed) -> Element {
    let device = here.device;
    let order = &job.order;
    let id = order.id;
    let others = order.materials.iter().filter(|entry| entry.stamp.by != here.me.user && entry.body.quantity > 0.0);
    let others: Vec<String> = others
        .map(|entry| {
            let who = words::people::who(&entry.stamp, &here.me.user, &here.town);
            let what = format!("{}, {}", entry.body.name, words::job::quantity(entry.body.quantity, &entry.body.unit));
            words::job::others(&who, &what)
        })
        .collect();
    let mine = |material: &str| -> f64 {
        let own =
            order.materials.iter().filter(|entry| entry.stamp.by == here.me.user && entry.body.material == material);
        own.map(|entry| entry.body.quantity).sum()
    };
    rsx! {
        Section { title: words::job::MATERIAL,
            div { class: "card rows",
                for material in kind.materials.clone() {
                    Stepper {
                        key: "{material.id}",
                        label: material.name.clone(),
                        value: pressed.newer(&material.id, &job).unwrap_or_else(|| mine(&material.id)),
                        step: material.step,
                        testid: "material-{material.id}",
                        onchange: {
                            let (here, entries) = (here.clone(), order.materials.clone());
                            move |quantity: f64| {
                                let replaces = own(&entries, &here, pressed.made(&material.id), |entry: &Material| entry.material == material.id);
                                let entry = Material {
                                    material: material.id.clone(),
                                    name: material.name.clone(),
                                    quantity,
                                    unit: material.unit.clone(),
                                    replaces,
                                };
                                let action = device.act(id, Action::RecordMaterial { material: entry });
                                pressed.remember(&material.id, EntryId::nth(action, 0), quantity);
                            }
                        },
                    }
                }
                for (index, other) in others.into_iter().enumerate() {
                    div { key: "{index}", class: "row small", "{other}" }
                }
            }
        }
    }
}

#[component]
fn LaborPart(here: Here, job: Job, pressed: Pressed) -> Element {
    let device = here.device;
    let order = &job.order;
    if !may(&here, order, Edit::RecordLabor) {
        return rsx! {};
    }
    let id = order.id;
    let mine: Vec<_> = order.labor.iter().filter(|entry| entry.stamp.by == here.me.user).collect();
    let minutes = mine.iter().map(|entry| f64::from(entry.body.minutes)).sum();
    let people = mine.last().map_or(PEOPLE, |entry| entry.body.people);
    let minutes = pressed.newer("minutes", &job).unwrap_or(minutes);
    let people = pressed.newer("people", &job).unwrap_or_else(|| f64::from(people));
    let others = order.labor.iter().filter(|entry| entry.stamp.by != here.me.user && entry.body.minutes > 0);
    let others: Vec<String> = others
        .map(|entry| {
            let who = words::people::who(&entry.stamp, &here.me.user, &here.town);
            words::job::others(&who, &words::job::labor(entry.body.people, entry.body.minutes))
        })
        .collect();
    let entries = order.labor.clone();
    let owner = here.clone();
    let record = use_callback(move |(people, minutes): (f64, f64)| {
        let replaces = own(&entries, &owner, pressed.made("minutes"), |_: &Labor| true);
        let labor = Labor { people: whole(people), minutes: whole(minutes), replaces };
        let entry = EntryId::nth(device.act(id, Action::RecordLabor { labor }), 0);
        pressed.remember("minutes", entry.clone(), minutes);
        pressed.remember("people", entry, people);
    });
    rsx! {
        Section { title: words::job::LABOR,
            div { class: "card rows",
                Stepper {
                    label: words::job::PEOPLE,
                    value: people,
                    step: 1.0,
                    min: 1.0,
                    testid: "labor-people",
                    onchange: move |people| record.call((people, minutes)),
                }
                Stepper {
                    label: words::job::MINUTES,
                    value: minutes,
                    step: MINUTES_STEP,
                    testid: "labor-minutes",
                    onchange: move |minutes| record.call((people, minutes)),
                }
                for (index, other) in others.into_iter().enumerate() {
                    div { key: "{index}", class: "row small", "{other}" }
                }
            }
        }
    }
}

#[component]
fn EquipmentPart(here: Here, job: Job, kind: ServiceType, pressed: Pressed) -> Element {
    let device = here.device;
    let order = &job.order;
    let id = order.id;
    let mine = |equipment: &str| -> f64 {
        let own =
            order.equipment.iter().filter(|entry| entry.stamp.by == here.me.user && entry.body.equipment == equipment);
        own.map(|entry| f64::from(entry.body.minutes)).sum()
    };
    rsx! {
        Section { title: words::job::EQUIPMENT,
            div { class: "card rows",
                for equipment in kind.equipment.clone() {
                    Stepper {
                        key: "{equipment.id}",
                        label: equipment.name.clone(),
                        value: pressed.newer(&equipment.id, &job).unwrap_or_else(|| mine(&equipment.id)),
                        step: MINUTES_STEP,
                        testid: "equipment-{equipment.id}",
                        onchange: {
                            let (here, entries) = (here.clone(), order.equipment.clone());
                            move |minutes: f64| {
                                let replaces = own(&entries, &here, pressed.made(&equipment.id), |entry: &Equipment| entry.equipment == equipment.id);
                                let entry = Equipment {
                                    equipment: equipment.id.clone(),
                                    name: equipment.name.clone(),
                                    minutes: whole(minutes),
                                    replaces,
                                };
                                let action = device.act(id, Action::RecordEquipment { equipment: entry });
                                pressed.remember(&equipment.id, EntryId::nth(action, 0), minutes);
                            }
                        },
                    }
                }
            }
        }
    }
}

/// A count that a person pressed or typed; the stepper lets nothing negative or huge through.
fn whole(number: f64) -> u32 {
    number.round().clamp(0.0, 100_000.0) as u32
}
