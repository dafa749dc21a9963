//! How photo files go: small ones whole (see `small`), a larger one by [tus 1.0](https://tus.io/protocols/resumable-upload), so that no
//! byte goes twice over a link that breaks.

use crate::engine::core::Engine;
use crate::engine::store::files::{self, Trouble, WaitingFile};
use crate::engine::store::meta;
use crate::platform::{HttpRequest, HttpResponse, Method, Unreachable};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coldpatch_shared::sync::wire::files::MAX_TOGETHER;
use std::rc::Rc;

pub(super) const TIMEOUT_MS: i64 = 180_000;
/// How long to wait for a link that broke in the middle of a file, before each try.
const AFTER_A_BREAK_MS: [i64; 3] = [200, 1_000, 3_000];
const OFFSET_BYTES: &str = "application/offset+octet-stream";

/// How one file fared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fared {
    Sent,
    /// This one did not go now.
    NotTaken,
    /// This one will not go before the person says so.
    InTrouble(Trouble),
    /// No use in trying the others.
    NoServer,
}

/// A file under way.
pub(super) struct Cargo {
    pub(super) file: WaitingFile,
    pub(super) bytes: Vec<u8>,
    pub(super) token: String,
}

impl Engine {
    /// Sends these: how each fared.
    pub(super) async fn send(self: &Rc<Self>, files: Vec<WaitingFile>) -> Vec<(String, Fared)> {
        let token = match meta::signed_in(self.store().db()) {
            Ok(Some(signed_in)) => signed_in.token,
            Ok(None) | Err(_) => return files.into_iter().map(|file| (file.sha256, Fared::NoServer)).collect(),
        };
        let (mut fared, mut cargoes) = (Vec::new(), Vec::new());
        for file in files {
            match self.bytes_of(&file.sha256).await {
                Ok(bytes) => cargoes.push(Cargo { file, bytes, token: token.clone() }),
                Err(why) => fared.push((file.sha256, why)),
            }
        }
        let (small, large): (Vec<Cargo>, Vec<Cargo>) =
            cargoes.into_iter().partition(|cargo| cargo.bytes.len() <= MAX_TOGETHER);
        if !small.is_empty() {
            fared.extend(self.send_together(small).await);
        }
        for cargo in large {
            let name = cargo.file.sha256.clone();
            fared.push((name, self.send_in_parts(cargo).await));
        }
        self.note(&mut fared);
        fared
    }

