//! A photo that becomes a job's without being asked about: kept at once, as a shot is, then made, then added. Where that is cut off,
//! the next start goes on with it; where it cannot be added, it waits with the job for the person.

use super::api::{EngineError, ErrorKind, Reply, Shot};
use super::core::Engine;
use super::develop::COULD_NOT_SHOW;
use super::photos::KEPT_AS_DRAFT;
use super::retouch::Retouched;
use super::store::{StoreError, drafts, journal, shots};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::PhotoSlot;
use rusqlite::Connection;
use std::rc::Rc;

impl Engine {
    pub(super) async fn attach_photo(
        self: &Rc<Self>,
        id: ActionId,
        work_order: WorkOrderId,
        slot: PhotoSlot,
        file: Vec<u8>,
        place_follows: bool,
    ) -> Result<Reply, EngineError> {
        if journal::state(self.store().db(), id)?.is_some() {
            return Ok(Reply::Remarks(Vec::new()));
        }
        // Asked before, when the job was not here any more.
        if drafts::get(self.store().db(), WorkOrderId(id.0))?.is_some() {
            return Ok(Reply::Remarks(vec![KEPT_AS_DRAFT.to_owned()]));
        }
        let kept = self.keep_original(file, slot, None).await?;
        let shot = Shot { id, photo: kept.photo.clone(), remark: None, adds_itself: true };
        let of = Retouched { work_order, photo: kept.reading.sha256.clone() };
        let place_follows = place_follows && kept.photo.place.is_none();
        self.keep_as_shot(work_order, shot, kept)?;
        if place_follows {
            self.awaits_place(id.0, &of)?;
        }
        let added = self.make_and_add(work_order, id).await;
        // No photo at all, for nobody: the person sees it now, and can take another one.
        if added.as_ref().is_err_and(|error| error.kind == ErrorKind::Photo) {
            self.drop_shot(work_order, id).await?;
        }
        Ok(Reply::Remarks(added?))
    }

    /// Makes a shot that adds itself, and adds it. → what the person should know about it.
    async fn make_and_add(self: &Rc<Self>, work_order: WorkOrderId, id: ActionId) -> Result<Vec<String>, EngineError> {
        let Some(shot) = find(self.store().db(), work_order, id)? else { return Ok(Vec::new()) };
        if let [original] = shot.photo.renditions.as_slice() {
            let of = Retouched { work_order, photo: original.sha256.clone() };
            match self.make_beside(&of).await {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Photo => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "a photo goes as it is");
                    self.store_mut().transact(|db| of.remark(db, Some(COULD_NOT_SHOW)))?;
                }
            }
        }
        self.place_comes(id.0).await;
        // It may have been added, or thrown away, meanwhile.
        let Some(shot) = find(self.store().db(), work_order, id)? else { return Ok(Vec::new()) };
        let remark = shot.remark.clone();
        match self.add_shot(work_order, shot) {
            Ok(moved) => {
                self.tell_shots(work_order);
                Ok(moved.into_iter().map(ToOwned::to_owned).chain(remark).collect())
            }
            Err(error) => {
                self.store_mut().transact(|db| shots::no_longer_adds_itself(db, work_order, id))?;
                self.tell_shots(work_order);
                let message = format!("{error} The photo is kept with the job on this phone.");
                Err(EngineError { message, ..error })
            }
        }
    }

    /// Adds what an earlier run could not add any more.
    pub(super) async fn add_the_rest(self: &Rc<Self>) {
        let rest = shots::adding_themselves(self.store().db());
        let rest = rest.unwrap_or_else(|error| {
            tracing::error!(%error, "which photos were to be added");
            Vec::new()
        });
        for (work_order, id) in rest {
            if let Err(error) = self.make_and_add(work_order, id).await {
                tracing::warn!(%error, "a photo from before was not added");
                // Nobody saw that: it waits with the job until somebody does.
                let of = find(self.store().db(), work_order, id).ok().flatten().and_then(|shot| {
                    let photo = shot.photo.renditions.first()?.sha256.clone();
                    Some(Retouched { work_order, photo })
                });
                let told = self.store_mut().transact(|db| {
                    of.map_or(Ok(()), |of| of.remark(db, Some(&error.message)))?;
                    shots::no_longer_adds_itself(db, work_order, id)
                });
                if let Err(error) = told {
                    tracing::error!(%error, "a photo that was not added");
                }
                self.tell_shots(work_order);
            }
        }
    }
}

fn find(db: &Connection, work_order: WorkOrderId, id: ActionId) -> Result<Option<Shot>, StoreError> {
    Ok(shots::of(db, work_order)?.into_iter().find(|shot| shot.id == id))
}
