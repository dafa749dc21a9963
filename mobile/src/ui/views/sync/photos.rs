//! Photos on the sheet: those that do not go, and the full-size ones that wait for wifi.

use crate::engine::api::{Ask, FileTrouble, OriginalsHeld};
use crate::ui::components::card::Section;
use crate::ui::components::sending::{HeldBack, PhotoTrouble};
use crate::ui::components::switch::Switch;
use crate::ui::routes::Route;
use crate::ui::state::Here;
use crate::ui::views::model::subject;
use crate::ui::words;
use crate::ui::words::sending::Trouble;
use dioxus::prelude::*;

/// Files of one job that are in the same trouble; tried again together.
#[component]
pub(super) fn InTrouble(here: Here, trouble: Trouble) -> Element {
    let device = here.device;
    let row = trouble.files.first().and_then(|file| file.row.clone());
    let what = trouble.what();
    let why = trouble.message().to_owned();
    let kind = trouble.files.first().map_or(FileTrouble::Refused, |file| file.kind);
    rsx! {
        PhotoTrouble {
            subject: subject(row.as_ref(), &here),
            what,
            why,
            kind,
            onanswer: move |()| {
                for file in &trouble.files {
                    let sha256 = file.sha256.clone();
                    device.send(match kind {
                        FileTrouble::Refused => Ask::RetryFile { sha256 },
                        FileTrouble::Gone => Ask::LetFileGo { sha256 },
                    });
                }
            },
            if row.is_some() {
                Link { class: "button", to: Route::JobScreen { device: device.id, id: trouble.work_order }, {words::links::OPEN_JOB} }
            }
        }
    }
}

/// Whether they wait for wifi, which do, and the way to send them all the same.
#[component]
pub(super) fn Originals(here: Here, on_wifi: bool, held: Option<OriginalsHeld>) -> Element {
    let device = here.device;
    // The sheet is read again when the line changes, which this alone does not: what was pressed is shown at once, and what
    // the engine has kept as soon as it has said so.
    let mut pressed = use_signal(|| None::<bool>);
    use_effect(use_reactive(&on_wifi, move |_| pressed.set(None)));
    let on = pressed().unwrap_or(on_wifi);
    let press = move |wait| {
        pressed.set(Some(wait));
        let answered = device.send_and_hear(Ask::SetOriginalsOnWifi(wait));
        spawn(async move {
            let _ = answered.await;
            pressed.set(device.sync_sheet().await.ok().map(|sheet| sheet.originals_on_wifi));
        });
    };
    rsx! {
        Section { title: words::sending::ORIGINALS, testid: "originals",
            div { class: "card rows",
                Switch {
                    name: words::sending::ON_WIFI,
                    text: if on { words::sending::ON_WIFI_YES } else { words::sending::ON_WIFI_NO },
                    on,
                    testid: "originals-on-wifi",
                    onchange: press,
                }
                if let Some(held) = held {
                    HeldBack {
                        what: words::sending::held(&held),
                        why: held.message.clone(),
                        onsend: move |()| device.send(Ask::SendOriginalsNow),
                    }
                }
            }
        }
    }
}
