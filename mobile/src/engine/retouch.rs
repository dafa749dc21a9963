//! Marking a photo, and covering parts of it, before it leaves the phone.
//!
//! What is covered is burnt into new files. All that showed it, the original first of all, goes from the device in the order in
//! which nothing can be left behind: the new files are durable; one transaction puts them in the place of the old ones and notes
//! that these are to be erased; then their bytes go. If that is interrupted, the next start goes on with it.

use super::api::{EngineError, ErrorKind, Reply, Retouched};
use super::core::Engine;
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

impl Engine {
    pub(super) async fn retouch(
        self: &Rc<Self>,
        of: Retouched,
        marks: Vec<Mark>,
        cover: Vec<Area>,
    ) -> Result<Reply, EngineError> {
        let Some(before) = of.find(self.store().db())? else { return Err(gone()) };
        let mut photo = Photo { marks, ..before.clone() };
        limits::photo(&photo).map_err(StoreError::from)?;
        let held = if cover.is_empty() { None } else { Some(self.cover(&mut photo, cover).await?) };
        let now = self.device_now();
        let orphans = self.store_mut().transact(|db| {
            // It may have been added, thrown away or covered meanwhile.
            if of.find(db)?.as_ref() != Some(&before) {
                return Ok(None);
            }
            let owner = of.replace(db, &photo)?;
            if held.is_none() {
                return Ok(Some(Vec::new()));
            }
            match of {
                Retouched::Shot { .. } => files::hold(db, &photo, owner, now)?,
                Retouched::Draft { .. } => files::add(db, &photo, owner, None, now)?,
            }
            let names =
                |photo: &Photo| photo.renditions.iter().map(|file| file.sha256.clone()).collect::<BTreeSet<_>>();
            let old = names(&before).difference(&names(&photo)).cloned().collect();
            Self::will_erase(db, files::release(db, owner, &old)?).map(Some)
        })?;
        drop(held);
        let Some(orphans) = orphans else { return Err(gone()) };
        self.erase(orphans).await;
        match of {
            Retouched::Shot { work_order, .. } => self.tell_shots(work_order),
            Retouched::Draft { .. } => self.tell_drafts(),
        }
        Ok(Reply::Done)
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
    fn find(&self, db: &Connection) -> Result<Option<Photo>, StoreError> {
        Ok(match self {
            Self::Shot { work_order, shot } => {
                shots::of(db, *work_order)?.into_iter().find(|known| known.id == *shot).map(|known| known.photo)
            }
            Self::Draft { work_order, photo } => drafts::get(db, *work_order)?
                .and_then(|draft| draft.photos.into_iter().find(|known| is_named(known, photo))),
        })
    }

    /// Puts `photo` in its place. → who uses its files.
    fn replace(&self, db: &Connection, photo: &Photo) -> Result<WorkOrderId, StoreError> {
        match self {
            Self::Shot { work_order, shot } => {
                let mut all = shots::of(db, *work_order)?;
                for known in all.iter_mut().filter(|known| known.id == *shot) {
                    known.photo = photo.clone();
                }
                shots::save(db, *work_order, &all)?;
                Ok(WorkOrderId(shot.0))
            }
            Self::Draft { work_order, photo: name } => {
                if let Some(mut draft) = drafts::get(db, *work_order)? {
                    for known in draft.photos.iter_mut().filter(|known| is_named(known, name)) {
                        *known = photo.clone();
                    }
                    drafts::save(db, &draft)?;
                }
                Ok(*work_order)
            }
        }
    }
}

fn is_named(photo: &Photo, sha256: &str) -> bool {
    photo.renditions.first().is_some_and(|first| first.sha256 == sha256)
}

fn gone() -> EngineError {
    error(ErrorKind::NotHere, "This photo was added or thrown away meanwhile. Nothing was changed.")
}
