//! The day as a map.

use super::plan::Plan;
use crate::engine::api::DayGroup;
use crate::ui::components::map::{Focus, Map};
use crate::ui::routes::Route;
use crate::ui::state::{Here, use_rows};
use crate::ui::views::model::{marker, within_reach};
use coldpatch_shared::ids::WorkOrderId;
use dioxus::prelude::*;
use std::rc::Rc;

/// More markers than this are not drawn; what comes first in the day is.
const MOST: usize = 400;

/// What can be done, as far as it is looked for; what is in the tour has its number.
#[component]
pub(super) fn TourMap(here: Here, plan: Rc<Plan>) -> Element {
    let navigator = use_navigator();
    let device = here.device;
    let sought = device.sought.read().clone();
    let numbered = plan.current.len() + plan.numbered;
    let mut ids: Vec<(WorkOrderId, Option<usize>)> = Vec::new();
    let mut number = 0;
    for group in [DayGroup::Now, DayGroup::Next, DayGroup::Later, DayGroup::Elsewhere] {
        for id in plan.part(group) {
            number += 1;
            if sought.shows(group) && ids.len() < MOST {
                ids.push((*id, Some(number).filter(|number| *number <= numbered)));
            }
        }
    }
    let rows = use_rows(device, &ids.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let markers: Vec<_> =
        rows.iter().zip(&ids).filter_map(|(row, (_, number))| marker(row.as_ref()?, &here, *number)).collect();
    let places: Vec<_> =
        markers.iter().map(|marker| marker.place).filter(|place| within_reach(*place, &here)).collect();
    rsx! {
        div { class: "map-page",
            Map {
                base: here.town.base(),
                focus: Focus::Places(places),
                markers,
                // Where the phone is, not where the job at work is.
                me: device.fix.read().as_ref().map(|fix| fix.at),
                onchoose: move |id: String| {
                    if let Ok(id) = id.parse::<WorkOrderId>() {
                        navigator.push(Route::JobScreen { device: device.id, id });
                    }
                },
            }
        }
    }
}
