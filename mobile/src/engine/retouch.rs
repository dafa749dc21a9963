//! Marking a photo, and covering parts of it, before it leaves the phone.
//!
//! What is covered is burnt into new files. All that showed it, the original first of all, goes from the device in the order in
//! which nothing can be left behind: the new files are durable; one transaction puts them in the place of the old ones and notes
//! that these are to be erased; then their bytes go. If that is interrupted, the next start goes on with it.

use super::api::{EngineError, ErrorKind, Reply};
use super::core::Engine;
use super::develop::COULD_NOT_SHOW;
use super::errors::error;
use super::store::{StoreError, drafts, files, meta, shots};
use coldpatch_shared::action::limits;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Mark, Photo, RenditionKind};
use coldpatch_shared::photo::{self, Area, Blur, Made};
use futures_channel::oneshot;
use futures_util::lock::MutexGuard;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A photo that can still be marked and covered.
pub(super) struct Retouched {
    /// The draft, or the job for which it waits.
    pub(super) work_order: WorkOrderId,
    /// SHA-256 of its first file.
    pub(super) photo: String,
}

/// While it lives, nothing of this draft is filed and nothing that waits for this job is added.
pub(super) struct Claim {
    engine: Rc<Engine>,
    work_order: WorkOrderId,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut all = self.engine.retouching.borrow_mut();
        if let Some(count) = all.get_mut(&self.work_order) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.work_order);
            }
        }
    }
}

/// The same, as it is kept.
#[derive(PartialEq)]
pub(super) struct Found {
    pub(super) photo: Photo,
    /// Who uses its files.
    pub(super) owner: WorkOrderId,
    pub(super) is_draft: bool,
}

impl Engine {
    pub(super) async fn retouch(
        self: &Rc<Self>,
        of: Retouched,
        marks: Vec<Mark>,
        cover: Vec<Area>,
    ) -> Result<Reply, EngineError> {
        // Whoever adds or files the photo meanwhile would send what is just being covered.
        let _claim = self.begin_retouching(of.work_order);
        let Some(before) = of.find(self.store().db())? else { return Err(gone()) };
        let mut photo = Photo { marks, ..before.photo.clone() };
        limits::photo(&photo).map_err(StoreError::from)?;
        let held = if cover.is_empty() { None } else { Some(self.cover(&mut photo, cover).await?) };
        let now = self.device_now();
        let orphans = self.store_mut().transact(|db| {
            // It may have been added, thrown away or covered meanwhile.
            if of.find(db)?.as_ref() != Some(&before) {
                return Ok(None);
            }
            of.replace(db, &before, &photo)?;
            if held.is_none() {
                return Ok(Some(Vec::new()));
            }
            let owner = before.owner;
            if before.is_draft {
                files::add(db, &photo, owner, None, now)?;
            } else {
                files::hold(db, &photo, owner, now)?;
            }
            let names =
                |photo: &Photo| photo.renditions.iter().map(|file| file.sha256.clone()).collect::<BTreeSet<_>>();
            let old = names(&before.photo).difference(&names(&photo)).cloned().collect();
            Self::will_erase(db, files::release(db, owner, &old)?).map(Some)
        })?;
        drop(held);
        let Some(orphans) = orphans else { return Err(gone()) };
        self.erase(orphans).await;
        if before.is_draft {
            self.tell_drafts();
        } else {
            self.tell_shots(of.work_order);
        }
        Ok(Reply::Done)
    }

    pub(super) fn begin_retouching(self: &Rc<Self>, work_order: WorkOrderId) -> Claim {
        *self.retouching.borrow_mut().entry(work_order).or_default() += 1;
        Claim { engine: self.clone(), work_order }
    }

    /// Fails while a photo of this draft, or one that waits for this job, is being made, marked or covered.
    pub(super) fn not_being_retouched(&self, work_order: WorkOrderId) -> Result<(), EngineError> {
        if self.retouching.borrow().contains_key(&work_order) {
            return Err(error(
                ErrorKind::Photo,
                "A photo here is just being prepared. Nothing was sent. Try again in a moment.",
            ));
        }
        Ok(())
    }

