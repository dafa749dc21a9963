//! Drafts that the person puts together or takes apart, where photos were put together wrongly.

use super::api::{Draft, DraftIds, EngineError, ErrorKind, Reply};
use super::core::Engine;
use super::drafts::{in_order, new_draft};
use super::errors::error;
use super::store::{drafts, files, picks};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::Photo;
use std::collections::BTreeSet;

impl Engine {
    /// All photos of a draft go to another one, which keeps what was typed there; what is only in the first one is not
    /// lost: words are put behind the other's, the rest fills what is empty.
    pub(super) fn join_drafts(&self, from: WorkOrderId, into: WorkOrderId) -> Result<Reply, EngineError> {
        self.not_being_retouched(from)?;
        self.not_being_retouched(into)?;
        let (Some(from), Some(mut into)) =
            (drafts::get(self.store().db(), from)?, drafts::get(self.store().db(), into)?)
        else {
            // Asked twice, or one of them was filed meanwhile.
            return Ok(Reply::Done);
        };
        if from.ids == into.ids {
            return Ok(Reply::Done);
        }
        let (gone, now) = (from.ids.work_order, self.device_now());
        let observed = drafts::observed_at(self.store().db(), gone)?;
        for photo in &from.photos {
            in_order(&mut into.photos, photo.clone());
        }
        into.remarks.extend(from.remarks);
        if into.service_code.is_none() {
            (into.service_code, into.answers, into.priority) = (from.service_code, from.answers, from.priority);
        }
        into.joins = into.joins.or(from.joins);
        if into.place.is_none() {
            (into.place, into.address, into.outside_is_right) = (from.place, from.address, from.outside_is_right);
        }
        let words = [into.description.trim(), from.description.trim()];
        into.description = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n");
        let id = into.ids.work_order;
        self.store_mut().transact(|db| {
            for photo in &from.photos {
                files::add(db, photo, id, None, now)?;
            }
            let used = files::used_by(db, gone)?;
            files::release(db, gone, &used)?;
            picks::redirect(db, gone, &into.ids)?;
            drafts::remove(db, gone)?;
            drafts::save(db, &into)?;
            observed.map_or(Ok(()), |at| drafts::observed(db, id, at))
        })?;
        self.tell_drafts();
        Ok(Reply::Done)
    }

    /// The photo with this original becomes a draft of its own, at its own place, right behind.
    pub(super) fn part_draft(&self, from: WorkOrderId, original: &str, ids: DraftIds) -> Result<Reply, EngineError> {
        self.not_being_retouched(from)?;
        let Some(mut from) = drafts::get(self.store().db(), from)? else { return Ok(Reply::Done) };
        let Some(at) = from.photos.iter().position(|photo| names(photo).contains(original)) else {
            return Ok(Reply::Done);
        };
        if from.photos.len() < 2 {
            return Err(error(ErrorKind::Incomplete, "This is the draft's only photo. Nothing was changed."));
        }
        let photo = from.photos.remove(at);
        let place = photo.place.clone().or_else(|| from.place.clone());
        let address = place.as_ref().map(|place| self.address(place.at)).transpose()?.flatten();
        let own = Draft { place, address, photos: vec![photo.clone()], ..new_draft(ids, from.created_at) };
        let now = self.device_now();
        let shared: BTreeSet<&str> = from.photos.iter().flat_map(names).collect();
        let leaves = names(&photo).into_iter().filter(|name| !shared.contains(name)).map(ToOwned::to_owned).collect();
        self.store_mut().transact(|db| {
            files::add(db, &photo, ids.work_order, None, now)?;
            files::release(db, from.ids.work_order, &leaves)?;
            drafts::save(db, &from)?;
            drafts::save(db, &own)
        })?;
        self.tell_drafts();
        Ok(Reply::Done)
    }
}

/// The files of a photo, its original's among them.
fn names(photo: &Photo) -> BTreeSet<&str> {
    photo.renditions.iter().map(|rendition| rendition.sha256.as_str()).collect()
}
