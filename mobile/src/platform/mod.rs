//! What differs from platform to platform, as a few small traits. The engine knows only these.
//!
//! - [`Host`]: clock, timers, tasks
//! - [`Files`]: photo files, each under its SHA-256, durable when `put` returns
//! - [`Transport`]: HTTP to the city's server
//!
//! [`native`] and `web` implement the first two, [`http`] the last for both. Tests bring their own.

pub mod http;
#[cfg(not(target_family = "wasm"))]
pub mod native;
#[cfg(target_family = "wasm")]
pub mod web;

use crate::engine::api::{EngineError, ErrorKind, Room};
use crate::engine::{Developed, develop};
use coldpatch_shared::photo;
use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::LocalBoxStream;
use std::rc::Rc;

/// Everything that the engine needs from its platform.
#[derive(Clone)]
pub struct Platform {
    /// Clock, timers, tasks.
    pub host: Rc<dyn Host>,
    /// Photo files.
    pub files: Rc<dyn Files>,
    /// The city's server.
    pub transport: Rc<dyn Transport>,
}

/// Clock, timers and tasks of the thread (or Worker) that the engine lives in.
pub trait Host {
    /// This device's clock, ms since the Unix epoch.
    fn now(&self) -> i64;

    /// Ends after so many ms.
    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()>;

    /// Runs a task beside the others, on the engine's own thread.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);

    /// What is known about the connection.
    fn connection(&self) -> Connection {
        Connection::default()
    }

    /// How much room there is, if the platform says so.
    fn room(&self) -> LocalBoxFuture<'static, Option<Room>> {
        Box::pin(std::future::ready(None))
    }

    /// Runs work that takes long, so that the engine goes on answering if the platform has a way.
    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> LocalBoxFuture<'static, ()>;

    /// How many photos can be made at once.
    fn lanes(&self) -> usize {
        1
    }

    /// Photos will come to be made: what that needs may be started.
    fn expect_photos(&self) {}

    /// Reads a photo and makes its renditions, aside. `sha256` is the file's, where it is known already.
    fn develop(
        &self,
        file: Vec<u8>,
        sha256: Option<String>,
    ) -> LocalBoxFuture<'static, Result<Developed, EngineError>> {
        let (sender, developed) = oneshot::channel();
        let done = self.aside(Box::new(move || {
            // Nobody waits any more only when the engine has ended.
            let _ = sender.send(develop(file, sha256));
        }));
        Box::pin(async move {
            done.await;
            developed.await.unwrap_or_else(|_| Err(given_up()))
        })
    }

    /// The same for a file that is kept under this name, where the platform need not bring its bytes to the engine for it.
    fn develop_kept(&self, _sha256: &str) -> Option<LocalBoxFuture<'static, Result<Developed, EngineError>>> {
        None
    }

    /// The bytes behind an address of the UI's ([`crate::engine::api::PickedFile::Url`]).
    fn open(&self, url: &str) -> LocalBoxFuture<'static, Result<Vec<u8>, FileError>> {
        Box::pin(std::future::ready(Err(FileError::Failed(format!("nothing here opens {url}")))))
    }

    /// SHA-256 in lowercase hexadecimal.
    fn digest<'a>(&self, bytes: &'a [u8]) -> LocalBoxFuture<'a, String> {
        Box::pin(std::future::ready(photo::sha256(bytes)))
    }
}

/// Said of a photo whose making ended without a result.
pub(crate) fn given_up() -> EngineError {
    let message = "This device stopped while it prepared this photo. Everything else is kept. Try again.".to_owned();
    EngineError { kind: ErrorKind::Stopped, message }
}

/// What a platform knows about its connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connection {
    /// Whether bytes may cost the person money: a cellular network, or a person who asked the system to save data. `None`:
    /// the platform does not say.
    pub metered: Option<bool>,
}

/// Photo files by SHA-256. They are written before the row that names them, and never changed.
pub trait Files {
    /// Keeps a file; durable when it returns. Keeping one that is there already does nothing.
    fn put(&self, sha256: &str, bytes: Vec<u8>) -> LocalBoxFuture<'static, Result<(), FileError>>;

    /// A file's bytes, or `None` when it is not here.
    fn get(&self, sha256: &str) -> LocalBoxFuture<'static, Result<Option<Vec<u8>>, FileError>>;

    /// Removes a file; one that is not here is no error.
    fn remove(&self, sha256: &str) -> LocalBoxFuture<'static, Result<(), FileError>>;
}

/// Why a file could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The device has no room.
    #[error("there is no room on this device")]
    Full,
    /// Anything else, in the platform's words.
    #[error("{0}")]
    Failed(String),
}

/// One request to the city's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// What to do.
    pub method: Method,
    /// From the server's root (`/api/sync`).
    pub path: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<String>,
    /// Others.
    pub headers: Vec<(&'static str, String)>,
    /// The body and its media type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// When to give up, ms.
    pub timeout_ms: i64,
}

/// The methods that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "HTTP's own names")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// `Content-Type`, or empty.
    pub media_type: String,
    /// `Upload-Offset`: how many bytes of an upload have come.
    pub upload_offset: Option<u64>,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// No answer: no signal, no server, or the connection broke. For people the reason makes no difference; it is logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server cannot be reached: {0}")]
pub struct Unreachable(pub String);

/// A stream of bytes that ends when the connection does.
pub type ByteStream = LocalBoxStream<'static, Result<Vec<u8>, Unreachable>>;

/// HTTP to the city's server.
pub trait Transport {
    /// One request, its answer whole.
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, Unreachable>>;

    /// A GET whose answer goes on for as long as the connection holds. An answer other than 200 is the inner error.
    fn listen(&self, path: &str, token: &str) -> LocalBoxFuture<'static, Result<Result<ByteStream, u16>, Unreachable>>;
}

/// The device's clock, ms since the Unix epoch, where no [`Host`] is at hand (the UI making ids).
#[must_use]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Fills with random bytes from the operating system (or `crypto.getRandomValues`). Without any, ids could collide, and
/// nothing safe is left to do; it has never been seen on a platform that we run on.
pub fn fill_random(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        tracing::error!(%error, "no randomness: ids come from the clock alone");
        let nanos = jiff::Timestamp::now().as_nanosecond().to_le_bytes();
        for (byte, clock) in bytes.iter_mut().zip(nanos.iter().cycle()) {
            *byte ^= clock;
        }
    }
}
