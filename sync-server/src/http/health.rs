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
    let (status, ok, sequence) = match &state {
        Ok(state) => (StatusCode::OK, true, Some(state.sequence)),
        Err(error) => {
            tracing::error!(%error, "the database does not take writes");
            (StatusCode::SERVICE_UNAVAILABLE, false, None)
        }
    };
    let body = json!({ "ok": ok, "version": env!("CARGO_PKG_VERSION"), "epoch": app.epoch, "sequence": sequence });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
