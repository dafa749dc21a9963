//! The layout around a device's screens: opens its engine, waits for its session and its city, shows trouble.

use crate::engine::api::{EngineError, SyncLine};
use crate::ui::components::button::Button;
use crate::ui::components::frame::Tab;
use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::{Empty, Loading, Notice};
use crate::ui::components::sync::SyncPill;
use crate::ui::routes::Route;
use crate::ui::state::{Device, Devices, Here, Loaded};
use crate::ui::words;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::DeviceId;
use dioxus::prelude::*;

/// The layout of every screen of a device.
#[component]
pub fn DeviceRoom(device: DeviceId) -> Element {
    rsx! {
        for device in [device] {
            Room { key: "{device}", device }
        }
    }
}

#[component]
fn Room(device: DeviceId) -> Element {
    let devices = use_context::<Devices>();
    let mut attempt = use_signal(|| 0_u32);
    let opened = use_memo(move || {
        attempt.read();
        devices.device(device)
    });
    match opened() {
        Ok(device) => rsx! { Open { device } },
        Err(error) => rsx! { CannotOpen { error, onretry: move |()| attempt += 1 } },
    }
}

#[component]
fn CannotOpen(error: EngineError, onretry: EventHandler<()>) -> Element {
    rsx! {
        main { class: "screen",
            Empty { glyph: Glyph::Warning, title: words::account::CANNOT_OPEN, text: "{error}", whole: true,
                Button { onclick: move |()| onretry.call(()), {words::TRY_AGAIN} }
                Link { class: "button quiet", to: Route::Accounts {}, {words::TO_ACCOUNTS} }
            }
        }
    }
}

#[component]
fn Open(device: Device) -> Element {
    let devices = use_context::<Devices>();
    let here_only = use_memo(move || {
        let line = device.sync.read();
        line.only_here > 0 || line.drafts > 0
    });
    // As soon as there is something to keep: some browsers ask the person, who then knows what for.
    use_effect(move || {
        if here_only() {
            let asked = devices.platform().0.keep_storage();
            spawn(async move {
                asked.await;
            });
        }
    });
    let session = device.session.read().clone();
    let town = device.town.read().clone();
    match (session, town) {
        (Loaded::Failed(error), _) | (_, Loaded::Failed(error)) => rsx! {
            CannotOpen { error, onretry: move |()| device.reload() }
        },
        (Loaded::Waiting, _) | (_, Loaded::Waiting) => rsx! {
            main { class: "screen", Loading { text: words::OPENING } }
        },
        (Loaded::Here(None), _) => rsx! {
            main { class: "screen",
                Empty { glyph: Glyph::People, title: words::account::NO_SESSION, text: words::account::NO_SESSION_WHAT, whole: true,
                    Link { class: "button main", to: Route::SignIn {}, {words::account::SIGN_IN_WITH_CODE} }
                    Link { class: "button quiet", to: Route::Accounts {}, {words::TO_ACCOUNTS} }
                }
            }
        },
        (Loaded::Here(Some(_)), Loaded::Here(None)) => rsx! { NoTown { device } },
        (Loaded::Here(Some(_)), Loaded::Here(Some(_))) => rsx! {
            Outlet::<Route> {}
            Messages { device }
        },
    }
}

#[component]
fn NoTown(device: Device) -> Element {
    let line = device.sync.read().clone();
    let offline = line.no_network || line.failure.is_some();
    let text = if offline { words::account::NO_CITY_OFFLINE } else { words::account::NO_CITY };
    rsx! {
        main { class: "screen",
            Loading { text }
            if offline {
                div { class: "content stack",
                    Button { testid: "try-now", onclick: move |()| device.send(crate::engine::api::Ask::SyncNow), {words::sync::TRY_NOW} }
                    Link { class: "button quiet", to: Route::Accounts {}, {words::TO_ACCOUNTS} }
                }
            }
        }
    }
}

/// What could not be done and what else is to be said, over whatever screen is open, until it has been read. One at a
/// time, oldest first, so that the screen beneath stays in sight.
#[component]
fn Messages(device: Device) -> Element {
    let mut messages = device.messages;
    let waiting = messages.read();
    let first = waiting.first().cloned();
    let others = waiting.len().saturating_sub(1);
    rsx! {
        // There before anything is in it: what comes into a place that is read out is heard, what comes with it may not be.
        div { class: "toasts", "data-over-all": "true", aria_live: "polite",
            if let Some(first) = first {
                Notice {
                    tone: first.tone,
                    text: first.text.clone(),
                    heard: true,
                    onclose: {
                        let first = first.clone();
                        // Only what was read goes away.
                        move |()| messages.write().retain(|message| (&message.text, message.tone) != (&first.text, first.tone))
                    },
                    MessageAside { times: first.times, others }
                }
            }
        }
    }
}

#[component]
fn MessageAside(times: usize, others: usize) -> Element {
    let aside = words::message_aside(times, others);
    rsx! {
        if !aside.is_empty() {
            p { class: "small", "{aside}" }
        }
    }
}

/// The one sync line, on every screen; leads to the sheet.
#[component]
pub(crate) fn SyncLineLink(here: Here) -> Element {
    let line = here.device.sync.read().clone();
    let aside = aside(&line, &here);
    rsx! {
        Link { class: "sync-line", to: Route::Sync { device: here.device.id }, "data-testid": "sync-line",
            SyncPill { line: words::sync::state(&line), aside }
        }
    }
}

fn aside(line: &SyncLine, here: &Here) -> String {
    line.last_contact.map(|at| here.town.zone().past(at, crate::platform::now_ms())).unwrap_or_default()
}

/// The tabs at the foot, by role.
#[component]
pub(crate) fn Tabs(here: Here) -> Element {
    let device = here.device.id;
    let needs_you = here.device.sync.read().needs_you;
    let first = match here.me.role {
        Role::Supervisor => (Route::Desk { device }, Glyph::List, words::tabs::DESK),
        Role::Inspector => (Route::Drafts { device }, Glyph::Camera, words::tabs::NEW),
        Role::Crew | Role::Resident | Role::Server => (Route::Today { device }, Glyph::List, words::tabs::TODAY),
    };
    let mut tabs = vec![first, (Route::JobMap { device }, Glyph::Pin, words::tabs::MAP)];
    if here.me.role != Role::Inspector {
        tabs.push((Route::New { device }, Glyph::Camera, words::tabs::NEW));
    }
    tabs.push((Route::Sync { device }, Glyph::Sync, words::tabs::SYNC));
    rsx! {
        nav { class: "tabs",
            for (route, glyph, name) in tabs {
                Link { key: "{name}", to: route.clone(),
                    Tab { glyph, name, mark: if matches!(route, Route::Sync { .. }) { needs_you } else { 0 } }
                }
            }
        }
    }
}
