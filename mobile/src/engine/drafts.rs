//! Drafts: an inspector's photos, each on its way to a service request.

use super::api::{Changed, Draft, DraftIds, EngineError, ErrorKind, Reply};
use super::core::Engine;
use super::errors::error;
use super::photos::Kept;
use super::store::{StoreError, drafts, files, jobs, journal, picks};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot, PlaceFix, RequestSource, ServiceRequest};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

const HOUR_MS: i64 = 60 * 60 * 1000;

impl Engine {
    pub(super) fn drafts(&self) -> Result<Reply, EngineError> {
        Ok(Reply::Drafts(drafts::all(self.store().db())?))
    }

    /// A photo becomes a draft; with the ids of one that is here, it joins that one's photos.
    pub(super) async fn draft_from_photo(
        self: &Rc<Self>,
        ids: DraftIds,
        file: Vec<u8>,
        device_place: Option<PlaceFix>,
    ) -> Result<Reply, EngineError> {
        let kept = self.keep_photo(file, PhotoSlot::Report, Some(ids.request)).await?;
        let device_place = device_place.map(|place| of_its_moment(place, self.device_now(), kept.reading.taken_at_ms));
        let draft = self.keep_as_draft(ids, kept, device_place, None, |_| Ok(()))?;
        self.tell_drafts();
        Ok(Reply::Draft(Box::new(draft)))
    }

