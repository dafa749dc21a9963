//! `GET /media/{sha256}.jpg`: photos that anybody may see. Only renditions without metadata, and only those that a work
//! order shows; an original never.

use super::{ApiError, Shared, blocking, files};
use crate::files::is_sha256;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn media(
    State(app): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let photo = || ApiError::NotFound("photo");
    let sha256 = name.strip_suffix(".jpg").filter(|name| is_sha256(name)).ok_or_else(photo)?.to_owned();
    let (asked, name) = (Arc::clone(&app), sha256.clone());
    if !blocking(move || asked.storage.is_public(&name)).await? {
        return Err(photo());
    }
    files::send(app, sha256, headers, files::Audience::Everybody).await
}
