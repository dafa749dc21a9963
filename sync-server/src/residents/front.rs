//! `GET /` and `GET /report`: what is wrong, then the form for it; the files of these pages; and the answer where no page
//! is.

use super::Residents;
use super::link::Link;
use super::pages::{Privacy, message, page};
use crate::clock;
use crate::http::{ApiError, Shared};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use coldpatch_mobile::ui::resident::Page;
use coldpatch_mobile::ui::resident::model::{FormView, FrontView, Typed};
use coldpatch_shared::city::{City, ServiceType};
use coldpatch_shared::ids::ServiceCode;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `?type=pothole`.
#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(rename = "type")]
    kind: Option<String>,
}

pub(super) async fn front(State(app): State<Shared>, Extension(residents): Extension<Arc<Residents>>) -> Response {
    choose(&app.city, &residents, StatusCode::OK, None)
}

/// The choice of types.
pub(super) fn choose(city: &City, residents: &Residents, status: StatusCode, follow_error: Option<&str>) -> Response {
    let view = FrontView { types: city.catalog.service_types.clone(), follow_error: follow_error.map(str::to_owned) };
    page(&residents.site(city).face, status, Privacy::Public, Page::Front(view))
}

pub(super) async fn report(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    let code = which.kind.map(ServiceCode);
    // A type that the city no longer has leads back to the choice.
    let Some(kind) = code.and_then(|code| app.city.service_type(&code)) else {
        return Ok(choose(&app.city, &residents, StatusCode::OK, None));
    };
    let link = Link::new(clock::now()).map_err(|error| ApiError::Internal(error.to_string()))?;
    let view = empty_form(residents.site(&app.city), kind, &link);
    Ok(page(&residents.site(&app.city).face, StatusCode::OK, Privacy::Public, Page::Form(Box::new(view))))
}

/// A form in which nothing is typed yet.
pub(super) fn empty_form(site: &super::Site, kind: &ServiceType, link: &Link) -> FormView {
    FormView {
        kind: kind.clone(),
        request: link.request.to_string(),
        secret: link.secret_hex(),
        typed: Typed::default(),
        errors: BTreeMap::new(),
        photo_kept: false,
        elsewhere: None,
        streets: site.streets.clone(),
        map: site.bounds,
    }
}

pub(super) async fn file(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    Path((version, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    residents.site(&app.city).file(&version, &name).ok_or(ApiError::NotFound("file"))
}

pub(super) async fn service_worker(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
) -> Response {
    residents.site(&app.city).service_worker()
}

/// For addresses where nothing is: a page for a person, a problem for a program.
pub(super) async fn nothing_here(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    headers: HeaderMap,
) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if !accepted.any(|value| value.contains("text/html")) {
        return ApiError::NotFound("page").into_response();
    }
    message(
        &residents.site(&app.city).face,
        StatusCode::NOT_FOUND,
        "There is no page at this address",
        &[
            "The address may be mistyped or cut off. Copy all of it and try again.",
            "To report a problem, or to follow a report that you sent, start at the front page.",
        ],
    )
}
