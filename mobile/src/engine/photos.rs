//! Photos: read, renditions made, files kept, and only then the entry that names them.

use super::api::{EngineError, ErrorKind, FileContent, Reply};
use super::core::Engine;
use super::develop::{COULD_NOT_SHOW, Developed};
use super::retouch::Retouched;
use super::store::{files, makings, meta};
use crate::platform::{HttpRequest, Method};
use coldpatch_shared::ids::ServiceRequestId;
use coldpatch_shared::order::{Photo, PhotoSlot, RenditionKind};
use coldpatch_shared::photo::{self, Blur, Made, Reading};
use futures_util::lock::MutexGuard;
use std::rc::Rc;

const DOWNLOAD_TIMEOUT_MS: i64 = 60_000;

/// Said when the job of a photo has left the phone.
pub(super) const KEPT_AS_DRAFT: &str =
    "This job is not on this phone any more. Your photo is not lost: it is kept as a draft, which you can file.";

/// A photo whose files are kept.
pub(super) struct Kept<'a> {
    /// The entry that names them.
    pub(super) photo: Photo,
    /// What the photo says about itself.
    pub(super) reading: Reading,
    /// What the person should know about it.
    pub(super) remark: Option<String>,
    /// While this is held nobody removes the files: until the rows that use them are written.
    pub(super) held: MutexGuard<'a, ()>,
}

impl Engine {
    /// Makes a photo's renditions and keeps all its files; they are durable when this returns. Who calls writes the rows.
    pub(super) async fn keep_photo(
        &self,
        file: Vec<u8>,
        slot: PhotoSlot,
        request: Option<ServiceRequestId>,
    ) -> Result<Kept<'_>, EngineError> {
        let developed = self.platform.host.develop(file, None).await?;
        self.keep_developed(developed, slot, request).await
    }

    /// Keeps the file itself, before anything is made of it: durable when this returns. Who calls writes the rows.
    pub(super) async fn keep_original(
        &self,
        file: Vec<u8>,
        slot: PhotoSlot,
        request: Option<ServiceRequestId>,
    ) -> Result<Kept<'_>, EngineError> {
        let reading = photo::read_named(&file, self.platform.host.digest(&file).await)?;
        let kept = Developed { original: Some(file), reading, made: None, remark: None, given_up: false };
        self.keep_developed(kept, slot, request).await
    }

    /// Makes what people are shown of a photo of which so far only the original is kept, and puts it beside that. Where this
    /// device cannot, the photo stays as it is, and the city's server makes it: that is said beside it, too, for the person.
    pub(super) async fn complete(self: &Rc<Self>, of: &Retouched) -> Result<(), EngineError> {
        match self.make_beside(of).await {
            // What is said of a file that is gone is said when it is to be sent.
            Err(error) if !matches!(self.platform.files.get(&of.photo).await, Ok(None)) => {
                let remark = match error.kind {
                    ErrorKind::Stopped => COULD_NOT_SHOW.to_owned(),
                    _ => format!("{error} The photo is kept as it is."),
                };
                Ok(self.store_mut().transact(|db| of.remark(db, Some(&remark)))?)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes it once more because the person asks: it may have been the device that stopped, and not the photo that stopped it.
    pub(super) async fn make_again(self: &Rc<Self>, of: Retouched) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| makings::forgive(db, &of.photo))?;
        self.complete(&of).await?;
        self.tell_drafts();
        self.tell_shots(of.work_order);
        Ok(Reply::Done)
    }

    /// As [`complete`](Self::complete).
    ///
    /// # Errors
    /// Why it was not made; the photo is as it was.
    pub(super) async fn make_beside(self: &Rc<Self>, of: &Retouched) -> Result<(), EngineError> {
        let _claim = self.begin_retouching(of.work_order);
        let developed = self.make_kept(&of.photo).await?;
        let remark = developed.remark.clone();
        let made = self.keep_developed(developed, PhotoSlot::Other, None).await?;
        let now = self.device_now();
        let replaced = self.store_mut().transact(|db| {
            let Some(found) = of.find_where(db, |photo| photo.renditions.len() == 1)? else { return Ok(false) };
            let Photo { renditions, blur, .. } = made.photo.clone();
            let photo = Photo { renditions, blur, ..found.photo.clone() };
            of.replace(db, &found, &photo)?;
            of.remark(db, remark.as_deref())?;
            if found.is_draft {
                files::add(db, &photo, found.owner, None, now)?;
            } else {
                files::hold(db, &photo, found.owner, now)?;
            }
            Ok(true)
        })?;
        if !replaced {
            // Thrown away, or covered meanwhile.
            let names = made.photo.renditions.iter().map(|file| file.sha256.clone()).collect();
            drop(made);
            self.remove_files(names).await;
        }
        Ok(())
    }

    /// Keeps all files of a photo, of which the slow part is done.
    pub(super) async fn keep_developed(
        &self,
        developed: Developed,
        slot: PhotoSlot,
        request: Option<ServiceRequestId>,
    ) -> Result<Kept<'_>, EngineError> {
        let Developed { original, reading, made, remark, .. } = developed;
        let held = self.bytes.lock().await;
        let mut renditions = vec![reading.original()];
        if let Some(original) = original {
            self.put(&reading.sha256, original).await?;
        }
        let blur = made.as_ref().and_then(|made| made.blur.as_ref()).map(Blur::to_text);
        if let Some(Made { display, thumbnail, .. }) = made {
            renditions.push(display.rendition(RenditionKind::Display));
            renditions.push(thumbnail.rendition(RenditionKind::Thumbnail));
            self.put(&display.sha256, display.bytes).await?;
            self.put(&thumbnail.sha256, thumbnail.bytes).await?;
        }
        let (taken_at, place) = (reading.taken_at.clone(), reading.place_fix());
        let photo = Photo { slot, request, taken_at, place, blur, renditions, marks: Vec::new(), covered: false };
        Ok(Kept { photo, reading, remark, held })
    }

    /// A file from the phone or, failing that, from the server.
    pub(super) async fn file(self: &Rc<Self>, sha256: String) -> Result<Reply, EngineError> {
        let media_type = files::media_type(self.store().db(), &sha256)?;
        if let Some(media_type) = media_type {
            if let Some(bytes) = self.platform.files.get(&sha256).await? {
                return Ok(Reply::File(Some(FileContent { media_type, bytes })));
            }
            // Cached bytes that the platform has thrown away can be fetched again.
            self.store_mut().transact(|db| files::forget(db, &sha256))?;
        }
        let token = meta::signed_in(self.store().db())?.map(|signed_in| signed_in.token);
        let request = HttpRequest {
            method: Method::Get,
            path: format!("/api/files/{sha256}"),
            token,
            headers: Vec::new(),
            body: None,
            timeout_ms: DOWNLOAD_TIMEOUT_MS,
        };
        let response = self.platform.transport.send(request).await?;
        // Not there yet, or not what was asked for: either way there is nothing to show.
        if response.status != 200 || photo::sha256(&response.body) != sha256 {
            return Ok(Reply::File(None));
        }
        let (media_type, bytes) = (response.media_type, response.body);
        // Showing it matters more than keeping it: on a full phone it is fetched again next time.
        match self.platform.files.put(&sha256, bytes.clone()).await {
            Ok(()) => {
                let now = self.device_now();
                self.store_mut().transact(|db| files::add_cached(db, &sha256, &media_type, bytes.len(), now))?;
            }
            Err(error) => tracing::warn!(%error, "a file was not cached"),
        }
        Ok(Reply::File(Some(FileContent { media_type, bytes })))
    }
}
