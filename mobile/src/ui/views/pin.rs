//! Sets a place by hand: the map under a cross, or the phone's own fix.

use crate::ui::components::button::{Button, Weight};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::icon::Glyph;
use crate::ui::components::map::{Focus, Map};
use crate::ui::components::notice::Notice;
use crate::ui::state::{Devices, Here};
use crate::ui::words;
use coldpatch_shared::geo::{LatLon, distance_m};
use coldpatch_shared::order::{PlaceFix, PlaceSource};
use dioxus::prelude::*;

/// How much of the city is in sight when the place is known, in meters across, and when it is not.
const NEAR: f64 = 400.0;
const FAR: f64 = 2_500.0;
/// Farther than so many meters from its middle, no city's map helps.
const FARTHEST: f64 = 60_000.0;

/// Asks for a place.
#[component]
pub(crate) fn PinDialog(
    here: Here,
    start: Option<LatLon>,
    onpin: EventHandler<PlaceFix>,
    onclose: EventHandler<()>,
) -> Element {
    // A place far from here is of no use to begin with: there is no map of it.
    let start = start.filter(|place| distance_m(*place, here.town.center) < FARTHEST);
    let first = start.unwrap_or(here.town.center);
    let mut middle = use_signal(|| first);
    let mut locating = use_signal(|| false);
    let mut trouble = use_signal(|| None::<String>);
    let platform = use_context::<Devices>().platform();
    let address = here.town.address_near(middle()).unwrap_or_else(|| middle().to_string());
    rsx! {
        Dialog { title: words::draft::PIN_TITLE, testid: "pin-dialog", onclose,
            p { class: "small", {words::draft::PIN_HOW} }
            div { class: "pin-map",
                Map {
                    base: here.town.base(),
                    focus: Focus::Around(first, if start.is_some() { NEAR } else { FAR }),
                    cross: true,
                    onmove: move |place| middle.set(place),
                }
            }
            p { class: "strong", role: "status", "{address}" }
            if let Some(text) = trouble() {
                Notice { text }
            }
            Button {
                glyph: Glyph::Target,
                disabled: locating(),
                testid: "use-my-place",
                onclick: move |()| {
                    let platform = platform.clone();
                    spawn(async move {
                        locating.set(true);
                        let found = platform.0.locate().await;
                        locating.set(false);
                        match found {
                            Ok(fix) => onpin.call(fix),
                            Err(error) => trouble.set(Some(words::draft::not_located(&error.to_string()))),
                        }
                    });
                },
                if locating() { {words::draft::LOCATING} } else { {words::draft::USE_MY_PLACE} }
            }
            Button {
                weight: Weight::Main,
                testid: "pin-here",
                onclick: move |()| onpin.call(PlaceFix { at: *middle.peek(), source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
                {words::draft::PIN_HERE}
            }
        }
    }
}
