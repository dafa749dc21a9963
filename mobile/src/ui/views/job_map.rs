//! Everything that is on this phone, on the map.

use super::model::{marker, row, within_reach};
use super::room::{SyncLineLink, Tabs};
use crate::engine::api::JobsFilter;
use crate::ui::components::button::Button;
use crate::ui::components::chip::Segments;
use crate::ui::components::heading::Heading;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::job_row::JobRow as RowView;
use crate::ui::components::map::{Focus, Map};
use crate::ui::components::notice::{Empty, Loading, Notice};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_here, use_jobs};
use crate::ui::words;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::{PlaceFix, Status};
use dioxus::prelude::*;

/// More markers than this are not drawn; the most pressing ones come first.
const MOST: u32 = 2_000;
/// So many rows at first, and with each press of *more*.
const PAGE: usize = 60;

/// The map.
#[component]
pub fn JobMap(device: DeviceId) -> Element {
    let Some(here) = use_here(device) else { return rsx! {} };
    rsx! {
        Everything { here }
    }
}

#[component]
fn Everything(here: Here) -> Element {
    let device = here.device;
    let mine = here.me.crew.clone().filter(|_| here.me.role == Role::Crew);
    let jobs = use_jobs(device, move || JobsFilter {
        crew: mine.clone(),
        statuses: vec![Status::Open, Status::Working, Status::Paused, Status::CannotComplete],
        limit: MOST,
        ..JobsFilter::default()
    });
    let mut chosen = use_signal(|| None::<String>);
    let mut as_list = use_signal(|| false);
    let mut shown = use_signal(|| PAGE);
    let mut me = use_signal(|| None::<PlaceFix>);
    let platform = use_context::<crate::ui::state::Devices>().platform();
    let jobs = jobs.read();
    rsx! {
        main { class: "screen full", "data-testid": "job-map",
            div { class: "top",
                Heading { title: words::tabs::MAP, hidden: true }
                SyncLineLink { here: here.clone() }
                // Whatever a map can do is done from a list, too.
                Segments {
                    label: words::tabs::MAP,
                    names: vec![words::today::MAP.to_owned(), words::today::LIST.to_owned()],
                    chosen: usize::from(as_list()),
                    onchoose: move |index| as_list.set(index == 1),
                }
            }
            match &*jobs {
                None => rsx! { Loading { text: words::OPENING } },
                Some(Err(error)) => rsx! { div { class: "content", Notice { text: "{error}" } } },
                Some(Ok(page)) if as_list() => rsx! {
                    div { class: "content stack", "data-testid": "jobs-list",
                        if page.rows.is_empty() {
                            Empty { glyph: Glyph::List, title: words::map::NOTHING }
                        } else {
                            div { class: "card rows",
                                for job in page.rows.iter().take(shown()) {
                                    Link { key: "{job.id}", class: "row", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
                                        RowView { model: row(job, &here, page.now, None, None) }
                                    }
                                }
                            }
                            if page.rows.len() > shown() {
                                Button { onclick: move |()| shown += PAGE, {words::MORE} }
                            }
                        }
                    }
                },
                Some(Ok(page)) => {
                    let markers: Vec<_> = page.rows.iter().filter_map(|job| marker(job, &here, None)).collect();
                    let places =
                        markers.iter().map(|marker| marker.place).filter(|place| within_reach(*place, &here)).collect();
                    let card = chosen().and_then(|id| page.rows.iter().find(|job| job.id.to_string() == id).cloned());
                    rsx! {
                        div { class: "map-page",
                            Map {
                                base: here.town.base(),
                                focus: Focus::Places(places),
                                markers,
                                chosen: chosen(),
                                me: me().map(|fix| fix.at),
                                onchoose: move |id| chosen.set(Some(id)),
                            }
                            button {
                                class: "icon-button map-me",
                                r#type: "button",
                                aria_label: words::draft::USE_MY_PLACE,
                                onclick: move |_| {
                                    let platform = platform.clone();
                                    async move {
                                        match platform.0.locate().await {
                                            Ok(fix) => me.set(Some(fix)),
                                            Err(error) => device.trouble(crate::engine::api::EngineError {
                                                kind: crate::engine::api::ErrorKind::NotHere,
                                                message: error.to_string(),
                                            }),
                                        }
                                    }
                                },
                                Icon { glyph: Glyph::Target }
                            }
                            if let Some(job) = card {
                                div { class: "map-card",
                                    Link { class: "card row", to: Route::JobScreen { device: device.id, id: job.id }, "data-testid": "job-row",
                                        RowView { model: row(&job, &here, page.now, None, None) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            div { class: "bottom", Tabs { here: here.clone() } }
        }
    }
}
