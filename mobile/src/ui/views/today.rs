//! The crew's day: what now, what next, what later, what waits for somebody; as a list and as a map, searched and filtered
//! on the phone.

mod bring;
mod filters;
mod groups;
mod plan;
mod tour_map;

use super::model::quarter_and_midnight;
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::Ask;
use crate::ui::components::button::Button;
use crate::ui::components::chip::Segments;
use crate::ui::components::frame::Title;
use crate::ui::components::icon::Glyph;
use crate::ui::components::notice::{Empty, ListLoading, Loading, Notice};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_day, use_fix, use_here, use_scroll};
use crate::ui::words;
use bring::Bring;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::DeviceId;
use dioxus::prelude::*;
use filters::{Filters, Seek};
use groups::Groups;
use plan::Plan;
use std::rc::Rc;
use tour_map::TourMap;

/// The crew's day.
#[component]
pub fn Today(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        Day { here }
    }
}

#[component]
fn Day(here: Here) -> Element {
    let device = here.device;
    let mut sought = device.sought;
    let fix = use_fix(device).map(|fix| fix.at);
    let crew = here.me.crew.clone().filter(|_| here.me.role == Role::Crew);
    let zoned = here.town.clone();
    // A job becomes late although nothing changed: the day is asked for again now and then, not at every tick.
    let time = use_memo(move || quarter_and_midnight(device.now(), zoned.zone()));
    // Opening the filters is no other question.
    let filter = use_memo(move || sought.read().filter(crew.clone(), time().1));
    let day = use_day(device, move || {
        time.read();
        filter()
    });
    // A tour is planned when the list changes, not whenever the clock ticks.
    let planner = here.clone();
    let planned = use_memo(use_reactive(&fix, move |fix| {
        let day = day.read();
        day.as_ref().map(|day| day.as_ref().map(|day| Rc::new(Plan::of(day, &planner, fix))).map_err(Clone::clone))
    }));
    let planned = planned.read();
    let total = planned.as_ref().and_then(|plan| plan.as_ref().ok()).map(|plan| plan.total as usize);
    let crew = here.me.crew.as_ref().map(|crew| words::people::crew_name(crew, &here.town));
    let above = words::line([here.town.zone().heading(device.now()), crew.unwrap_or_else(|| here.me.name.clone())]);
    let title = total.map_or_else(|| words::tabs::TODAY.to_owned(), words::today::title);
    let as_map = sought.read().map;
    let scroll = use_scroll(device, "today", total.is_some() && !as_map);
    rsx! {
        main { class: "screen", "data-testid": "today",
            div { class: "top",
                Title { title, above }
                SyncLineLink { here: here.clone() }
                Segments {
                    label: words::tabs::TODAY,
                    names: vec![words::today::LIST.to_owned(), words::today::MAP.to_owned()],
                    chosen: usize::from(as_map),
                    onchoose: move |index| sought.write().map = index == 1,
                }
                Seek { here: here.clone() }
            }
            match &*planned {
                None => rsx! { div { class: "content", ListLoading { text: words::today::FETCHING } } },
                Some(Err(error)) => rsx! { div { class: "content", Notice { text: "{error}" } } },
                Some(Ok(plan)) => rsx! {
                    Filters { here: here.clone(), plan: plan.clone() }
                    if as_map {
                        TourMap { here: here.clone(), plan: plan.clone() }
                    } else {
                        div {
                            class: "content",
                            onpointerdown: move |_| scroll.note.call(()),
                            onkeydown: move |_| scroll.note.call(()),
                            onclick: move |_| scroll.keep.call(()),
                            if plan.is_empty(&sought.read()) {
                                Nothing { here: here.clone() }
                            } else {
                                if !sought.read().narrows() {
                                    Bring { here: here.clone(), today: plan.today.clone() }
                                }
                                Groups { here: here.clone(), plan: plan.clone() }
                            }
                        }
                    }
                },
            }
            div { class: "bottom", Tabs { here: here.clone() } }
        }
    }
}

/// There is nothing to show: because of what is looked for, or because there is nothing.
#[component]
fn Nothing(here: Here) -> Element {
    let device = here.device;
    let line = device.sync.read().clone();
    let mut sought = device.sought;
    let (by_words, filters) = (sought.read().by_words(), sought.read().filters());
    rsx! {
        if by_words || filters > 0 {
            Empty {
                glyph: Glyph::Search,
                title: words::today::NOTHING,
                text: if by_words { words::today::NOTHING_WORDS } else { words::today::NOTHING_FILTERS },
                if filters > 0 {
                    Button { testid: "clear-filters", onclick: move |()| sought.write().clear(), {words::today::CLEAR} }
                }
                if by_words {
                    Button { onclick: move |()| sought.write().text.clear(), {words::today::CLEAR_WORDS} }
                }
            }
        } else if let Some(progress) = line.progress {
            Loading { text: words::sending::progress(&progress) }
        } else if line.last_contact.is_some() {
            Empty { glyph: Glyph::List, title: words::today::EMPTY, text: words::today::EMPTY_WHAT,
                Link { class: "button", to: Route::New { device: device.id }, {words::today::TAKE_A_PHOTO} }
            }
        } else if line.no_network || line.failure.is_some() {
            Empty { glyph: Glyph::Sync, title: words::today::FETCHING_OFFLINE,
                Button { onclick: move |()| device.send(Ask::SyncNow), {words::sync::TRY_NOW} }
            }
        } else {
            ListLoading { text: words::today::FETCHING }
        }
    }
}
