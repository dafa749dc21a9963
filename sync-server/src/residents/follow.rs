//! `GET /r/{link}` and `GET /r/{link}.json`: how a report is doing. `POST /follow`: from a pasted link to that page.

use super::link::Link;
use super::pages::{Privacy, keep_secret, message, page, report};
use super::tracking::Follow;
use super::{Residents, front};
use crate::app::App;
use crate::clock;
use crate::http::{ApiError, Shared, blocking};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form, Json};
use coldpatch_mobile::ui::resident::Page;
use coldpatch_mobile::ui::resident::model::TrackingView;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// What is to be said once, right after sending: `?photo=damaged`.
#[derive(Deserialize)]
pub(super) struct Said {
    photo: Option<String>,
}

pub(super) async fn track(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    Path(address): Path<String>,
    Query(said): Query<Said>,
    headers: HeaderMap,
) -> Response {
    let (text, wants_json) = address.strip_suffix(".json").map_or((address.as_str(), false), |text| (text, true));
    let site = residents.site(&app.city);
    let found = match Link::from_path(text) {
        Some(link) => look(&app, link).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(view)) if wants_json => as_json(&residents, &app, view, &headers),
        Ok(Some(mut view)) => {
            view.photo_damaged = said.photo.as_deref() == Some("damaged");
            page(&site.face, StatusCode::OK, Privacy::Secret, Page::Tracking(Box::new(view)))
        }
        Ok(None) if wants_json => ApiError::NotFound("report").into_response(),
        Ok(None) => message(
            &site.face,
            StatusCode::NOT_FOUND,
            "There is no report at this address",
            &[
                "The link may be cut off: it ends in 43 letters and digits after /r/. Copy all of it and try again.",
                "If you sent the report from this phone, look under “Your reports on this phone” on the front page: it may still be waiting to go out.",
            ],
        ),
        Err(error) if wants_json => error.into_response(),
        Err(error) => {
            tracing::error!(%error, "a tracking page failed");
            message(
                &site.face,
                StatusCode::SERVICE_UNAVAILABLE,
                "This page does not work just now",
                &["Your report is not lost. Try again in a few minutes."],
            )
        }
    }
}

/// What the link leads to, if the secret is right.
async fn look(app: &Arc<App>, link: Link) -> Result<Option<TrackingView>, ApiError> {
    let app = Arc::clone(app);
    blocking(move || {
        let record = app.storage.request(link.request)?;
        let Some(record) = record.filter(|record| record.secret == Some(link.hash())) else {
            return Ok::<_, ApiError>(None);
        };
        let Some(order) = app.storage.order(record.work_order)? else { return Ok(None) };
        let here = |sha256: &str| matches!(app.storage.file(sha256), Ok(Some(_)));
        let follow = Follow {
            city: &app.city,
            order: &order,
            request: link.request,
            url: link.path(),
            now: clock::now(),
            here: &here,
        };
        Ok(follow.view())
    })
    .await
}

fn as_json(residents: &Residents, app: &App, view: TrackingView, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", view.version);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let face = &residents.site(&app.city).face;
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(json!({
            "version": view.version,
            "tracking_number": view.number,
            "status": view.status,
            "closed": view.closed,
            "headline": view.headline,
            "title": format!("{} · City of {}", view.headline, app.city.name),
            "html": report(face, view.clone()),
        }))
        .into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    keep_secret(&mut response);
    response
}

/// What somebody pasted.
#[derive(Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    link: String,
}

pub(super) async fn find(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    Form(pasted): Form<Pasted>,
) -> Response {
    match Link::from_pasted(&pasted.link) {
        Some(link) => Redirect::to(&link.path()).into_response(),
        None => {
            let error =
                "This is not a tracking link. It looks like …/r/ and then 43 letters and digits; copy all of it.";
            front::choose(&app.city, &residents, StatusCode::UNPROCESSABLE_ENTITY, Some(error))
        }
    }
}
