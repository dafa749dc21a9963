//! `POST /api/sync`: CBOR, or CBOR packed, as phones send it.

use super::auth::Enrolled;
use super::{ApiError, Shared, blocking, compression};
use crate::clock;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_shared::sync::wire::{self, MAX_BODY, MEDIA_TYPE, PACKED_MEDIA_TYPE, SyncRequest, WireError};
use std::sync::Arc;

/// The most verdicts that an answer has: with a sentence in each it stays below [`MAX_BODY`]. As many honest changes fill a
/// request.
const MOST_VERDICTS: usize = 40_000;

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
    // As the question, so the answer.
    let packed = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == PACKED_MEDIA_TYPE.as_bytes());
    let brotli = compression::takes_brotli(&headers);
    // A phone that has asked again because an answer was late is let in when the first is through; one that asks without end
    // takes turns from nobody else.
    let alone = app.one_each.enter(who.device).await.ok_or(ApiError::Busy)?;
    // Closed by nobody; without a turn, the others only have one more beside them.
    let turn = Arc::clone(&app.turns).acquire_owned().await;
    let server = Arc::clone(&app);
    let (answer, compressed) = blocking(move || {
        // Until the work is done, also when nobody waits for its answer any more.
        let _turns = (alone, turn);
        let request = if packed { wire::from_packed(&body) } else { wire::decode(&body) };
        let request: SyncRequest = request.map_err(|error| match error {
            WireError::TooLarge(_) => ApiError::TooLarge(MAX_BODY),
            other => ApiError::Malformed(capitalized(&other.to_string())),
        })?;
        let changes: usize = request.changes.iter().map(|order| order.changes.len()).sum();
        if changes + request.given_back.len() > MOST_VERDICTS {
            return Err(ApiError::TooLarge(MAX_BODY));
        }
        let now = clock::now();
        let (device, sent) = (who.device, request.changes.len());
        let response = server.sync.round_trip(&who, &request, now)?;
        if sent > 0 {
            // A photo's file may have been here before the work order that names it.
            server.developing.wake();
        }
        let message = wire::encode(&response).map_err(|error| ApiError::Internal(error.to_string()))?;
        if message.len() > MAX_BODY {
            // No phone reads that; budgets and limits leave room for everything that there is.
            return Err(ApiError::Internal(format!("an answer of {} bytes to {device}", message.len())));
        }
        let answer = if packed { wire::pack::pack(&message) } else { message };
        let size = answer.len();
        let (answer, compressed) = if brotli { compression::brotli(answer) } else { (answer, false) };
        tracing::debug!(
            %device, sent, entered = response.entered.len(), changes = response.changes.len(), left = response.left.len(),
            more = response.more, bytes = size, on_the_wire = answer.len(), "synced"
        );
        Ok::<_, ApiError>((answer, compressed))
    })
    .await?;
    let media_type = if packed { PACKED_MEDIA_TYPE } else { MEDIA_TYPE };
    let mut response =
        ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], answer).into_response();
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
