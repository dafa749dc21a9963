//! Photo files travel apart from data and after it: thumbnails first, so that everybody sees something soon; originals last.
//! One at a time; one that the server will not take does not hold up the others, and none is ever given up.

use super::core::Engine;
use super::driver::{Uploads, jitter};
use super::store::files::{self, WaitingFile};
use super::store::meta;
use crate::platform::{HttpRequest, Method};
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::select;
use std::collections::BTreeMap;
use std::rc::Rc;

const TIMEOUT_MS: i64 = 180_000;
/// The pause after something failed, ms, and how long it grows; every sync ends it.
const FIRST_PAUSE_MS: f64 = 15_000.0;
const LONGEST_PAUSE_MS: f64 = 300_000.0;
/// For how long a file is left alone that another try would not help, ms.
const REST_MS: i64 = 60 * 60 * 1000;

/// How one file fared.
enum Fared {
    Sent,
    /// This one did not go now.
    NotTaken,
    /// This one will not go soon either.
    SetAside(Why),
    /// No use in trying the others.
    NoServer,
}

/// Why a file is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its bytes are not on this device any more.
    Gone,
    /// The server has looked at it and does not take it.
    Refused,
}

impl Why {
    /// For the person.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Gone => {
                "A photo file is not on this phone any more, so it cannot be sent. Please add the photo again."
            }
            Self::Refused => {
                "The city's server did not take a photo file. It is safe on this phone. Tell your supervisor if it stays."
            }
        }
    }
}

/// Files that another try at once would not help. They are tried again after a rest, when the person asks for a sync, and
/// when the app starts.
#[derive(Debug, Default)]
pub(super) struct SetAside(BTreeMap<String, (i64, Why)>);

impl SetAside {
    fn add(&mut self, sha256: String, now: i64, why: Why) {
        self.0.insert(sha256, (now, why));
    }

    /// Why this file is left alone now, if it is. A clock that was set back ends the rest.
    pub(super) fn why(&self, sha256: &str, now: i64) -> Option<Why> {
        let (since, why) = self.0.get(sha256)?;
        (0..REST_MS).contains(&now.saturating_sub(*since)).then_some(*why)
    }

    /// This file is here anew.
    pub(super) fn forget(&mut self, sha256: &str) {
        self.0.remove(sha256);
    }

    /// All may be tried again.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
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
        let waiting = files::to_send(self.store().db()).unwrap_or_else(|error| {
            tracing::error!(%error, "which files wait");
            Vec::new()
        });
        let mut well = true;
        for file in waiting {
            let sha256 = file.sha256.clone();
            if self.sync.borrow().set_aside.why(&sha256, self.device_now()).is_some() {
                continue;
            }
            self.sync.borrow_mut().set_sending_file(Some(sha256.clone()));
            self.tell_sync();
            let fared = self.send_file(file).await;
            if let Fared::SetAside(why) = fared {
                let now = self.device_now();
                self.sync.borrow_mut().set_aside.add(sha256, now, why);
            }
            self.sync.borrow_mut().set_sending_file(None);
            self.tell_sync();
            match fared {
                Fared::Sent | Fared::SetAside(_) => {}
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
                return Fared::SetAside(Why::Gone);
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
                return if for_good { Fared::SetAside(Why::Refused) } else { Fared::NotTaken };
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
