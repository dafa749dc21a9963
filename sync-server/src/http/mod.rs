//! The HTTP side: one router, thin handlers, one error type.
//!
//! Each module has the handlers of one thing. What they do is elsewhere: [`crate::sync`], [`crate::enrollment`],
//! [`crate::files`], [`crate::intake`]. `docs/sync.md` lists the calls that phones make.

mod app_files;
pub mod auth;
mod blocking;
mod city;
mod compression;
mod enroll;
pub mod error;
mod files;
mod health;
mod live;
mod media;
mod range;
mod security;
mod sync;
pub mod uploads;

pub use blocking::blocking;
pub use error::ApiError;

use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{any, get, post, put};
use coldpatch_shared::sync::wire::MAX_BODY;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::decompression::RequestDecompressionLayer;

/// What every handler gets.
pub type Shared = Arc<App>;

/// The largest JSON body.
const MAX_JSON: usize = 64 << 10;

/// Files of the app come compressed as well as they can be; doing it again for each phone would only cost time.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"))
}

/// Everything that the server answers.
pub fn router(app: Shared) -> Router {
    let sync = Router::new()
        .route("/api/sync", post(sync::sync))
        // The limit is on what comes out of the decompression.
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(RequestDecompressionLayer::new());
    let api = Router::new()
        .route("/api/enroll", post(enroll::enroll))
        .route("/api/city", get(city::city))
        .route("/api/live", get(live::live))
        .route("/healthz", get(health::health))
        .layer(DefaultBodyLimit::max(MAX_JSON));
    let small =
        Router::new().route("/api/files", post(files::post)).layer(DefaultBodyLimit::max(files::MAX_SMALL_FILES));
    let files = Router::new()
        .route("/api/files/{sha256}", put(files::put).get(files::get))
        .route("/media/{name}", get(media::media))
        .layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(sync)
        .merge(api)
        .merge(files)
        .merge(small)
        .merge(uploads::router())
        .merge(crate::open311::router())
        .merge(app_files::router())
        // Its fallback is everybody's.
        .merge(crate::residents::router())
        .route("/api/{*rest}", any(error::not_found))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn(security::headers))
        .layer(from_fn(security::log))
        .with_state(app)
}
