//! Photos on their way into drafts: read one after the other, so that a phone with little memory holds one at a time.

use crate::engine::api::{Ask, Draft, DraftIds, EngineError, ErrorKind, Reply};
use crate::engine::{fresh_action, fresh_id};
use crate::ui::components::notice::Notice;
use crate::ui::platform::Handle;
use crate::ui::state::Device;
use crate::ui::words;
use coldpatch_shared::ids::{ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::PlaceFix;
use dioxus::core::spawn_forever;
use dioxus::html::FileData;
use dioxus::prelude::*;
use futures_channel::mpsc::unbounded;
use futures_util::future::{Either, join, select};
use futures_util::{FutureExt, StreamExt};
use std::collections::BTreeSet;

/// How long a photo's draft waits for the phone's own place, ms. Counts also while the person is asked whether the app may
/// know it, which the platform's own limit does not.
const PLACE_TIMEOUT_MS: i64 = 30_000;

/// How far it has come, and what could not be taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReadingState {
    done: usize,
    all: usize,
    failures: Vec<(String, String)>,
}

impl ReadingState {
    /// Nothing is being read.
    pub(super) fn idle(&self) -> bool {
        self.done == self.all
    }
}

/// Reads the photos into drafts. It goes on when the screen is left; then only nobody watches.
pub(super) fn read_all(mut state: Signal<ReadingState>, device: Device, platform: Handle, files: Vec<FileData>) {
    {
        let mut state = state.write();
        if state.idle() {
            *state = ReadingState { failures: std::mem::take(&mut state.failures), ..ReadingState::default() };
        }
        state.all += files.len();
    }
    let (tell, mut told) = unbounded::<Outcome>();
    spawn_forever(async move {
        // The phone's own place, for photos that do not know theirs. The person is where the photo is only when it was
        // just taken, which the draft's source says. No photo waits for it: it is kept first and placed later.
        let place = place_in_time(platform).shared();
        let known = place.clone();
        let reading = async move {
            let mut unplaced = BTreeSet::new();
            for file in files {
                let place = known.peek().cloned().flatten();
                let failure = match read_one(device, &file, place).await {
                    Ok(without_place) => {
                        unplaced.extend(without_place);
                        None
                    }
                    Err(error) => Some((file.name(), error.message)),
                };
                if let Err(untold) = tell.unbounded_send(failure) {
                    // The screen was left: what could not be taken in is said on whatever screen is open.
                    if let Some((name, message)) = untold.into_inner() {
                        let message = words::draft::not_taken_in(&name, &message);
                        device.trouble(EngineError { kind: ErrorKind::Photo, message });
                    }
                }
            }
            unplaced
        };
        let (unplaced, place) = join(reading, place).await;
        if let Some(place) = place {
            place_drafts(device, unplaced, &place).await;
        }
    });
    spawn(async move {
        while let Some(outcome) = told.next().await {
            let mut state = state.write();
            state.done += 1;
            state.failures.extend(outcome);
        }
    });
}

/// The name of a photo that could not be taken in, and why.
type Outcome = Option<(String, String)>;

/// Where the phone is, if it says so in time.
async fn place_in_time(platform: Handle) -> Option<PlaceFix> {
    match select(platform.0.locate(), platform.0.sleep(PLACE_TIMEOUT_MS)).await {
        Either::Left((place, _)) => place.ok(),
        Either::Right(((), late)) => {
            // The platform may call back at any time, so whoever listens must stay.
            spawn_forever(async move { drop(late.await) });
            None
        }
    }
}

/// Gives those of the drafts a place that still have none.
async fn place_drafts(device: Device, unplaced: BTreeSet<WorkOrderId>, place: &PlaceFix) {
    for id in unplaced {
        // Asked for one by one, right before it is saved: the person may be editing it.
        let found = device.drafts().await.ok().into_iter().flatten().find(|draft| draft.ids.work_order == id);
        // It may have been thrown away or pinned meanwhile.
        let Some(draft) = found.filter(|draft| draft.place.is_none()) else { continue };
        let placed = Draft { place: Some(place.clone()), ..draft };
        if let Err(error) = device.ask(Ask::SaveDraft(Box::new(placed))).await {
            device.trouble(error);
        }
    }
}

/// Makes a photo a draft, durably; returns the draft if it has no place yet.
async fn read_one(
    device: Device,
    file: &FileData,
    place: Option<PlaceFix>,
) -> Result<Option<WorkOrderId>, EngineError> {
    let unreadable = || EngineError { kind: ErrorKind::Photo, message: words::draft::UNREADABLE.to_owned() };
    let bytes = file.read_bytes().await.map_err(|_| unreadable())?;
    let ids =
        DraftIds { work_order: WorkOrderId(fresh_id()), request: ServiceRequestId(fresh_id()), action: fresh_action() };
    let ask = Ask::DraftFromPhoto { ids, file: bytes.to_vec(), device_place: place };
    match device.ask(ask).await? {
        Reply::Draft(draft) if draft.place.is_none() => Ok(Some(draft.ids.work_order)),
        _ => Ok(None),
    }
}

/// The progress, and every photo that could not be taken in, until it has been read.
#[component]
pub(super) fn Reading(state: Signal<ReadingState>) -> Element {
    let now = state.read().clone();
    rsx! {
        if !now.idle() {
            p { class: "well", role: "status", {words::draft::reading(now.done, now.all)} }
        }
        for (index, (name, message)) in now.failures.into_iter().enumerate() {
            Notice {
                key: "{index}-{name}",
                text: words::draft::not_taken_in(&name, &message),
                onclose: move |()| {
                    let mut state = state.write();
                    if index < state.failures.len() {
                        state.failures.remove(index);
                    }
                },
            }
        }
    }
}
