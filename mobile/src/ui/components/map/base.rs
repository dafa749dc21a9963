//! The base map: land, water, parks, districts and streets as SVG paths in meters, made once from the city's files.

use super::view::{Flat, Size, View, flat};
use coldpatch_shared::city::{City, FeatureKind};
use coldpatch_shared::geo::{Area, LatLon};
use dioxus::prelude::*;
use std::collections::HashSet;
use std::fmt::Write;
use std::rc::Rc;

/// Streets are named from this many pixels per meter on.
const NAMES_FROM: f64 = 0.09;

/// A city's base map. Clones share it; two are equal when they are the same one.
#[derive(Debug, Clone)]
pub struct BaseMap(Rc<Paths>);

impl PartialEq for BaseMap {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Debug)]
struct Paths {
    origin: LatLon,
    land: String,
    water: String,
    parks: String,
    districts: String,
    streets: String,
    names: Vec<Name>,
    corners: [Flat; 2],
}

/// A street's name and the stretches on which it can be written.
#[derive(Debug)]
struct Name {
    text: String,
    stretches: Vec<(Flat, Flat)>,
}

impl BaseMap {
    /// The base map of a city.
    #[must_use]
    pub fn of(city: &City) -> Self {
        let origin = city.center;
        let of_kind = |kind: FeatureKind| {
            let features = city.features.iter().filter(move |feature| feature.kind == kind);
            features.fold(String::new(), |path, feature| path + &area(origin, &feature.area))
        };
        let (south_west, north_east) = city.boundary.bounds();
        let streets = city.streets.iter().map(|street| line(origin, &street.line, false)).collect();
        let names = city.streets.iter().map(|street| Name {
            text: street.name.clone(),
            stretches: street.line.windows(2).map(|ends| (flat(origin, ends[0]), flat(origin, ends[1]))).collect(),
        });
        Self(Rc::new(Paths {
            origin,
            land: area(origin, &city.boundary),
            water: of_kind(FeatureKind::Water),
            parks: of_kind(FeatureKind::Park),
            districts: city.districts.iter().map(|district| area(origin, &district.area)).collect(),
            streets,
            names: names.collect(),
            corners: [flat(origin, south_west), flat(origin, north_east)],
        }))
    }

    pub(super) fn origin(&self) -> LatLon {
        self.0.origin
    }

    pub(super) fn corners(&self) -> [Flat; 2] {
        self.0.corners
    }
}

fn line(origin: LatLon, places: &[LatLon], close: bool) -> String {
    let mut path = String::new();
    for (index, place) in places.iter().enumerate() {
        let point = flat(origin, *place);
        let letter = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{letter}{:.1} {:.1}", point.x, point.y);
    }
    if close {
        path.push('Z');
    }
    path
}

fn area(origin: LatLon, area: &Area) -> String {
    let rings = area.polygons().flat_map(|polygon| std::iter::once(polygon.outer).chain(polygon.holes));
    rings.map(|ring| line(origin, &ring, true)).collect()
}

/// The base map's paths; drawn once, then only moved.
#[component]
pub(super) fn Base(base: BaseMap) -> Element {
    let paths = &base.0;
    rsx! {
        path { class: "map-land", d: "{paths.land}" }
        path { class: "map-park", d: "{paths.parks}" }
        path { class: "map-water", d: "{paths.water}", fill_rule: "evenodd" }
        path { class: "map-district", d: "{paths.districts}" }
        path { class: "map-street", d: "{paths.streets}" }
    }
}

/// Street names, each once, on the longest stretch in sight.
#[component]
pub(super) fn Names(base: BaseMap, view: View, size: Size) -> Element {
    if view.scale < NAMES_FROM {
        return rsx! {};
    }
    let mut written: HashSet<(i64, i64)> = HashSet::new();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut names = Vec::new();
    for name in &base.0.names {
        let Some(label) = label(name, view, size) else { continue };
        // At most one name in a field of this size, so that they do not run into each other.
        let field = ((label.x / 90.0) as i64, (label.y / 26.0) as i64);
        if seen.insert(&name.text) && written.insert(field) {
            names.push((name.text.clone(), label));
        }
    }
    rsx! {
        g { class: "map-names", "aria-hidden": "true",
            for (text, label) in names {
                text { key: "{text}", transform: "translate({label.x:.0} {label.y:.0}) rotate({label.angle:.0})", dy: "0.35em", "{text}" }
            }
        }
    }
}

struct Label {
    x: f64,
    y: f64,
    angle: f64,
}

fn label(name: &Name, view: View, size: Size) -> Option<Label> {
    let needed = name.text.len() as f64 * 7.0;
    let mut best: Option<(f64, Label)> = None;
    for (from, to) in &name.stretches {
        let ((ax, ay), (bx, by)) = (view.pixel(*from, size), view.pixel(*to, size));
        let (x, y) = (f64::midpoint(ax, bx), f64::midpoint(ay, by));
        if !(0.0..size.width).contains(&x) || !(0.0..size.height).contains(&y) {
            continue;
        }
        let length = (bx - ax).hypot(by - ay);
        let mut angle = (by - ay).atan2(bx - ax).to_degrees();
        // Never upside down.
        if angle.abs() > 90.0 {
            angle -= angle.signum() * 180.0;
        }
        if length >= needed && best.as_ref().is_none_or(|(longest, _)| length > *longest) {
            best = Some((length, Label { x, y, angle }));
        }
    }
    best.map(|(_, label)| label)
}
