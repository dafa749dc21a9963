//! Photos that were picked, up to fifty at once: first their bytes are kept, which is quick, then each is made and put into
//! its draft, in the order in which they were taken.
//!
//! All that is known is in the database, so what was picked and is not made yet is made after a reload, and what could not
//! be kept in time is said by name. The person can stop it: what is in a draft by then stays.

mod telling;

use super::api::{EngineError, ErrorKind, LeftOut, Pick, PickedFile, Picking, Reply};
use super::core::Engine;
use super::drafts::of_its_moment;
use super::errors::error;
use super::photos::Kept;
use super::store::{StoreError, drafts, picks};
use coldpatch_shared::order::{PhotoSlot, PlaceFix};
use coldpatch_shared::photo::{MAX_BYTES, MediaType, PhotoProblem};
use futures_util::FutureExt;
use picks::Waiting;
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;

const INTERRUPTED: &str = "The app was closed before it could keep this photo. Pick it again if you still have it. \
                           Everything that was kept is made.";

const TRIED_AGAIN: &str = "The photo is kept on this phone, and is tried again when you put this message away, and whenever the \
                           app is opened.";

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct PickingState {
    /// Being made just now.
    claimed: BTreeSet<Uuid>,
    lanes: usize,
    /// When bytes last came, by the device's clock.
    heard_at: i64,
    watching: bool,
    told: Picking,
    drafts_told_at: i64,
    drafts_untold: bool,
}

impl Engine {
    /// Goes on where the engine was when it ended.
    pub(super) fn resume_picking(self: &Rc<Self>) {
        let resumed = self.store_mut().transact(|db| {
            picks::interrupt(db, INTERRUPTED)?;
            picks::try_again(db, None)?;
            if picks::progress(db)?.idle() { picks::forget_made(db) } else { Ok(()) }
        });
        if let Err(error) = resumed {
            tracing::error!(%error, "picked photos from before");
        }
        self.make_picked();
    }

    pub(super) fn picking(&self) -> Result<Reply, EngineError> {
        Ok(Reply::Picking(picks::progress(self.store().db())?))
    }

