//! The projection, and which part of it is in sight.
//!
//! A city is small: a flat map around its middle, in meters, is off by less than a pixel at any zoom that shows streets.

use super::base::BaseMap;
use coldpatch_shared::geo::LatLon;

/// Meters in a degree of latitude, as `shared::geo` has it.
const METERS_PER_DEGREE: f64 = 111_195.08;
/// The closest look: pixels per meter.
pub(super) const CLOSEST: f64 = 4.0;
/// The farthest.
const FARTHEST: f64 = 0.005;
/// Nothing is fitted more closely than this, in meters across.
const SMALLEST_FIT: f64 = 500.0;

/// A point of the flat map: meters east and south of its origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flat {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Projects a place.
pub(super) fn flat(origin: LatLon, place: LatLon) -> Flat {
    Flat {
        x: (place.lon - origin.lon) * METERS_PER_DEGREE * origin.lat.to_radians().cos(),
        y: (origin.lat - place.lat) * METERS_PER_DEGREE,
    }
}

fn round(origin: LatLon, point: Flat) -> LatLon {
    LatLon {
        lat: origin.lat - point.y / METERS_PER_DEGREE,
        lon: origin.lon + point.x / (METERS_PER_DEGREE * origin.lat.to_radians().cos()),
    }
}

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Across.
    pub width: f64,
    /// Down.
    pub height: f64,
}

impl Default for Size {
    fn default() -> Self {
        Self { width: 358.0, height: 240.0 }
    }
}

impl Size {
    /// A size that something can be drawn in, else nothing.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Option<Self> {
        (width >= 1.0 && height >= 1.0).then_some(Self { width, height })
    }
}

/// What is in sight at first.
#[derive(Debug, Clone, PartialEq)]
pub enum Focus {
    /// All these places; the whole city when there are none.
    Places(Vec<LatLon>),
    /// One place, and so many meters across.
    Around(LatLon, f64),
}

/// Which part of the map is in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    center: Flat,
    /// Pixels per meter.
    pub(super) scale: f64,
}

impl View {
    pub(super) fn fit(base: &BaseMap, focus: &Focus, size: Size) -> Self {
        match focus {
            Focus::Around(place, across) => Self {
                center: flat(base.origin(), *place),
                scale: (size.width / across.max(1.0)).clamp(FARTHEST, CLOSEST),
            },
            Focus::Places(places) => {
                let mut points: Vec<Flat> = places.iter().map(|place| flat(base.origin(), *place)).collect();
                if points.is_empty() {
                    points.extend(base.corners());
                }
                let side = |pick: fn(&Flat) -> f64| {
                    let low = points.iter().map(pick).fold(f64::INFINITY, f64::min);
                    let high = points.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
                    if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 0.0) }
                };
                let ((west, east), (north, south)) = (side(|point| point.x), side(|point| point.y));
                // A fifth to spare, so that no marker sits on the edge.
                let across = ((east - west) * 1.25).max(SMALLEST_FIT);
                let down = ((south - north) * 1.3).max(SMALLEST_FIT);
                let scale = (size.width / across).min(size.height / down).clamp(FARTHEST, CLOSEST);
                Self { center: Flat { x: f64::midpoint(west, east), y: f64::midpoint(north, south) }, scale }
            }
        }
    }

    /// Moved by pixels, as a finger drags it.
    pub(super) fn panned(self, x: f64, y: f64) -> Self {
        let center = Flat { x: self.center.x - x / self.scale, y: self.center.y - y / self.scale };
        Self { center, ..self }
    }

    /// Closer by `factor`; the point at `at` (pixels) stays where it is, or else the middle.
    pub(super) fn zoomed(self, factor: f64, at: Option<(f64, f64)>, size: Size) -> Self {
        let scale = (self.scale * factor).clamp(FARTHEST, CLOSEST);
        let (x, y) = at.unwrap_or((size.width / 2.0, size.height / 2.0));
        let (dx, dy) = (x - size.width / 2.0, y - size.height / 2.0);
        let center =
            Flat { x: self.center.x + dx / self.scale - dx / scale, y: self.center.y + dy / self.scale - dy / scale };
        Self { center, scale }
    }

    pub(super) fn centered(self, base: &BaseMap, place: LatLon) -> Self {
        Self { center: flat(base.origin(), place), ..self }
    }

    /// Where a point is, in pixels.
    pub(super) fn pixel(self, point: Flat, size: Size) -> (f64, f64) {
        (
            (point.x - self.center.x) * self.scale + size.width / 2.0,
            (point.y - self.center.y) * self.scale + size.height / 2.0,
        )
    }

    pub(super) fn middle(self, base: &BaseMap) -> LatLon {
        round(base.origin(), self.center)
    }

    pub(super) fn place_at(self, base: &BaseMap, x: f64, y: f64, size: Size) -> LatLon {
        let point = Flat {
            x: self.center.x + (x - size.width / 2.0) / self.scale,
            y: self.center.y + (y - size.height / 2.0) / self.scale,
        };
        round(base.origin(), point)
    }

    pub(super) fn shows(self, base: &BaseMap, place: LatLon, size: Size) -> bool {
        let (x, y) = self.pixel(flat(base.origin(), place), size);
        (24.0..size.width - 24.0).contains(&x) && (24.0..size.height - 24.0).contains(&y)
    }

    /// The base map's place in the picture.
    pub(super) fn transform(self, size: Size) -> String {
        let (x, y) = self.pixel(Flat { x: 0.0, y: 0.0 }, size);
        format!("translate({x:.1} {y:.1}) scale({:.5})", self.scale)
    }

    /// Streets are as wide as they are, but never thinner than can be seen.
    pub(super) fn street_style(self) -> String {
        format!("--street: {:.1}px", (self.scale * 11.0).clamp(0.9, 26.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::{City, demo_files};

    #[test]
    fn a_pixel_and_its_place_are_the_same_point() {
        let base = BaseMap::of(&City::parse(&demo_files()).unwrap());
        let size = Size { width: 390.0, height: 600.0 };
        let view = View::fit(&base, &Focus::Places(Vec::new()), size).zoomed(4.0, Some((10.0, 20.0)), size);
        let place = view.place_at(&base, 123.0, 456.0, size);
        let (x, y) = view.pixel(flat(base.origin(), place), size);
        assert!((x - 123.0).abs() < 1e-6 && (y - 456.0).abs() < 1e-6);
    }

    #[test]
    fn every_place_of_the_focus_is_in_sight() {
        let city = City::parse(&demo_files()).unwrap();
        let base = BaseMap::of(&city);
        let size = Size::default();
        let places: Vec<LatLon> = city.streets.iter().flat_map(|street| street.line.clone()).collect();
        let view = View::fit(&base, &Focus::Places(places.clone()), size);
        for place in places {
            let (x, y) = view.pixel(flat(base.origin(), place), size);
            assert!(x >= 0.0 && y >= 0.0 && x <= size.width && y <= size.height);
        }
    }
}