    /// Puts a photo whose files are kept into a draft, a new one where there is none of these ids, which then counts as
    /// begun at `begun_at`; with what belongs to it in the same transaction. Telling is the caller's.
    pub(super) fn keep_as_draft(
        &self,
        ids: DraftIds,
        kept: Kept<'_>,
        device_place: Option<PlaceFix>,
        begun_at: Option<i64>,
        and: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Draft, EngineError> {
        let Kept { photo, reading, remark, held } = kept;
        let now = self.device_now();
        let mut draft = match drafts::get(self.store().db(), ids.work_order)? {
            Some(draft) => draft,
            None => new_draft(ids, begun_at.unwrap_or(now)),
        };
        if !draft.photos.iter().any(|known| same_original(known, &photo)) {
            in_order(&mut draft.photos, photo.clone());
            draft.remarks.extend(remark);
        }
        if draft.place.is_none() {
            let device_place = device_place.filter(|place| place.at.checked().is_ok());
            draft.place = reading.place_fix().or(device_place);
            draft.address = draft.place.as_ref().map(|place| self.address(place.at)).transpose()?.flatten();
        }
        self.store_mut().transact(|db| {
            files::add(db, &photo, ids.work_order, None, now)?;
            drafts::save(db, &draft)?;
            reading.taken_at_ms.map_or(Ok(()), |at| drafts::observed(db, ids.work_order, at))?;
            and(db)
        })?;
        drop(held);
        Ok(draft)
    }

    /// Whose a photo becomes: the draft's that it was meant for, or, where that was filed without it, one of its own. Nobody has seen it
    /// in what was filed.
    pub(super) fn not_filed(&self, meant: DraftIds, own: Uuid) -> Result<DraftIds, EngineError> {
        let filed = journal::state(self.store().db(), meant.action)?.is_some();
        let fresh = DraftIds { work_order: WorkOrderId(own), request: ServiceRequestId(own), action: ActionId(own) };
        Ok(if filed { fresh } else { meant })
    }

    /// Keeps a draft as the person left it. One that was filed or thrown away meanwhile stays so.
    pub(super) async fn save_draft(&self, mut draft: Draft) -> Result<Reply, EngineError> {
        let id = draft.ids.work_order;
        let known = drafts::get(self.store().db(), id)?;
        let filed = journal::state(self.store().db(), draft.ids.action)?.is_some();
        if filed || (known.is_none() && !draft.photos.is_empty()) {
            return Ok(Reply::Done);
        }
        if let Some(known) = &known {
            keep_what_came(&mut draft, known);
        }
        if known.as_ref().map(|known| &known.place) != Some(&draft.place) {
            draft.address = draft.place.as_ref().map(|place| self.address(place.at)).transpose()?.flatten();
        }
        let named = draft.photos.iter().flat_map(|photo| &photo.renditions);
        let named: BTreeSet<String> = named.map(|rendition| rendition.sha256.clone()).collect();
        let unused: BTreeSet<String> = files::used_by(self.store().db(), id)?.difference(&named).cloned().collect();
        let orphans = self.store_mut().transact(|db| {
            drafts::save(db, &draft)?;
            Self::will_erase(db, files::release(db, id, &unused)?)
        })?;
        self.erase(orphans).await;
        self.tell_drafts();
        Ok(Reply::Done)
    }

    pub(super) async fn discard_draft(&self, id: WorkOrderId) -> Result<Reply, EngineError> {
        if drafts::get(self.store().db(), id)?.is_none() {
            return Ok(Reply::Done);
        }
        let orphans = self.store_mut().transact(|db| {
            let used = files::used_by(db, id)?;
            let mut orphans = files::release(db, id, &used)?;
            orphans.extend(picks::drop_draft(db, id)?);
            drafts::remove(db, id)?;
            Self::will_erase(db, orphans)
        })?;
        self.erase(orphans).await;
        self.tell_drafts();
        Ok(Reply::Done)
    }

    /// Drafts changed, and with them what the sync line says is only here.
    pub(super) fn tell_drafts(&self) {
        self.tell(&Changed::Drafts);
        self.tell_sync();
    }

    /// Bytes whose rows are gone. If this is interrupted they only take room.
    pub(super) async fn remove_files(&self, orphans: Vec<String>) {
        for sha256 in orphans {
            self.remove_file(&sha256).await;
        }
    }

    /// Bytes whose row is gone. → whether nothing of them is left to be done.
    pub(super) async fn remove_file(&self, sha256: &str) -> bool {
        let _held = self.bytes.lock().await;
        match self.is_used(sha256) {
            Ok(false) => {}
            // The same photo was taken in again meanwhile.
            Ok(true) => return true,
            Err(error) => {
                tracing::warn!(%error, "whether a file of a draft is still used");
                return false;
            }
        }
        if let Err(error) = self.platform.files.remove(sha256).await {
            tracing::warn!(%error, "a file of a draft was not removed");
            return false;
        }
        true
    }

    fn is_used(&self, sha256: &str) -> Result<bool, StoreError> {
        let store = self.store();
        Ok(files::media_type(store.db(), sha256)?.is_some() || picks::uses(store.db(), sha256)?)
    }

    pub(super) fn file_draft(self: &Rc<Self>, id: WorkOrderId) -> Result<Reply, EngineError> {
        self.not_being_retouched(id)?;
        let Some(draft) = drafts::get(self.store().db(), id)? else {
            // Filed already: the question came twice.
            if jobs::known(self.store().db(), id)? {
                return Ok(Reply::Done);
            }
            return Err(error(ErrorKind::NotHere, "This draft is not on this phone any more. Nothing was sent."));
        };
        if picks::to_come(self.store().db(), id)? > 0 {
            // What nobody has seen is not sent: it may have to be covered.
            return Err(error(
                ErrorKind::Incomplete,
                "Photos of this draft are still coming. It is kept; file it when they are there, or stop them.",
            ));
        }
        let ids = draft.ids;
        let to = draft.joins.unwrap_or(ids.work_order);
        let action = self.filing(draft)?;
        let reply = self.perform(ids.action, to, action, |db| {
            drafts::remove(db, id)?;
            files::hand_over(db, id, to, ids.action)
        })?;
        self.tell_drafts();
        Ok(reply)
    }

    /// The action that files a draft, if nothing is missing.
    fn filing(&self, draft: Draft) -> Result<Action, EngineError> {
        let joined = match draft.joins {
            Some(joins) => Some(jobs::one(self.store().db(), joins)?.ok_or_else(|| {
                error(
                    ErrorKind::NotHere,
                    "The job that this belongs to is not on this phone any more. The draft is kept.",
                )
            })?),
            None => None,
        };
        let service_code = draft.service_code.or_else(|| joined.as_ref().map(|row| row.service_code.clone()));
        if joined.is_none() && draft.place.is_none() {
            return Err(error(ErrorKind::Incomplete, "The place is missing: set a pin on the map. The draft is kept."));
        }
        let Some(service_code) = service_code else {
            return Err(error(ErrorKind::Incomplete, "The type is missing: pick what this is. The draft is kept."));
        };
        let (catalog_priority, hours) = self.promised(&service_code)?;
        let now = self.now()?;
        let request = Box::new(ServiceRequest {
            request: draft.ids.request,
            source: RequestSource::Field,
            service_code,
            description: draft.description.trim().to_owned(),
            answers: draft.answers,
            place: draft.place,
            address: draft.address,
            mirrors: None,
            observed_at: drafts::observed_at(self.store().db(), draft.ids.work_order)?,
        });
        let own = |photo: Photo| Photo { slot: PhotoSlot::Report, request: Some(draft.ids.request), ..photo };
        let photos = draft.photos.into_iter().map(own).collect();
        Ok(match joined {
            Some(_) => Action::Join { request, photos },
            None => Action::File {
                request,
                photos,
                priority: draft.priority.unwrap_or(catalog_priority),
                due: hours.map(|hours| now.saturating_add(i64::from(hours).saturating_mul(HOUR_MS))),
                assignment: None,
                follows: None,
            },
        })
    }

    /// What the catalog says of a type: how urgent, and within how many hours.
    fn promised(&self, code: &ServiceCode) -> Result<(Priority, Option<u32>), EngineError> {
        let city = self.city()?;
        let kind = city.as_ref().and_then(|city| city.service_type(code));
        Ok(kind.map_or((Priority::Normal, None), |kind| (kind.priority, Some(kind.hours_to_complete))))
    }

    pub(super) fn address(&self, place: LatLon) -> Result<Option<String>, EngineError> {
        Ok(self.city()?.and_then(|city| city.address_near(place)))
    }

    pub(super) fn save_form(&self, key: &str, value: Option<&str>) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| drafts::save_form(db, key, value))?;
        Ok(Reply::Done)
    }

    pub(super) fn form(&self, key: &str) -> Result<Reply, EngineError> {
        Ok(Reply::Form(drafts::form(self.store().db(), key)?))
    }
}