    /// Photos were picked; their bytes follow.
    pub(super) fn picked(
        self: &Rc<Self>,
        batch: Uuid,
        picked: &[Pick],
        left_out: Option<&LeftOut>,
    ) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| {
            picks::expect(db, batch, picked)?;
            left_out.map_or(Ok(()), |left_out| picks::left_out(db, batch, left_out))
        })?;
        self.platform.host.expect_photos();
        self.heard();
        self.tell_picking();
        Ok(Reply::Done)
    }

    /// The bytes of one of them: durable when this returns, or the person is told what is wrong with them.
    pub(super) async fn picked_bytes(self: &Rc<Self>, id: Uuid, file: PickedFile) -> Result<Reply, EngineError> {
        self.heard();
        // Stopped, or asked twice.
        if !picks::wanted(self.store().db(), id)? {
            return Ok(Reply::Done);
        }
        if let Err(error) = self.stash(id, file).await {
            self.store_mut().transact(|db| picks::failed(db, id, &error.message).map(drop))?;
        }
        self.heard();
        self.make_picked();
        self.tell_picking();
        Ok(Reply::Done)
    }

    async fn stash(&self, id: Uuid, file: PickedFile) -> Result<(), EngineError> {
        let bytes = match file {
            PickedFile::Bytes(bytes) => bytes,
            PickedFile::Url(url) => self.platform.host.open(&url).await.map_err(|why| {
                tracing::warn!(%why, "a picked file");
                error(
                    ErrorKind::Photo,
                    "This file cannot be read on this device: it was moved, or its app did not hand it over. Pick it again.",
                )
            })?,
        };
        if bytes.is_empty() {
            return Err(PhotoProblem::Empty.into());
        }
        if MediaType::of(&bytes).is_none() {
            return Err(PhotoProblem::NotAPicture.into());
        }
        if bytes.len() > MAX_BYTES {
            return Err(PhotoProblem::TooLarge { width: 0, height: 0, bytes: bytes.len() as u64 }.into());
        }
        let sha256 = self.platform.host.digest(&bytes).await;
        let wanted = {
            let _held = self.bytes.lock().await;
            self.put(&sha256, bytes).await?;
            self.store_mut().transact(|db| picks::here(db, id, &sha256))?
        };
        if !wanted {
            self.remove_files(vec![sha256]).await;
        }
        Ok(())
    }

    /// The phone's own fix, for those of a batch that do not know where they were taken.
    pub(super) async fn picked_place(self: &Rc<Self>, batch: Uuid, place: PlaceFix) -> Result<Reply, EngineError> {
        if place.at.checked().is_err() {
            return Ok(Reply::Done);
        }
        let drafts = self.store_mut().transact(|db| picks::set_place(db, batch, &place))?;
        for id in drafts {
            let known = drafts::get(self.store().db(), id)?;
            // It may have been filed, thrown away or pinned meanwhile.
            let Some(draft) = known.filter(|draft| draft.place.is_none()) else { continue };
            let taken_at = drafts::observed_at(self.store().db(), id)?;
            let place = Some(of_its_moment(place.clone(), self.device_now(), taken_at));
            self.save_draft(super::api::Draft { place, ..draft }).await?;
        }
        Ok(Reply::Done)
    }

    /// No more: what is in a draft, or being made just now, stays.
    pub(super) async fn stop_picking(&self) -> Result<Reply, EngineError> {
        let claimed = self.picking.borrow().claimed.clone();
        let unused = self.store_mut().transact(|db| Self::will_erase(db, picks::stop(db, &claimed)?))?;
        self.erase(unused).await;
        self.tell_picking();
        Ok(Reply::Done)
    }

    pub(super) fn forget_pick(self: &Rc<Self>, id: Uuid) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| picks::forget(db, id))?;
        self.make_picked();
        self.tell_picking();
        Ok(Reply::Done)
    }

    /// Makes what is here, as many at once as the platform has hands; one while others are still to be kept, which comes first,
    /// and the first draft is there sooner.
    fn make_picked(self: &Rc<Self>) {
        let keeping = picks::expecting(self.store().db()).unwrap_or_else(|error| {
            tracing::error!(%error, "picked photos");
            false
        });
        let lanes = if keeping { 1 } else { self.platform.host.lanes().max(1) };
        while self.picking.borrow().lanes < lanes {
            self.picking.borrow_mut().lanes += 1;
            self.platform.host.spawn(self.clone().lane().boxed_local());
        }
    }

    async fn lane(self: Rc<Self>) {
        while let Some(pick) = self.claim() {
            let made = self.make_pick(&pick).await;
            self.picking.borrow_mut().claimed.remove(&pick.id);
            if let Err(error) = made
                && let Err(error) = self.could_not_make(&pick, &error).await
            {
                tracing::error!(%error, "a picked photo");
                // It is tried again when the app is opened the next time.
                break;
            }
            self.tell_drafts_soon();
            self.tell_picking();
        }
        self.picking.borrow_mut().lanes -= 1;
    }

    fn claim(&self) -> Option<Waiting> {
        let mut state = self.picking.borrow_mut();
        match picks::next(self.store().db(), &state.claimed) {
            Ok(next) => next.inspect(|pick| {
                state.claimed.insert(pick.id);
            }),
            Err(error) => {
                tracing::error!(%error, "picked photos");
                None
            }
        }
    }

    async fn make_pick(self: &Rc<Self>, pick: &Waiting) -> Result<(), EngineError> {
        let developed = self.make_kept(&pick.sha256).await?;
        let kept = self.keep_developed(developed, PhotoSlot::Report, None).await?;
        // Joined with another draft meanwhile, or thrown away. Nobody does that from here on.
        let Some(pick) = picks::waiting(self.store().db(), pick.id)? else {
            let names = kept.photo.renditions.iter().map(|file| file.sha256.clone()).collect();
            drop(kept);
            self.remove_files(names).await;
            return Ok(());
        };
        self.put_into_draft(&pick, kept)
    }

    fn put_into_draft(self: &Rc<Self>, pick: &Waiting, mut kept: Kept<'_>) -> Result<(), EngineError> {
        let id = pick.id;
        let ids = self.not_filed(pick.draft, id)?;
        kept.photo.request = Some(ids.request);
        // The phone was asked where it is when the photos were picked.
        let place = pick.device_place.clone();
        let place = place.map(|place| of_its_moment(place, pick.begun_at, kept.reading.taken_at_ms));
        self.keep_as_draft(ids, kept, place, Some(pick.begun_at), |db| picks::made(db, id))?;
        Ok(())
    }

    async fn could_not_make(&self, pick: &Waiting, error: &EngineError) -> Result<(), StoreError> {
        if error.kind != ErrorKind::Photo {
            let message = format!("{} {TRIED_AGAIN}", error.message);
            return self.store_mut().transact(|db| picks::not_made(db, pick.id, &message));
        }
        let file = self.store_mut().transact(|db| picks::failed(db, pick.id, &error.message))?;
        self.remove_files(file.into_iter().collect()).await;
        Ok(())
    }
}
