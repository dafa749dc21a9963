//! What photos take on this phone, and how room is made for new ones: by letting go what the city has.

use super::api::{EngineError, Reply, Stored};
use super::core::Engine;
use super::store::{files, meta};
use crate::platform::FileError;
use coldpatch_shared::city::PhotosStay;

/// So much is kept free for what is yet to be typed and photographed, bytes.
const KEPT_FREE: u64 = 100_000_000;

impl Engine {
    /// What is stored, for the sheet.
    pub(super) async fn stored(&self) -> Result<Reply, EngineError> {
        let room = self.platform.host.room().await;
        let through = self.not_needed_through()?;
        let store = self.store();
        let (files, bytes) = files::on_device(store.db())?;
        let removable = files::removable(store.db(), through)?;
        Ok(Reply::Stored(Stored {
            files,
            bytes,
            only_here: files::only_here(store.db())?,
            removable_bytes: removable.iter().map(|file| file.bytes).sum(),
            room,
            low: room.is_some_and(|room| room.left() < KEPT_FREE),
        }))
    }

    /// Keeps a file's bytes. Where the phone is full, what the city has makes room. Who calls holds `bytes`.
    pub(super) async fn put(&self, sha256: &str, bytes: Vec<u8>) -> Result<(), EngineError> {
        let size = bytes.len() as u64;
        if let Some(room) = self.platform.host.room().await {
            let wanted = KEPT_FREE.saturating_add(size);
            self.make_room(wanted.saturating_sub(room.left())).await?;
        }
        match self.platform.files.put(sha256, bytes.clone()).await {
            Err(FileError::Full) if self.make_room(size.saturating_mul(2)).await? => {
                Ok(self.platform.files.put(sha256, bytes).await?)
            }
            put => Ok(put?),
        }
    }

    /// Photos that the city received by this instant, ms since the Unix epoch, need not stay on this phone.
    fn not_needed_through(&self) -> Result<Option<i64>, EngineError> {
        match self.city()?.map(|city| city.photos_stay) {
            Some(PhotosStay::UntilSent) => Ok(Some(i64::MAX)),
            Some(PhotosStay::UntilBackedUp) | None => Ok(meta::backed_up_through(self.store().db())?),
        }
    }

    /// Lets so many bytes go, if there are that many to let go. → whether any went.
    async fn make_room(&self, bytes: u64) -> Result<bool, EngineError> {
        if bytes == 0 {
            return Ok(false);
        }
        let through = self.not_needed_through()?;
        let removable = files::removable(self.store().db(), through)?;
        let mut gone = 0;
        for file in removable {
            if gone >= bytes {
                break;
            }
            self.store_mut().transact(|db| files::removed(db, &file.sha256))?;
            self.platform.files.remove(&file.sha256).await?;
            gone += file.bytes;
        }
        if gone > 0 {
            tracing::info!(gone, "photo files that the city has made room");
        }
        Ok(gone > 0)
    }
}
