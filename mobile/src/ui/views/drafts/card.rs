//! One draft. Every edit is saved at once; what is shown is what was last said here, until the engine says more.

use super::Needs;
use super::kind::{KindPicker, Questions};
use super::strip::Strip;
use crate::engine::api::{Ask, Draft, NearbyJob};
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::chip::Chip;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::draft::{DraftHead, NearbyCard};
use crate::ui::components::field::TextArea;
use crate::ui::components::icon::Glyph;
use crate::ui::components::map::{Focus, Map};
use crate::ui::components::marks::Drawing;
use crate::ui::components::photo::Picture;
use crate::ui::measure;
use crate::ui::state::{Here, use_picture};
use crate::ui::tone::Tone;
use crate::ui::views::camera::DraftPhotos;
use crate::ui::views::picture::small;
use crate::ui::views::pin::PinDialog;
use crate::ui::words;
use coldpatch_shared::city::{Jurisdiction, Priority};
use coldpatch_shared::ids::WorkOrderId;
use dioxus::prelude::*;

/// How much of the map a draft shows, in meters across.
const ACROSS: f64 = 350.0;
/// Looked for around a draft whose type is not yet known, in meters.
const NEARBY_M: f64 = 30.0;

/// A draft.
#[component]
pub(super) fn DraftCard(here: Here, draft: ReadSignal<Draft>, above: Option<WorkOrderId>) -> Element {
    let device = here.device;
    let mut local = use_signal(|| draft.peek().clone());
    let mut saving = use_signal(|| 0_u32);
    use_effect(move || {
        let said = draft.read().clone();
        // While something typed here is on its way, it is newer than what the engine says.
        if *saving.peek() == 0 && *local.peek() != said {
            local.set(said);
        }
    });
    let edit = use_callback(move |change: Box<dyn FnOnce(&mut Draft)>| {
        change(&mut local.write());
        let edited = local.peek().clone();
        saving += 1;
        let answered = device.send_and_hear(Ask::SaveDraft(Box::new(edited)));
        spawn(async move {
            let _ = answered.await;
            saving -= 1;
        });
    });
    let mut pinning = use_signal(|| false);
    let mut discarding = use_signal(|| false);
    let mut looking = use_signal(|| false);
    let current = local.read().clone();
    let id = current.ids.work_order;
    rsx! {
        article { class: "card draft", "data-testid": "draft",
            Head { here: here.clone(), draft: current.clone(), onphoto: move |()| looking.set(true) }
            Strip { device, draft: current.clone() }
            for (index, remark) in current.remarks.iter().enumerate() {
                p { key: "{index}", class: "draft-part small", "{remark}" }
            }
            Place {
                here: here.clone(),
                draft: current.clone(),
                onpin: move |()| pinning.set(true),
                onkeep: move |()| edit.call(Box::new(|draft| draft.outside_is_right = true)),
            }
            Nearby {
                here: here.clone(),
                draft: current.clone(),
                onthis: move |job: WorkOrderId| edit.call(Box::new(move |draft| draft.joins = Some(job))),
            }
            if current.joins.is_some() {
                div { class: "draft-part stack",
                    p { class: "strong", {words::draft::JOINS} }
                    Button { testid: "another-one", onclick: move |()| edit.call(Box::new(|draft| draft.joins = None)), {words::draft::ANOTHER_ONE} }
                }
            } else {
                div { class: "draft-part stack",
                    KindPicker {
                        here: here.clone(),
                        chosen: current.service_code.clone(),
                        onchoose: move |code| edit.call(Box::new(move |draft: &mut Draft| {
                            if draft.service_code.as_ref() != Some(&code) {
                                // Answers belong to a type's questions.
                                draft.answers.clear();
                                draft.service_code = Some(code);
                            }
                        })),
                        if current.service_code.is_some() {
                            Chip {
                                chosen: current.priority == Some(Priority::Urgent),
                                glyph: Glyph::Warning,
                                tone: Tone::Stop,
                                testid: "draft-urgent",
                                onclick: move |()| edit.call(Box::new(|draft: &mut Draft| {
                                    draft.priority = if draft.priority.is_some() { None } else { Some(Priority::Urgent) };
                                })),
                                {words::draft::URGENT}
                            }
                        }
                    }
                    Questions {
                        here: here.clone(),
                        draft: current.clone(),
                        onanswer: move |(code, answer)| edit.call(Box::new(move |draft: &mut Draft| {
                            draft.answers.insert(code, answer);
                        })),
                    }
                    if current.service_code.is_some() || !current.description.is_empty() {
                        TextArea {
                            label: words::draft::DESCRIPTION,
                            value: current.description.clone(),
                            testid: "draft-description",
                            oninput: move |text| edit.call(Box::new(move |draft: &mut Draft| draft.description = text)),
                        }
                    }
                }
            }
            div { class: "draft-part draft-end",
                span { class: "small grow", "data-testid": "draft-needs", {Needs::of(&current, &here).words().unwrap_or_default()} }
                if let Some(into) = above {
                    Button { weight: Weight::Quiet, testid: "join-above", onclick: move |()| device.send(Ask::JoinDrafts { from: id, into }), {words::draft::JOIN_ABOVE} }
                }
                Button { weight: Weight::Quiet, glyph: Glyph::Trash, testid: "discard", onclick: move |()| discarding.set(true), {words::draft::DISCARD} }
            }
        }
        if pinning() {
            PinDialog {
                here: here.clone(),
                start: current.place.as_ref().map(|place| place.at),
                onpin: move |fix| {
                    pinning.set(false);
                    edit.call(Box::new(move |draft: &mut Draft| {
                        draft.place = Some(fix);
                        draft.outside_is_right = false;
                        draft.joins = None;
                    }));
                },
                onclose: move |()| pinning.set(false),
            }
        }
        if looking() {
            DraftPhotos { device, draft: current.clone(), onclose: move |()| looking.set(false) }
        }
        if discarding() {
            Dialog { title: words::draft::DISCARD, onclose: move |()| discarding.set(false),
                p { {words::draft::DISCARD_ASK} }
                div { class: "two",
                    Button { onclick: move |()| discarding.set(false), {words::draft::DISCARD_NO} }
                    Button { weight: Weight::Danger, testid: "discard-yes", onclick: move |()| device.send(Ask::DiscardDraft(id)), {words::draft::DISCARD_YES} }
                }
            }
        }
    }
}

