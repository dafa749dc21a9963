//! Photos that were taken for a job and not yet added to it: what the form of taking them holds. While it holds any, their job
//! stays on the device as with every open form.

use super::values::{from_json, to_json};
use super::{StoreError, drafts};
use crate::engine::api::Shot;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Photo, RenditionKind};
use rusqlite::Connection;

fn key(work_order: WorkOrderId) -> String {
    format!("job/{work_order}/shots")
}

/// Who uses a shot's files until it is added.
pub(crate) fn owner(shot: &Shot) -> WorkOrderId {
    WorkOrderId(shot.id.0)
}

/// Those of one work order, oldest first.
pub(crate) fn of(db: &Connection, work_order: WorkOrderId) -> Result<Vec<Shot>, StoreError> {
    let text = drafts::form(db, &key(work_order))?;
    text.as_deref().map_or_else(|| Ok(Vec::new()), |text| from_json("shots", text))
}

/// Keeps those of one work order as they are now.
pub(crate) fn save(db: &Connection, work_order: WorkOrderId, shots: &[Shot]) -> Result<(), StoreError> {
    let text = if shots.is_empty() { None } else { Some(to_json("shots", &shots)?) };
    drafts::save_form(db, &key(work_order), text.as_deref())
}

/// Photos of jobs and drafts of which there is only the original so far: whose, and the original's SHA-256. What this device has no
/// decoder for is found out quickly.
pub(crate) fn unmade(db: &Connection) -> Result<Vec<(WorkOrderId, String)>, StoreError> {
    let mut photos: Vec<(WorkOrderId, Photo)> = Vec::new();
    for (work_order, shots) in every(db)? {
        // Those that add themselves are made for that.
        let waiting = shots.into_iter().filter(|shot| !shot.adds_itself);
        photos.extend(waiting.map(|shot| (work_order, shot.photo)));
    }
    for draft in drafts::all(db)? {
        photos.extend(draft.photos.into_iter().map(|photo| (draft.ids.work_order, photo)));
    }
    let original = |(work_order, photo): (WorkOrderId, Photo)| match photo.renditions.as_slice() {
        [only] if only.kind == RenditionKind::Original => Some((work_order, only.sha256.clone())),
        _ => None,
    };
    Ok(photos.into_iter().filter_map(original).collect())
}

/// Those that are to be added as soon as they are made.
pub(crate) fn adding_themselves(db: &Connection) -> Result<Vec<(WorkOrderId, ActionId)>, StoreError> {
    let shots = every(db)?.into_iter().flat_map(|(id, shots)| shots.into_iter().map(move |shot| (id, shot)));
    Ok(shots.filter(|(_, shot)| shot.adds_itself).map(|(id, shot)| (id, shot.id)).collect())
}

/// It could not be added: the person says what becomes of it.
pub(crate) fn no_longer_adds_itself(db: &Connection, work_order: WorkOrderId, id: ActionId) -> Result<(), StoreError> {
    let mut all = of(db, work_order)?;
    all.iter_mut().filter(|shot| shot.id == id).for_each(|shot| shot.adds_itself = false);
    save(db, work_order, &all)
}

/// The work orders that have any that wait for the person, and how many.
pub(crate) fn all(db: &Connection) -> Result<Vec<(WorkOrderId, u32)>, StoreError> {
    let counted = every(db)?.into_iter().map(|(id, shots)| {
        let waiting = shots.iter().filter(|shot| !shot.adds_itself).count();
        (id, u32::try_from(waiting).unwrap_or(u32::MAX))
    });
    Ok(counted.filter(|(_, waiting)| *waiting > 0).collect())
}

fn every(db: &Connection) -> Result<Vec<(WorkOrderId, Vec<Shot>)>, StoreError> {
    let mut statement = db.prepare_cached("SELECT key, value FROM forms WHERE key LIKE 'job/%/shots' ORDER BY key")?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, value): (String, String) = (row.get(0)?, row.get(1)?);
        let Some(id) = key.split('/').nth(1).and_then(|id| id.parse().ok()) else { continue };
        all.push((id, from_json("shots", &value)?));
    }
    Ok(all)
}
