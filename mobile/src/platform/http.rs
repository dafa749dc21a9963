//! HTTP by `reqwest`: the operating system's sockets natively, `fetch` on the web.

use super::{ByteStream, HttpRequest, HttpResponse, Method, Transport, Unreachable};
use coldpatch_shared::sync::wire::PACKED_MEDIA_TYPE;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Smaller bodies are sent as they are, bytes.
const WORTH_COMPRESSING: usize = 200;

/// A network cable that can be pulled: for the desktop's *work offline*, and for tests. Clones are the same cable.
#[derive(Debug, Clone)]
pub struct Cable(Arc<AtomicBool>);

impl Default for Cable {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Cable {
    /// Plugs it in or pulls it.
    pub fn set(&self, connected: bool) {
        self.0.store(connected, Ordering::SeqCst);
    }

    /// Whether it is plugged in.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), Unreachable> {
        if self.connected() { Ok(()) } else { Err(Unreachable("the cable is pulled".to_owned())) }
    }
}

/// The city's server over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    base_url: String,
    cable: Cable,
}

impl Http {
    /// A client of the server at `base_url` (`https://311.example.gov`, without a slash at the end).
    ///
    /// # Errors
    /// [`Unreachable`] when the platform has no TLS to offer.
    pub fn new(base_url: &str, cable: Cable) -> Result<Self, Unreachable> {
        let builder = reqwest::Client::builder();
        // On the web `fetch` connects; it has no separate limit for that.
        #[cfg(not(target_family = "wasm"))]
        let builder = builder.connect_timeout(Duration::from_secs(10));
        let client = builder.build().map_err(unreachable)?;
        Ok(Self { client, base_url: base_url.trim_end_matches('/').to_owned(), cable })
    }

    fn request(&self, method: Method, path: &str, token: Option<&str>) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base_url);
        let request = match method {
            Method::Get => self.client.get(url),
            Method::Head => self.client.head(url),
            Method::Post => self.client.post(url),
            Method::Put => self.client.put(url),
            Method::Patch => self.client.patch(url),
        };
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

impl Transport for Http {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, Unreachable>> {
        let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
        let mut builder = self.request(request.method, &request.path, request.token.as_deref()).timeout(timeout);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some((media_type, body)) = request.body {
            builder = builder.header(reqwest::header::CONTENT_TYPE, media_type);
            // Photos are compressed already.
            builder = match gzipped(media_type, &body) {
                Some(smaller) => builder.header(reqwest::header::CONTENT_ENCODING, "gzip").body(smaller),
                None => builder.body(body),
            };
        }
        let cable = self.cable.clone();
        async move {
            cable.check()?;
            let response = builder.send().await.map_err(unreachable)?;
            let status = response.status().as_u16();
            let media_type = response.headers().get(reqwest::header::CONTENT_TYPE);
            let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let upload_offset =
                response.headers().get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
            let body = response.bytes().await.map_err(unreachable)?.to_vec();
            // An answer that comes after the cable was pulled did not arrive.
            cable.check()?;
            Ok(HttpResponse { status, media_type, upload_offset, body })
        }
        .boxed_local()
    }

    fn listen(&self, path: &str, token: &str) -> LocalBoxFuture<'static, Result<Result<ByteStream, u16>, Unreachable>> {
        let builder = self.request(Method::Get, path, Some(token)).header(reqwest::header::ACCEPT, "text/event-stream");
        let cable = self.cable.clone();
        async move {
            cable.check()?;
            let response = builder.send().await.map_err(unreachable)?;
            let status = response.status().as_u16();
            if status != 200 {
                return Ok(Err(status));
            }
            let stream = response.bytes_stream().map(move |piece| {
                cable.check()?;
                piece.map(|bytes| bytes.to_vec()).map_err(unreachable)
            });
            Ok(Ok(stream.boxed_local()))
        }
        .boxed_local()
    }
}

/// A sync message compressed, if that makes it smaller.
fn gzipped(media_type: &str, body: &[u8]) -> Option<Vec<u8>> {
    if media_type != PACKED_MEDIA_TYPE || body.len() <= WORTH_COMPRESSING {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|smaller| smaller.len() < body.len())
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unreachable(error: reqwest::Error) -> Unreachable {
    // The URL is ours and the same for all; what matters is at the end of the chain of causes.
    let mut causes = vec![error.to_string()];
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    Unreachable(causes.join(": "))
}
