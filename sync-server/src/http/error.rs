//! What goes wrong, as RFC 9457 problems: one enum, one table.

use super::uploads::UploadProblem;
use crate::app::App;
use crate::enrollment::EnrollError;
use crate::ledger::LedgerError;
use crate::storage::StorageError;
use crate::sync::SyncError;
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use coldpatch_shared::api::{KNOWN_HERE, Problem, REVOKED};
use coldpatch_shared::sync::wire::PROTOCOL;
use std::any::Any;
use std::sync::Arc;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No token, or one that nobody has.
    #[error("not signed in")]
    SignedOut,
    /// The city has signed this device out.
    #[error("revoked")]
    Revoked,
    /// Something about a one-time code.
    #[error(transparent)]
    Enroll(EnrollError),
    /// The body is not what this call takes; says why.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The body is larger than this many bytes.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// The phone speaks another version of the sync protocol.
    #[error("protocol {0}")]
    Protocol(u16),
    /// There is nothing here; says of what.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The path is right and the method is not.
    #[error("method not allowed")]
    Method,
    /// A file's content has another hash than its name.
    #[error("the file has hash {actual}, not {expected}")]
    HashDiffers {
        /// What its name says.
        expected: String,
        /// What it is.
        actual: String,
    },
    /// What was sent as a photo is none.
    #[error("not a picture")]
    NotAPicture,
    /// Something about an upload in parts.
    #[error(transparent)]
    Upload(UploadProblem),
    /// This device asks too much at once.
    #[error("busy")]
    Busy,
    /// The database or the disk says no.
    #[error("storage: {0}")]
    Storage(String),
    /// A fault of ours.
    #[error("internal: {0}")]
    Internal(String),
}

impl ApiError {
    /// What the caller is told: what happened, what was kept, what to do.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, kind, title, detail): (StatusCode, &str, &str, String) = match self {
            Self::SignedOut => (
                StatusCode::UNAUTHORIZED,
                "signed_out",
                "This device is not signed in",
                "What is on the device stays there. Ask for a new sign-in link, and open it on this device.".into(),
            ),
            Self::Revoked => (
                StatusCode::UNAUTHORIZED,
                REVOKED,
                "The city has signed this device out",
                "What is on the device stays there, and what was not sent is sent once the same person signs in again. \
                 Ask for a new sign-in link, and open it on this device."
                    .into(),
            ),
            Self::Enroll(error) => return enroll_problem(error),
            Self::Upload(upload) => return upload.problem(),
            Self::Busy => (
                StatusCode::TOO_MANY_REQUESTS,
                "busy",
                "This device has asked several times at once",
                "The first is still being answered. Nothing of this request was taken in; keep it and try again.".into(),
            ),
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, "malformed", "This cannot be read", format!("{why}.")),
            Self::TooLarge(limit) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "This is too large",
                format!("At most {limit} bytes are taken at once. Nothing of it was kept; send it in smaller parts."),
            ),
            Self::Protocol(theirs) => (
                StatusCode::UPGRADE_REQUIRED,
                "protocol",
                "The app and the city's server are of different versions",
                format!(
                    "The app speaks version {theirs}, the server version {PROTOCOL}. Nothing is lost: close the app and \
                     open it again to update it."
                ),
            ),
            Self::NotFound(what) => (
                StatusCode::NOT_FOUND,
                "not_found",
                "There is nothing here",
                format!("There is no such {what}. Check the address."),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This cannot be done here",
                "The address is right, but it takes another method.".into(),
            ),
            Self::HashDiffers { expected, actual } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "hash_differs",
                "The file was damaged on the way",
                format!("It was sent as {expected} and arrived as {actual}. It was not kept; send it again."),
            ),
            Self::NotAPicture => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_a_picture",
                "This file is not a picture",
                "Photos are JPEG, PNG, WebP, HEIC or AVIF files, told by their content and not by their name. This file was \
                 not kept, and everything else was. Keep it where it is, and add a photo in one of these formats instead."
                    .into(),
            ),
            Self::Storage(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "storage",
                "The city's server cannot store anything just now",
                "Nothing of this request was taken in. Keep it and try again later.".into(),
            ),
            Self::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong on the city's server",
                "It was written down for those who run it. Keep what you have and try again later.".into(),
            ),
        };
        problem(status, kind, title, detail)
    }
}

fn problem(status: StatusCode, kind: &str, title: &str, detail: String) -> Problem {
    Problem { kind: kind.to_owned(), title: title.to_owned(), status: status.as_u16(), detail, device: None }
}

fn enroll_problem(error: &EnrollError) -> Problem {
    let (status, kind, title, detail) = match error {
        EnrollError::Unknown | EnrollError::NoSuchPerson { .. } => (
            StatusCode::NOT_FOUND,
            "code_unknown",
            "This sign-in code does not exist",
            "Check the letters; there is no I, L, O, U, 0 or 1 in a code. Or ask for a new one.",
        ),
        EnrollError::Expired => (
            StatusCode::GONE,
            "code_expired",
            "This sign-in code is too old",
            "A code works for a few days. Ask whoever sent it for a new one.",
        ),
        EnrollError::Used => (
            StatusCode::GONE,
            "code_used",
            "This sign-in code has been used",
            "A code works once, on one device. If that was you, go on there; else ask for a new code for this device.",
        ),
        EnrollError::DeviceTaken => (
            StatusCode::CONFLICT,
            "device_taken",
            "This device is signed in as somebody else",
            "Each person has a database of their own on a device. Open the link in another browser profile.",
        ),
        EnrollError::KnownHere(_) => (
            StatusCode::CONFLICT,
            KNOWN_HERE,
            "You have signed in here before",
            "What you did here is kept there: use the code there.",
        ),
        EnrollError::TooManyTries => (
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_tries",
            "Too many wrong codes",
            "Somebody has tried many codes that do not exist. Wait a minute and try again.",
        ),
        EnrollError::Storage(error) => return ApiError::Storage(error.to_string()).problem(),
        EnrollError::Entropy(error) => return ApiError::Internal(error.to_string()).problem(),
    };
    let device = if let EnrollError::KnownHere(device) = error { Some(*device) } else { None };
    Problem { device, ..problem(status, kind, title, detail.to_owned()) }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> axum::response::Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(error = %self, "a request failed");
        }
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Storage(error) => error.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Protocol(theirs) => Self::Protocol(theirs),
            SyncError::Ledger(error) => error.into(),
            SyncError::Storage(error) => error.into(),
        }
    }
}

impl From<EnrollError> for ApiError {
    fn from(error: EnrollError) -> Self {
        Self::Enroll(error)
    }
}

impl From<UploadProblem> for ApiError {
    fn from(problem: UploadProblem) -> Self {
        Self::Upload(problem)
    }
}

/// For paths that lead nowhere.
pub(super) async fn not_found(_: axum::extract::State<Arc<App>>, _: Uri) -> ApiError {
    ApiError::NotFound("page")
}

/// For methods that a path does not take.
pub(super) async fn method_not_allowed(_: Method) -> ApiError {
    ApiError::Method
}

/// For a panic in a handler: an internal error of that request, and nothing else.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
    ApiError::Internal(said.to_owned()).into_response()
}
