//! `POST requests.json`: another program files a request.

use super::form::Filing;
use super::{Fault, check_jurisdiction};
use crate::http::{ApiError, Shared, blocking};
use crate::intake::{self, IntakeError, NewRequest};
use crate::{clock, entropy};
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use coldpatch_shared::ids::{ServiceCode, ServiceRequestId};
use coldpatch_shared::order::RequestSource;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The longest address of a photo that is taken along.
const LONGEST_URL: usize = 500;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    jurisdiction_id: Option<String>,
}

pub(super) async fn file(
    State(app): State<Shared>,
    Query(asked): Query<Asked>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<impl IntoResponse, Fault> {
    let Form(pairs) = form.map_err(|error| Fault::bad(vec![format!("The form cannot be read: {error}.")]))?;
    let filing = Filing::read(pairs);
    check_jurisdiction(&app, asked.jurisdiction_id.as_deref().or(filing.get("jurisdiction_id")))?;
    let mut faults = Vec::new();
    let code = ServiceCode::from(filing.get("service_code").unwrap_or_default());
    let Some(kind) = app.city.service_type(&code) else {
        return Err(match code.as_str() {
            "" => Fault::bad(vec!["service_code is required.".to_owned()]),
            unknown => Fault::not_found(format!("service_code {unknown} was not found.")),
        });
    };
    let answers = filing.answers(kind, &mut faults);
    let place = filing.place(&mut faults);
    if !faults.is_empty() {
        return Err(Fault::bad(faults));
    }
    let now = clock::now();
    let new = NewRequest {
        request: ServiceRequestId(entropy::uuid(now).map_err(|error| ApiError::Internal(error.to_string()))?),
        secret: None,
        service_code: code,
        description: description(&filing),
        answers,
        place,
        address: filing.get("address_string").map(str::to_owned),
        photos: Vec::new(),
        contact: filing.contact(),
        source: RequestSource::Open311,
        mirrors: None,
    };
    let taker = Arc::clone(&app);
    let received = blocking(move || Ok::<_, ApiError>(intake::receive(&taker, &new, now))).await?;
    let receipt = received.map_err(fault)?;
    let notice = format!("{} will look at it. Its number is {}.", app.city.name, receipt.tracking_number);
    let answer =
        json!([{ "service_request_id": receipt.tracking_number, "service_notice": notice, "account_id": null }]);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// A photo on somebody else's server is not fetched; its address goes with the words, for whoever looks at the request.
fn description(filing: &Filing) -> String {
    let words = filing.get("description").unwrap_or_default();
    match filing.get("media_url").filter(|url| url.starts_with("https://") && url.len() <= LONGEST_URL) {
        Some(url) => format!("{words}\n\n{url}").trim().to_owned(),
        None => words.to_owned(),
    }
}

fn fault(error: IntakeError) -> Fault {
    let status = match &error {
        IntakeError::UnknownService(_) => StatusCode::NOT_FOUND,
        IntakeError::Storage(_) | IntakeError::Files(_) => StatusCode::SERVICE_UNAVAILABLE,
        IntakeError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        IntakeError::IdTaken => StatusCode::CONFLICT,
        IntakeError::NoPlace
        | IntakeError::Neighbor { .. }
        | IntakeError::Outside { .. }
        | IntakeError::TooLong
        | IntakeError::TooManyPhotos => StatusCode::BAD_REQUEST,
    };
    if status.is_server_error() {
        tracing::error!(?error, "a request could not be taken in");
    }
    Fault { status, descriptions: vec![error.to_string()] }
}
