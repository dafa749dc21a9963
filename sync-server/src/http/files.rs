//! `PUT` and `GET /api/files/{sha256}`, and `POST /api/files` for several small ones: photos' bytes, for enrolled devices.

use super::auth::Enrolled;
use super::range::{self, Asked};
use super::{ApiError, Shared, blocking};
use crate::clock;
use crate::files::{Arriving, is_sha256};
use crate::storage::FileRecord;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::photo::{MediaType, is_bare_jpeg};
use coldpatch_shared::sync::wire;
use coldpatch_shared::sync::wire::files::{
    FILES_MEDIA_TYPE, MAX_TOGETHER, MOST_TOGETHER, SmallFile, SmallFiles, SmallFilesAnswer,
};
use futures_util::StreamExt as _;
use std::sync::Arc;

/// The largest file: what a phone keeps, the server takes.
pub(super) const MAX_FILE: usize = coldpatch_shared::photo::MAX_BYTES;

/// The largest message of small files.
pub(super) const MAX_SMALL_FILES: usize = MAX_TOGETHER + MOST_TOGETHER * 256;

pub(super) async fn put(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
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
    let new = blocking(move || keep(&app, who.device, arriving, sha256)).await?;
    Ok(if new { StatusCode::CREATED } else { StatusCode::OK }.into_response())
}

/// `POST /api/files`: several small ones. Each is taken or not for itself.
pub(super) async fn post(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(MAX_SMALL_FILES),
        _ => ApiError::Malformed("The files broke off on their way; send them again".to_owned()),
    })?;
    let answer = blocking(move || -> Result<_, ApiError> {
        let message: SmallFiles = wire::decode(&body).map_err(|error| ApiError::Malformed(error.to_string()))?;
        if message.files.len() > MOST_TOGETHER {
            return Err(ApiError::Malformed(format!("At most {MOST_TOGETHER} files go in one message")));
        }
        let status = |file: &SmallFile| {
            let taken = take_small(&app, who.device, file).map_err(|error| error.problem());
            match taken {
                Ok(true) => StatusCode::CREATED.as_u16(),
                Ok(false) => StatusCode::OK.as_u16(),
                Err(problem) => {
                    tracing::warn!(sha256 = file.sha256, problem = problem.title, "a small file was not taken");
                    problem.status
                }
            }
        };
        let statuses = message.files.iter().map(status).collect();
        wire::encode(&SmallFilesAnswer { statuses }).map_err(|error| ApiError::Internal(error.to_string()))
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, FILES_MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn take_small(app: &Shared, from: DeviceId, file: &SmallFile) -> Result<bool, ApiError> {
    check_name(&file.sha256)?;
    let mut arriving = Arriving::begin(&*app.files)?;
    arriving.write(&file.bytes)?;
    keep(app, from, arriving, file.sha256.clone())
}

/// Keeps a file that has come whole under its name. → whether it is new. Blocks.
fn keep(app: &Shared, from: DeviceId, arriving: Arriving, sha256: String) -> Result<bool, ApiError> {
    let (actual, size) = (arriving.sha256(), arriving.size());
    if actual != sha256 {
        return Err(ApiError::HashDiffers { expected: sha256, actual });
    }
    // What the sender calls it does not matter.
    let media_type = arriving.media_type()?.ok_or(ApiError::NotAPicture)?;
    arriving.keep(&*app.files)?;
    arrived(app, from, sha256, media_type, size)
}

/// Notes a file that is in its place now, of so many bytes, and tells whoever has waited for it. → whether it is new. Blocks.
pub(super) fn arrived(
    app: &Shared,
    from: DeviceId,
    sha256: String,
    media_type: MediaType,
    size: u64,
) -> Result<bool, ApiError> {
    // Whoever heard of the photo before its bytes were here has asked for them in vain.
    let scopes = app.storage.scopes_of_file(&sha256)?;
    let media_type = media_type.as_str().to_owned();
    let new = app.storage.add_file(&FileRecord { sha256, media_type, size, received_at: clock::now() })?;
    app.developing.wake();
    if new && !scopes.is_empty() {
        app.sync.ledger.poke(scopes, Some(from));
    }
    Ok(new)
}

pub(super) async fn get(
    State(app): State<Shared>,
    _: Enrolled,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    send(app, sha256, headers, Audience::Devices).await
}

/// For whom a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Enrolled devices: any file, as what it is.
    Devices,
    /// Everybody: only a JPEG without metadata, whatever the phone that brought it calls it.
    Everybody,
}

/// Sends a file that is named by its content, or the part of it that is asked for.
pub(super) async fn send(
    app: Shared,
    sha256: String,
    headers: HeaderMap,
    audience: Audience,
) -> Result<Response, ApiError> {
    let etag = format!("\"{sha256}\"");
    let whose = if audience == Audience::Devices { "private" } else { "public" };
    let caching =
        [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, format!("{whose}, max-age=31536000, immutable"))];
    let known = super::city::matches_etag(&headers, &etag);
    let found = blocking(move || -> Result<_, ApiError> {
        let Some(record) = app.storage.file(&sha256)? else { return Ok(None) };
        let asked = range::asked(&headers, record.size, &etag);
        let bytes = match (audience, &asked) {
            // What is told by the record needs no look at the file.
            (Audience::Devices, Asked::Beyond) => Some(Vec::new()),
            (Audience::Devices, _) if known => Some(Vec::new()),
            (Audience::Devices, Asked::Part(part)) => app.files.read_part(&sha256, part.clone())?,
            (Audience::Devices, Asked::Whole) => app.files.read(&sha256)?,
            (Audience::Everybody, _) => app.files.read(&sha256)?,
        };
        if bytes.is_none() {
            // The record without the file is trouble with the store, and is told as such by the log.
            tracing::error!(sha256, "a file that had arrived is no longer there");
        }
        Ok(match audience {
            Audience::Devices => bytes,
            Audience::Everybody => bytes.filter(|bytes| is_bare_jpeg(bytes)).map(|bytes| asked.cut(bytes)),
        }
        .map(|bytes| (record, asked, bytes)))
    })
    .await?;
    let (record, asked, bytes) = found.ok_or(ApiError::NotFound("file; it may still be on its way"))?;
    if known {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let kind = if audience == Audience::Everybody { "image/jpeg".to_owned() } else { record.media_type };
    Ok((caching, [(header::CONTENT_TYPE, kind)], asked.respond(bytes, record.size)).into_response())
}

/// Fails unless it is the name of a file.
pub(super) fn check_name(sha256: &str) -> Result<(), ApiError> {
    if is_sha256(sha256) {
        return Ok(());
    }
    Err(ApiError::Malformed("A file is named by its SHA-256: 64 lowercase hexadecimal digits".to_owned()))
}
