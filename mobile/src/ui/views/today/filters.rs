//! Looking for something in the day: words, and filters in a panel beneath them.

use super::plan::Plan;
use crate::engine::api::{DayGroup, EngineError, ErrorKind};
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::chip::Chip;
use crate::ui::components::icon::Glyph;
use crate::ui::components::seek::SeekBar;
use crate::ui::state::{Devices, Here, toggle};
use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::ServiceCode;
use dioxus::prelude::*;
use std::rc::Rc;

/// The panel's id.
const PANEL: &str = "today-filters";
/// So many types at first: a catalog has thousands, a day rarely more than ten.
const KINDS: usize = 12;
/// The parts to choose from.
const PARTS: [(DayGroup, &str); 4] =
    [(DayGroup::Now, "now"), (DayGroup::Next, "next"), (DayGroup::Later, "later"), (DayGroup::Waiting, "waiting")];

/// The search field, and what stands beside it.
#[component]
pub(super) fn Seek(here: Here) -> Element {
    let device = here.device;
    let mut sought = device.sought;
    let platform = use_context::<Devices>().platform();
    let (text, filters, open) = {
        let sought = sought.read();
        (sought.text.clone(), sought.filters(), sought.open)
    };
    rsx! {
        SeekBar {
            label: words::today::SEARCH,
            text,
            filters,
            open,
            panel: PANEL,
            oninput: move |typed| sought.write().text = typed,
            onopen: move |open| sought.write().open = open,
            IconButton {
                glyph: Glyph::Target,
                label: words::today::FROM_HERE,
                testid: "from-here",
                onclick: move |()| {
                    let platform = platform.clone();
                    spawn(async move {
                        let mut fix = device.fix;
                        match platform.0.locate().await {
                            Ok(found) => fix.set(Some(found)),
                            Err(error) => device.trouble(EngineError { kind: ErrorKind::NotHere, message: error.to_string() }),
                        }
                    });
                },
            }
        }
    }
}

/// How much is found, if anything is looked for, and the panel, if it is open.
#[component]
pub(super) fn Filters(here: Here, plan: Rc<Plan>) -> Element {
    let mut sought = here.device.sought;
    let now = sought.read().clone();
    let found = now.narrows().then(|| words::today::found(plan.shown(&now)));
    rsx! {
        div { class: "filter-box",
            // It stands there before anything is found, so that a screen reader says what comes into it.
            div { class: if now.narrows() { "found" },
                p { class: "small num", role: "status", "data-testid": "found", {found.unwrap_or_default()} }
                if now.filters() > 0 {
                    Button { weight: Weight::Quiet, testid: "clear", onclick: move |()| sought.write().clear(), {words::today::CLEAR} }
                }
            }
            div { id: PANEL, hidden: !now.open,
                if now.open {
                    Panel { here: here.clone(), kinds: plan.kinds.clone(), shown: plan.shown(&now) }
                }
            }
        }
    }
}

#[component]
fn Panel(here: Here, kinds: Vec<(ServiceCode, u32)>, shown: usize) -> Element {
    let mut sought = here.device.sought;
    let mut every = use_signal(|| false);
    let now = sought.read().clone();
    let of_crew = here.me.role == Role::Crew && here.me.crew.is_some();
    let more = kinds.len() > KINDS && !every();
    let wanted = |index: usize, kind: &ServiceCode| index < KINDS || every() || now.kinds.contains(kind);
    let kinds: Vec<_> =
        kinds.into_iter().enumerate().filter(|(index, (kind, _))| wanted(*index, kind)).map(|(_, each)| each).collect();
    rsx! {
        div { class: "card filters", "data-testid": "filters",
            fieldset {
                legend { {words::today::PARTS} }
                div { class: "chips",
                    for (group, key) in PARTS {
                        Chip { key: "{key}", chosen: now.groups.contains(&group), testid: "part-{key}",
                            onclick: move |()| toggle(&mut sought.write().groups, group),
                            {words::today::part(group)}
                        }
                    }
                    Chip { chosen: now.late, glyph: Glyph::Clock, tone: Tone::Stop, testid: "late",
                        onclick: move |()| {
                            let late = sought.peek().late;
                            sought.write().late = !late;
                        },
                        {words::today::LATE}
                    }
                }
            }
            fieldset {
                legend { {words::today::PRIORITY} }
                div { class: "chips",
                    for priority in words::status::PRIORITIES {
                        Chip {
                            key: "{words::status::priority_key(priority)}",
                            chosen: now.priorities.contains(&priority),
                            testid: "priority-{words::status::priority_key(priority)}",
                            onclick: move |()| toggle(&mut sought.write().priorities, priority),
                            {words::status::priority(priority)}
                        }
                    }
                }
            }
            if !kinds.is_empty() {
                fieldset {
                    legend { {words::today::KINDS} }
                    div { class: "chips",
                        for (kind, jobs) in kinds {
                            Chip {
                                key: "{kind}",
                                chosen: now.kinds.contains(&kind),
                                testid: "kind-{kind}",
                                onclick: {
                                    let kind = kind.clone();
                                    move |()| toggle(&mut sought.write().kinds, kind.clone())
                                },
                                {words::job::type_name(&kind, &here.town)}
                                b { " {jobs}" }
                            }
                        }
                        if more {
                            Chip { testid: "kinds-more", onclick: move |()| every.set(true), {words::MORE} }
                        }
                    }
                }
            }
            if of_crew {
                fieldset {
                    legend { {words::today::WHOSE} }
                    div { class: "chips",
                        Chip { chosen: !now.everybody, testid: "mine", onclick: move |()| sought.write().everybody = false, {words::today::MY_CREW} }
                        Chip { chosen: now.everybody, testid: "everybody", onclick: move |()| sought.write().everybody = true, {words::today::EVERYBODY} }
                    }
                }
            }
            Button { testid: "show", onclick: move |()| sought.write().open = false, {words::today::show(shown)} }
        }
    }
}
