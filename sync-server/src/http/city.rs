//! `GET /api/city`: the city's files as one bundle.

use super::Shared;
use super::auth::Enrolled;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(super) async fn city(State(app): State<Shared>, _: Enrolled, headers: HeaderMap) -> Response {
    let etag = format!("\"{}\"", app.city_files.version());
    let cache = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    if matches_etag(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, cache).into_response();
    }
    (cache, Json(&app.city_files)).into_response()
}

/// Whether the asker says that it has what bears this tag. Compression makes a tag weak on its way; it is the same.
pub(super) fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}
