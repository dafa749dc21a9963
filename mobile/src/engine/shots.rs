//! Photos taken in the app: durable at once, and sent only when the person has looked at them and says so. What is to be covered
//! must not have left before.

use super::api::{DraftIds, EngineError, ErrorKind, Reply, Shot, Taken};
use super::core::Engine;
use super::photos::{KEPT_AS_DRAFT, Kept};
use super::retouch::Retouched;
use super::store::{StoreError, drafts, files, journal, makings, shots};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;

impl Engine {
    pub(super) async fn draft_from_shot(
        self: &Rc<Self>,
        ids: DraftIds,
        shot: Uuid,
        file: Vec<u8>,
        taken: Taken,
    ) -> Result<Reply, EngineError> {
        let mut kept = self.keep_original(file, PhotoSlot::Report, Some(ids.request)).await?;
        taken.complete(&mut kept.photo);
        let ids = self.not_filed(ids, shot)?;
        kept.photo.request = Some(ids.request);
        kept.reading.taken_at_ms = kept.reading.taken_at_ms.or(taken.at_ms);
        let of = Retouched { work_order: ids.work_order, photo: kept.reading.sha256.clone() };
        let placed = kept.photo.place.is_some();
        let kept = self.keep_as_draft(ids, kept, taken.place, None, |_| Ok(()))?;
        self.tell_drafts();
        if !placed {
            self.awaits_place(shot, &of)?;
        }
        self.complete(&of).await?;
        let draft = drafts::get(self.store().db(), ids.work_order)?;
        self.tell_drafts();
        Ok(Reply::Draft(Box::new(draft.unwrap_or(kept))))
    }

    pub(super) async fn keep_shot(
        self: &Rc<Self>,
        id: ActionId,
        work_order: WorkOrderId,
        slot: PhotoSlot,
        file: Vec<u8>,
        taken: Taken,
    ) -> Result<Reply, EngineError> {
        if is_here(self.store().db(), work_order, id)? {
            return self.shots(work_order);
        }
        let kept = self.keep_original(file, slot, None).await?;
        let mut photo = kept.photo.clone();
        taken.complete(&mut photo);
        let of = Retouched { work_order, photo: kept.reading.sha256.clone() };
        let placed = photo.place.is_some();
        self.keep_as_shot(work_order, Shot { id, photo, remark: None, adds_itself: false }, kept)?;
        self.tell_shots(work_order);
        if !placed {
            self.awaits_place(id.0, &of)?;
        }
        self.complete(&of).await?;
        self.tell_shots(work_order);
        self.shots(work_order)
    }

    /// Notes a photo whose files are kept, unless the same question came twice.
    pub(super) fn keep_as_shot(&self, work_order: WorkOrderId, shot: Shot, kept: Kept<'_>) -> Result<(), EngineError> {
        let now = self.device_now();
        self.store_mut().transact(|db| {
            if is_here(db, work_order, shot.id)? {
                return Ok(());
            }
            let mut all = shots::of(db, work_order)?;
            files::hold(db, &shot.photo, shots::owner(&shot), now)?;
            all.push(shot);
            shots::save(db, work_order, &all)
        })?;
        drop(kept);
        Ok(())
    }

    /// Makes what an earlier run could not make any more of the shots that it had kept: what nothing can show, nobody can cover.
    pub(super) async fn complete_the_rest(self: Rc<Self>) {
        let rest = self.store_mut().transact(|db| {
            makings::sweep(db)?;
            shots::unmade(db)
        });
        let rest = rest.unwrap_or_else(|error| {
            tracing::error!(%error, "which shots are not made");
            Vec::new()
        });
        for (work_order, photo) in rest {
            if let Err(error) = self.complete(&Retouched { work_order, photo }).await {
                tracing::warn!(%error, "a shot from before was not made");
            }
            self.tell_drafts();
            self.tell_shots(work_order);
        }
        self.add_the_rest().await;
    }

    pub(super) fn shots(&self, work_order: WorkOrderId) -> Result<Reply, EngineError> {
        let mut shots = shots::of(self.store().db(), work_order)?;
        shots.retain(|shot| !shot.adds_itself);
        Ok(Reply::Shots(shots))
    }

