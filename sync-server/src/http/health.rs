//! `GET /healthz`: whether the server can do its work, which needs a database that takes writes.

use super::{Shared, blocking};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

pub(super) async fn health(State(app): State<Shared>) -> Response {
    let asked = Arc::clone(&app);
    let state = blocking(move || asked.storage.probe().and_then(|()| asked.storage.state())).await;
    let (status, state) = match state {
        Ok(state) => (StatusCode::OK, Some(state)),
        Err(error) => {
            tracing::error!(%error, "the database does not take writes");
            (StatusCode::SERVICE_UNAVAILABLE, None)
        }
    };
    let epoch = state.as_ref().map(|state| state.epoch.as_str());
    let sequence = state.as_ref().map(|state| state.sequence);
    let body =
        json!({ "ok": state.is_some(), "version": env!("CARGO_PKG_VERSION"), "epoch": epoch, "sequence": sequence });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
