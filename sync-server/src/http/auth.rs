//! Whose device is talking.

use super::{ApiError, Shared, blocking};
use crate::{clock, enrollment};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use coldpatch_shared::api::Session;
use std::sync::Arc;

/// The session of an enrolled device; a handler that takes it answers 401 to everybody else.
#[derive(Debug)]
pub struct Enrolled(pub Session);

impl FromRequestParts<Shared> for Enrolled {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(ApiError::SignedOut)?.to_owned();
        let app = Arc::clone(app);
        let session = blocking(move || enrollment::session_of(&app, &token, clock::now())).await?;
        session.map(Self).ok_or(ApiError::SignedOut)
    }
}
