//! Jobs on the map: shape and color of their status, clusters where they are close together, pins.

use super::base::BaseMap;
use super::view::{CLOSEST, Size, View, flat};
use crate::ui::components::status;
use crate::ui::words;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;
use std::collections::BTreeMap;

/// Markers closer than this many pixels become one.
const TOO_CLOSE: f64 = 40.0;

/// A job on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Handed back when it is pressed.
    pub id: String,
    /// Where.
    pub place: LatLon,
    /// What, for whoever does not see it.
    pub title: String,
    /// Its state.
    pub status: Status,
    /// Whether a person must look at it.
    pub review: bool,
    /// Its place in the driving order.
    pub number: Option<usize>,
}

/// Several markers in one place of the picture.
struct Cluster {
    members: Vec<usize>,
    x: f64,
    y: f64,
}

/// Groups markers by a grid that stays with the map, so that clusters do not flicker while it is moved.
fn clusters(base: &BaseMap, markers: &[Marker], chosen: Option<&str>, view: View, size: Size) -> Vec<Cluster> {
    let apart = view.scale >= CLOSEST * 0.5;
    let cell = TOO_CLOSE / view.scale;
    let mut cells: BTreeMap<(i64, i64, usize), Vec<usize>> = BTreeMap::new();
    for (index, marker) in markers.iter().enumerate() {
        let point = flat(base.origin(), marker.place);
        let own = if apart || chosen == Some(marker.id.as_str()) { index + 1 } else { 0 };
        cells.entry(((point.x / cell).floor() as i64, (point.y / cell).floor() as i64, own)).or_default().push(index);
    }
    let place = |members: Vec<usize>| {
        let pixels = members.iter().map(|&index| view.pixel(flat(base.origin(), markers[index].place), size));
        let (x, y) = pixels.fold((0.0, 0.0), |sum, pixel| (sum.0 + pixel.0, sum.1 + pixel.1));
        let count = members.len() as f64;
        Cluster { x: x / count, y: y / count, members }
    };
    let in_sight = |cluster: &Cluster| {
        (-20.0..size.width + 20.0).contains(&cluster.x) && (-20.0..size.height + 20.0).contains(&cluster.y)
    };
    cells.into_values().map(place).filter(in_sight).collect()
}

#[component]
pub(super) fn Markers(
    base: BaseMap,
    markers: Vec<Marker>,
    chosen: Option<String>,
    view: View,
    size: Size,
    #[props(default)] still: bool,
    onchoose: Option<EventHandler<String>>,
    oncluster: Option<EventHandler<Vec<LatLon>>>,
) -> Element {
    let clusters = clusters(&base, &markers, chosen.as_deref(), view, size);
    rsx! {
        for cluster in clusters {
            if let [only] = cluster.members[..] {
                One {
                    key: "{markers[only].id}",
                    marker: markers[only].clone(),
                    x: cluster.x,
                    y: cluster.y,
                    chosen: chosen.as_ref() == Some(&markers[only].id),
                    still,
                    onchoose,
                }
            } else {
                Many {
                    key: "many-{markers[cluster.members[0]].id}",
                    places: cluster.members.iter().map(|&index| markers[index].place).collect::<Vec<_>>(),
                    x: cluster.x,
                    y: cluster.y,
                    oncluster,
                }
            }
        }
    }
}

/// Whether a key presses what has the focus, as it does with every other button.
fn pressed(event: &KeyboardEvent) -> bool {
    let pressed = event.key() == Key::Enter || event.key() == Key::Character(" ".to_owned());
    if pressed {
        event.prevent_default();
    }
    pressed
}

