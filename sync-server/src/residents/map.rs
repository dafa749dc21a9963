//! The city as one small SVG file, for residents to set a pin on. Longitude and latitude map to x and y linearly, so that
//! the script needs no projection.
//!
//! The app's own map (`mobile/src/ui/components/map`) draws what is in view, with markers, and moves; this is a still
//! picture of everything, which a browser keeps.

use coldpatch_mobile::ui::resident::model::MapBounds;
use coldpatch_shared::city::{City, FeatureKind};
use coldpatch_shared::geo::{Area, LatLon};
use std::fmt::Write as _;

/// Units across; one is about two meters in a city of eight kilometers.
const WIDTH: f64 = 4000.0;
/// Around the boundary, as a share of its size, so that the edge can be tapped.
const MARGIN: f64 = 0.02;

const STYLE: &str = "<style>:root{--l:#e6e9e0;--b:#d5d9cf;--w:#bcd3de;--p:#cfdfc0;--s:#fff;--n:#4c555e;--e:#8f978f}\
    @media(prefers-color-scheme:dark){:root{--l:#1f262b;--b:#171c20;--w:#16303f;--p:#22352a;--s:#39434b;--n:#aab3ba;--e:#6c767f}}\
    .b{fill:var(--b)}.l{fill:var(--l)}.w{fill:var(--w)}.p{fill:var(--p)}.e{fill:none;stroke:var(--e);stroke-width:8;stroke-dasharray:24 16}\
    .s{fill:none;stroke:var(--s);stroke-width:14;stroke-linecap:round;stroke-linejoin:round}\
    text{font:26px system-ui,sans-serif;fill:var(--n);text-anchor:middle;dominant-baseline:central}</style>";

/// The map and its corners; `None` for a city whose boundary has no extent.
pub(super) fn draw(city: &City) -> Option<(String, MapBounds)> {
    let bounds = bounds(&city.boundary)?;
    let middle = f64::midpoint(bounds.north, bounds.south);
    let (across, down) = (bounds.east - bounds.west, bounds.north - bounds.south);
    let height = WIDTH * down / (across * middle.to_radians().cos());
    let sheet = Sheet { bounds, height };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\">\
         {STYLE}<rect class=\"b\" width=\"100%\" height=\"100%\"/>"
    );
    sheet.area(&mut svg, "l", &city.boundary);
    for feature in &city.features {
        match feature.kind {
            FeatureKind::Water => sheet.area(&mut svg, "w", &feature.area),
            FeatureKind::Park => sheet.area(&mut svg, "p", &feature.area),
            FeatureKind::Other => {}
        }
    }
    svg.push_str("<path class=\"s\" d=\"");
    for street in &city.streets {
        sheet.line(&mut svg, &street.line);
    }
    svg.push_str("\"/>");
    sheet.area(&mut svg, "e", &city.boundary);
    for street in &city.streets {
        sheet.name(&mut svg, &street.name, &street.line);
    }
    svg.push_str("</svg>");
    Some((svg, bounds))
}

fn bounds(area: &Area) -> Option<MapBounds> {
    let (low, high) = area.bounds();
    let (x, y) = ((high.lon - low.lon) * MARGIN, (high.lat - low.lat) * MARGIN);
    (x > 0.0 && y > 0.0).then_some(MapBounds {
        west: low.lon - x,
        south: low.lat - y,
        east: high.lon + x,
        north: high.lat + y,
    })
}

struct Sheet {
    bounds: MapBounds,
    height: f64,
}

impl Sheet {
    /// Whole units: a meter or two is finer than a finger.
    fn at(&self, place: LatLon) -> (i64, i64) {
        let x = (place.lon - self.bounds.west) / (self.bounds.east - self.bounds.west) * WIDTH;
        let y = (self.bounds.north - place.lat) / (self.bounds.north - self.bounds.south) * self.height;
        (x.round() as i64, y.round() as i64)
    }

    /// Relative steps are half as long to write as places.
    fn line(&self, svg: &mut String, line: &[LatLon]) {
        let mut last: Option<(i64, i64)> = None;
        for place in line {
            let (x, y) = self.at(*place);
            // Writing to a string cannot fail.
            let _ = match last {
                None => write!(svg, "M{x} {y}"),
                Some((from_x, from_y)) => write!(svg, "l{} {}", x - from_x, y - from_y),
            };
            last = Some((x, y));
        }
    }

    fn area(&self, svg: &mut String, class: &str, area: &Area) {
        let _ = write!(svg, "<path class=\"{class}\" fill-rule=\"evenodd\" d=\"");
        for polygon in area.polygons() {
            for ring in std::iter::once(&polygon.outer).chain(&polygon.holes) {
                self.line(svg, ring);
                svg.push('z');
            }
        }
        svg.push_str("\"/>");
    }

    /// The name at the middle of the line, turned as the line runs there, never upside down.
    fn name(&self, svg: &mut String, name: &str, line: &[LatLon]) {
        let half = line.len() / 2;
        let (Some(from), Some(to)) = (line.get(half.saturating_sub(1)), line.get(half)) else { return };
        let ((x0, y0), (x1, y1)) = (self.at(*from), self.at(*to));
        let mut turn = ((y1 - y0) as f64).atan2((x1 - x0) as f64).to_degrees();
        if turn > 90.0 {
            turn -= 180.0;
        } else if turn < -90.0 {
            turn += 180.0;
        }
        let (x, y) = (i64::midpoint(x0, x1), i64::midpoint(y0, y1));
        let _ = write!(svg, "<text transform=\"translate({x} {y})rotate({turn:.0})\">{}</text>", escape(name));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldpatch_shared::city::demo_files;

    #[test]
    fn the_map_of_the_demo_city_is_small_and_shows_every_street() {
        let city = City::parse(&demo_files()).unwrap();
        let (svg, bounds) = draw(&city).unwrap();
        assert!(svg.len() < 40_000, "{} bytes", svg.len());
        assert!(city.streets.iter().all(|street| svg.contains(&escape(&street.name))));
        assert!((bounds.west..bounds.east).contains(&city.center.lon));
        assert!((bounds.south..bounds.north).contains(&city.center.lat));
    }
}
