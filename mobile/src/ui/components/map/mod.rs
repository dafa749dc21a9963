//! The map: the city's own streets, water and parks as SVG, so that it is there without a network. The server renders the
//! same component as a still picture.
//!
//! - [`view`]: the projection, and which part of it is in sight
//! - [`base`]: the base map, made once from the city's files
//! - [`marker`]: jobs, pins, and clusters where there are many

mod base;
mod gesture;
mod marker;
mod view;

pub use base::BaseMap;
pub use marker::Marker;
pub use view::{Focus, Size};

use super::button::IconButton;
use super::icon::Glyph;
use crate::ui::words;
use base::{Base, Names};
use coldpatch_shared::geo::LatLon;
use dioxus::html::geometry::WheelDelta;
use dioxus::prelude::*;
use gesture::{Gesture, Move};
use marker::{Markers, Pins};
use view::View;

/// By how much one press of plus zooms.
const ZOOM_STEP: f64 = 1.6;
/// How far one press of an arrow key moves, in pixels.
const KEY_STEP: f64 = 80.0;

/// The map.
///
/// `focus` says what is in sight at first; then the person moves it. Give it another `key` to start over.
#[component]
pub fn Map(
    base: BaseMap,
    focus: Focus,
    #[props(default)] markers: Vec<Marker>,
    /// The id of the marker that is chosen.
    chosen: Option<String>,
    /// A pin that somebody set, or the place that the screen is about.
    pin: Option<LatLon>,
    /// Where this device is.
    me: Option<LatLon>,
    /// Whether it can be moved; a still one is a picture.
    #[props(default)]
    still: bool,
    /// Shows a cross in the middle: the person moves the map until it is on the spot.
    #[props(default)]
    cross: bool,
    /// How large it is until the browser has said so.
    #[props(default)]
    size: Size,
    /// Spoken for the whole map.
    #[props(default = words::map::MAP.to_owned(), into)]
    label: String,
    /// A marker was pressed.
    onchoose: Option<EventHandler<String>>,
    /// The map's middle, whenever it moves.
    onmove: Option<EventHandler<LatLon>>,
) -> Element {
    let mut measured = use_signal(|| None::<Size>);
    let mut moved = use_signal(|| None::<View>);
    let mut gesture = use_signal(Gesture::default);
    let size = measured().unwrap_or(size);
    let fitted = View::fit(&base, &focus, size);
    let current = moved().unwrap_or(fitted);
    let origin = base.clone();
    let go = use_callback(move |view: View| {
        moved.set(Some(view));
        if let Some(onmove) = onmove {
            onmove.call(view.middle(&origin));
        }
    });
    let reveal_base = base.clone();
    let reveal_markers = markers.clone();
    use_effect(use_reactive(&chosen, move |chosen| {
        let place = reveal_markers.iter().find(|marker| Some(&marker.id) == chosen.as_ref()).map(|marker| marker.place);
        let view = moved.peek().unwrap_or(fitted);
        if let Some(place) = place.filter(|&place| !view.shows(&reveal_base, place, size)) {
            moved.set(Some(view.centered(&reveal_base, place)));
        }
    }));

    if still {
        return rsx! {
            div { class: "map",
                svg {
                    view_box: "0 0 {size.width} {size.height}",
                    preserve_aspect_ratio: "xMidYMid slice",
                    role: "img",
                    "aria-label": "{label}",
                    "data-testid": "map",
                    onresize: move |event| {
                        if let Ok(size) = event.get_content_box_size() {
                            measured.set(Size::new(size.width, size.height));
                        }
                    },
                    g { transform: current.transform(size), style: current.street_style(), Base { base: base.clone() } }
                    Names { base: base.clone(), view: current, size }
                    Markers { base: base.clone(), markers, chosen, view: current, size, still }
                    Pins { base, pin, me, view: current, size }
                }
            }
        };
    }
    let (pins_base, cluster_base, tap_base) = (base.clone(), base.clone(), base.clone());
    rsx! {
        div { class: "map live",
            svg {
                view_box: "0 0 {size.width} {size.height}",
                preserve_aspect_ratio: "xMidYMid slice",
                role: "application",
                "aria-label": "{label}",
                tabindex: "0",
                "data-testid": "map",
                onresize: move |event| {
                    if let Ok(size) = event.get_content_box_size() {
                        measured.set(Size::new(size.width, size.height));
                    }
                },
                onpointerdown: move |event| gesture.write().down(event.pointer_id(), event.client_coordinates()),
                onpointermove: move |event| {
                    if gesture.peek().idle() {
                        return;
                    }
                    let step = gesture.write().moved(event.pointer_id(), event.client_coordinates());
                    match step {
                        Some(Move::Pan { x, y }) => go.call(current.panned(x, y)),
                        Some(Move::Pinch { factor }) => go.call(current.zoomed(factor, None, size)),
                        None => {}
                    }
                },
                onpointerup: move |event| {
                    let tap = gesture.write().up(event.pointer_id());
                    if tap && cross {
                        let at = event.element_coordinates();
                        let place = current.place_at(&tap_base, at.x, at.y, size);
                        go.call(current.centered(&tap_base, place));
                    }
                },
                onpointercancel: move |event| { gesture.write().up(event.pointer_id()); },
                onpointerleave: move |event| { gesture.write().up(event.pointer_id()); },
                onwheel: move |event| {
                    event.prevent_default();
                    let down = match event.delta() {
                        WheelDelta::Pixels(delta) => delta.y,
                        WheelDelta::Lines(delta) => delta.y * 30.0,
                        WheelDelta::Pages(delta) => delta.y * 300.0,
                    };
                    let at = event.element_coordinates();
                    go.call(current.zoomed((-down / 400.0).exp2().clamp(0.5, 2.0), Some((at.x, at.y)), size));
                },
                onkeydown: move |event| {
                    let view = match event.key() {
                        Key::ArrowLeft => current.panned(KEY_STEP, 0.0),
                        Key::ArrowRight => current.panned(-KEY_STEP, 0.0),
                        Key::ArrowUp => current.panned(0.0, KEY_STEP),
                        Key::ArrowDown => current.panned(0.0, -KEY_STEP),
                        Key::Character(key) if key == "+" || key == "=" => current.zoomed(ZOOM_STEP, None, size),
                        Key::Character(key) if key == "-" => current.zoomed(1.0 / ZOOM_STEP, None, size),
                        _ => return,
                    };
                    event.prevent_default();
                    go.call(view);
                },
                g { class: "map-base", transform: current.transform(size), style: current.street_style(), Base { base: base.clone() } }
                Names { base: base.clone(), view: current, size }
                Markers {
                    base,
                    markers,
                    chosen,
                    view: current,
                    size,
                    onchoose,
                    oncluster: move |places: Vec<LatLon>| go.call(View::fit(&cluster_base, &Focus::Places(places), size)),
                }
                Pins { base: pins_base, pin, me, view: current, size }
            }
            if cross {
                span { class: "map-cross", aria_hidden: "true" }
            }
            div { class: "map-buttons",
                IconButton { glyph: Glyph::Plus, label: words::map::ZOOM_IN, onclick: move |()| go.call(current.zoomed(ZOOM_STEP, None, size)) }
                IconButton { glyph: Glyph::Minus, label: words::map::ZOOM_OUT, onclick: move |()| go.call(current.zoomed(1.0 / ZOOM_STEP, None, size)) }
                IconButton { glyph: Glyph::Fit, label: words::map::SHOW_ALL, onclick: move |()| moved.set(None) }
            }
        }
    }
}