#[component]
fn One(marker: Marker, x: f64, y: f64, chosen: bool, still: bool, onchoose: Option<EventHandler<String>>) -> Element {
    let (id, id_by_key) = (marker.id.clone(), marker.id.clone());
    let label = words::map::marker(marker.number, &marker.title, marker.status, marker.review);
    let tone = status::tone(marker.status, marker.review).class();
    rsx! {
        g {
            class: if chosen { "marker chosen {tone}" } else { "marker {tone}" },
            transform: "translate({x:.1} {y:.1})",
            role: if still { "img" } else { "button" },
            tabindex: if !still { "0" },
            "aria-label": "{label}",
            "data-testid": "marker",
            onpointerdown: move |event| event.stop_propagation(),
            onclick: move |_| if let Some(onchoose) = onchoose { onchoose.call(id.clone()) },
            onkeydown: move |event| if pressed(&event) && let Some(onchoose) = onchoose { onchoose.call(id_by_key.clone()) },
            circle { class: "marker-hit", r: "24" }
            circle { class: "marker-disc", r: if chosen { "20" } else { "16" } }
            path { class: "marker-shape", transform: "translate(-8 -8)", d: status::shape(marker.status, marker.review), fill_rule: "evenodd" }
            if let Some(number) = marker.number {
                circle { class: "marker-number-disc", cx: "14", cy: "-13", r: "10" }
                text { class: "marker-number", x: "14", y: "-13", dy: "0.36em", "{number}" }
            }
        }
    }
}

#[component]
fn Many(places: Vec<LatLon>, x: f64, y: f64, oncluster: Option<EventHandler<Vec<LatLon>>>) -> Element {
    let count = places.len();
    let by_key = places.clone();
    rsx! {
        g {
            class: "marker cluster",
            transform: "translate({x:.1} {y:.1})",
            role: if oncluster.is_some() { "button" } else { "img" },
            tabindex: if oncluster.is_some() { "0" },
            "aria-label": words::map::cluster(count),
            onpointerdown: move |event| event.stop_propagation(),
            onclick: move |_| if let Some(oncluster) = oncluster { oncluster.call(places.clone()) },
            onkeydown: move |event| if pressed(&event) && let Some(oncluster) = oncluster { oncluster.call(by_key.clone()) },
            circle { class: "marker-hit", r: "24" }
            circle { class: "marker-disc", r: "19" }
            text { class: "cluster-count", dy: "0.36em", "{count}" }
        }
    }
}

#[component]
pub(super) fn Pins(base: BaseMap, pin: Option<LatLon>, me: Option<LatLon>, view: View, size: Size) -> Element {
    let at = |place: LatLon| view.pixel(flat(base.origin(), place), size);
    rsx! {
        if let Some((x, y)) = me.map(at) {
            g { class: "marker-me", transform: "translate({x:.1} {y:.1})", role: "img", "aria-label": words::map::ME,
                circle { class: "me-ring", r: "16" }
                circle { class: "me-dot", r: "8" }
            }
        }
        if let Some((x, y)) = pin.map(at) {
            g { class: "marker-pin", transform: "translate({x:.1} {y:.1})", role: "img", "aria-label": words::map::PIN,
                path { d: "M0 0C-4-8-13-14-13-24a13 13 0 1 1 26 0C13-14 4-8 0 0z" }
                circle { cx: "0", cy: "-24", r: "5" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::components::map::Focus;
    use coldpatch_shared::city::{City, demo_files};

    #[test]
    fn markers_too_close_to_tell_apart_become_one_cluster_and_the_chosen_one_stays() {
        let city = City::parse(&demo_files()).unwrap();
        let base = BaseMap::of(&city);
        let marker = |id: &str, off: f64| Marker {
            id: id.to_owned(),
            place: LatLon { lat: city.center.lat, lon: city.center.lon + off },
            title: String::new(),
            status: Status::Open,
            review: false,
            number: None,
        };
        let markers = [marker("a", 1e-6), marker("b", 2e-6), marker("c", 3e-6), marker("far", 0.02)];
        let size = Size::default();
        let view = View::fit(&base, &Focus::Places(Vec::new()), size);
        let count = |chosen| clusters(&base, &markers, chosen, view, size).len();
        assert_eq!(count(None), 2);
        assert_eq!(count(Some("b")), 3);
    }
}
