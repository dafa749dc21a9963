//! `POST /report`: a report comes in, from a page without script or from the outbox. `GET /report/place`: a place in words.

use super::check::{self, Faults};
use super::filing::{self, Filed, Photo, Refusal};
use super::front::empty_form;
use super::link::Link;
use super::pages::{Privacy, keep_secret, message, page};
use super::upload::{self, LARGEST_PHOTO, ReadError, Submission, Upload};
use super::{Residents, front};
use crate::app::App;
use crate::http::{ApiError, Shared};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use coldpatch_mobile::ui::resident::Page;
use coldpatch_mobile::ui::resident::model::{Elsewhere, FormView};
use coldpatch_shared::city::ServiceType;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::ServiceCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// How the sender wants to be answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Page,
    Json,
}

/// Everything that an answer needs.
struct Desk {
    app: Arc<App>,
    residents: Arc<Residents>,
    wants: Wants,
}

pub(super) async fn send(
    State(app): State<Shared>,
    Extension(residents): Extension<Arc<Residents>>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let wants = if accepts.contains("application/json") { Wants::Json } else { Wants::Page };
    let desk = Desk { app, residents, wants };
    let Ok(form) = form else {
        return desk
            .unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE, "This is not a report form. Nothing of it was kept.");
    };
    match upload::read(form).await {
        Ok(submission) => desk.receive(submission).await,
        Err(ReadError::TooLarge) => desk.unreadable(
            StatusCode::PAYLOAD_TOO_LARGE,
            "It is larger than any report: perhaps a video was picked instead of a photo. Nothing of it was kept. Go back and pick another photo.",
        ),
        Err(ReadError::Broken(error)) => {
            tracing::info!(%error, "a form did not arrive whole");
            desk.unreadable(
                StatusCode::BAD_REQUEST,
                "The connection broke on the way, and nothing of it was kept here. Go back and send it again.",
            )
        }
    }
}

impl Desk {
    async fn receive(&self, mut submission: Submission) -> Response {
        let Some(kind) = self.app.city.service_type(&ServiceCode(submission.kind.clone())).cloned() else {
            return match self.wants {
                Wants::Page => front::choose(&self.app.city, &self.residents, StatusCode::UNPROCESSABLE_ENTITY, None),
                Wants::Json => {
                    self.faulty(&single("type", "The city no longer takes reports of this kind. Choose another one."))
                }
            };
        };
        let Some(link) = Link::from_form(&submission.request, &submission.secret) else {
            return self.unreadable(
                StatusCode::BAD_REQUEST,
                "The form’s number is damaged, so the city could not tell this report from others. Nothing of it was kept. Open the form again and send it from there.",
            );
        };
        // A repeat is answered before anything is looked at: what the city has, it has.
        match filing::find(&self.app, &link).await {
            Ok(Some(filed)) => return self.filed(&link, filed),
            Ok(None) => {}
            Err(error) => return self.refused(&submission, &kind, &link, error),
        }
        let mut faults = Faults::default();
        let photo = self.photo(&mut submission, &link, &mut faults).await;
        let place = photo.as_ref().and_then(|photo| photo.place.clone());
        let checked = match check::check(&self.app.city, &kind, &submission.typed, place) {
            Ok(checked) if faults.is_empty() => checked,
            checked => {
                if let Err(found) = checked {
                    faults.elsewhere = found.elsewhere;
                    found.errors.into_iter().for_each(|(field, message)| faults.say(field, message));
                }
                return self.correct(&submission, &kind, &link, faults, photo);
            }
        };
        match filing::file(&self.app, &link, &kind, checked, photo).await {
            Ok(filed) => self.filed(&link, filed),
            Err(error) => self.refused(&submission, &kind, &link, error),
        }
    }

    /// The photo that came, or that came with an earlier try; what is wrong with it goes to the faults.
    async fn photo(&self, submission: &mut Submission, link: &Link, faults: &mut Faults) -> Option<Photo> {
        let bytes = match std::mem::take(&mut submission.photo) {
            Upload::Here(bytes) => bytes,
            Upload::TooLarge => {
                let limit = LARGEST_PHOTO / 1_000_000;
                faults.say(
                    "photo",
                    format!(
                        "This photo has more than {limit} MB. Pick a smaller one, or take it with less resolution."
                    ),
                );
                return None;
            }
            Upload::None if submission.photo_kept => {
                let kept = self.residents.stash.take(link.request, &link.secret_hex(), Instant::now());
                match kept {
                    Some(bytes) => bytes,
                    None => {
                        faults.say(
                            "photo",
                            "Your photo could not be kept that long. Please pick it again, or send without it.",
                        );
                        return None;
                    }
                }
            }
            Upload::None => return None,
        };
        match filing::look(bytes).await {
            Ok(photo) => Some(photo),
            Err(message) => {
                faults.say("photo", message);
                None
            }
        }
    }

