//! What was taken or picked, on its way into the engine.

use super::{Purpose, fresh_ids};
use crate::engine::api::{Ask, DraftIds, EngineError, ErrorKind};
use crate::engine::fresh_id;
use crate::ui::state::Device;
use crate::ui::words;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, PlaceFix};
use dioxus::core::spawn_forever;
use dioxus::html::FileData;
use futures_channel::oneshot;
use futures_util::future::join_all;
use futures_util::lock::Mutex;
use uuid::Uuid;

/// Puts the place to a photo that is kept meanwhile.
pub(crate) async fn place_later(device: Device, photo: Uuid, place: impl Future<Output = Option<PlaceFix>>) {
    let place = place.await;
    if let Err(error) = device.ask(Ask::PlacePhoto { photo, place }).await {
        tracing::warn!(%error, "the place of a photo");
    }
}

/// What keeps one: for a job it waits, for reports it is a draft's.
pub(super) fn kept_as(
    purpose: Purpose,
    ids: DraftIds,
    shot: Uuid,
    file: Vec<u8>,
    taken: crate::engine::api::Taken,
) -> Ask {
    match purpose {
        Purpose::Job(work_order, slot) => Ask::KeepShot { shot: ActionId(shot), work_order, slot, file, taken },
        Purpose::Reports => Ask::DraftFromShot { ids, shot, file, taken },
    }
}

/// Picked files wait beside what was taken. Goes on when the screen is left; what it returns ends when all are kept.
pub(crate) fn keep_files(
    device: Device,
    id: WorkOrderId,
    slot: PhotoSlot,
    files: Vec<FileData>,
) -> oneshot::Receiver<()> {
    let (done, kept) = oneshot::channel();
    spawn_forever(async move {
        let turn = Mutex::new(());
        join_all(files.iter().map(|file| keep_file(device, id, slot, file, &turn))).await;
        // The screen may have been left.
        let _ = done.send(());
    });
    kept
}

/// The bytes of a file, if it can be read. With one lock for all of them, they are read one after the other, and all are handed over
/// before the first is made.
pub(crate) async fn read_in_turn(file: &FileData, turn: &Mutex<()>) -> Option<Vec<u8>> {
    let _turn = turn.lock().await;
    file.read_bytes().await.ok().map(|bytes| bytes.to_vec())
}

async fn keep_file(device: Device, id: WorkOrderId, slot: PhotoSlot, file: &FileData, turn: &Mutex<()>) {
    let kept = match read_in_turn(file, turn).await {
        Some(bytes) => {
            let ask = kept_as(Purpose::Job(id, slot), fresh_ids(), fresh_id(), bytes, Default::default());
            device.ask(ask).await.map(|_| ())
        }
        None => Err(EngineError { kind: ErrorKind::Photo, message: words::draft::UNREADABLE.to_owned() }),
    };
    if let Err(error) = kept {
        let message = words::draft::not_taken_in(&file.name(), &error.message);
        device.trouble(EngineError { message, ..error });
    }
}
