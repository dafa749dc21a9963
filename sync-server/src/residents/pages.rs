//! Pages as answers: rendered by the components, with headers that keep secrets out of other sites and other caches.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coldpatch_mobile::ui::resident::model::{CityFace, MessageView, TrackingView};
use coldpatch_mobile::ui::resident::{AFTER, BEFORE, Page, render, render_report};

/// Nothing comes from elsewhere and nothing runs that is not a file of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' blob: data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether anybody may see a page, or only whoever has its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Privacy {
    /// The same for everybody.
    Public,
    /// Its address is a secret.
    Secret,
}

/// A page.
pub(super) fn page(face: &CityFace, status: StatusCode, privacy: Privacy, page: Page) -> Response {
    let body = dioxus_ssr::render(&render(face.clone(), page));
    let html = format!("{BEFORE}{body}{AFTER}");
    let mut response = (status, Body::from(html)).into_response();
    let headers = response.headers_mut();
    // Forms hold ids for one report each: going back must fetch new ones.
    let set: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if privacy == Privacy::Secret {
        keep_secret(&mut response);
    }
    response
}

/// The address of this answer is a secret: it goes to no other site and into no search engine.
pub(super) fn keep_secret(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The changing part of a tracking page.
pub(super) fn report(face: &CityFace, view: TrackingView) -> String {
    dioxus_ssr::render(&render_report(face.clone(), view))
}

/// A page that says one thing.
pub(super) fn message(face: &CityFace, status: StatusCode, title: &str, paragraphs: &[&str]) -> Response {
    let view =
        MessageView { title: title.to_owned(), paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect() };
    page(face, status, Privacy::Secret, Page::Message(view))
}
