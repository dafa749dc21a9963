//! `GET requests.json` and `requests/{id}.json`: what was filed, and how it is doing.

use super::{Fault, check_jurisdiction, time};
use crate::app::App;
use crate::clock;
use crate::http::{ApiError, Shared, blocking};
use crate::storage::{RequestFilter, RequestRecord, StorageError};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use coldpatch_shared::ids::{ServiceCode, ServiceRequestId};
use coldpatch_shared::order::{PhotoSlot, RenditionKind, RequestSource, Status, WorkOrder};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most requests in one answer; the standard's own limit.
const MOST: u32 = 1_000;
/// How far back an answer goes when nothing is said, ms: 90 days, as the standard says.
const DAYS_90: i64 = 90 * 24 * 3_600_000;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    jurisdiction_id: Option<String>,
    service_request_id: Option<String>,
    service_code: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    status: Option<String>,
}

pub(super) async fn list(
    State(app): State<Shared>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Vec<Value>>, Fault> {
    let Query(asked) = asked?;
    check_jurisdiction(&app, asked.jurisdiction_id.as_deref())?;
    let ids = words(asked.service_request_id.as_deref());
    // Asked for by id, other conditions do not count; so says the standard.
    let filter = if ids.is_empty() { Some(filter(&app, &asked, clock::now())?) } else { None };
    let found = blocking(move || -> Result<_, ApiError> {
        let found = match filter {
            Some(filter) => app.storage.requests(&filter)?,
            None => {
                let found =
                    ids.iter().take(MOST as usize).map(|id| by_number(&app, id)).collect::<Result<Vec<_>, _>>()?;
                found.into_iter().flatten().collect()
            }
        };
        found.iter().map(|(record, order)| Ok(request(&app, record, order)?)).collect::<Result<Vec<_>, ApiError>>()
    })
    .await?;
    Ok(Json(found))
}

pub(super) async fn one(
    State(app): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Vec<Value>>, Fault> {
    let (Path(name), Query(asked)) = (name?, asked?);
    check_jurisdiction(&app, asked.jurisdiction_id.as_deref())?;
    let id = name.strip_suffix(".json").unwrap_or(&name).to_owned();
    let (asking, number) = (Arc::clone(&app), id.clone());
    let found = blocking(move || -> Result<_, ApiError> {
        let found = by_number(&asking, &number)?;
        Ok(found.map(|(record, order)| request(&asking, &record, &order)).transpose()?)
    })
    .await?;
    let found = found.ok_or_else(|| Fault::not_found(format!("service_request_id {id} was not found.")))?;
    Ok(Json(vec![found]))
}

fn by_number(app: &App, number: &str) -> Result<Option<(RequestRecord, WorkOrder)>, StorageError> {
    let Some(record) = app.storage.request_by_number(number)? else { return Ok(None) };
    Ok(app.storage.order(record.work_order)?.map(|order| (record, order)))
}

/// A list that is separated by commas.
fn words(list: Option<&str>) -> Vec<String> {
    let words = list.unwrap_or_default().split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn filter(app: &App, asked: &Asked, now: i64) -> Result<RequestFilter, Fault> {
    let mut faults = Vec::new();
    let mut instant = |name: &str, text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        let read = time::read(text, &app.zone);
        if read.is_none() {
            faults.push(format!("{name} {text} is not a date and time like 2026-05-24T00:00:00Z."));
        }
        read
    };
    let (from, to) = (instant("start_date", &asked.start_date), instant("end_date", &asked.end_date));
    let statuses = words(asked.status.as_deref());
    let unknown = statuses.iter().find(|status| !matches!(status.as_str(), "open" | "closed"));
    faults.extend(unknown.map(|status| format!("status {status} is neither open nor closed.")));
    if !faults.is_empty() {
        return Err(Fault::bad(faults));
    }
    let from = from.or_else(|| Some(to.unwrap_or(now) - DAYS_90));
    let has = |wanted: &str| statuses.iter().any(|status| status == wanted);
    let closed = match (has("open"), has("closed")) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    };
    let service_codes = words(asked.service_code.as_deref()).into_iter().map(ServiceCode).collect();
    Ok(RequestFilter { service_codes, from, to, closed, limit: MOST })
}

/// A request as the standard shows it. Only what is public: no names of people, no words that staff wrote for each other.
fn request(app: &App, record: &RequestRecord, order: &WorkOrder) -> Result<Value, StorageError> {
    let city = &app.city;
    let filed = order.requests.iter().find(|entry| entry.body.request == record.request).map(|entry| &entry.body);
    let kind = city.service_type(&order.service_code);
    let updated = match (&order.status_set_by, order.status.is_closed()) {
        (Some(closing), true) => closing.stamp.time(),
        _ => order.updated_at,
    };
    // An inspector's own report is staff's words, too.
    let description = filed.filter(|request| request.source != RequestSource::Field);
    let description = description.map_or("", |request| request.description.as_str());
    let agency = kind.and_then(|kind| city.department(&kind.department)).map(|department| &department.name);
    Ok(json!({
        "service_request_id": record.tracking_number,
        "status": if order.status.is_closed() { "closed" } else { "open" },
        "status_notes": notes(app, order),
        "service_name": kind.map(|kind| &kind.name),
        "service_code": order.service_code,
        "description": description,
        "agency_responsible": agency,
        "service_notice": null,
        "requested_datetime": time::write(record.requested_at, &app.zone),
        "updated_datetime": time::write(updated, &app.zone),
        "expected_datetime": order.due.and_then(|due| time::write(due, &app.zone)),
        "address": order.address,
        "address_id": null,
        "zipcode": null,
        "lat": order.place.as_ref().map(|place| place.at.lat),
        "long": order.place.as_ref().map(|place| place.at.lon),
        "media_url": media_url(app, order, record.request)?,
    }))
}

/// The status in fixed words: why staff closed something is for staff, and a crew's reason is a choice of the catalog.
fn notes(app: &App, order: &WorkOrder) -> String {
    match order.status {
        Status::Open if order.assignment.is_some() => "Received, and given to a crew.".to_owned(),
        Status::Open => "Received.".to_owned(),
        Status::Working => "A crew is working on it.".to_owned(),
        Status::Paused => "A crew has begun and will go on.".to_owned(),
        Status::Transferred => "Handed over to another department.".to_owned(),
        Status::Completed => "Done.".to_owned(),
        Status::Cancelled => "Closed without work.".to_owned(),
        Status::CannotComplete => {
            let reason = order.status_set_by.as_ref().and_then(|event| event.body.reason.as_deref());
            let kind = app.city.service_type(&order.service_code);
            let named =
                kind.and_then(|kind| kind.cannot_complete.iter().find(|choice| Some(choice.key.as_str()) == reason));
            match named {
                Some(choice) => format!("A crew was there and could not do it yet: {}.", choice.name),
                None => "A crew was there and could not do it yet.".to_owned(),
            }
        }
    }
}

/// The photo that says most: of the finished work once it is closed, else the one that came with this request. Never
/// what a crew took on the way, nor another person's. Only one whose file is here and may be shown.
fn media_url(app: &App, order: &WorkOrder, request: ServiceRequestId) -> Result<Option<String>, StorageError> {
    // The latest first: a photo that was taken again was taken for a reason.
    let photos = || order.photos.iter().rev().map(|entry| &entry.body);
    let finished = photos().filter(|photo| order.status.is_closed() && photo.slot == PhotoSlot::After);
    let own = photos().filter(|photo| photo.slot == PhotoSlot::Report && photo.request == Some(request));
    for display in finished.chain(own).filter_map(|photo| photo.rendition(RenditionKind::Display)) {
        if app.storage.is_public(&display.sha256)? && app.storage.file(&display.sha256)?.is_some() {
            return Ok(Some(app.url(&format!("/media/{}.jpg", display.sha256))));
        }
    }
    Ok(None)
}
