//! Every component in every state that it has, in the three looks: `cargo xtask gallery` runs this and keeps the page that it
//! prints. What is said here are samples; nobody but developers sees it.

#![allow(clippy::print_stdout, reason = "a tool for the terminal")]

use coldpatch_mobile::ui::components::button::{Button, IconButton, Weight};
use coldpatch_mobile::ui::components::card::Section;
use coldpatch_mobile::ui::components::chip::{Chip, Segments};
use coldpatch_mobile::ui::components::field::{TextArea, TextField};
use coldpatch_mobile::ui::components::flag::FlagCard;
use coldpatch_mobile::ui::components::icon::Glyph;
use coldpatch_mobile::ui::components::job_row::{JobRow, NowCard, RowModel};
use coldpatch_mobile::ui::components::notice::{Empty, ListLoading, Loading, Notice};
use coldpatch_mobile::ui::components::status::StatusMark;
use coldpatch_mobile::ui::components::stepper::{Stepper, Tick};
use coldpatch_mobile::ui::components::switch::Switch;
use coldpatch_mobile::ui::components::sync::{Refused, SyncPill, Waiting};
use coldpatch_mobile::ui::stylesheet;
use coldpatch_mobile::ui::tone::Tone;
use coldpatch_mobile::ui::words::sync::Line;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;

const BEFORE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Coldpatch, every component</title>
<meta name="viewport" content="width=device-width">"#;
const GRID: &str =
    ".gallery { display: grid; grid-template-columns: repeat(3, 26rem); } .gallery .app { padding: 1rem; }";
const LOOKS: [&str; 3] = ["light", "dark", "sun"];
const STATUSES: [Status; 7] = [
    Status::Open,
    Status::Working,
    Status::Paused,
    Status::CannotComplete,
    Status::Transferred,
    Status::Completed,
    Status::Cancelled,
];

fn main() {
    let mut dom = VirtualDom::new(gallery);
    dom.rebuild_in_place();
    println!("{BEFORE}<style>{}{GRID}</style></head><body>{}</body></html>", stylesheet(), dioxus_ssr::render(&dom));
}

fn gallery() -> Element {
    rsx! {
        main { class: "gallery",
            for look in LOOKS {
                div { key: "{look}", class: "app", "data-theme": look,
                    if look == LOOKS[0] {
                        h1 { "{look}" }
                    } else {
                        p { class: "strong", "{look}" }
                    }
                    Presses {}
                    States {}
                    Rows {}
                    Fields {}
                    Says {}
                }
            }
        }
    }
}

#[component]
fn Presses() -> Element {
    rsx! {
        Section { title: "Buttons",
            div { class: "stack",
                for (name, weight) in [("Main", Weight::Main), ("Plain", Weight::Plain), ("Quiet", Weight::Quiet), ("Danger", Weight::Danger)] {
                    div { key: "{name}", class: "two",
                        Button { weight, onclick: |()| {}, "{name}" }
                        Button { weight, disabled: true, onclick: |()| {}, "Not now" }
                    }
                }
                Button { glyph: Glyph::Camera, onclick: |()| {}, "With an icon" }
                IconButton { glyph: Glyph::Back, label: "Only an icon", onclick: |()| {} }
            }
        }
        Section { title: "Chips and segments",
            div { class: "stack",
                div { class: "chips",
                    Chip { chosen: true, onclick: |()| {}, "Chosen" }
                    Chip { onclick: |()| {}, "Not chosen" }
                    for tone in [Tone::Open, Tone::Work, Tone::Done, Tone::Stop, Tone::Review] {
                        Chip { key: "{tone:?}", tone, glyph: Glyph::Clock, onclick: |()| {}, "{tone:?}" }
                    }
                }
                Segments { label: "As what", names: vec!["List".to_owned(), "Map".to_owned()], chosen: 0, onchoose: |_| {} }
            }
        }
    }
}

#[component]
fn States() -> Element {
    rsx! {
        Section { title: "States",
            div { class: "card pad chips",
                for status in STATUSES {
                    StatusMark { key: "{status:?}", status }
                }
                StatusMark { status: Status::Completed, review: true }
            }
        }
        Section { title: "The sync line",
            div { class: "stack",
                for tone in [Tone::Quiet, Tone::Work, Tone::Done, Tone::Stop, Tone::Review] {
                    div { key: "{tone:?}", class: "sync-line",
                        SyncPill { line: Line { lead: "What it is:".to_owned(), strong: format!("{tone:?}"), tone }, aside: "15:12" }
                    }
                }
            }
        }
    }
}

fn job(number: Option<usize>, status: Status, tone: Tone) -> RowModel {
    RowModel {
        number,
        title: "Pothole".to_owned(),
        place: "Alder St 214 · 1.2 mi".to_owned(),
        status,
        review: status == Status::Completed,
        status_text: None,
        due: "2 days late".to_owned(),
        due_tone: tone,
        only_here: number.is_some(),
        pressing: (tone == Tone::Stop).then(|| ("Urgent".to_owned(), Tone::Stop)),
        facts: vec!["3 reports".to_owned()],
        bring: "Patch truck · Cold patch, 25 kg bag".to_owned(),
    }
}

#[component]
fn Rows() -> Element {
    rsx! {
        Section { title: "Jobs",
            div { class: "stack",
                div { class: "card now-card", NowCard { model: job(None, Status::Working, Tone::Stop) } }
                div { class: "card rows",
                    for (index, status) in STATUSES.into_iter().enumerate() {
                        div { key: "{index}", class: "row", JobRow { model: job(None, status, Tone::Quiet) } }
                    }
                    div { class: "row", JobRow { model: job(Some(12), Status::Open, Tone::Stop) } }
                    div { class: "row", Waiting { subject: "Pothole", what: "A note and two photos", sending: true } }
                    div { class: "row", Waiting { subject: "Pothole", what: "Done", sending: false, not_now: "The city’s disk is full. It is tried again." } }
                }
            }
        }
    }
}

#[component]
fn Fields() -> Element {
    rsx! {
        Section { title: "Fields",
            div { class: "stack wide",
                TextField { label: "One line", value: "Written", hint: "What it is for.", oninput: |_| {} }
                TextArea { label: "Several lines", value: "", placeholder: "Nothing yet", oninput: |_| {} }
                div { class: "card rows",
                    Tick { text: "Done", checked: true, only_here: true, onchange: |_| {} }
                    Tick { text: "Not done", checked: false, onchange: |_| {} }
                    Stepper { label: "Cold patch", unit: "bags", value: 2.0, step: 0.5, onchange: |_| {} }
                    Switch { name: "On", text: "What it does.", on: true, onchange: |_| {} }
                    Switch { name: "Off", on: false, onchange: |_| {} }
                }
            }
        }
    }
}

#[component]
fn Says() -> Element {
    rsx! {
        Section { title: "Messages",
            div { class: "stack wide",
                for tone in [Tone::Stop, Tone::Done, Tone::Work] {
                    Notice { key: "{tone:?}", tone, title: "{tone:?}", text: "What happened, what was kept, and what to do.", onclose: |()| {} }
                }
                div { class: "card",
                    Refused { what: "Done", when: "15:12", why: "The job was cancelled meanwhile.", typed: "Filled with two bags.", onnote: |()| {}, onletgo: |()| {} }
                }
                FlagCard { heading: "Two crews did it", text: "Both crews’ labor is kept.", keep: "Leave it as it is", onkeep: |()| {} }
                Empty { glyph: Glyph::List, title: "Nothing here", text: "What it means, and what to do." }
                Loading { text: "What is on its way" }
                ListLoading { text: "What is on its way" }
            }
        }
    }
}
