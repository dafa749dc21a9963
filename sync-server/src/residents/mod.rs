//! The residents' pages: report a problem, follow a report. No account, no script needed; `assets/resident` adds an
//! offline outbox to the same pages, whose components are in `mobile/src/ui/resident`.
//!
//! - `front`, `report`, `follow`: the handlers; `filing`: the way to [`crate::intake`]
//! - `upload` reads a form, `check` says what is wrong with it, `locate` turns words into a place, `stash` holds the photo
//!   of a form that came back
//! - `tracking`: what a resident sees of a work order; `link`: the secret address of that page
//! - `site`, `map`, `pages`: files, the map, and pages as answers

mod check;
mod filing;
mod follow;
mod front;
mod link;
mod locate;
mod map;
mod pages;
mod report;
mod site;
mod stash;
mod tracking;
mod upload;

use crate::http::Shared;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Extension, Router};
use coldpatch_shared::city::City;
use site::Site;
use stash::Stash;
use std::sync::{Arc, OnceLock};

/// What these pages keep while the server runs.
#[derive(Default)]
struct Residents {
    site: OnceLock<Site>,
    stash: Stash,
}

impl Residents {
    fn site(&self, city: &City) -> &Site {
        self.site.get_or_init(|| Site::new(city))
    }
}

/// Everything under `/` that is for residents, and the answer at addresses where nothing is.
pub fn router() -> Router<Shared> {
    // The form reads its own body, and stops where it is told: see `upload`.
    let report =
        Router::new().route("/report", get(front::report).post(report::send)).layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(report)
        .route("/", get(front::front))
        .route("/report/place", get(report::place))
        .route("/follow", post(follow::find))
        .route("/r/{link}", get(follow::track))
        .route("/resident/{version}/{file}", get(front::file))
        .route("/sw.js", get(front::service_worker))
        .fallback(front::nothing_here)
        .layer(Extension(Arc::new(Residents::default())))
}
