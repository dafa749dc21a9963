//! A photo that went while it was open in the editor: several tabs have one database, and what another one did to it is said.

use super::strip::Taken;
use crate::engine::api::EngineError;
use crate::ui::state::Device;
use crate::ui::words;
use coldpatch_shared::ids::{ActionId, EntryId};
use coldpatch_shared::order::Photo;
use dioxus::core::spawn_forever;

/// Says where the photo is, unless it is where it was: then only its screen was left. `drawn`: something was, and is not kept.
pub(super) fn tell(device: Device, taken: Taken, drawn: bool) {
    spawn_forever(async move {
        let what = match taken.shot {
            Some(shot) => of_shot(device, &taken, shot).await,
            None => of_draft(device, &taken).await,
        };
        match what {
            Ok(Some(what)) if drawn => device.remark(format!("{what} {}", words::camera::DRAWN_IN_VAIN)),
            Ok(Some(what)) => device.remark(what.to_owned()),
            Ok(None) => {}
            Err(error) => device.trouble(error),
        }
    });
}

async fn of_shot(device: Device, taken: &Taken, shot: ActionId) -> Result<Option<&'static str>, EngineError> {
    if device.shots(taken.work_order).await?.iter().any(|known| known.id == shot) {
        return Ok(None);
    }
    let entry = EntryId::nth(shot, 0);
    let job = device.job(taken.work_order).await?;
    if job.is_some_and(|job| job.order.photos.iter().any(|photo| photo.id == entry)) {
        return Ok(Some(words::camera::ADDED_ELSEWHERE));
    }
    let draft = device.drafts().await?.iter().any(|draft| draft.ids.action == shot);
    Ok(Some(if draft { words::camera::DRAFT_ELSEWHERE } else { words::camera::THROWN_ELSEWHERE }))
}

async fn of_draft(device: Device, taken: &Taken) -> Result<Option<&'static str>, EngineError> {
    let drafts = device.drafts().await?;
    let with_it = drafts.iter().find(|draft| draft.photos.iter().any(|photo| same(photo, &taken.photo)));
    let still = drafts.iter().any(|draft| draft.ids.work_order == taken.work_order);
    Ok(match with_it {
        Some(draft) if draft.ids.work_order == taken.work_order => None,
        Some(_) => Some(words::camera::MOVED_ELSEWHERE),
        None if still => Some(words::camera::COVERED_ELSEWHERE),
        None if device.job(taken.joins.unwrap_or(taken.work_order)).await?.is_some_and(|job| {
            taken.joins.is_none() || job.order.photos.iter().any(|photo| same(&photo.body, &taken.photo))
        }) =>
        {
            Some(words::camera::FILED_ELSEWHERE)
        }
        None => Some(words::camera::DISCARDED_ELSEWHERE),
    })
}

fn same(one: &Photo, other: &Photo) -> bool {
    one.renditions.first().map(|file| &file.sha256) == other.renditions.first().map(|file| &file.sha256)
}
