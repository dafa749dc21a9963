//! Open311 GeoReport v2, first form: services, requests and filing, over the same work orders as everything else.
//!
//! JSON only. A service request's id is its tracking number. No API key is asked for; personal data goes in and never
//! comes out. The standard has its own shape for errors: [`Fault`].
//!
//! - [`services`]: the catalog; [`requests`]: what was filed, and how it is doing; [`filing`]: a new request
//! - [`form`]: the form that a new request comes in; [`time`]: instants as the standard writes them

mod filing;
mod form;
mod requests;
mod services;
mod time;

use crate::http::{ApiError, Shared};
use axum::extract::Request;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::json;

/// The calls of the standard.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/open311/v2/services.json", get(services::list))
        .route("/open311/v2/services/{code}", get(services::definition))
        .route("/open311/v2/requests.json", get(requests::list).post(filing::file))
        .route("/open311/v2/requests/{id}", get(requests::one))
        .route("/open311/v2/{*rest}", any(nothing_here))
        .layer(from_fn(for_every_site))
}

async fn nothing_here() -> Fault {
    Fault::not_found("There is nothing here. This is Open311 GeoReport v2 in JSON: see /open311/v2/services.json.")
}

/// Civic apps run on pages of their own; what is public may be read from there.
async fn for_every_site(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// What goes wrong, in the standard's shape: `[{"code": 404, "description": "…"}]`.
#[derive(Debug)]
pub(crate) struct Fault {
    status: StatusCode,
    descriptions: Vec<String>,
}

impl Fault {
    fn bad(descriptions: Vec<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, descriptions }
    }

    fn not_found(description: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, descriptions: vec![description.into()] }
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        let problem = error.problem();
        if problem.status >= 500 {
            tracing::error!(%error, "an Open311 call failed");
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, descriptions: vec![format!("{}. {}", problem.title, problem.detail)] }
    }
}

impl From<PathRejection> for Fault {
    fn from(rejection: PathRejection) -> Self {
        Self { status: rejection.status(), descriptions: vec![rejection.body_text()] }
    }
}

impl From<QueryRejection> for Fault {
    fn from(rejection: QueryRejection) -> Self {
        Self { status: rejection.status(), descriptions: vec![rejection.body_text()] }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        let list: Vec<_> = self.descriptions.iter().map(|text| json!({ "code": code, "description": text })).collect();
        (self.status, Json(list)).into_response()
    }
}

/// A call may name the jurisdiction; another one's is not here.
fn check_jurisdiction(app: &Shared, given: Option<&str>) -> Result<(), Fault> {
    match given {
        Some(id) if !id.is_empty() && id != app.city.jurisdiction_id => {
            Err(Fault::not_found(format!("jurisdiction_id {id} was not found; this is {}.", app.city.jurisdiction_id)))
        }
        _ => Ok(()),
    }
}