    async fn bytes_of(&self, sha256: &str) -> Result<Vec<u8>, Fared> {
        match self.platform.files.get(sha256).await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => {
                tracing::error!(sha256, "a file that waits is not on this device");
                Err(Fared::InTrouble(Trouble::Gone))
            }
            Err(error) => {
                tracing::error!(%error, sha256, "a file that waits cannot be read");
                Err(Fared::NotTaken)
            }
        }
    }

    /// Notes those that were sent. One of which that fails goes again, which does no harm.
    fn note(self: &Rc<Self>, fared: &mut [(String, Fared)]) {
        let at = self.now().unwrap_or_else(|_| self.device_now());
        for (sha256, fared) in fared.iter_mut().filter(|(_, fared)| matches!(fared, Fared::Sent)) {
            let noted = self.store_mut().transact(|db| files::sent(db, sha256, at));
            match noted {
                Ok(work_orders) => {
                    self.tell_jobs(work_orders);
                }
                Err(error) => {
                    tracing::error!(%error, "a sent file could not be noted");
                    *fared = Fared::NotTaken;
                }
            }
        }
    }

    /// Sends what the server does not have yet, and after a cut goes on where it ends, as long as that gets further.
    async fn send_in_parts(&self, cargo: Cargo) -> Fared {
        let (sha256, length) = (&cargo.file.sha256, cargo.bytes.len() as u64);
        let mut from = None;
        if cargo.file.begun {
            from = match self.where_it_stands(&cargo).await {
                Ok(from) => from,
                Err(fared) => return fared,
            };
        } else if let Err(error) = self.store_mut().transact(|db| files::set_begun(db, sha256)) {
            tracing::error!(%error, "that a file is begun was not noted");
            return Fared::NotTaken;
        }
        loop {
            if from == Some(length) {
                return Fared::Sent;
            }
            let answer = self.platform.transport.send(cargo.bring(from)).await;
            match answer {
                Ok(HttpResponse { status: 201 | 204, upload_offset: Some(offset), .. }) if offset == length => {
                    return Fared::Sent;
                }
                // What is there is not what is here, or is not there any more; that is seen next.
                Ok(HttpResponse { status: 201 | 204 | 404 | 409, .. }) => {}
                // Damaged on the way, and gone there; it begins again, but not at once, as that may be so every time.
                Ok(HttpResponse { status: 422, .. }) if coldpatch_shared::photo::sha256(&cargo.bytes) == *sha256 => {
                    return Fared::NotTaken;
                }
                Ok(response) => return not_taken(sha256, &cargo.bytes, response.status),
                Err(why) => tracing::info!(%why, sha256, "file"),
            }
            let stands = match self.where_it_stands_after_a_break(&cargo).await {
                Ok(stands) => stands,
                Err(fared) => return fared,
            };
            if stands <= from {
                return Fared::NoServer;
            }
            from = stands;
        }
    }

    /// The same, with a few tries: a link that broke in the middle often is back in a moment.
    async fn where_it_stands_after_a_break(&self, cargo: &Cargo) -> Result<Option<u64>, Fared> {
        for pause in AFTER_A_BREAK_MS {
            match self.where_it_stands(cargo).await {
                Err(Fared::NoServer) => self.platform.host.sleep(pause).await,
                known => return known,
            }
        }
        self.where_it_stands(cargo).await
    }

    /// How many bytes of it the server has; `None` when it has not begun.
    async fn where_it_stands(&self, cargo: &Cargo) -> Result<Option<u64>, Fared> {
        let path = format!("/api/uploads/{}", cargo.file.sha256);
        let head = cargo.request(Method::Head, path, None);
        match self.platform.transport.send(head).await {
            Ok(HttpResponse { status: 200, upload_offset: Some(offset), .. }) => Ok(Some(offset)),
            Ok(HttpResponse { status: 404 | 410, .. }) => Ok(None),
            Ok(response) => Err(not_taken(&cargo.file.sha256, &cargo.bytes, response.status)),
            Err(why) => Err(out_of_reach(&cargo.file.sha256, &why)),
        }
    }
}

impl Cargo {
    /// The request that brings the rest; all of it where nothing is begun.
    fn bring(&self, from: Option<u64>) -> HttpRequest {
        let at = usize::try_from(from.unwrap_or(0)).unwrap_or(usize::MAX);
        let rest = self.bytes.get(at..).unwrap_or_default().to_vec();
        let Some(from) = from else {
            let metadata = format!("sha256 {}", STANDARD.encode(&self.file.sha256));
            let mut post = self.request(Method::Post, "/api/uploads".to_owned(), Some(rest));
            post.headers.push(("upload-length", self.bytes.len().to_string()));
            post.headers.push(("upload-metadata", metadata));
            return post;
        };
        let mut patch = self.request(Method::Patch, format!("/api/uploads/{}", self.file.sha256), Some(rest));
        patch.headers.push(("upload-offset", from.to_string()));
        patch
    }

    fn request(&self, method: Method, path: String, bytes: Option<Vec<u8>>) -> HttpRequest {
        HttpRequest {
            method,
            path,
            token: Some(self.token.clone()),
            headers: vec![("tus-resumable", "1.0.0".to_owned())],
            body: bytes.map(|bytes| (OFFSET_BYTES, bytes)),
            timeout_ms: TIMEOUT_MS,
        }
    }
}

/// The server answered, and has not taken it.
pub(super) fn not_taken(sha256: &str, bytes: &[u8], status: u16) -> Fared {
    if matches!(status, 401 | 429 | 500..) {
        return Fared::NoServer;
    }
    if matches!(status, 415 | 422) && coldpatch_shared::photo::sha256(bytes) != sha256 {
        tracing::error!(sha256, "a file that waits is damaged on this device");
        return Fared::InTrouble(Trouble::Gone);
    }
    tracing::warn!(status, sha256, "the server did not take a file");
    if matches!(status, 400 | 413 | 415 | 422) { Fared::InTrouble(Trouble::Refused) } else { Fared::NotTaken }
}

pub(super) fn out_of_reach(sha256: &str, why: &Unreachable) -> Fared {
    tracing::info!(%why, sha256, "file");
    Fared::NoServer
}