#[component]
fn Head(here: Here, draft: Draft, onphoto: EventHandler<()>) -> Element {
    let picture = use_picture(here.device, draft.photos.first().and_then(small));
    let title = draft
        .service_code
        .as_ref()
        .map_or_else(|| words::draft::WHAT_IS_IT.to_owned(), |code| words::job::type_name(code, &here.town));
    let (source, tone) = match &draft.place {
        Some(place) => (words::draft::source(place, here.town.units), Tone::Quiet),
        None => (words::draft::NO_PLACE.to_owned(), Tone::Stop),
    };
    let place = draft.address.clone().or_else(|| draft.place.as_ref().map(|place| place.at.to_string()));
    let taken = draft.photos.first().and_then(|photo| photo.taken_at.as_deref().and_then(words::draft::taken));
    rsx! {
        DraftHead {
            picture: picture.unwrap_or(Picture::NoPreview),
            blur: draft.photos.first().and_then(|photo| photo.blur.clone()),
            title,
            place: place.unwrap_or_default(),
            source,
            place_tone: tone,
            when: taken.unwrap_or_default(),
            drawing: draft.photos.first().map(Drawing::of).unwrap_or_default(),
            onphoto,
        }
    }
}

#[component]
fn Place(here: Here, draft: Draft, onpin: EventHandler<()>, onkeep: EventHandler<()>) -> Element {
    let Some(place) = &draft.place else {
        return rsx! {
            div { class: "draft-part",
                Button { glyph: Glyph::Pin, testid: "set-pin", onclick: move |()| onpin.call(()), {words::draft::SET_PIN} }
            }
        };
    };
    let beyond = match here.town.jurisdiction_at(place.at) {
        Jurisdiction::Ours => None,
        Jurisdiction::Neighbor(neighbor) => Some(words::draft::neighbor(&neighbor.name, &neighbor.phone)),
        Jurisdiction::Unknown => Some(words::draft::OUTSIDE.to_owned()),
    };
    rsx! {
        div { class: "draft-part stack",
            div { class: "draft-map",
                Map { key: "{place.at}", base: here.town.base(), focus: Focus::Around(place.at, ACROSS), pin: place.at, still: true, label: draft.address.clone().unwrap_or_else(|| place.at.to_string()) }
            }
            if let Some(text) = beyond {
                p { class: "strong tone-stop", "data-testid": "outside", "{text}" }
                div { class: "two",
                    Button { glyph: Glyph::Pin, testid: "set-pin", onclick: move |()| onpin.call(()), {words::draft::SET_PIN} }
                    if !draft.outside_is_right {
                        Button { testid: "keep-place", onclick: move |()| onkeep.call(()), {words::draft::KEEP_PLACE} }
                    }
                }
            } else {
                Button { glyph: Glyph::Pin, weight: Weight::Quiet, testid: "set-pin", onclick: move |()| onpin.call(()), {words::draft::MOVE_PIN} }
            }
        }
    }
}

