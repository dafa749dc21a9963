//! The job's photos: reported, before, after; taken here and shown large.

use super::take::TakeTile;
use crate::engine::api::{Ask, EngineError, ErrorKind, Job, Reply};
use crate::engine::fresh_id;
use crate::platform::now_ms;
use crate::ui::components::button::Button;
use crate::ui::components::card::Section;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::icon::Glyph;
use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::components::photo::{PhotoInput, PhotoInputLook, Picture};
use crate::ui::state::{Device, Devices, Here, use_picture};
use crate::ui::views::camera::{Camera, Held, Purpose, keep_files, place_later, read_in_turn, use_has_camera};
use crate::ui::views::drafts::place_in_time;
use crate::ui::views::picture::{LivePhoto, large, small};
use crate::ui::words;
use coldpatch_shared::city::Units;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Entry, Photo, PhotoSlot, PlaceFix};
use dioxus::core::spawn_forever;
use dioxus::html::FileData;
use dioxus::prelude::*;
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{OptionFuture, join, join_all};
use futures_util::lock::Mutex;

/// A file that is not older was made for this photo, ms: the camera's own screen asks whether it is good.
const NEW_MS: i64 = 120_000;
/// How long the phone may look for its place, ms; the engine waits a little longer.
const PLACE_TIMEOUT_MS: i64 = 4_000;

fn name(slot: PhotoSlot) -> &'static str {
    match slot {
        PhotoSlot::Report => words::job::REPORTED,
        PhotoSlot::Before => words::job::BEFORE,
        PhotoSlot::After => words::job::AFTER,
        PhotoSlot::Other => "",
    }
}

/// All photos, and the tiles that take the next.
#[component]
pub(crate) fn Photos(here: Here, job: Job) -> Element {
    let device = here.device;
    let id = job.order.id;
    let mut reading = use_signal(|| 0_u32);
    let mut open = use_signal(|| None::<Entry<Photo>>);
    let has = |slot: PhotoSlot| job.order.photos.iter().any(|photo| photo.body.slot == slot);
    let (has_before, has_after) = (has(PhotoSlot::Before), has(PhotoSlot::After));
    let platform = use_context::<Devices>().platform();
    let platform = use_hook(|| CopyValue::new(platform));
    let attach = move |slot: PhotoSlot, files: Vec<FileData>| {
        reading += 1;
        let (done, kept) = oneshot::channel();
        let platform = platform.read().clone();
        spawn_forever(async move {
            let turn = Mutex::new(());
            // Asked for only where a photo was just taken: the phone is where that was.
            let place = place_in_time(platform, PLACE_TIMEOUT_MS).boxed_local().shared();
            join_all(files.iter().map(|file| attach_one(device, id, slot, file, &turn, place.clone()))).await;
            // The screen may have been left.
            let _ = done.send(());
        });
        spawn(async move {
            let _ = kept.await;
            reading -= 1;
        });
    };
    let (mut before, mut after) = (attach, attach);
    let keep = use_callback(move |(slot, files): (PhotoSlot, Vec<FileData>)| {
        reading += 1;
        let kept = keep_files(device, id, slot, files);
        spawn(async move {
            let _ = kept.await;
            reading -= 1;
        });
    });
    let live = use_has_camera();
    let mut camera = use_signal(|| None::<PhotoSlot>);
    // What was there before, for whoever stands in the same place again.
    let ghost = job.order.photos.iter().rev().find(|photo| photo.body.slot == PhotoSlot::Before);
    let ghost = ghost.map(|photo| photo.body.clone());
    let next = if has_before && !has_after { PhotoSlot::After } else { PhotoSlot::Before };
    let waits = |photo: &Entry<Photo>| {
        job.only_here.contains(&photo.id)
            || photo.body.renditions.iter().any(|file| job.files_waiting.contains(&file.sha256))
    };
    rsx! {
        Section { title: words::job::PHOTOS, testid: "photos",
            div { class: "photos",
                for photo in &job.order.photos {
                    div { key: "{photo.id}", "data-testid": "photo-{slot_key(photo.body.slot)}",
                        button {
                            class: "photo-open",
                            r#type: "button",
                            aria_label: "{words::job::PHOTOS}: {name(photo.body.slot)}",
                            onclick: {
                                let photo = photo.clone();
                                move |_| open.set(Some(photo.clone()))
                            },
                            LivePhoto { device, sha256: small(&photo.body), blur: photo.body.blur.clone(), alt: name(photo.body.slot), badge: name(photo.body.slot), only_here: waits(photo), drawing: Drawing::of(&photo.body) }
                        }
                    }
                }
                if !has_before {
                    TakeTile { live, label: words::job::BEFORE_PHOTO, testid: "before-photo", onlive: move |()| camera.set(Some(PhotoSlot::Before)), onpick: move |files| keep.call((PhotoSlot::Before, files)), onfiles: move |files| before(PhotoSlot::Before, files) }
                }
                if !has_after {
                    TakeTile { live, label: words::job::AFTER_PHOTO, testid: "after-photo", onlive: move |()| camera.set(Some(PhotoSlot::After)), onpick: move |files| keep.call((PhotoSlot::After, files)), onfiles: move |files| after(PhotoSlot::After, files) }
                }
            }
            if has_before || has_after {
                div { class: "two",
                    if has_before && live {
                        Button { glyph: Glyph::Camera, testid: "live-before-photo", onclick: move |()| camera.set(Some(PhotoSlot::Before)), {words::job::ANOTHER_BEFORE} }
                    } else if has_before {
                        PhotoInput { look: PhotoInputLook::Plain, label: words::job::ANOTHER_BEFORE, capture: true, testid: "before-photo", onfiles: move |files| before(PhotoSlot::Before, files) }
                    }
                    if has_after && live {
                        Button { glyph: Glyph::Camera, testid: "live-after-photo", onclick: move |()| camera.set(Some(PhotoSlot::After)), {words::job::ANOTHER_AFTER} }
                    } else if has_after {
                        PhotoInput { look: PhotoInputLook::Plain, label: words::job::ANOTHER_AFTER, capture: true, testid: "after-photo", onfiles: move |files| after(PhotoSlot::After, files) }
                    }
                }
            }
            if !live {
                PhotoInput { look: PhotoInputLook::Plain, label: words::camera::retouch_first(next), multiple: true, testid: "retouch-photo", onfiles: move |files| keep.call((next, files)) }
            }
            // What lies under the camera is not there twice.
            if camera().is_none() {
                Held { device, id, busy: reading() > 0 }
            }
            if reading() > 0 {
                p { class: "well", role: "status", {words::job::READING_PHOTO} }
            }
        }
        if let Some(slot) = camera() {
            Camera {
                here: here.clone(),
                purpose: Purpose::Job(id, slot),
                before: ghost.filter(|_| slot == PhotoSlot::After),
                keeping: reading() > 0,
                onfiles: move |files| keep.call((slot, files)),
                onclose: move |()| camera.set(None),
            }
        }
        if let Some(photo) = open() {
            Large { device, units: here.town.units, photo: photo.body.clone(), onclose: move |()| open.set(None) }
        }
    }
}

