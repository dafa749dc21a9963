//! Photos that become reports: added, read one after the other, completed, filed.

mod card;
mod filed;
mod kind;
mod reading;
mod strip;

use super::camera::{Camera, Purpose, use_has_camera};
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::{Ask, Draft};
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::frame::Title;
use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::{Empty, ListLoading, Notice};
use crate::ui::components::photo::{PhotoInput, PhotoInputLook};
use crate::ui::platform::Choice;
use crate::ui::state::{Here, use_here};
use crate::ui::words;
use card::DraftCard;
use coldpatch_shared::city::{Jurisdiction, QuestionKind};
use coldpatch_shared::ids::DeviceId;
use dioxus::html::{FileData, HasFileData};
use dioxus::prelude::*;
use filed::Filed;
use futures_util::StreamExt;
pub(crate) use kind::KindPicker;
pub(crate) use reading::place_in_time;
use reading::{Reading, take_in};
use std::rc::Rc;

/// The inspector's drafts.
#[component]
pub fn Drafts(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        DraftList { here }
    }
}

/// The same for everybody else, as *New*.
#[component]
pub fn New(device: DeviceId) -> Element {
    rsx! {
        Drafts { device }
    }
}

/// What a draft still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Needs {
    place: bool,
    kind: bool,
    answers: usize,
    outside: bool,
}

impl Needs {
    fn of(draft: &Draft, here: &Here) -> Self {
        if draft.joins.is_some() {
            return Self::default();
        }
        let kind = draft.service_code.as_ref().and_then(|code| here.town.service_type(code));
        let unanswered = kind.map_or(0, |kind| {
            kind.questions
                .iter()
                .filter(|question| question.required)
                .filter(|question| {
                    let given = draft.answers.get(&question.code);
                    given.is_none_or(|given| given.iter().all(|answer| answer.trim().is_empty()))
                })
                .count()
        });
        let outside = draft
            .place
            .as_ref()
            .is_some_and(|place| !draft.outside_is_right && here.town.jurisdiction_at(place.at) != Jurisdiction::Ours);
        Self { place: draft.place.is_none(), kind: kind.is_none(), answers: unanswered, outside }
    }

    fn nothing(self) -> bool {
        self == Self::default()
    }

    fn words(self) -> Option<String> {
        words::draft::needs(self.place, self.kind, self.answers, self.outside)
    }
}

/// Whether an answer is typed rather than chosen.
fn is_typed(kind: QuestionKind) -> bool {
    matches!(kind, QuestionKind::Text | QuestionKind::Number)
}

#[component]
fn DraftList(here: Here) -> Element {
    let device = here.device;
    let drafts = use_resource(move || {
        device.drafts_changed.read();
        async move { device.drafts().await }
    });
    let looking = use_signal(|| 0_usize);
    let platform = use_context::<crate::ui::state::Devices>().platform();
    let take = use_callback({
        let platform = platform.clone();
        move |files: Choice| take_in(looking, device, platform.clone(), files)
    });
    use_hook(|| {
        let pasted = platform.0.pasted()?;
        let mut heard = pasted.heard;
        spawn(async move {
            while let Some(files) = heard.next().await {
                take.call(files);
            }
        });
        Some(Rc::new(pasted.guard))
    });
    let chosen = use_callback(move |files: Vec<FileData>| {
        take.call(files.into_iter().map(|file| platform.0.chosen(file)).collect());
    });
    // Entered and not left again: elements within each other.
    let mut over = use_signal(|| 0_i32);
    let list = drafts.read();
    let count = list.as_ref().and_then(|list| list.as_ref().ok()).map_or(0, Vec::len);
    rsx! {
        main {
            class: "screen",
            "data-testid": "drafts",
            ondragenter: move |event| {
                event.prevent_default();
                over += 1;
            },
            ondragover: move |event| event.prevent_default(),
            ondragleave: move |_| over.set((over() - 1).max(0)),
            ondrop: move |event| {
                event.prevent_default();
                over.set(0);
                let files = event.files();
                if !files.is_empty() {
                    chosen.call(files);
                }
            },
            if over() > 0 {
                div { class: "drop-here", "data-testid": "drop-here", {words::draft::DROP_HERE} }
            }
            div { class: "top",
                Title { title: words::draft::title(count), above: here.me.name.clone() }
                SyncLineLink { here: here.clone() }
            }
            div { class: "content stack wide",
                Reading { device, looking: looking() }
                match &*list {
                    None => rsx! { ListLoading { text: words::OPENING } },
                    Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                    Some(Ok(drafts)) => rsx! {
                        if drafts.is_empty() && device.picking.read().idle() && looking() == 0 {
                            Empty { glyph: Glyph::Camera, title: words::draft::EMPTY, text: words::draft::EMPTY_WHAT }
                        }
                        for (index, draft) in drafts.iter().enumerate() {
                            DraftCard {
                                key: "{draft.ids.work_order}",
                                here: here.clone(),
                                draft: draft.clone(),
                                above: index.checked_sub(1).and_then(|above| drafts.get(above)).map(|draft| draft.ids.work_order),
                            }
                        }
                    },
                }
                Filed { here: here.clone() }
            }
            div { class: "bottom",
                Foot { here: here.clone(), drafts: list.as_ref().and_then(|list| list.as_ref().ok().cloned()).unwrap_or_default(), busy: looking() > 0 || !device.picking.read().idle(), onfiles: move |files| chosen.call(files) }
                Tabs { here: here.clone() }
            }
        }
    }
}

#[component]
fn Foot(here: Here, drafts: Vec<Draft>, busy: bool, onfiles: EventHandler<Vec<FileData>>) -> Element {
    let device = here.device;
    let (ready, kept): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(|draft| Needs::of(draft, &here).nothing());
    let (ready_count, kept_count) = (ready.len(), kept.len());
    let none = ready_count + kept_count == 0;
    let today = here.town.zone().date(device.now());
    let live = use_has_camera();
    let mut camera = use_signal(|| false);
    rsx! {
        if camera() {
            Camera {
                here: here.clone(),
                purpose: Purpose::Reports,
                onfiles,
                onclose: move |()| camera.set(false),
            }
        }
        div { class: match (none, live) { (true, _) => "foot", (false, false) => "foot beside", (false, true) => "foot beside three" },
            if live && none {
                Button { weight: Weight::Main, glyph: Glyph::Camera, testid: "live-photos", onclick: move |()| camera.set(true), {words::camera::OPEN} }
            } else if live {
                IconButton { glyph: Glyph::Camera, label: words::camera::OPEN, testid: "live-photos", onclick: move |()| camera.set(true) }
            }
            PhotoInput {
                label: words::draft::ADD_PHOTOS,
                testid: "add-photos",
                multiple: true,
                look: if none && !live { PhotoInputLook::Main } else { PhotoInputLook::Plain },
                busy,
                onopen: move |()| device.send(Ask::ExpectPhotos),
                onfiles,
            }
            if !none {
                Button {
                    weight: Weight::Main,
                    disabled: ready_count == 0,
                    testid: "file-drafts",
                    onclick: move |()| filed::file(device, ready.clone(), today.clone()),
                    {words::draft::file(ready_count, kept_count)}
                }
            }
        }
    }
}
