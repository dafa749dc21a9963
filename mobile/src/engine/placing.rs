//! Places that come after their photos: a photo is kept at once, and the phone's fix is put to it when it is found.

use super::api::{EngineError, Reply};
use super::core::Engine;
use super::retouch::Retouched;
use super::store::{StoreError, drafts};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Photo, PlaceFix};
use futures_channel::oneshot;
use futures_util::future::select;
use std::rc::Rc;
use uuid::Uuid;

/// How long a photo that adds itself waits for its place, ms. It is kept meanwhile.
const PATIENCE_MS: i64 = 5_000;
/// The most photos of which that is remembered.
const MOST: usize = 100;

/// What is known of a photo whose place is being looked for. It is in memory only: a photo that outlives its engine goes on without.
#[derive(Debug, Default)]
pub(super) struct Placing {
    /// Whose it is, and its first file: once it is kept.
    kept: Option<(WorkOrderId, String)>,
    /// What the person's device found: once it said so.
    told: Option<Option<PlaceFix>>,
    waits: Option<oneshot::Sender<()>>,
}

impl Engine {
    /// The place of a photo that was asked to be kept, or that there will be none.
    pub(super) fn place_photo(self: &Rc<Self>, id: Uuid, place: Option<PlaceFix>) -> Result<Reply, EngineError> {
        let waits = {
            let mut all = self.placing.borrow_mut();
            let placing = all.entry(id).or_default();
            placing.told = Some(place.filter(|place| place.at.checked().is_ok()));
            let waits = placing.waits.take();
            // Of photos that said it themselves, nobody asks any more.
            while all.len() > MOST {
                all.pop_first();
            }
            waits
        };
        let placed = self.put_place(id);
        if let Some(waits) = waits {
            // Nobody waits any more when it took too long.
            let _ = waits.send(());
        }
        placed?;
        Ok(Reply::Done)
    }

    /// This photo is kept; its place may follow, or be here before it.
    pub(super) fn awaits_place(self: &Rc<Self>, id: Uuid, of: &Retouched) -> Result<(), EngineError> {
        self.placing.borrow_mut().entry(id).or_default().kept = Some((of.work_order, of.photo.clone()));
        self.put_place(id)
    }

    /// Ends when the place was told, or takes too long.
    pub(super) async fn place_comes(&self, id: Uuid) {
        let told = {
            let mut all = self.placing.borrow_mut();
            let Some(placing) = all.get_mut(&id).filter(|placing| placing.told.is_none()) else { return };
            let (waits, told) = oneshot::channel();
            placing.waits = Some(waits);
            told
        };
        select(told, self.platform.host.sleep(PATIENCE_MS)).await;
        self.placing.borrow_mut().remove(&id);
    }

    /// Puts the place to its photo, once both are here.
    fn put_place(self: &Rc<Self>, id: Uuid) -> Result<(), EngineError> {
        let (work_order, photo, place) = {
            let mut all = self.placing.borrow_mut();
            let Some(Placing { kept: Some((work_order, photo)), told: Some(place), .. }) = all.get(&id) else {
                return Ok(());
            };
            let known = (*work_order, photo.clone(), place.clone());
            all.remove(&id);
            known
        };
        let Some(place) = place else { return Ok(()) };
        let address = self.address(place.at)?;
        let of = Retouched { work_order, photo };
        let is_draft = self.store_mut().transact(|db| {
            // It may be added, filed or thrown away by now.
            let Some(found) = of.find_where(db, |photo| photo.place.is_none())? else { return Ok(None) };
            of.replace(db, &found, &Photo { place: Some(place.clone()), ..found.photo.clone() })?;
            if found.is_draft
                && let Some(mut draft) = drafts::get(db, work_order)?
                && draft.place.is_none()
            {
                (draft.place, draft.address) = (Some(place), address);
                drafts::save(db, &draft)?;
            }
            Ok::<_, StoreError>(Some(found.is_draft))
        })?;
        match is_draft {
            Some(true) => self.tell_drafts(),
            Some(false) => self.tell_shots(work_order),
            None => {}
        }
        Ok(())
    }
}
