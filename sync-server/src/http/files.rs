//! `PUT` and `GET /api/files/{sha256}`: photos' bytes, for enrolled devices.

use super::auth::Enrolled;
use super::{ApiError, Shared, blocking, range};
use crate::clock;
use crate::files::{Arriving, is_sha256};
use crate::storage::FileRecord;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::photo::is_bare_jpeg;
use futures_util::StreamExt as _;
use std::sync::Arc;

/// The largest file: what a phone keeps, the server takes.
pub(super) const MAX_FILE: usize = coldpatch_shared::photo::MAX_BYTES;

/// What photos are; anything else is kept as bytes that no browser interprets.
const MEDIA_TYPES: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"];

pub(super) async fn put(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    let files = Arc::clone(&app.files);
    let mut arriving = blocking(move || Arriving::begin(&*files)).await?;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|_| ApiError::Malformed("The file broke off on its way; send it again".to_owned()))?;
        if arriving.size() + chunk.len() as u64 > MAX_FILE as u64 {
            return Err(ApiError::TooLarge(MAX_FILE));
        }
        arriving = blocking(move || arriving.write(&chunk).map(|()| arriving)).await?;
    }
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = known_media_type(given);
    let new = blocking(move || -> Result<bool, ApiError> {
        let (actual, size) = (arriving.sha256(), arriving.size());
        if actual != sha256 {
            return Err(ApiError::HashDiffers { expected: sha256, actual });
        }
        arriving.keep(&*app.files)?;
        arrived(&app, who.device, sha256, media_type, size)
    })
    .await?;
    Ok(if new { StatusCode::CREATED } else { StatusCode::OK }.into_response())
}

/// Notes a file that is in its place now, of so many bytes, and tells whoever has waited for it. → whether it is new. Blocks.
pub(super) fn arrived(
    app: &Shared,
    from: DeviceId,
    sha256: String,
    media_type: String,
    size: u64,
) -> Result<bool, ApiError> {
    // Whoever heard of the photo before its bytes were here has asked for them in vain.
    let scopes = app.storage.scopes_of_file(&sha256)?;
    let new = app.storage.add_file(&FileRecord { sha256, media_type, size, received_at: clock::now() })?;
    if new && !scopes.is_empty() {
        app.sync.ledger.poke(scopes, Some(from));
    }
    Ok(new)
}

/// What a file is kept as that is said to be this.
pub(super) fn known_media_type(said: &str) -> String {
    let known = MEDIA_TYPES.iter().find(|known| said.eq_ignore_ascii_case(known));
    known.map_or("application/octet-stream", |known| known).to_owned()
}

pub(super) async fn get(
    State(app): State<Shared>,
    _: Enrolled,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    send(app, sha256, headers, "private, max-age=31536000, immutable", None).await
}

/// Sends a file that is named by its content. With a `media_type` it is for everybody: then only a JPEG without metadata
/// is sent, whatever the phone that brought it calls it.
pub(super) async fn send(
    app: Shared,
    sha256: String,
    headers: HeaderMap,
    cache: &'static str,
    media_type: Option<&'static str>,
) -> Result<Response, ApiError> {
    let etag = format!("\"{sha256}\"");
    let caching = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, cache.to_owned())];
    let found = blocking(move || -> Result<_, ApiError> {
        let Some(record) = app.storage.file(&sha256)? else { return Ok(None) };
        // The record without the file is trouble on the disk, and is told as such by the log.
        let bytes = app.files.read(&sha256)?;
        if bytes.is_none() {
            tracing::error!(sha256, "a file that had arrived is no longer on the disk");
        }
        let bytes = bytes.filter(|bytes| media_type.is_none() || is_bare_jpeg(bytes));
        Ok(bytes.map(|bytes| (record, bytes)))
    })
    .await?;
    let (record, bytes) = found.ok_or(ApiError::NotFound("file; it may still be on its way"))?;
    if super::city::matches_etag(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let kind = media_type.map_or(record.media_type, str::to_owned);
    Ok((caching, [(header::CONTENT_TYPE, kind)], range::respond(&headers, bytes)).into_response())
}

/// Fails unless it is the name of a file.
pub(super) fn check_name(sha256: &str) -> Result<(), ApiError> {
    if is_sha256(sha256) {
        return Ok(());
    }
    Err(ApiError::Malformed("A file is named by its SHA-256: 64 lowercase hexadecimal digits".to_owned()))
}
