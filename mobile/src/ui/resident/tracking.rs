//! Following one report: where it stands, what happened, what it looked like before and after.

use super::model::{CityFace, Picture, Step, StepState, TrackingView};
use crate::ui::components::status::StatusMark;
use dioxus::prelude::*;

#[component]
pub(super) fn Tracking(city: CityFace, view: TrackingView) -> Element {
    rsx! {
        if view.photo_damaged {
            div { class: "card pad stop", role: "status",
                b { "Your report is in, but a part of your photo is damaged." }
                p { "What can be seen of it is kept and shown below. If it matters, report it again with a new photo." }
            }
        }
        div {
            id: "tracking",
            "data-url": "{view.url}",
            "data-version": "{view.version}",
            "data-closed": if view.closed { "true" } else { "false" },
            Report { city, view: view.clone() }
        }
        p { id: "tracking-say", class: "visually-hidden", role: "status" }
        p { class: "hint",
            "Keep this page’s address: whoever has it can follow the report, and nobody else can."
        }
        p { a { class: "button ghost", href: "/", "Report something else" } }
    }
}

#[component]
pub(super) fn Report(city: CityFace, view: TrackingView) -> Element {
    rsx! {
        p { class: "sub num",
            if let Some(number) = &view.number {
                "City of {city.name} · report "
                span { "data-testid": "tracking-number", "{number}" }
            } else {
                "City of {city.name} · the number follows"
            }
        }
        h1 { "{view.headline}" }
        p { class: "sub",
            StatusMark { status: view.status, text: view.word }
            span { " {view.kind}" }
            if !view.place.is_empty() {
                span { " · {view.place}" }
            }
        }
        if let Some(expected) = &view.expected {
            if expected.late {
                p { "We wanted to finish by " b { class: "late", "{expected.when}" } ". It is late; we are sorry. " a { href: city.tel(), "Call {city.phone}" } " if it is getting worse." }
            } else {
                p { "We expect to finish by " b { "{expected.when}" } "." }
            }
        }
        div { class: "card pad",
            ol { class: "timeline", "data-testid": "timeline",
                for (index, step) in view.steps.into_iter().enumerate() {
                    TimelineStep { key: "{index}", step }
                }
            }
        }
        Pictures { title: "After the work", pictures: view.after }
        Pictures { title: "Your photo", pictures: view.photos }
        if !view.description.is_empty() {
            h2 { class: "group", "What you wrote" }
            div { class: "card pad", p { class: "words", "{view.description}" } }
        }
    }
}

#[component]
fn TimelineStep(step: Step) -> Element {
    let class = match step.state {
        StepState::Done => "",
        StepState::Trouble => "trouble",
        StepState::ToCome => "to-come",
    };
    rsx! {
        li { class,
            b { "{step.what}" }
            if step.state == StepState::ToCome {
                span { class: "visually-hidden", " (still to come)" }
            }
            if step.datetime.is_empty() {
                span { class: "hint", "{step.when}" }
            } else {
                time { class: "hint num", datetime: "{step.datetime}", "{step.when}" }
            }
        }
    }
}

#[component]
fn Pictures(title: &'static str, pictures: Vec<Picture>) -> Element {
    if pictures.is_empty() {
        return rsx! {};
    }
    rsx! {
        h2 { class: "group", "{title}" }
        for picture in pictures {
            figure { class: "card picture",
                if let Some(src) = &picture.src {
                    img {
                        src: "{src}",
                        alt: "{picture.alt}",
                        width: (picture.width > 0).then(|| picture.width.to_string()),
                        height: (picture.height > 0).then(|| picture.height.to_string()),
                        loading: "lazy",
                    }
                }
                if !picture.remark.is_empty() {
                    figcaption { class: "pad", "{picture.remark}" }
                }
            }
        }
    }
}
