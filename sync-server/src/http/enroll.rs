//! `POST /api/enroll`.

use super::{ApiError, Shared, blocking};
use crate::enrollment::EnrollError;
use crate::{clock, enrollment};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header;
use axum::response::IntoResponse;
use coldpatch_shared::api::EnrollRequest;
use std::time::Duration;

/// How long whoever guesses too much waits for each answer.
const DELAY: Duration = Duration::from_secs(1);

pub(super) async fn enroll(
    State(app): State<Shared>,
    ask: Result<Json<EnrollRequest>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(ask) = ask.map_err(|error| ApiError::Malformed(error.body_text()))?;
    let answer = blocking(move || {
        let answer = enrollment::enroll(&app, &ask, clock::now())?;
        tracing::info!(device = %ask.device, user = %answer.session.user, "a device signed in");
        Ok::<_, EnrollError>(answer)
    })
    .await;
    if matches!(answer, Err(ApiError::Enroll(EnrollError::TooManyTries))) {
        tokio::time::sleep(DELAY).await;
    }
    let answer = answer?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}
