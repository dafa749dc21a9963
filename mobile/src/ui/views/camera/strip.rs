//! The photos that were taken and are not yet added or filed: in the camera, on the job's screen, of a draft.

use super::{Purpose, fresh_ids, gone};
use crate::engine::api::{Ask, Draft, DraftIds, Reply, Shot};
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::camera::StripPhoto;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::state::{Device, use_picture};
use crate::ui::views::picture::small;
use crate::ui::views::retouch::{Retouch, Work};
use crate::ui::words;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// A photo in the strip.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Taken {
    pub(super) photo: Photo,
    /// The draft that it belongs to, or the job for which it waits.
    pub(super) work_order: WorkOrderId,
    /// It could not be prepared, or something else is said about it; without that it is still being prepared.
    pub(super) remarked: bool,
    /// The shot that it is, if it waits for a job.
    pub(super) shot: Option<ActionId>,
    /// The job that its draft is to be added to.
    pub(super) joins: Option<WorkOrderId>,
}

impl Taken {
    fn of_job(work_order: WorkOrderId, shot: Shot) -> Self {
        Self { photo: shot.photo, work_order, remarked: shot.remark.is_some(), shot: Some(shot.id), joins: None }
    }

    fn of_draft(draft: Draft) -> impl Iterator<Item = Self> {
        let Draft { ids, joins, photos, remarks, .. } = draft;
        let remarked = !remarks.is_empty();
        photos.into_iter().map(move |photo| Self { photo, work_order: ids.work_order, remarked, shot: None, joins })
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
        div { class: "strip", "data-scrolls": "true", role: "group", aria_label: words::camera::STRIP, "data-testid": "strip",
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
    let mut work = use_hook(|| CopyValue::new(Work::default()));
    let mut last = use_hook(|| CopyValue::new(taken.clone()));
    last.set(taken.clone());
    use_drop(move || {
        let work = *work.peek();
        if work != Work::Done {
            gone::tell(device, last.peek().clone(), work == Work::Drawn);
        }
    });
    let close = use_callback(move |()| {
        work.set(Work::Done);
        onclose.call(());
    });
    let Taken { photo, work_order, remarked, shot, .. } = taken;
    let throw = shot.map(|shot| {
        EventHandler::new(move |()| {
            device.send(Ask::DropShot { work_order, shot });
            close.call(());
        })
    });
    rsx! {
        Retouch { device, photo, work_order, given_up: remarked, onthrow: throw, onclose: move |()| close.call(()), work }
    }
}

/// The photos of a job that wait, as the job's screen shows them. `busy` while more are being kept: none is added without them.
#[component]
pub(crate) fn Held(device: Device, id: WorkOrderId, busy: bool) -> Element {
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
            Button { weight: Weight::Plain, disabled: busy, testid: "add-held", onclick: move |()| add_shots(device, id),
                if busy { {words::camera::KEEPING} } else { {words::camera::add(count)} }
            }
        }
        if let Some(chosen) = list.into_iter().find(|taken| Some(taken.name()) == open()) {
            RetouchTaken { device, taken: chosen, onclose: move |()| open.set(None) }
        }
    }
}

/// A draft's photos, to be marked and covered: one opens at once, of several one is chosen.
#[component]
pub(crate) fn DraftPhotos(device: Device, draft: Draft, onclose: EventHandler<()>) -> Element {
    let list: Vec<Taken> = Taken::of_draft(draft).collect();
    let mut open = use_signal(|| if let [only] = list.as_slice() { Some(only.name()) } else { None });
    let (single, shown) = (list.len() == 1, open());
    let found = list.iter().find(|taken| Some(taken.name()) == shown);
    let missing = shown.is_some() && found.is_none();
    // Covered, it is another photo: nothing is open any more.
    use_effect(use_reactive((&missing, &single), move |(missing, single)| {
        if missing && single {
            onclose.call(());
        } else if missing {
            open.set(None);
        }
    }));
    if let Some(chosen) = found {
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
                    drafts.into_iter().filter(|known| known.ids.work_order == draft).flat_map(Taken::of_draft).collect()
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