fn slot_key(slot: PhotoSlot) -> &'static str {
    match slot {
        PhotoSlot::Report => "report",
        PhotoSlot::Before => "before",
        PhotoSlot::After => "after",
        PhotoSlot::Other => "other",
    }
}

async fn attach_one(
    device: Device,
    work_order: WorkOrderId,
    slot: PhotoSlot,
    file: &FileData,
    turn: &Mutex<()>,
    place: impl Future<Output = Option<PlaceFix>>,
) {
    let Some(bytes) = read_in_turn(file, turn).await else {
        let message = words::draft::not_taken_in(&file.name(), words::draft::UNREADABLE);
        return device.trouble(EngineError { kind: ErrorKind::Photo, message });
    };
    let id = fresh_id();
    let place_follows = is_new(file);
    let ask = Ask::AttachPhoto { action_id: ActionId(id), work_order, slot, file: bytes, place_follows };
    let placing = OptionFuture::from(place_follows.then(|| place_later(device, id, place)));
    match join(device.ask(ask), placing).await.0 {
        Ok(Reply::Remarks(remarks)) => {
            for remark in remarks {
                device.remark(words::draft::remark(&file.name(), &remark));
            }
        }
        Ok(_) => {}
        Err(error) => {
            let message = words::draft::not_taken_in(&file.name(), &error.message);
            device.trouble(EngineError { message, ..error });
        }
    }
}

/// Whether the file was made just now, as the platform's camera does for us.
fn is_new(file: &FileData) -> bool {
    let made_at = i64::try_from(file.last_modified()).unwrap_or(0);
    now_ms().saturating_sub(made_at).abs() <= NEW_MS
}

#[component]
fn Large(device: Device, units: Units, photo: Photo, onclose: EventHandler<()>) -> Element {
    let full = use_picture(device, large(&photo));
    let quick = use_picture(device, small(&photo));
    let shown = match (full, quick) {
        (Some(Picture::Here(url)), _) | (_, Some(Picture::Here(url))) => Some(url),
        _ => None,
    };
    rsx! {
        Dialog { title: if name(photo.slot).is_empty() { words::job::PHOTOS } else { name(photo.slot) }, testid: "photo-large", onclose,
            if let Some(url) = shown {
                div { class: "marked",
                    img { class: "photo-large", src: "{url}", alt: name(photo.slot) }
                    MarksLayer { drawing: Drawing::of(&photo), whole: true }
                }
            } else {
                p { {words::job::PHOTO_ELSEWHERE} }
            }
            if let Some(taken) = photo.taken_at.as_deref().and_then(words::draft::taken) {
                p { class: "small num", "{taken}" }
            }
            if let Some(place) = &photo.place {
                p { class: "small num", "data-testid": "photo-place", {words::line([words::draft::source(place, units), place.at.to_string()])} }
            }
            if photo.covered {
                p { class: "small", "data-testid": "covered", {words::camera::COVERED} }
            }
        }
    }
}
