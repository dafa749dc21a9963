//! `POST /api/sync`.

use super::auth::Enrolled;
use super::{ApiError, Shared, blocking};
use crate::{clock, sync};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use coldpatch_shared::sync::wire::{self, MAX_BODY, MEDIA_TYPE, SyncRequest, WireError};

pub(super) async fn sync(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(MAX_BODY),
        _ => ApiError::Malformed("The message broke off, or is not compressed as it says".to_owned()),
    })?;
    let answer = blocking(move || {
        let request: SyncRequest = wire::decode(&body).map_err(|error| match error {
            WireError::TooLarge(_) => ApiError::TooLarge(MAX_BODY),
            other => ApiError::Malformed(capitalized(&other.to_string())),
        })?;
        let now = clock::now();
        let (device, sent) = (who.device, request.changes.len());
        let response = sync::round_trip(&app, &who, &request, now)?;
        tracing::debug!(
            %device, sent, snapshots = response.snapshots.len(), changes = response.changes.len(),
            upto = response.cursor.seq, more = response.more, "synced"
        );
        wire::encode(&response).map_err(|error| ApiError::Internal(error.to_string()))
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")], answer))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
