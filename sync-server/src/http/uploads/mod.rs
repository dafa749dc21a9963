//! `/api/uploads`: photos' bytes over links that break, by the [tus 1.0](https://tus.io/protocols/resumable-upload) protocol with its
//! extensions creation, creation-with-upload, checksum, expiration and termination.
//!
//! A phone's uploads are named by what they will be: `POST /api/uploads` with the metadatum `sha256` makes
//! `/api/uploads/{sha256}`, `HEAD` says how many bytes have come, `PATCH` brings more. When the last has come and the whole has
//! that hash, it is the file `/api/files/{sha256}`. Bytes that came before a connection broke are kept, those of a `PATCH` with a
//! checksum only when all of them came.

mod headers;
mod problem;
mod receive;

pub use problem::UploadProblem;

use super::auth::Enrolled;
use super::files::{arrived, check_name};
use super::{ApiError, Shared, blocking};
use crate::uploads::{Announced, NotKept, Unfinished, UploadKey};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use coldpatch_shared::api::Session;
use headers::{Checksum, Metadata, OFFSET_BYTES, TUS_RESUMABLE, VERSION};
use receive::Received;

/// The largest file.
const MAX_FILE: u64 = super::files::MAX_FILE as u64;

pub(super) fn router() -> Router<Shared> {
    let one = axum::routing::head(offset).patch(append).delete(give_up).options(headers::options);
    Router::new()
        .route("/api/uploads", post(create).options(headers::options))
        .route("/api/uploads/{sha256}", one)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(version))
}

/// Refuses other versions of the protocol, and says ours.
async fn version(request: Request, next: Next) -> Response {
    let theirs = request.headers().get(TUS_RESUMABLE);
    let spoken = request.method() == axum::http::Method::OPTIONS || theirs.is_some_and(|theirs| theirs == VERSION);
    let mut response = if spoken {
        next.run(request).await
    } else {
        let mut refusal = ApiError::Upload(UploadProblem::Version).into_response();
        refusal.headers_mut().insert(headers::TUS_VERSION, VERSION);
        refusal
    };
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    response
}

async fn create(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let length = headers::length(&headers)?;
    if length > MAX_FILE {
        return Err(ApiError::TooLarge(super::files::MAX_FILE));
    }
    let sha256 = Metadata::of(&headers)?.sha256()?;
    let checksum = Checksum::of(&headers)?;
    let brings = headers::is_offset_bytes(&headers);
    let key = UploadKey { device: who.device, sha256 };
    let turn = app.uploads.enter(&key).await;
    let announced = Announced { length };
    let unfinished = blocking({
        let (app, key) = (app.clone(), key.clone());
        move || app.uploads.begin(&key, announced)
    })
    .await?;
    let place = [(axum::http::header::LOCATION, format!("/api/uploads/{}", key.sha256))];
    // An empty file is whole already.
    if !brings && length > 0 {
        return Ok((StatusCode::CREATED, place, headers::state(&unfinished)).into_response());
    }
    let body = if brings { body } else { Body::empty() };
    let received = receive::receive(turn, unfinished, checksum, body).await?;
    Ok((StatusCode::CREATED, place, taken(app, who, key, received).await?).into_response())
}

async fn offset(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    let key = UploadKey { device: who.device, sha256 };
    // Whatever still trickles in through a dead connection would make the answer wrong.
    let _turn = app.uploads.enter(&key).await;
    let found = blocking(move || -> Result<_, ApiError> {
        if let Some(unfinished) = app.uploads.find(&key)? {
            return Ok(Some(headers::state(&unfinished)));
        }
        Ok(arrived_whole(&app, &key)?.map(headers::whole))
    })
    .await?;
    let state = found.ok_or(ApiError::NotFound("upload; begin it again"))?;
    Ok((StatusCode::OK, state).into_response())
}

async fn append(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    if !headers::is_offset_bytes(&headers) {
        return Err(UploadProblem::MediaType(OFFSET_BYTES).into());
    }
    let (theirs, checksum) = (headers::offset(&headers)?, Checksum::of(&headers)?);
    let key = UploadKey { device: who.device, sha256 };
    let turn = app.uploads.enter(&key).await;
    let (found, kept) = blocking({
        let (app, key) = (app.clone(), key.clone());
        move || -> Result<_, ApiError> { Ok((app.uploads.find(&key)?, arrived_whole(&app, &key)?)) }
    })
    .await?;
    let unfinished = match (found, kept) {
        (Some(unfinished), _) => unfinished,
        (None, Some(size)) if size == theirs => {
            return Ok((StatusCode::NO_CONTENT, headers::whole(size)).into_response());
        }
        (None, Some(size)) => return Err(UploadProblem::Offset { ours: size, theirs }.into()),
        (None, None) => return Err(ApiError::NotFound("upload; begin it again")),
    };
    if unfinished.offset != theirs {
        return Err(UploadProblem::Offset { ours: unfinished.offset, theirs }.into());
    }
    let received = receive::receive(turn, unfinished, checksum, body).await?;
    Ok((StatusCode::NO_CONTENT, taken(app, who, key, received).await?).into_response())
}

async fn give_up(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
) -> Result<Response, ApiError> {
    check_name(&sha256)?;
    let key = UploadKey { device: who.device, sha256 };
    let _turn = app.uploads.enter(&key).await;
    let found = blocking(move || app.uploads.find(&key)?.map(Unfinished::remove).transpose()).await?;
    found.ok_or(ApiError::NotFound("upload; begin it again"))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The size of the file, if all of it is here: the answer to its last bytes may have been lost. What the database says of it is
/// not enough, as it may come from a backup without photos.
fn arrived_whole(app: &Shared, key: &UploadKey) -> Result<Option<u64>, ApiError> {
    let Some(record) = app.storage.file(&key.sha256)? else { return Ok(None) };
    Ok(app.files.read(&key.sha256)?.map(|_| record.size))
}

/// What is answered for what came; the last bytes make it a file.
async fn taken(app: Shared, who: Session, key: UploadKey, received: Received) -> Result<HeaderMap, ApiError> {
    let Received { unfinished, turn } = received;
    if unfinished.offset < unfinished.announced.length {
        return Ok(headers::state(&unfinished));
    }
    let length = unfinished.announced.length;
    blocking(move || -> Result<(), ApiError> {
        let _turn = turn;
        let media_type = match unfinished.finish(&key.sha256, &*app.files)? {
            Ok(media_type) => media_type,
            Err(NotKept::Hash(actual)) => return Err(ApiError::HashDiffers { expected: key.sha256, actual }),
            Err(NotKept::NotAPicture) => return Err(ApiError::NotAPicture),
        };
        arrived(&app, who.device, key.sha256, media_type, length).map(drop)
    })
    .await?;
    Ok(headers::whole(length))
}
