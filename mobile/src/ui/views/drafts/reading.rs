//! Photos on their way into drafts: read one after the other, so that a phone with little memory holds one at a time.

use crate::engine::api::{Ask, DraftIds, EngineError, ErrorKind};
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
use futures_util::StreamExt;

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
        // just taken, which the draft's source says.
        let place = platform.0.locate().await.ok();
        for file in files {
            let failure = read_one(device, &file, place.clone()).await.err();
            if let Err(untold) = tell.unbounded_send(failure.map(|error| (file.name(), error.message))) {
                // The screen was left: what could not be taken in is said on whatever screen is open.
                if let Some((name, message)) = untold.into_inner() {
                    let message = words::draft::not_taken_in(&name, &message);
                    device.trouble(EngineError { kind: ErrorKind::Photo, message });
                }
            }
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

async fn read_one(device: Device, file: &FileData, place: Option<PlaceFix>) -> Result<(), EngineError> {
    let unreadable = || EngineError { kind: ErrorKind::Photo, message: words::draft::UNREADABLE.to_owned() };
    let bytes = file.read_bytes().await.map_err(|_| unreadable())?;
    let ids =
        DraftIds { work_order: WorkOrderId(fresh_id()), request: ServiceRequestId(fresh_id()), action: fresh_action() };
    let ask = Ask::DraftFromPhoto { ids, file: bytes.to_vec(), device_place: place };
    device.ask(ask).await.map(|_| ())
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
