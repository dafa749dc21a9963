//! Whose device is talking.

use super::{ApiError, Shared, blocking};
use crate::clock;
use crate::enrollment::{self, Known};
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
        match blocking(move || enrollment::session_of(&app, &token, clock::now())).await? {
            Known::Session(session) => Ok(Self(session)),
            Known::Revoked => Err(ApiError::Revoked),
            Known::Nobody => Err(ApiError::SignedOut),
        }
    }
}