    /// Makes new files of a photo with these parts covered, and keeps them. What is returned holds up their removal until the
    /// rows that use them are written.
    async fn cover(&self, photo: &mut Photo, areas: Vec<Area>) -> Result<MutexGuard<'_, ()>, EngineError> {
        let cannot = || {
            error(
                ErrorKind::Photo,
                "This photo cannot be covered on this phone, because nothing here can show it. Nothing was changed. If it must \
                 not be seen, throw it away.",
            )
        };
        let display = photo.rendition(RenditionKind::Display).ok_or_else(cannot)?.sha256.clone();
        let bytes = self.platform.files.get(&display).await?.ok_or_else(cannot)?;
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            // Nobody waits any more only when the engine has ended.
            let _ = sender.send(photo::covered(&bytes, &areas));
        };
        self.platform.host.aside(Box::new(work)).await;
        let made = receiver.await.map_err(|_| cannot())?;
        let Made { display, thumbnail, blur, .. } = made.map_err(|problem| {
            tracing::warn!(%problem, "a photo could not be covered");
            cannot()
        })?;
        let held = self.bytes.lock().await;
        photo.renditions =
            vec![display.rendition(RenditionKind::Display), thumbnail.rendition(RenditionKind::Thumbnail)];
        photo.blur = blur.as_ref().map(Blur::to_text);
        photo.covered = true;
        self.put(&display.sha256, display.bytes).await?;
        self.put(&thumbnail.sha256, thumbnail.bytes).await?;
        Ok(held)
    }

    /// Notes that the bytes of these files are to go, whatever happens. → the same files.
    pub(super) fn will_erase(db: &Connection, orphans: Vec<String>) -> Result<Vec<String>, StoreError> {
        let mut all = meta::to_erase(db)?;
        all.extend(orphans.iter().cloned());
        meta::set_to_erase(db, &all)?;
        Ok(orphans)
    }

    /// Removes bytes that [`will_erase`](Self::will_erase) has noted.
    pub(super) async fn erase(&self, orphans: Vec<String>) {
        for sha256 in orphans {
            if !self.remove_file(&sha256).await {
                continue;
            }
            let erased = self.store_mut().transact(|db| {
                let mut all = meta::to_erase(db)?;
                all.remove(&sha256);
                meta::set_to_erase(db, &all)
            });
            if let Err(error) = erased {
                tracing::warn!(%error, "what was erased is erased again at the next start");
            }
        }
    }

    /// What an earlier run could not erase any more.
    pub(super) async fn erase_the_rest(self: Rc<Self>) {
        let rest = meta::to_erase(self.store().db());
        match rest {
            Ok(rest) => self.erase(rest.into_iter().collect()).await,
            Err(error) => tracing::error!(%error, "what is to be erased cannot be read"),
        }
    }
}

impl Retouched {
    fn find(&self, db: &Connection) -> Result<Option<Found>, StoreError> {
        self.find_where(db, |_| true)
    }

    /// One of those of this name: a picture may be there twice.
    pub(super) fn find_where(
        &self,
        db: &Connection,
        wanted: impl Fn(&Photo) -> bool,
    ) -> Result<Option<Found>, StoreError> {
        let id = self.work_order;
        let named =
            |photo: &Photo| photo.renditions.first().is_some_and(|first| first.sha256 == self.photo) && wanted(photo);
        if let Some(draft) = drafts::get(db, id)? {
            let found = draft.photos.into_iter().find(|photo| named(photo));
            return Ok(found.map(|photo| Found { photo, owner: id, is_draft: true }));
        }
        let shot = shots::of(db, id)?.into_iter().find(|shot| named(&shot.photo));
        Ok(shot.map(|shot| Found { owner: shots::owner(&shot), photo: shot.photo, is_draft: false }))
    }

    /// Puts what the person should know beside the photo; a draft says it once.
    pub(super) fn remark(&self, db: &Connection, remark: Option<&str>) -> Result<(), StoreError> {
        if let Some(mut draft) = drafts::get(db, self.work_order)? {
            if draft.photos.iter().all(|photo| photo.renditions.len() > 1) {
                draft.remarks.retain(|known| known != COULD_NOT_SHOW);
            }
            if let Some(remark) = remark.filter(|remark| draft.remarks.iter().all(|known| known != remark)) {
                draft.remarks.push(remark.to_owned());
            }
            return drafts::save(db, &draft);
        }
        let mut all = shots::of(db, self.work_order)?;
        let named = |photo: &Photo| photo.renditions.first().is_some_and(|first| first.sha256 == self.photo);
        all.iter_mut().filter(|shot| named(&shot.photo)).for_each(|shot| shot.remark = remark.map(str::to_owned));
        shots::save(db, self.work_order, &all)
    }

    /// Puts `photo` in the place of what was found.
    pub(super) fn replace(&self, db: &Connection, found: &Found, photo: &Photo) -> Result<(), StoreError> {
        if found.is_draft {
            let Some(mut draft) = drafts::get(db, self.work_order)? else { return Ok(()) };
            draft.photos.iter_mut().filter(|known| **known == found.photo).for_each(|known| known.clone_from(photo));
            return drafts::save(db, &draft);
        }
        let mut all = shots::of(db, self.work_order)?;
        let same = all.iter_mut().filter(|shot| shots::owner(shot) == found.owner);
        same.for_each(|shot| shot.photo.clone_from(photo));
        shots::save(db, self.work_order, &all)
    }
}

fn gone() -> EngineError {
    error(ErrorKind::NotHere, "This photo was added or thrown away meanwhile. Nothing was changed.")
}
