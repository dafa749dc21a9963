//! The photos that were taken and are not yet added or filed: in the camera, on the job's screen, of a draft.

use super::{Purpose, fresh_ids};
use crate::engine::api::{Ask, Draft, DraftIds, Reply, Shot};
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::camera::StripPhoto;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::state::{Device, use_picture};
use crate::ui::views::picture::small;
use crate::ui::views::retouch::Retouch;
use crate::ui::words;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// A photo in the strip.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Taken {
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
    pub(super) fn name(&self) -> String {
        let first = || self.photo.renditions.first().map(|file| file.sha256.clone()).unwrap_or_default();
        self.shot.map_or_else(first, |shot| shot.to_string())
    }
}
/// The photos, small; one that is tapped opens.
#[component]
pub(super) fn Strip(device: Device, taken: Vec<Taken>, busy: bool, onopen: EventHandler<String>) -> Element {
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
pub(super) fn RetouchTaken(device: Device, taken: Taken, onclose: EventHandler<()>) -> Element {
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
pub(super) fn use_taken(device: Device, purpose: Purpose, ids: Signal<DraftIds>) -> ReadSignal<Vec<Taken>> {
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

/// All of a job's that wait become the job's.
pub(super) fn add_shots(device: Device, id: WorkOrderId) {
    spawn_forever(async move {
        match device.ask(Ask::AddShots(id)).await {
            Ok(Reply::Remarks(remarks)) => remarks.into_iter().for_each(|remark| device.remark(remark)),
            Ok(_) => {}
            Err(error) => device.trouble(error),
        }
    });
}