/// The phone's fix of `now` as the place of a photo: how long before it the photo was taken, if it says so beyond doubt, is how far the two
/// are apart.
pub(super) fn of_its_moment(place: PlaceFix, now: i64, taken_at: Option<i64>) -> PlaceFix {
    match taken_at {
        Some(taken_at) => PlaceFix { age_s: place.age_s.or(Some(0)), ..place }.aged(taken_at.saturating_sub(now)),
        None => place,
    }
}

/// Puts a photo behind those that were taken before it.
pub(super) fn in_order(photos: &mut Vec<Photo>, photo: Photo) {
    if photos.iter().any(|known| same_original(known, &photo)) {
        return;
    }
    let later = |known: &Photo| {
        known.taken_at.as_deref().zip(photo.taken_at.as_deref()).is_some_and(|(known, new)| known > new)
    };
    let at = photos.iter().position(later).unwrap_or(photos.len());
    photos.insert(at, photo);
}

/// Photos come to a draft while somebody types in it: what is saved knows only those that were there when it was begun.
fn keep_what_came(said: &mut Draft, known: &Draft) {
    // Nor does a card that had not yet heard of what was marked or covered bring back what was there before.
    said.photos.clone_from(&known.photos);
    said.remarks.clone_from(&known.remarks);
    // Nobody takes a place away.
    said.place = said.place.take().or_else(|| known.place.clone());
}

pub(super) fn new_draft(ids: DraftIds, now: i64) -> Draft {
    Draft {
        ids,
        photos: Vec::new(),
        remarks: Vec::new(),
        place: None,
        address: None,
        outside_is_right: false,
        service_code: None,
        priority: None,
        description: String::new(),
        answers: BTreeMap::new(),
        joins: None,
        created_at: now,
    }
}

fn same_original(a: &Photo, b: &Photo) -> bool {
    a.renditions.first().map(|rendition| &rendition.sha256) == b.renditions.first().map(|rendition| &rendition.sha256)
}

#[cfg(test)]
mod tests {
    use super::of_its_moment;
    use coldpatch_shared::geo::LatLon;
    use coldpatch_shared::order::{PlaceFix, PlaceSource};

    #[test]
    fn the_phones_place_is_as_old_as_it_is_far_from_the_photos_moment() {
        let at = LatLon { lat: 47.6, lon: -122.3 };
        let age = |age_s, taken_at| {
            let place = PlaceFix { at, source: PlaceSource::Device, accuracy_m: None, age_s };
            of_its_moment(place, 1_000_000, taken_at).age_s
        };
        assert_eq!(age(Some(4), Some(1_000_000)), Some(4));
        assert_eq!(age(Some(4), Some(996_000)), Some(0));
        assert_eq!(age(Some(4), Some(400_000)), Some(596), "photographed before the phone was asked");
        assert_eq!(age(None, Some(400_000)), Some(600));
        assert_eq!(age(Some(4), None), Some(4));
        assert_eq!(age(None, None), None);
    }
}
