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
use crate::uploads::{Announced, NotKept, Turn, Unfinished, UploadKey};
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
    let (key, turn) = turn_at(&app, &who, sha256).await?;
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
    Ok((StatusCode::CREATED, place, taken(app, key, received).await?).into_response())
}

async fn offset(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
) -> Result<Response, ApiError> {
    // Whatever still trickles in through a dead connection would make the answer wrong.
    let (key, _turn) = turn_at(&app, &who, sha256).await?;
    let said = match blocking(move || standing(&app, &key)).await? {
        Standing::Begun(unfinished) => headers::state(&unfinished),
        Standing::Whole(size) => headers::whole(size),
        Standing::Nowhere => return Err(NOT_BEGUN),
    };
    Ok((StatusCode::OK, said).into_response())
}

async fn append(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    if !headers::is_offset_bytes(&headers) {
        return Err(UploadProblem::MediaType(OFFSET_BYTES).into());
    }
    let (theirs, checksum) = (headers::offset(&headers)?, Checksum::of(&headers)?);
    let (key, turn) = turn_at(&app, &who, sha256).await?;
    let stands = blocking({
        let (app, key) = (app.clone(), key.clone());
        move || standing(&app, &key)
    })
    .await?;
    let ours = match &stands {
        Standing::Begun(unfinished) => unfinished.offset,
        Standing::Whole(size) => *size,
        Standing::Nowhere => return Err(NOT_BEGUN),
    };
    if ours != theirs {
        return Err(UploadProblem::Offset { ours, theirs }.into());
    }
    let said = match stands {
        Standing::Begun(unfinished) => {
            let received = receive::receive(turn, unfinished, checksum, body).await?;
            taken(app, key, received).await?
        }
        Standing::Whole(_) | Standing::Nowhere => headers::whole(ours),
    };
    Ok((StatusCode::NO_CONTENT, said).into_response())
}

async fn give_up(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
    Path(sha256): Path<String>,
) -> Result<Response, ApiError> {
    let (key, _turn) = turn_at(&app, &who, sha256).await?;
    let found = blocking(move || app.uploads.find(&key)?.map(Unfinished::remove).transpose()).await?;
    found.ok_or(NOT_BEGUN)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

const NOT_BEGUN: ApiError = ApiError::NotFound("upload; begin it again");

/// The turn at a device's upload of this name.
async fn turn_at(app: &Shared, who: &Session, sha256: String) -> Result<(UploadKey, Turn), ApiError> {
    check_name(&sha256)?;
    let key = UploadKey { device: who.device, sha256 };
    let turn = app.uploads.enter(&key).await;
    Ok((key, turn))
}

/// Where an upload stands.
enum Standing {
    /// Bytes are missing.
    Begun(Unfinished),
    /// It is a file of so many bytes.
    Whole(u64),
    Nowhere,
}

/// Looks where an upload stands. Whoever hears that nothing is missing lets its own copy go, so that this is said only of files
/// that are in their place. Blocks.
fn standing(app: &Shared, key: &UploadKey) -> Result<Standing, ApiError> {
    if let Some(unfinished) = app.uploads.find(key)? {
        if unfinished.offset < unfinished.announced.length {
            return Ok(Standing::Begun(unfinished));
        }
        // The server died, or could not store it, between the last byte and its being a file.
        return match keep(app, key, unfinished) {
            Ok(size) => Ok(Standing::Whole(size)),
            Err(ApiError::HashDiffers { .. }) => Ok(Standing::Nowhere),
            Err(error) => Err(error),
        };
    }
    // The answer to its last bytes may have been lost. What the database says is not enough: it may be from a backup without photos.
    let Some(record) = app.storage.file(&key.sha256)? else { return Ok(Standing::Nowhere) };
    let there = app.files.read_part(&key.sha256, 0..1)?.is_some();
    Ok(if there { Standing::Whole(record.size) } else { Standing::Nowhere })
}

/// What is answered for what came; the last bytes make it a file.
async fn taken(app: Shared, key: UploadKey, received: Received) -> Result<HeaderMap, ApiError> {
    let Received { unfinished, turn } = received;
    if unfinished.offset < unfinished.announced.length {
        return Ok(headers::state(&unfinished));
    }
    let size = blocking(move || {
        let _turn = turn;
        keep(&app, &key, unfinished)
    })
    .await?;
    Ok(headers::whole(size))
}

/// Makes an upload of which every byte has come a file. → its size. Blocks.
fn keep(app: &Shared, key: &UploadKey, unfinished: Unfinished) -> Result<u64, ApiError> {
    let size = unfinished.announced.length;
    let media_type = match unfinished.finish(&key.sha256, &*app.files)? {
        Ok(media_type) => media_type,
        Err(NotKept::Hash(actual)) => return Err(ApiError::HashDiffers { expected: key.sha256.clone(), actual }),
        Err(NotKept::NotAPicture) => return Err(ApiError::NotAPicture),
    };
    arrived(app, key.device, key.sha256.clone(), media_type, size)?;
    Ok(size)
}
