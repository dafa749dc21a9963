//! The app's files under `/app/`: from the program itself, or from a folder (`--pwa`).
//!
//! A path below `/app/` that is no file is a route of the app, and gets `index.html`. Names under `build/<hash>/` change
//! with their content and are kept for ever; everything else is asked for again each time, so that an update shows.

use super::{ApiError, Shared, blocking};
use crate::entropy;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::path::{Component, Path as FsPath};

#[allow(clippy::unreadable_literal)]
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/pwa.rs"));
}

const INDEX: &str = "index.html";

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/app", get(async || Redirect::permanent("/app/")))
        .route("/app/", get(async |app: State<Shared>, headers: HeaderMap| send(app, INDEX.to_owned(), headers).await))
        .route(
            "/app/{*path}",
            get(async |app: State<Shared>, Path(path): Path<String>, headers: HeaderMap| {
                send(app, path, headers).await
            }),
        )
}

async fn send(State(app): State<Shared>, path: String, headers: HeaderMap) -> Result<Response, ApiError> {
    let brotli = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "br" && weight.trim() != "q=0"
        })
    });
    let folder = app.config.pwa.clone();
    let found = blocking(move || -> Result<_, ApiError> {
        let look = |name: &str| File::find(folder.as_deref(), name, brotli);
        // A build that is gone must not look like a page: the service worker would keep it as one.
        let route = !path.starts_with("build/") && FsPath::new(&path).extension().is_none();
        Ok(match look(&path)? {
            None if route => look(INDEX)?,
            found => found,
        })
    })
    .await?;
    found.map(|file| file.respond(&headers)).ok_or(ApiError::NotFound("file of the app"))
}

struct File {
    name: String,
    content: Bytes,
    compressed: bool,
    /// Whether there is a compressed one, so that caches keep both apart.
    varies: bool,
}

impl File {
    fn find(folder: Option<&FsPath>, name: &str, brotli: bool) -> Result<Option<Self>, ApiError> {
        let squeezed = content(folder, &format!("{name}.br"))?;
        let varies = squeezed.is_some();
        let (content, compressed) = match squeezed.filter(|_| brotli) {
            Some(content) => (Some(content), true),
            None => (content(folder, name)?, false),
        };
        Ok(content.map(|content| Self { name: name.to_owned(), content, compressed, varies }))
    }

    fn respond(self, headers: &HeaderMap) -> Response {
        let cache = match self.name.starts_with("build/") {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let etag = format!("\"{}\"", &entropy::hex(&entropy::hash(&self.content))[..32]);
        let common = [
            (header::ETAG, etag.clone()),
            (header::CACHE_CONTROL, cache.to_owned()),
            (header::CONTENT_TYPE, media_type(&self.name).to_owned()),
        ];
        let mut response = match super::city::matches_etag(headers, &etag) {
            true => (StatusCode::NOT_MODIFIED, common).into_response(),
            false => (common, self.content).into_response(),
        };
        let headers = response.headers_mut();
        if self.varies {
            headers.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
        }
        if self.compressed {
            headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("br"));
        }
        response
    }
}

fn content(folder: Option<&FsPath>, name: &str) -> Result<Option<Bytes>, ApiError> {
    let Some(folder) = folder else {
        let found = embedded::FILES.iter().find(|(known, _)| *known == name);
        return Ok(found.map(|(_, content)| Bytes::from_static(content)));
    };
    // Nothing above the folder, whatever the path says.
    if !FsPath::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(None);
    }
    let path = folder.join(name);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(std::fs::read(path)?.into()))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
