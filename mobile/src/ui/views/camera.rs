//! The camera, full screen: what was taken is kept at once, and stays in the strip until it is added or becomes a report.

mod place;
mod session;

use crate::engine::api::{Ask, Draft, DraftIds, EngineError, ErrorKind, Reply, Shot};
use crate::engine::{fresh_action, fresh_id};
use crate::platform::now_ms;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::camera::{GhostControl, NoCamera, StripPhoto, Thirds, fitted};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::components::photo::{PhotoInput, PhotoInputLook, Picture};
use crate::ui::state::{Device, Devices, Here, use_picture};
use crate::ui::views::picture::{large, small};
use crate::ui::views::retouch::Retouch;
use crate::ui::words;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot};
use dioxus::core::spawn_forever;
use dioxus::html::FileData;
use dioxus::prelude::*;
use futures_channel::oneshot;
use session::{Look, Session, use_session};

/// How strongly the photo from before shows at first, percent.
const GHOST: u32 = 35;

/// What the photos are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// A job's photos of one kind; they wait until they are added.
    Job(WorkOrderId, PhotoSlot),
    /// New reports; each photo is a draft's at once.
    Reports,
}

/// Whether the camera can be offered here. Nobody is asked for it by asking that.
pub(crate) fn use_has_camera() -> bool {
    let platform = use_context::<Devices>().platform();
    let there = use_resource(move || platform.0.has_camera());
    there().unwrap_or(false)
}

fn fresh_ids() -> DraftIds {
    DraftIds { work_order: WorkOrderId(fresh_id()), request: ServiceRequestId(fresh_id()), action: fresh_action() }
}

/// A photo in the strip.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    photo: Photo,
    /// The draft that it belongs to, or the job for which it waits.
    work_order: WorkOrderId,
    /// The shot that it is, if it waits for a job.
    shot: Option<ActionId>,
}

impl Taken {
    fn of_job(work_order: WorkOrderId, shot: Shot) -> Self {
        Self { photo: shot.photo, work_order, shot: Some(shot.id) }
    }

    fn of_draft(work_order: WorkOrderId, photo: Photo) -> Self {
        Self { photo, work_order, shot: None }
    }

    /// What tells it from the others.
    fn name(&self) -> String {
        let first = || self.photo.renditions.first().map(|file| file.sha256.clone()).unwrap_or_default();
        self.shot.map_or_else(first, |shot| shot.to_string())
    }
}

