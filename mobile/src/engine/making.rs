//! Making what people are shown of a photo that is kept. A photo that twice ended the app, or the Worker in which it was made, is not decoded
//! here again: it stays as it is, is sent as it is, and the city prepares it.

use super::api::{EngineError, ErrorKind};
use super::core::Engine;
use super::develop::Developed;
use super::errors::error;
use super::store::makings::{self, May};
use coldpatch_shared::photo::{self, MediaType, PhotoProblem, Reading};
use futures_util::future::select;
use futures_util::lock::MutexGuard;

impl Engine {
    /// Makes the photo that is kept under this name; its bytes stay where they are.
    pub(super) async fn make_kept(&self, sha256: &str) -> Result<Developed, EngineError> {
        // Before it counts as begun: what only waited for its turn has ended nothing.
        let _hand = self.free_hand().await;
        let may = self.begin_making(sha256)?;
        let made = self.make_as_far(sha256, may).await;
        let last = self.end_making(sha256);
        let ended = match &made {
            Ok(made) => may == May::Read || !made.given_up,
            Err(error) => error.kind != ErrorKind::Stopped,
        };
        if last && ended {
            self.store_mut().transact(|db| makings::ended(db, sha256, may))?;
        }
        made
    }

    /// As many photos are made at once as the platform has hands, and at most two.
    async fn free_hand(&self) -> MutexGuard<'_, ()> {
        let [one, other] = &self.hands;
        if self.platform.host.lanes() < 2 {
            return one.lock().await;
        }
        select(one.lock(), other.lock()).await.factor_first().0
    }

    /// The same picture may be made for two at once: that is one try.
    fn begin_making(&self, sha256: &str) -> Result<May, EngineError> {
        let mut making = self.making.borrow_mut();
        if let Some((may, count)) = making.get_mut(sha256) {
            *count += 1;
            return Ok(*may);
        }
        let may = self.store_mut().transact(|db| makings::begin(db, sha256))?;
        making.insert(sha256.to_owned(), (may, 1));
        Ok(may)
    }

    /// → whether nobody makes it any more.
    fn end_making(&self, sha256: &str) -> bool {
        let mut making = self.making.borrow_mut();
        if let Some((_, count)) = making.get_mut(sha256)
            && *count > 1
        {
            *count -= 1;
            return false;
        }
        making.remove(sha256);
        true
    }

    async fn make_as_far(&self, sha256: &str, may: May) -> Result<Developed, EngineError> {
        if may == May::Make
            && let Some(developing) = self.platform.host.develop_kept(sha256)
        {
            return developing.await;
        }
        // One at a time: each takes much memory.
        let _one = self.developing.lock().await;
        let bytes = self.platform.files.get(sha256).await?.ok_or_else(vanished)?;
        let reading = match may {
            May::Make => {
                let made = self.platform.host.develop(bytes, Some(sha256.to_owned())).await?;
                return Ok(Developed { original: None, ..made });
            }
            May::Read => photo::read_named(&bytes, sha256.to_owned())?,
            May::Keep => unread(&bytes, sha256).ok_or(PhotoProblem::NotAPicture)?,
        };
        tracing::warn!(sha256, "a photo that ended the app twice is not decoded again");
        Ok(Developed::given_up(reading))
    }
}

/// What is known of a photo without a look into it.
fn unread(bytes: &[u8], sha256: &str) -> Option<Reading> {
    Some(Reading {
        media_type: MediaType::of(bytes)?,
        bytes: bytes.len() as u64,
        sha256: sha256.to_owned(),
        width: 0,
        height: 0,
        orientation: 1,
        taken_at: None,
        taken_at_ms: None,
        place: None,
        accuracy_m: None,
        place_age_s: None,
        direction_deg: None,
        camera: None,
    })
}

fn vanished() -> EngineError {
    error(
        ErrorKind::Photo,
        "This photo's file is gone from this device: the system or a person removed it. Pick it again if you still have it.",
    )
}
