//! Photo files travel apart from data and after it: thumbnails first, so that everybody sees something soon; originals last.
//! One at a time; one that the server will not take does not hold up the others, and none is ever given up.

use super::api::{EngineError, Reply};
use super::core::Engine;
use super::driver::{Uploads, jitter};
use super::store::files::{self, Trouble, WaitingFile};
use super::store::meta;
use crate::platform::{HttpRequest, Method};
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::select;
use std::rc::Rc;

const TIMEOUT_MS: i64 = 180_000;
/// The pause after something failed, ms, and how long it grows; every sync ends it.
const FIRST_PAUSE_MS: f64 = 15_000.0;
const LONGEST_PAUSE_MS: f64 = 300_000.0;

/// How one file fared.
enum Fared {
    Sent,
    /// This one did not go now.
    NotTaken,
    /// This one will not go before the person says so.
    InTrouble(Trouble),
    /// No use in trying the others.
    NoServer,
}

impl Engine {
    /// Sends what waits. There is only ever one task for it: one that runs looks again when it is through, and one that
    /// pauses goes on at once.
    pub(super) fn send_files(self: &Rc<Self>) {
        let mut sync = self.sync.borrow_mut();
        match std::mem::take(&mut sync.uploads) {
            Uploads::Idle => {
                sync.uploads = Uploads::Running;
                self.platform.host.spawn(self.clone().send_waiting_files().boxed_local());
            }
            Uploads::Running | Uploads::RunningAgain => sync.uploads = Uploads::RunningAgain,
            Uploads::Pausing(wake) => {
                sync.uploads = Uploads::Running;
                // Its pause is over just now, which is as good.
                let _ = wake.send(());
            }
        }
    }

    /// Whether originals wait for a better connection: data and what is shown go first, and go on any.
    pub(super) fn originals_are_held(&self) -> bool {
        let metered = self.platform.host.connection().metered == Some(true);
        metered && self.originals_on_wifi() && !self.sync.borrow().originals_now
    }

    /// What the person said; who said nothing pays for no megabytes unasked.
    pub(super) fn originals_on_wifi(&self) -> bool {
        meta::originals_on_wifi(self.store().db()).ok().flatten().unwrap_or(true)
    }

    /// The person tries a file again, or all.
    pub(super) fn retry_files(self: &Rc<Self>, sha256: Option<&str>) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| files::try_again(db, sha256))?;
        self.send_files();
        self.tell_sync();
        Ok(Reply::Done)
    }

    /// The person puts away a file that is gone.
    pub(super) fn let_file_go(&self, sha256: &str) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| files::let_go(db, sha256))?;
        self.let_go_what_left();
        self.tell_sync();
        Ok(Reply::Done)
    }

    /// Keeps what the person said about originals on metered connections.
    pub(super) fn set_originals_on_wifi(self: &Rc<Self>, wait: bool) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| meta::set_originals_on_wifi(db, wait))?;
        self.send_files();
        self.tell_sync();
        Ok(Reply::Done)
    }

    /// Sends the originals that wait, this once.
    pub(super) fn send_originals_now(self: &Rc<Self>) -> Reply {
        self.sync.borrow_mut().originals_now = true;
        self.send_files();
        Reply::Done
    }

    /// Until nothing waits that could be sent.
    async fn send_waiting_files(self: Rc<Self>) {
        let mut pause = FIRST_PAUSE_MS;
        loop {
            if self.send_each().await {
                pause = FIRST_PAUSE_MS;
                let mut sync = self.sync.borrow_mut();
                if matches!(sync.uploads, Uploads::RunningAgain) {
                    sync.uploads = Uploads::Running;
                    continue;
                }
                sync.uploads = Uploads::Idle;
                sync.originals_now = false;
                return;
            }
            let (wake, woken) = oneshot::channel();
            self.sync.borrow_mut().uploads = Uploads::Pausing(wake);
            #[allow(clippy::cast_possible_truncation, reason = "minutes of ms")]
            let spread = (pause * (1.0 + jitter())) as i64;
            select(self.platform.host.sleep(spread), woken).await;
            self.sync.borrow_mut().uploads = Uploads::Running;
            pause = (pause * 2.0).min(LONGEST_PAUSE_MS);
        }
    }

    /// Tries each file once. → whether nothing is left that another try soon might help.
    async fn send_each(self: &Rc<Self>) -> bool {
        let hold_originals = self.originals_are_held();
        let waiting = files::to_send(self.store().db(), hold_originals).unwrap_or_else(|error| {
            tracing::error!(%error, "which files wait");
            Vec::new()
        });
        let mut well = true;
        for file in waiting {
            let sha256 = file.sha256.clone();
            self.sync.borrow_mut().set_sending_file(Some(sha256.clone()));
            self.tell_sync();
            let fared = self.send_file(file).await;
            if let Fared::InTrouble(trouble) = fared
                && let Err(error) = self.store_mut().transact(|db| files::set_trouble(db, &sha256, trouble))
            {
                tracing::error!(%error, "that a file does not go was not noted");
            }
            self.sync.borrow_mut().set_sending_file(None);
            self.tell_sync();
            match fared {
                Fared::Sent | Fared::InTrouble(_) => {}
                Fared::NotTaken => well = false,
                Fared::NoServer => return false,
            }
        }
        well
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
                return Fared::InTrouble(Trouble::Gone);
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
                let for_good = matches!(response.status, 400 | 413 | 415 | 422);
                return if for_good { Fared::InTrouble(Trouble::Refused) } else { Fared::NotTaken };
            }
            Err(why) => {
                tracing::info!(%why, sha256, "file");
                return Fared::NoServer;
            }
        }
        let at = self.now().unwrap_or_else(|_| self.device_now());
        let sent = self.store_mut().transact(|db| files::sent(db, &sha256, at));
        match sent {
            Ok(work_orders) => {
                self.tell_jobs(work_orders);
                self.let_go_what_left();
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
