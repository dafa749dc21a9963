//! The headers of tus, read and written.

use super::problem::UploadProblem;
use super::{ApiError, MAX_FILE};
use crate::files::is_sha256;
use crate::uploads::Unfinished;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// The version that we speak.
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// What the bytes of an upload are called.
pub(super) const OFFSET_BYTES: &str = "application/offset+octet-stream";

/// What we can do, for whoever asks; nobody has to be signed in for that.
pub(super) async fn options() -> Response {
    let extensions = "creation,creation-with-upload,checksum,expiration,termination";
    let said = [
        (TUS_VERSION, VERSION),
        (TUS_EXTENSION, HeaderValue::from_static(extensions)),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static("sha1,sha256")),
        (TUS_MAX_SIZE, HeaderValue::from(MAX_FILE)),
    ];
    (StatusCode::NO_CONTENT, said).into_response()
}

/// Where an upload stands.
pub(super) fn state(unfinished: &Unfinished) -> HeaderMap {
    let mut headers = whole(unfinished.announced.length);
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(unfinished.offset));
    if let Some(expires) = http_date(unfinished.expires()) {
        headers.insert(UPLOAD_EXPIRES, expires);
    }
    headers
}

/// An upload of which nothing is missing.
pub(super) fn whole(length: u64) -> HeaderMap {
    HeaderMap::from_iter([
        (UPLOAD_LENGTH, HeaderValue::from(length)),
        (UPLOAD_OFFSET, HeaderValue::from(length)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ])
}

/// `Upload-Length`, bytes.
pub(super) fn length(headers: &HeaderMap) -> Result<u64, ApiError> {
    number(headers, &UPLOAD_LENGTH)
        .ok_or(UploadProblem::Header("Upload-Length is missing or no number of bytes").into())
}

/// `Upload-Offset`, bytes.
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, ApiError> {
    number(headers, &UPLOAD_OFFSET)
        .ok_or(UploadProblem::Header("Upload-Offset is missing or no number of bytes").into())
}

/// Whether the body is an upload's bytes.
pub(super) fn is_offset_bytes(headers: &HeaderMap) -> bool {
    text(headers, &header::CONTENT_TYPE).is_some_and(|said| said.eq_ignore_ascii_case(OFFSET_BYTES))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let said = text(headers, name)?;
    // `parse` would take a plus sign.
    said.bytes().all(|byte| byte.is_ascii_digit()).then(|| said.parse().ok()).flatten()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// `Upload-Metadata`: keys, each with a value in Base64, with commas between.
pub(super) struct Metadata(Vec<(String, String)>);

impl Metadata {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let said = text(headers, &UPLOAD_METADATA).unwrap_or_default();
        let pair = |pair: &str| {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let value = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
            Some((key.to_owned(), value))
        };
        let pairs: Option<Vec<_>> = said.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect();
        let wrong = UploadProblem::Header("Upload-Metadata has a value that is not Base64 of a text");
        Ok(Self(pairs.ok_or(wrong)?))
    }

    /// What the file will be.
    pub(super) fn sha256(&self) -> Result<String, ApiError> {
        let said = self.get("sha256").filter(|said| is_sha256(said));
        let wrong =
            UploadProblem::Header("Upload-Metadata needs sha256, the file's hash in 64 lowercase hexadecimal digits");
        said.map(str::to_owned).ok_or(wrong.into())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `Upload-Checksum`, while the bytes come.
pub(super) struct Checksum {
    sum: Sum,
    expected: Vec<u8>,
}

enum Sum {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The one that is named, if any.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(said) = text(headers, &UPLOAD_CHECKSUM) else { return Ok(None) };
        let (name, expected) = said.split_once(' ').unwrap_or((said, ""));
        let sum = match name {
            "sha1" => Sum::Sha1(Sha1::new()),
            "sha256" => Sum::Sha256(Sha256::new()),
            _ => return Err(UploadProblem::Header("Upload-Checksum is neither sha1 nor sha256").into()),
        };
        let wrong = UploadProblem::Header("Upload-Checksum is not Base64");
        Ok(Some(Self { sum, expected: STANDARD.decode(expected.trim()).map_err(|_| wrong)? }))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.sum {
            Sum::Sha1(sum) => sum.update(bytes),
            Sum::Sha256(sum) => sum.update(bytes),
        }
    }

    pub(super) fn holds(self) -> bool {
        match self.sum {
            Sum::Sha1(sum) => sum.finalize()[..] == self.expected[..],
            Sum::Sha256(sum) => sum.finalize()[..] == self.expected[..],
        }
    }
}

/// A date as HTTP writes it (RFC 9110, IMF-fixdate).
fn http_date(at: SystemTime) -> Option<HeaderValue> {
    let seconds = i64::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let at = jiff::Timestamp::from_second(seconds).ok()?;
    let said = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()?;
    HeaderValue::from_str(&said).ok()
}
