//! Photo files travel apart from data and after it: thumbnails first, so that everybody sees something soon; originals last.
//! One at a time; one that the server will not take does not hold up the others, and none is ever given up.

use super::core::Engine;
use super::driver::{Uploads, jitter};
use super::store::files::{self, WaitingFile};
use super::store::meta;
use crate::platform::{HttpRequest, Method};
use futures_util::FutureExt;
use std::rc::Rc;

const TIMEOUT_MS: i64 = 180_000;
/// The pause after something failed, ms; every sync tries too.
const PAUSE_MS: f64 = 15_000.0;

/// How one file fared.
enum Fared {
    Sent,
    /// The server would not take this one now.
    NotTaken,
    /// No use in trying the others.
    NoServer,
}

impl Engine {
    /// Sends what waits, unless that is under way; then it looks again when it is through.
    pub(super) fn send_files(self: &Rc<Self>) {
        let mut sync = self.sync.borrow_mut();
        match sync.uploads {
            Uploads::Idle => {
                sync.uploads = Uploads::Running;
                self.platform.host.spawn(self.clone().send_waiting_files().boxed_local());
            }
            Uploads::Running | Uploads::RunningAgain => sync.uploads = Uploads::RunningAgain,
        }
    }

    async fn send_waiting_files(self: Rc<Self>) {
        let mut failed;
        loop {
            let waiting = files::to_send(self.store().db()).unwrap_or_else(|error| {
                tracing::error!(%error, "which files wait");
                Vec::new()
            });
            failed = false;
            for file in waiting {
                self.sync.borrow_mut().set_sending_file(Some(file.sha256.clone()));
                self.tell_sync();
                let fared = self.send_file(file).await;
                self.sync.borrow_mut().set_sending_file(None);
                self.tell_sync();
                match fared {
                    Fared::Sent => {}
                    Fared::NotTaken => failed = true,
                    Fared::NoServer => {
                        failed = true;
                        break;
                    }
                }
            }
            let mut sync = self.sync.borrow_mut();
            if sync.uploads == Uploads::RunningAgain && !failed {
                sync.uploads = Uploads::Running;
                continue;
            }
            sync.uploads = Uploads::Idle;
            break;
        }
        if failed {
            let pause = PAUSE_MS * (1.0 + jitter());
            #[allow(clippy::cast_possible_truncation, reason = "half a minute of ms")]
            self.platform.host.sleep(pause as i64).await;
            self.send_files();
        }
    }

    async fn send_file(self: &Rc<Self>, file: WaitingFile) -> Fared {
        let WaitingFile { sha256, media_type } = file;
        let token = match meta::signed_in(self.store().db()) {
            Ok(Some(signed_in)) => signed_in.token,
            Ok(None) | Err(_) => return Fared::NoServer,
        };
        let bytes = match self.platform.files.get(&sha256).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                tracing::error!(sha256, "a file that waits is not on this device");
                return Fared::NotTaken;
            }
            Err(error) => {
                tracing::error!(%error, sha256, "a file that waits cannot be read");
                return Fared::NotTaken;
            }
        };
        let request = HttpRequest {
            method: Method::Put,
            path: format!("/api/files/{sha256}"),
            token: Some(token),
            body: Some((media_type_for_http(&media_type), bytes)),
            timeout_ms: TIMEOUT_MS,
        };
        match self.platform.transport.send(request).await {
            Ok(response) if matches!(response.status, 200 | 201 | 204) => {}
            Ok(response) if matches!(response.status, 401 | 429 | 500..) => return Fared::NoServer,
            Ok(response) => {
                tracing::warn!(status = response.status, sha256, "the server did not take a file");
                return Fared::NotTaken;
            }
            Err(why) => {
                tracing::info!(%why, sha256, "file");
                return Fared::NoServer;
            }
        }
        match self.store_mut().transact(|db| files::sent(db, &sha256)) {
            Ok(work_orders) => {
                self.tell_jobs(work_orders);
                Fared::Sent
            }
            Err(error) => {
                tracing::error!(%error, "a sent file could not be noted");
                Fared::NotTaken
            }
        }
    }
}

/// What a file of ours can be; anything else goes as plain bytes.
fn media_type_for_http(media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        "image/heic" => "image/heic",
        "image/avif" => "image/avif",
        _ => "application/octet-stream",
    }
}
