//! What is where: needs you, only on this phone, the city has.

mod again;
mod photos;
mod stored;

use super::look::LookChooser;
use super::model::subject;
use super::room::Tabs;
use crate::engine::api::{Ask, RefusedItem, SyncSheet, WaitingItem};
use crate::engine::fresh_action;
use crate::platform::now_ms;
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::card::Section;
use crate::ui::components::frame::Title;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::notice::{ListLoading, Notice};
use crate::ui::components::sending::ProgressCard;
use crate::ui::components::sync::{Refused, Waiting};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_here};
use crate::ui::when::ago;
use crate::ui::words;
use crate::ui::words::sending::Trouble;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::sync::phone::Failure;
use dioxus::prelude::*;
use photos::{InTrouble, Originals};

/// The sheet.
#[component]
pub fn Sync(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        Sheet { here }
    }
}

#[component]
fn Sheet(here: Here) -> Element {
    let device = here.device;
    let sheet = use_resource(move || {
        // The line and the jobs change whenever something is sent, refused or done.
        device.sync.read();
        device.jobs_changed.read();
        device.drafts_changed.read();
        async move { device.sync_sheet().await }
    });
    device.tick.read();
    let line = device.sync.read().clone();
    let now = now_ms();
    let above = match line.last_contact {
        Some(at) => words::sync::last_contact(&here.town.zone().past(at, now), &ago(at, now)),
        None => words::sync::NEVER.to_owned(),
    };
    let state = words::sync::state(&line);
    let state_text = format!("{} {}", state.lead, state.strong).trim().to_owned();
    let sheet = sheet.read();
    rsx! {
        main { class: "screen", "data-testid": "sync-sheet",
            div { class: "top",
                Title { title: words::sync::TITLE, above }
            }
            div { class: "content",
                p { class: "strong state {state.tone.class()}", role: "status", "{state_text}" }
                again::Again { device, failure: line.failure }
                if let Some(progress) = line.progress {
                    Section { title: words::sending::RECEIVING, ProgressCard { progress } }
                }
                match &*sheet {
                    None => rsx! { ListLoading { text: words::OPENING } },
                    Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                    Some(Ok(sheet)) => rsx! { Items { here: here.clone(), sheet: sheet.clone() } },
                }
                LookChooser {}
            }
            div { class: "bottom",
                // A phone that is signed out has another way on, above.
                if !matches!(line.failure, Some(Failure::Revoked | Failure::SignedOut)) {
                    div { class: "foot",
                        Button { weight: Weight::Main, testid: "try-now", onclick: move |()| device.send(Ask::SyncNow), {words::sync::TRY_NOW} }
                    }
                }
                Tabs { here: here.clone() }
            }
        }
    }
}

#[component]
fn Items(here: Here, sheet: SyncSheet) -> Element {
    let zone = here.town.zone().clone();
    let now = now_ms();
    let last = sheet.line.last_contact;
    let drafts = sheet.line.drafts;
    let shots = sheet.shots.clone();
    let begun = drafts as usize + shots.len();
    let waits = begun > 0 || !sheet.only_here.is_empty() || !sheet.needs_you.is_empty();
    let troubles = words::sending::troubles(&sheet.files_in_trouble);
    rsx! {
        if !sheet.needs_you.is_empty() || !troubles.is_empty() {
            // The number is the one of the sync line: it counts photos, not files.
            Section { title: words::sync::section(words::sync::NEEDS_YOU, sheet.line.needs_you as usize), testid: "needs-you",
                div { class: "card",
                    for item in sheet.needs_you {
                        RefusedView { key: "{item.action_id}", here: here.clone(), item }
                    }
                    for (index, trouble) in troubles.iter().enumerate() {
                        InTrouble { key: "{index}", here: here.clone(), trouble: trouble.clone() }
                    }
                }
            }
        }
        Section { title: words::sync::section(words::sync::ONLY_HERE, sheet.only_here.len() + begun), testid: "only-here",
            div { class: "card rows",
                if sheet.only_here.is_empty() && begun == 0 {
                    div { class: "row", span { class: "small", {words::sync::NOTHING_WAITS} } }
                }
                for item in sheet.only_here {
                    WaitingView { key: "{item.work_order}", here: here.clone(), item: unless_said(item, &troubles) }
                }
                for item in shots {
                    Link { key: "{item.work_order}", class: "row", to: Route::JobScreen { device: here.device.id, id: item.work_order }, "data-testid": "shots-waiting",
                        div { class: "grow",
                            div { class: "strong", {subject(item.row.as_ref(), &here)} }
                            div { class: "small", {words::camera::held(item.photos)} }
                        }
                        Icon { glyph: Glyph::Forward }
                    }
                }
                if drafts > 0 {
                    DraftsLink { here: here.clone(), drafts }
                }
            }
        }
        Section { title: words::sync::CITY_HAS, testid: "city-has",
            div { class: "card",
                div { class: "row",
                    span { class: if last.is_some() { "tone-done" } else { "tone-quiet" },
                        Icon { glyph: if last.is_some() { Glyph::Check } else { Glyph::Clock } }
                    }
                    div { class: "grow",
                        match last {
                            Some(at) => words::sync::everything_before(&zone.past(at, now), waits),
                            None => words::sync::NEVER.to_owned(),
                        }
                    }
                    span { class: "small num", {words::sync::jobs_here(sheet.line.jobs)} }
                }
            }
        }
        stored::Stored { here: here.clone() }
        Originals { here: here.clone(), on_wifi: sheet.originals_on_wifi, held: sheet.originals_held }
    }
}

/// Why a photo does not go is said above, among what needs the person.
fn unless_said(item: WaitingItem, troubles: &[Trouble]) -> WaitingItem {
    let said = |why: &String| troubles.iter().any(|one| one.work_order == item.work_order && one.message() == why);
    WaitingItem { not_now: item.not_now.clone().filter(|why| !said(why)), ..item }
}

#[component]
fn RefusedView(here: Here, item: RefusedItem) -> Element {
    let device = here.device;
    let refused = item.action_id;
    let subject = subject(item.row.as_ref(), &here);
    rsx! {
        Refused {
            what: words::sync::refused(&item.action, &subject, &here.town),
            when: here.town.zone().past(item.at, now_ms()),
            why: item.message.clone(),
            typed: words::sync::typed(&item.action),
            onnote: move |()| device.send(Ask::SendAsNote { refused, action_id: fresh_action() }),
            onletgo: move |()| device.send(Ask::LetGo(refused)),
        }
    }
}

/// Drafts wait for the person, not for the network.
#[component]
fn DraftsLink(here: Here, drafts: u32) -> Element {
    let device = here.device.id;
    let to = match here.me.role {
        Role::Inspector => Route::Drafts { device },
        Role::Supervisor | Role::Crew | Role::Resident | Role::Server => Route::New { device },
    };
    rsx! {
        Link { class: "row", to, "data-testid": "drafts-waiting",
            div { class: "grow",
                div { class: "strong", {words::sync::drafts(drafts)} }
                div { class: "small", {words::sync::TO_DRAFTS} }
            }
            Icon { glyph: Glyph::Forward }
        }
    }
}

#[component]
fn WaitingView(here: Here, item: WaitingItem) -> Element {
    let subject = subject(item.row.as_ref(), &here);
    let what = words::sync::waiting(&item, &here.town);
    rsx! {
        Link { class: "row", to: Route::JobScreen { device: here.device.id, id: item.work_order }, "data-testid": "waiting",
            Waiting { subject, what, sending: item.sending, not_now: item.not_now.clone() }
        }
    }
}
