//! The files that the residents' pages need, out of the program: style, scripts, the map; and the service worker.
//!
//! They live under an address with the hash of them all, so that browsers may keep them for ever and a page never meets
//! a script of another version.

use super::map;
use crate::entropy;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_mobile::ui::resident::model::{CityFace, MapBounds};
use coldpatch_shared::city::City;

const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const SERVICE_WORKER: &str = include_str!("../../../assets/resident/sw.js");
/// Tokens first: everything else uses them.
const STYLES: [&str; 4] = [
    include_str!("../../../assets/tokens.css"),
    include_str!("../../../mobile/src/ui/components/icon.css"),
    include_str!("../../../mobile/src/ui/components/status.css"),
    include_str!("../../../assets/resident/resident.css"),
];

struct File {
    name: &'static str,
    kind: &'static str,
    content: String,
}

/// What is the same for every request.
pub(super) struct Site {
    /// For every page.
    pub(super) face: CityFace,
    /// The names of the city's streets, in order.
    pub(super) streets: Vec<String>,
    /// The map's corners.
    pub(super) bounds: Option<MapBounds>,
    files: Vec<File>,
    service_worker: String,
}

impl Site {
    /// The files for a city.
    pub(super) fn new(city: &City) -> Self {
        let drawn = map::draw(city);
        let file = |name, kind, content: &str| File { name, kind, content: content.to_owned() };
        let mut files = vec![
            file("style.css", CSS, &STYLES.concat()),
            file("icon.svg", SVG, include_str!("../../../assets/icons/icon.svg")),
            file("core.js", JS, include_str!("../../../assets/resident/core.js")),
            file("outbox.js", JS, include_str!("../../../assets/resident/outbox.js")),
            file("form.js", JS, include_str!("../../../assets/resident/form.js")),
            file("place.js", JS, include_str!("../../../assets/resident/place.js")),
            file("follow.js", JS, include_str!("../../../assets/resident/follow.js")),
        ];
        let bounds = drawn.map(|(svg, bounds)| {
            files.push(file("map.svg", SVG, &svg));
            bounds
        });
        // The pages, too, belong to the version: a new catalog must reach the phones that keep them.
        let text: String = files.iter().map(|file| file.content.as_str()).chain([city.version.as_str()]).collect();
        let mut version = entropy::hex(&entropy::hash(text.as_bytes()));
        version.truncate(12);
        let assets = format!("/resident/{version}");
        let mut streets: Vec<String> = city.streets.iter().map(|street| street.name.clone()).collect();
        streets.sort();
        streets.dedup();
        let service_worker = service_worker(city, &files, &assets, &version);
        let face = CityFace { name: city.name.clone(), phone: city.phone.clone(), assets };
        Self { face, streets, bounds, files, service_worker }
    }

    /// One of the files. An address of another version gets today's, to be asked for again.
    pub(super) fn file(&self, version: &str, name: &str) -> Option<Response> {
        let file = self.files.iter().find(|file| file.name == name)?;
        let current = self.face.assets.ends_with(version);
        let cache = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
        Some(static_file(file.kind, cache, file.content.clone()))
    }

    /// The service worker: served at the root, because its address is its reach.
    pub(super) fn service_worker(&self) -> Response {
        static_file(JS, "no-cache", self.service_worker.clone())
    }
}

fn static_file(kind: &'static str, cache: &'static str, content: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (StatusCode::OK, headers, content).into_response()
}

fn service_worker(city: &City, files: &[File], assets: &str, version: &str) -> String {
    let types = city.catalog.service_types.iter().map(|kind| format!("/report?type={}", kind.code));
    let pages: Vec<String> = std::iter::once("/".to_owned()).chain(types).collect();
    let files: Vec<String> = files.iter().map(|file| format!("{assets}/{}", file.name)).collect();
    let list = |items: &[String]| serde_json::Value::from(items.to_vec()).to_string();
    SERVICE_WORKER
        .replace("{{assets}}", assets)
        .replace("{{version}}", version)
        .replace("{{pages}}", &list(&pages))
        .replace("{{files}}", &list(&files))
}
