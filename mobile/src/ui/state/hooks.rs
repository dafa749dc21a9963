//! What views ask for. Each answer is asked for again when the engine says that it changed; until the new one is there the
//! old one stays, so that no screen flickers.

use super::{Device, Devices, Loaded, Town};
use crate::engine::api::{Day, DayFilter, EngineError, Job, JobsFilter, JobsPage};
use crate::ui::components::photo::Picture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use coldpatch_shared::order::PlaceFix;
use dioxus::prelude::*;

/// More pictures than this are not kept: a thumbnail is 15 KB.
const PICTURES: usize = 400;

/// A device that somebody is signed in to, and its city.
#[derive(Clone, PartialEq)]
pub struct Here {
    /// The device.
    pub device: Device,
    /// Whose it is.
    pub me: Session,
    /// The city.
    pub town: Town,
}

/// The device of this route, once its session and its city are there; the layout draws no view before.
pub fn use_here(id: DeviceId) -> Option<Here> {
    let device = use_context::<Devices>().device(id).ok()?;
    let session = device.session.read();
    let town = device.town.read();
    match (&*session, &*town) {
        (Loaded::Here(Some(me)), Loaded::Here(Some(town))) => Some(Here { device, me: me.clone(), town: town.clone() }),
        _ => None,
    }
}

/// A list of jobs. `filter` may read signals.
pub fn use_jobs(
    device: Device,
    mut filter: impl FnMut() -> JobsFilter + 'static,
) -> Resource<Result<JobsPage, EngineError>> {
    use_resource(move || {
        let filter = filter();
        device.jobs_changed.read();
        async move { device.jobs(filter).await }
    })
}

/// A crew's day. `filter` may read signals.
pub fn use_day(device: Device, mut filter: impl FnMut() -> DayFilter + 'static) -> Resource<Result<Day, EngineError>> {
    use_resource(move || {
        let filter = filter();
        device.jobs_changed.read();
        async move { device.day(filter).await }
    })
}

/// Where the device is, as far as it may say so: nobody is asked for it.
pub fn use_fix(device: Device) -> Option<PlaceFix> {
    let platform = use_context::<Devices>().platform();
    use_hook(move || {
        spawn(async move {
            if let Some(fix) = platform.0.locate_if_allowed().await {
                let mut last = device.fix;
                last.set(Some(fix));
            }
        })
    });
    device.fix.read().clone()
}

/// One job. A view that may change its job is given a `key`.
pub fn use_job(device: Device, id: WorkOrderId) -> Resource<Result<Option<Job>, EngineError>> {
    use_resource(move || {
        device.jobs_changed.read();
        async move { device.job(id).await }
    })
}

/// A photo file as something that can be shown. One that is not here is tried again when the city was heard.
pub fn use_picture(device: Device, sha256: Option<String>) -> Option<Picture> {
    let mut picture = use_signal(|| None::<(String, Picture)>);
    // The contact after which a missing file was last asked for.
    let mut missing_since = use_signal(|| None::<Option<i64>>);
    use_effect(use_reactive(&sha256, move |sha256| {
        let heard = match missing_since() {
            Some(asked) => {
                let heard = device.sync.read().last_contact;
                if heard == asked {
                    return;
                }
                heard
            }
            None => device.sync.peek().last_contact,
        };
        let Some(sha256) = sha256 else { return };
        if let Some(url) = device.pictures.read().get(&sha256) {
            return picture.set(Some((sha256.clone(), Picture::Here(url.to_string()))));
        }
        spawn(async move {
            let shown = load(device, sha256.clone()).await;
            let missing = (shown == Picture::Elsewhere).then_some(heard);
            if *missing_since.peek() != missing {
                missing_since.set(missing);
            }
            picture.set(Some((sha256, shown)));
        });
    }));
    let sha256 = sha256?;
    match picture() {
        Some((of, shown)) if of == sha256 => Some(shown),
        _ => Some(Picture::Coming),
    }
}

async fn load(device: Device, sha256: String) -> Picture {
    let Ok(Some(file)) = device.file(sha256.clone()).await else { return Picture::Elsewhere };
    if !matches!(file.media_type.as_str(), "image/jpeg" | "image/png" | "image/webp" | "image/gif") {
        return Picture::NoPreview;
    }
    let url = format!("data:{};base64,{}", file.media_type, STANDARD.encode(&file.bytes));
    let mut pictures = device.pictures;
    let mut pictures = pictures.write();
    if pictures.len() >= PICTURES {
        pictures.clear();
    }
    pictures.insert(sha256, url.as_str().into());
    Picture::Here(url)
}