    pub(super) async fn drop_shot(&self, work_order: WorkOrderId, id: ActionId) -> Result<Reply, EngineError> {
        let orphans = self.store_mut().transact(|db| {
            let (dropped, rest): (Vec<_>, Vec<_>) =
                shots::of(db, work_order)?.into_iter().partition(|shot| shot.id == id);
            let mut orphans = Vec::new();
            for shot in dropped {
                let owner = shots::owner(&shot);
                orphans.extend(files::release(db, owner, &files::used_by(db, owner)?)?);
            }
            shots::save(db, work_order, &rest)?;
            Self::will_erase(db, orphans)
        })?;
        self.erase(orphans).await;
        self.tell_shots(work_order);
        self.shots(work_order)
    }

    /// One action for each. When one fails, it and the later ones stay as they are.
    pub(super) fn add_shots(self: &Rc<Self>, work_order: WorkOrderId) -> Result<Reply, EngineError> {
        self.not_being_retouched(work_order)?;
        let all = shots::of(self.store().db(), work_order)?;
        let mut remarks = Vec::new();
        for shot in all {
            remarks.extend(shot.remark.clone());
            match self.add_shot(work_order, shot) {
                Ok(moved) => remarks.extend(moved.map(ToOwned::to_owned)),
                Err(error) => {
                    self.tell_shots(work_order);
                    return Err(error);
                }
            }
        }
        self.tell_shots(work_order);
        Ok(Reply::Remarks(remarks))
    }

    /// Adds one to its job; where that has left the phone, it becomes a draft, which the person should know.
    pub(super) fn add_shot(
        self: &Rc<Self>,
        work_order: WorkOrderId,
        shot: Shot,
    ) -> Result<Option<&'static str>, EngineError> {
        let (id, owner) = (shot.id, shots::owner(&shot));
        let action = Action::AddPhoto { photo: shot.photo.clone() };
        let added = self.perform(id, work_order, action, |db| {
            files::let_go_out(db, owner)?;
            files::hand_over(db, owner, work_order, id)?;
            without(db, work_order, id)
        });
        match added {
            Ok(_) => {
                // Nothing, if it was added before and only its removal from the list was lost with a restored database.
                self.store_mut().transact(|db| without(db, work_order, id))?;
                Ok(None)
            }
            Err(gone) if gone.kind == ErrorKind::NotHere => {
                self.shot_becomes_draft(work_order, shot)?;
                Ok(Some(KEPT_AS_DRAFT))
            }
            Err(error) => Err(error),
        }
    }

    /// The job has left the phone; the picture has not.
    fn shot_becomes_draft(&self, work_order: WorkOrderId, shot: Shot) -> Result<(), EngineError> {
        let owner = shots::owner(&shot);
        let ids = DraftIds { work_order: owner, request: ServiceRequestId(shot.id.0), action: shot.id };
        let photo = Photo { slot: PhotoSlot::Report, request: Some(ids.request), ..shot.photo };
        let mut draft = super::drafts::new_draft(ids, self.device_now());
        draft.place.clone_from(&photo.place);
        draft.address = draft.place.as_ref().map(|place| self.address(place.at)).transpose()?.flatten();
        draft.remarks.extend(shot.remark);
        draft.photos.push(photo);
        self.store_mut().transact(|db| {
            drafts::save(db, &draft)?;
            files::let_go_out(db, owner)?;
            without(db, work_order, shot.id)
        })?;
        self.tell_drafts();
        Ok(())
    }

    pub(super) fn tell_shots(&self, work_order: WorkOrderId) {
        self.tell_jobs(BTreeSet::from([work_order]));
        self.tell_sync();
    }
}

fn is_here(db: &Connection, work_order: WorkOrderId, id: ActionId) -> Result<bool, StoreError> {
    Ok(journal::state(db, id)?.is_some() || shots::of(db, work_order)?.iter().any(|shot| shot.id == id))
}

fn without(db: &Connection, work_order: WorkOrderId, id: ActionId) -> Result<(), StoreError> {
    let mut all = shots::of(db, work_order)?;
    all.retain(|shot| shot.id != id);
    shots::save(db, work_order, &all)
}

impl Taken {
    /// What the device knew counts where the file itself says nothing.
    fn complete(&self, photo: &mut Photo) {
        if photo.taken_at.is_none() {
            photo.taken_at.clone_from(&self.at);
        }
        if photo.place.is_none() {
            photo.place = self.place.clone().filter(|place| place.at.checked().is_ok());
        }
    }
}
