//! `POST /api/sync`.

use super::auth::Enrolled;
use super::{ApiError, Shared, blocking, compression};
use crate::clock;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_shared::sync::wire::{self, MAX_BODY, MEDIA_TYPE, SyncRequest, WireError};
use std::sync::Arc;

pub(super) async fn sync(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(MAX_BODY),
        _ => ApiError::Malformed("The message broke off, or is not compressed as it says".to_owned()),
    })?;
    let brotli = compression::takes_brotli(&headers);
    // Closed by nobody; without a turn, the others only have one more beside them.
    let turn = app.turns.acquire().await;
    let server = Arc::clone(&app);
    let (answer, compressed) = blocking(move || {
        let request: SyncRequest = wire::decode(&body).map_err(|error| match error {
            WireError::TooLarge(_) => ApiError::TooLarge(MAX_BODY),
            other => ApiError::Malformed(capitalized(&other.to_string())),
        })?;
        let now = clock::now();
        let (device, sent) = (who.device, request.changes.len());
        let response = server.sync.round_trip(&who, &request, now)?;
        let answer = wire::encode(&response).map_err(|error| ApiError::Internal(error.to_string()))?;
        let size = answer.len();
        let (answer, compressed) = if brotli { compression::brotli(answer) } else { (answer, false) };
        tracing::debug!(
            %device, sent, entered = response.entered.len(), changes = response.changes.len(), left = response.left.len(),
            more = response.more, bytes = size, on_the_wire = answer.len(), "synced"
        );
        Ok::<_, ApiError>((answer, compressed))
    })
    .await?;
    drop(turn);
    let mut response =
        ([(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")], answer).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Ok(response)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