    fn filed(&self, link: &Link, filed: Filed) -> Response {
        if self.wants == Wants::Page {
            let note = if filed.photo_damaged { "?photo=damaged" } else { "" };
            return see_other(&format!("{}{note}", link.path()));
        }
        let status = if filed.new { StatusCode::CREATED } else { StatusCode::OK };
        let body = json!({
            "request": link.request,
            "secret": link.secret_hex(),
            "tracking_number": filed.number,
            "tracking_url": link.path(),
            "photo_damaged": filed.photo_damaged,
        });
        let mut response = (status, Json(body)).into_response();
        keep_secret(&mut response);
        response
    }

    /// The form again, with everything that was typed, the photo too.
    fn correct(
        &self,
        submission: &Submission,
        kind: &ServiceType,
        link: &Link,
        faults: Faults,
        photo: Option<Photo>,
    ) -> Response {
        if self.wants == Wants::Json {
            return self.faulty(&faults);
        }
        let photo_kept = photo.is_some();
        if let Some(photo) = photo {
            self.residents.stash.put(link.request, &link.secret_hex(), photo.bytes, Instant::now());
        }
        let site = self.residents.site(&self.app.city);
        let view = FormView {
            typed: submission.typed.clone(),
            errors: faults.errors,
            photo_kept,
            elsewhere: faults.elsewhere,
            ..empty_form(site, kind, link)
        };
        page(&site.face, StatusCode::UNPROCESSABLE_ENTITY, Privacy::Secret, Page::Form(Box::new(view)))
    }

    fn faulty(&self, faults: &Faults) -> Response {
        let mut body = problem_json(
            "form",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Something is missing or not right",
            "The city did not take this report. Correct what is named and send it again.",
        );
        if let Some(fields) = body.as_object_mut() {
            fields.insert("errors".to_owned(), json!(faults.errors));
            if let Some(elsewhere) = &faults.elsewhere {
                fields.insert("elsewhere".to_owned(), as_json(elsewhere));
            }
        }
        problem(StatusCode::UNPROCESSABLE_ENTITY, body)
    }

    fn refused(&self, submission: &Submission, kind: &ServiceType, link: &Link, refusal: Refusal) -> Response {
        match refusal {
            Refusal::Faults(faults) => self.correct(submission, kind, link, faults, None),
            Refusal::Taken => {
                let (title, text) = (
                    "This form was sent before",
                    "Another report came from the same form, with another secret. Open the form again and send it from there.",
                );
                match self.wants {
                    Wants::Json => {
                        problem(StatusCode::CONFLICT, problem_json("taken", StatusCode::CONFLICT, title, text))
                    }
                    Wants::Page => {
                        message(&self.residents.site(&self.app.city).face, StatusCode::CONFLICT, title, &[text])
                    }
                }
            }
            Refusal::Failed(error) if self.wants == Wants::Json => error.into_response(),
            Refusal::Failed(error) => {
                tracing::error!(%error, "a report could not be filed");
                message(
                    &self.residents.site(&self.app.city).face,
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The city could not take your report just now",
                    &[
                        "It was not kept here. Go back: what you typed is still in the form. Try again in a few minutes, or call.",
                    ],
                )
            }
        }
    }

    fn unreadable(&self, status: StatusCode, text: &str) -> Response {
        let title = "The report did not come through";
        match self.wants {
            Wants::Json => problem(status, problem_json("unreadable", status, title, text)),
            Wants::Page => message(&self.residents.site(&self.app.city).face, status, title, &[text]),
        }
    }
}

fn single(field: &str, message: &str) -> Faults {
    let mut faults = Faults::default();
    faults.say(field, message);
    faults
}

fn see_other(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    keep_secret(&mut response);
    response
}

fn problem_json(kind: &str, status: StatusCode, title: &str, detail: &str) -> Value {
    json!({ "type": kind, "status": status.as_u16(), "title": title, "detail": detail })
}

fn problem(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    keep_secret(&mut response);
    response
}

fn as_json(elsewhere: &Elsewhere) -> Value {
    json!({ "name": elsewhere.name, "phone": elsewhere.phone, "url": elsewhere.url, "neighbor": elsewhere.neighbor })
}

/// `?lat=47.6&lon=-122.3`.
#[derive(Deserialize)]
pub(super) struct Where {
    lat: f64,
    lon: f64,
}

/// Where a place is, in words, before anything is sent: the address, or whose it is.
pub(super) async fn place(State(app): State<Shared>, Query(place): Query<Where>) -> Result<Response, ApiError> {
    let place = LatLon::new(place.lat, place.lon).map_err(|error| ApiError::Malformed(error.to_string()))?;
    let body = match check::elsewhere(&app.city, place) {
        Some((_, elsewhere)) => {
            let words = format!(
                "That place is not in the City of {}. Call the {} at {}.",
                app.city.name, elsewhere.name, elsewhere.phone
            );
            json!({ "words": words, "elsewhere": as_json(&elsewhere) })
        }
        None => {
            let address = app.city.address_near(place);
            let words = address.as_ref().map(|address| format!("Here: {address}"));
            json!({ "words": words, "address": address })
        }
    };
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