/// The camera. `onfiles` takes what is picked instead.
#[component]
pub(crate) fn Camera(
    here: Here,
    purpose: Purpose,
    /// The photo from before, to be seen through.
    before: Option<Photo>,
    onfiles: EventHandler<Vec<FileData>>,
    onclose: EventHandler<()>,
) -> Element {
    let device = here.device;
    let session = use_session();
    let mut pending = use_signal(|| 0_u32);
    let mut shots = use_signal(|| 0_u32);
    let mut ids = use_signal(fresh_ids);
    let mut open = use_signal(|| None::<String>);
    let mut strength = use_signal(|| GHOST);
    let taken = use_taken(device, purpose, ids);
    let list = taken();
    let ghost = use_picture(device, before.as_ref().and_then(large));
    let fix = place::use_fix();
    let (units, zone) = (here.town.units, here.town.zone().clone());
    let shoot = use_callback(move |()| {
        let (picture, place) = (session.shoot(), fix.for_shot());
        let at_ms = now_ms();
        let at = zone.camera(at_ms);
        let ids = *ids.peek();
        pending += 1;
        shots += 1;
        let (done, kept) = oneshot::channel();
        spawn_forever(async move {
            let kept = match picture.await {
                Ok(file) => {
                    let taken = crate::engine::api::Taken { at: Some(at), at_ms: Some(at_ms), place: place.await };
                    device.ask(kept_as(purpose, ids, file, taken)).await.map(|_| ())
                }
                Err(error) => {
                    tracing::warn!(%error, "no picture");
                    Err(EngineError { kind: ErrorKind::Photo, message: words::camera::NOT_TAKEN.to_owned() })
                }
            };
            if let Err(error) = kept {
                device.trouble(error);
            }
            // The screen may have been left.
            let _ = done.send(());
        });
        spawn(async move {
            let _ = kept.await;
            pending -= 1;
        });
    });
    let pick = move |files: Vec<FileData>| {
        if let Purpose::Job(id, slot) = purpose {
            keep_files(device, id, slot, files);
        } else {
            onfiles.call(files);
        }
    };
    let live = *session.look.read();
    let busy = pending() > 0;
    rsx! {
        div { class: "darkroom", role: "dialog", aria_modal: "true", aria_label: words::camera::VIEWFINDER, "data-testid": "camera",
            onkeydown: move |event| if event.key() == Key::Escape { onclose.call(()) },
            div { class: "darkroom-top",
                IconButton { glyph: Glyph::Close, label: words::CLOSE, testid: "camera-close", onclick: move |()| onclose.call(()) }
                p { class: "grow strong", {words::camera::title(match purpose { Purpose::Job(_, slot) => Some(slot), Purpose::Reports => None })} }
                if let Look::Live { torch: Some(on), .. } = live {
                    button {
                        class: "icon-button",
                        r#type: "button",
                        aria_label: words::camera::TORCH,
                        aria_pressed: "{on}",
                        "data-testid": "torch",
                        onclick: move |_| session.set_torch(!on),
                        Icon { glyph: Glyph::Torch }
                    }
                }
            }
            match live {
                Look::Failed(why) => rsx! {
                    NoCamera {
                        why: why.to_string(),
                        onagain: move |()| session.open(),
                        onfiles: move |files| {
                            onfiles.call(files);
                            onclose.call(());
                        },
                    }
                },
                Look::Starting | Look::Paused | Look::Live { .. } => rsx! {
                    Finder { session, ghost: ghost.filter(|_| before.is_some()), strength: strength(), flash: shots(), said: fix.said(units) }
                    if before.is_some() {
                        GhostControl { value: strength(), onchange: move |value| strength.set(value) }
                    }
                    Strip { device, taken: list.clone(), busy, onopen: move |name| open.set(Some(name)) }
                    div { class: "shutter-bar",
                        PhotoInput { look: PhotoInputLook::Plain, label: words::camera::PICK, multiple: true, testid: "camera-pick", onfiles: pick }
                        button {
                            class: "shutter",
                            r#type: "button",
                            aria_label: words::camera::SHOOT,
                            disabled: !matches!(live, Look::Live { .. }),
                            "data-testid": "shutter",
                            onclick: move |_| shoot.call(()),
                        }
                        match purpose {
                            Purpose::Job(id, _) => rsx! {
                                Button {
                                    weight: Weight::Main,
                                    disabled: list.is_empty() || busy,
                                    testid: "add-shots",
                                    onclick: move |()| {
                                        add_shots(device, id);
                                        onclose.call(());
                                    },
                                    if busy { {words::camera::KEEPING} } else { {words::camera::add_short(list.len())} }
                                }
                            },
                            Purpose::Reports => rsx! {
                                Button {
                                    disabled: list.is_empty() || busy,
                                    testid: "next-report",
                                    onclick: move |()| ids.set(fresh_ids()),
                                    if busy { {words::camera::KEEPING} } else { {words::camera::NEXT_REPORT} }
                                }
                            },
                        }
                    }
                },
            }
            if let Some(chosen) = list.into_iter().find(|taken| Some(taken.name()) == open()) {
                RetouchTaken { device, taken: chosen, onclose: move |()| open.set(None) }
            }
        }
    }
}

/// What the camera sees, with what lies over it.
#[component]
fn Finder(session: Session, ghost: Option<Picture>, strength: u32, flash: u32, said: String) -> Element {
    let size = session.size.read().unwrap_or((4, 3));
    rsx! {
        div { class: "darkroom-stage",
            div { class: "darkroom-picture", style: fitted(size.0, size.1),
                video {
                    id: session::VIDEO,
                    autoplay: true,
                    muted: true,
                    "playsinline": "true",
                    aria_label: words::camera::VIEWFINDER,
                    "data-testid": "viewfinder",
                    onloadedmetadata: move |_| session.measure(),
                }
                if let Some(Picture::Here(url)) = ghost {
                    img { class: "ghost", src: "{url}", alt: "", style: "opacity: {strength}%", "data-testid": "ghost" }
                }
                Thirds { width: size.0, height: size.1 }
                for number in [flash] {
                    if number > 0 {
                        span { key: "{number}", class: "flash", aria_hidden: "true" }
                    }
                }
            }
            span { class: "camera-said", role: "status", "data-testid": "camera-said",
                if *session.look.read() == Look::Starting { {words::camera::STARTING} } else { "{said}" }
            }
        }
    }
}

#[component]
fn Strip(device: Device, taken: Vec<Taken>, busy: bool, onopen: EventHandler<String>) -> Element {
    rsx! {
        div { class: "strip", aria_label: words::camera::STRIP, "data-testid": "strip",
            for (number, taken) in taken.into_iter().enumerate() {
                StripOne { key: "{number}", device, number: number + 1, photo: taken.photo.clone(), onopen: move |()| onopen.call(taken.name()) }
            }
            if busy {
                span { class: "busy", role: "status", {words::camera::KEEPING} }
            }
        }
    }
}

#[component]
fn StripOne(device: Device, number: usize, photo: Photo, onopen: EventHandler<()>) -> Element {
    let picture = use_picture(device, small(&photo));
    rsx! {
        StripPhoto { picture, number, onopen, MarksLayer { drawing: Drawing::of(&photo) } }
    }
}

