//! `POST /api/enroll`.

use super::{ApiError, Shared, blocking};
use crate::{clock, enrollment};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header;
use axum::response::IntoResponse;
use coldpatch_shared::api::EnrollRequest;

pub(super) async fn enroll(
    State(app): State<Shared>,
    ask: Result<Json<EnrollRequest>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(ask) = ask.map_err(|error| ApiError::Malformed(error.body_text()))?;
    let answer = blocking(move || {
        let answer = enrollment::enroll(&app, &ask, clock::now())?;
        tracing::info!(device = %ask.device, user = %answer.session.user, "a device signed in");
        Ok::<_, enrollment::EnrollError>(answer)
    })
    .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}
