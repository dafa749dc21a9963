//! Photos that become reports: added, read one after the other, completed, filed.

mod card;
mod filed;
mod kind;
mod reading;

use super::camera::{Camera, Purpose, use_has_camera};
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::Draft;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::frame::Title;
use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::{Empty, Loading, Notice};
use crate::ui::components::photo::{PhotoInput, PhotoInputLook};
use crate::ui::state::{Here, use_here};
use crate::ui::words;
use card::DraftCard;
use coldpatch_shared::city::{Jurisdiction, QuestionKind};
use coldpatch_shared::ids::DeviceId;
use dioxus::prelude::*;
use filed::Filed;
pub(crate) use kind::KindPicker;
use reading::{Reading, ReadingState};

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
    let reading = use_signal(ReadingState::default);
    let list = drafts.read();
    let count = list.as_ref().and_then(|list| list.as_ref().ok()).map_or(0, Vec::len);
    rsx! {
        main { class: "screen", "data-testid": "drafts",
            div { class: "top",
                Title { title: words::draft::title(count), above: here.me.name.clone() }
                SyncLineLink { here: here.clone() }
            }
            div { class: "content stack wide",
                Reading { state: reading }
                match &*list {
                    None => rsx! { Loading { text: words::OPENING } },
                    Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                    Some(Ok(drafts)) => rsx! {
                        if drafts.is_empty() && reading.read().idle() {
                            Empty { glyph: Glyph::Camera, title: words::draft::EMPTY, text: words::draft::EMPTY_WHAT }
                        }
                        for draft in drafts {
                            DraftCard { key: "{draft.ids.work_order}", here: here.clone(), draft: draft.clone() }
                        }
                    },
                }
                Filed { here: here.clone() }
            }
            div { class: "bottom",
                Foot { here: here.clone(), drafts: list.as_ref().and_then(|list| list.as_ref().ok().cloned()).unwrap_or_default(), reading }
                Tabs { here: here.clone() }
            }
        }
    }
}

#[component]
fn Foot(here: Here, drafts: Vec<Draft>, reading: Signal<ReadingState>) -> Element {
    let device = here.device;
    let platform = use_context::<crate::ui::state::Devices>().platform();
    let (ready, kept): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(|draft| Needs::of(draft, &here).nothing());
    let (ready_count, kept_count) = (ready.len(), kept.len());
    let none = ready_count + kept_count == 0;
    let today = here.town.zone().date(device.now());
    let live = use_has_camera();
    let mut camera = use_signal(|| false);
    let picked = platform.clone();
    rsx! {
        if camera() {
            Camera {
                here: here.clone(),
                purpose: Purpose::Reports,
                onfiles: move |files| reading::read_all(reading, device, picked.clone(), files),
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
                busy: !reading.read().idle(),
                onfiles: move |files| reading::read_all(reading, device, platform.clone(), files),
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