/// One of the strip's, large.
#[component]
fn RetouchTaken(device: Device, taken: Taken, onclose: EventHandler<()>) -> Element {
    let Taken { photo, work_order, shot } = taken;
    let throw = shot.map(|shot| {
        EventHandler::new(move |()| {
            device.send(Ask::DropShot { work_order, shot });
            onclose.call(());
        })
    });
    rsx! {
        Retouch { device, photo, work_order, onthrow: throw, onclose }
    }
}

/// The photos of a job that wait, as the job's screen shows them.
#[component]
pub(crate) fn Held(device: Device, id: WorkOrderId) -> Element {
    let taken = use_taken(device, Purpose::Job(id, PhotoSlot::Other), use_signal(fresh_ids));
    let mut open = use_signal(|| None::<String>);
    let list = taken();
    if list.is_empty() {
        return rsx! {};
    }
    let count = list.len();
    rsx! {
        div { class: "well held stack", "data-testid": "held",
            p { class: "strong", {words::camera::NOT_ADDED} }
            p { class: "small", {words::camera::NOT_ADDED_WHAT} }
            Strip { device, taken: list.clone(), busy: false, onopen: move |name| open.set(Some(name)) }
            Button { weight: Weight::Plain, testid: "add-held", onclick: move |()| add_shots(device, id), {words::camera::add(count)} }
        }
        if let Some(chosen) = list.into_iter().find(|taken| Some(taken.name()) == open()) {
            RetouchTaken { device, taken: chosen, onclose: move |()| open.set(None) }
        }
    }
}

/// A draft's photos, to be marked and covered: one opens at once, of several one is chosen.
#[component]
pub(crate) fn DraftPhotos(device: Device, draft: Draft, onclose: EventHandler<()>) -> Element {
    let id = draft.ids.work_order;
    let list: Vec<Taken> = draft.photos.into_iter().map(|photo| Taken::of_draft(id, photo)).collect();
    let mut open = use_signal(|| if let [only] = list.as_slice() { Some(only.name()) } else { None });
    let (single, shown) = (list.len() == 1, open());
    if let Some(chosen) = list.iter().find(|taken| Some(taken.name()) == shown) {
        return rsx! {
            RetouchTaken { device, taken: chosen.clone(), onclose: move |()| if single { onclose.call(()) } else { open.set(None) } }
        };
    }
    rsx! {
        Dialog { title: words::camera::RETOUCH, testid: "draft-photos", onclose,
            div { class: "held", Strip { device, taken: list, busy: false, onopen: move |name| open.set(Some(name)) } }
        }
    }
}

/// What is in the strip: a job's photos that wait, or those of the draft that is being made.
fn use_taken(device: Device, purpose: Purpose, ids: Signal<DraftIds>) -> ReadSignal<Vec<Taken>> {
    let mut taken = use_signal(Vec::new);
    let read = use_resource(move || {
        device.jobs_changed.read();
        device.drafts_changed.read();
        let draft = ids.read().work_order;
        async move {
            match purpose {
                Purpose::Job(id, _) => device
                    .shots(id)
                    .await
                    .map(|shots| shots.into_iter().map(|shot| Taken::of_job(id, shot)).collect::<Vec<_>>()),
                Purpose::Reports => device.drafts().await.map(|drafts| {
                    let mine = drafts.into_iter().filter(|known| known.ids.work_order == draft);
                    mine.flat_map(|known| known.photos).map(|photo| Taken::of_draft(draft, photo)).collect()
                }),
            }
        }
    });
    use_effect(move || {
        if let Some(Ok(now)) = &*read.read() {
            taken.set(now.clone());
        }
    });
    taken.into()
}

fn kept_as(purpose: Purpose, ids: DraftIds, file: Vec<u8>, taken: crate::engine::api::Taken) -> Ask {
    match purpose {
        Purpose::Job(work_order, slot) => Ask::KeepShot { shot: fresh_action(), work_order, slot, file, taken },
        Purpose::Reports => Ask::DraftFromShot { ids, file, taken },
    }
}

/// Picked files wait beside what was taken.
pub(crate) fn keep_files(device: Device, id: WorkOrderId, slot: PhotoSlot, files: Vec<FileData>) {
    spawn_forever(async move {
        for file in files {
            let kept = match file.read_bytes().await {
                Ok(bytes) => {
                    let ask = kept_as(Purpose::Job(id, slot), fresh_ids(), bytes.to_vec(), Default::default());
                    device.ask(ask).await.map(|_| ())
                }
                Err(_) => Err(EngineError { kind: ErrorKind::Photo, message: words::draft::UNREADABLE.to_owned() }),
            };
            if let Err(error) = kept {
                let message = words::draft::not_taken_in(&file.name(), &error.message);
                device.trouble(EngineError { message, ..error });
            }
        }
    });
}

fn add_shots(device: Device, id: WorkOrderId) {
    spawn_forever(async move {
        match device.ask(Ask::AddShots(id)).await {
            Ok(Reply::Remarks(remarks)) => remarks.into_iter().for_each(|remark| device.remark(remark)),
            Ok(_) => {}
            Err(error) => device.trouble(error),
        }
    });
}