/// What is already known there; the person says whether it is the same thing.
#[component]
fn Nearby(here: Here, draft: ReadSignal<Draft>, onthis: EventHandler<WorkOrderId>) -> Element {
    let device = here.device;
    let mut another = use_signal(Vec::<WorkOrderId>::new);
    let town = here.town.clone();
    let found = use_resource(move || {
        device.jobs_changed.read();
        let draft = draft.read();
        let kind = draft.service_code.as_ref().and_then(|code| town.service_type(code));
        let radius = kind.map_or(NEARBY_M, |kind| kind.nearby_m);
        let code = draft.service_code.clone();
        let place = draft.place.as_ref().map(|place| place.at);
        async move {
            let place = place?;
            let mut jobs = device.nearby(place, radius).await.ok()?;
            jobs.retain(|job| code.as_ref().is_none_or(|code| job.row.service_code == *code));
            Some(jobs)
        }
    });
    if draft.read().joins.is_some() {
        return rsx! {};
    }
    let found = found.read();
    let jobs: Vec<NearbyJob> = found.iter().flatten().flatten().cloned().collect();
    let nearest = jobs.into_iter().find(|job| !another.read().contains(&job.row.id));
    rsx! {
        if let Some(job) = nearest {
            NearbyView { here: here.clone(), job: job.clone(), onthis, onanother: move |()| another.write().push(job.row.id) }
        }
    }
}

#[component]
fn NearbyView(here: Here, job: NearbyJob, onthis: EventHandler<WorkOrderId>, onanother: EventHandler<()>) -> Element {
    let picture = use_picture(here.device, job.row.thumbnail.clone());
    let now = here.device.now();
    let id = job.row.id;
    let name = words::job::type_name(&job.row.service_code, &here.town);
    let text = words::line([
        name,
        here.town.zone().past(job.row.created_at, now),
        words::status::word(job.row.status).to_owned(),
        words::people::assigned(job.row.assignment.as_ref(), &here.town),
    ]);
    rsx! {
        NearbyCard {
            picture,
            blur: job.row.blur.clone(),
            heading: words::draft::already(&measure::distance(job.distance_m, here.town.units)),
            text,
            onthis: move |()| onthis.call(id),
            onanother,
        }
    }
}
