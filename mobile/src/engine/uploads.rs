//! Photo files travel apart from data and after it: thumbnails first, so that everybody sees something soon; originals last.
//! Two at a time, small ones together in one message; one that the server will not take does not hold up the others, and none is ever given up.
//!
//! How one file goes is in `sending`, how small ones do in `small`.

mod sending;
mod small;

use super::api::{EngineError, Reply};
use super::core::Engine;
use super::door::fresh_action;
use super::driver::{Uploads, jitter};
use super::store::files::{self, WaitingFile};
use super::store::meta;
use coldpatch_shared::action::Action;
use coldpatch_shared::order::{Photo, WorkOrder};
use coldpatch_shared::sync::wire::files::{MAX_TOGETHER, MOST_TOGETHER};
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{join, select};
use sending::Fared;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// The pause after something failed, ms, and how long it grows; every sync ends it.
const FIRST_PAUSE_MS: f64 = 2_000.0;
const LONGEST_PAUSE_MS: f64 = 300_000.0;

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

    /// The person puts away a file that is gone. With the last of a photo the job says that it is lost, so that nobody waits for it.
    pub(super) fn let_file_go(self: &Rc<Self>, sha256: &str) -> Result<Reply, EngineError> {
        // Said before the file is forgotten: whoever is interrupted puts it away again.
        let lost = files::lost_with(self.store().db(), sha256)?;
        for work_order in lost {
            let order = {
                let mut store = self.store_mut();
                store.document(work_order)?.and_then(|doc| WorkOrder::derive(work_order, &doc.facts()))
            };
            let has = |photo: &Photo| photo.renditions.iter().any(|rendition| rendition.sha256 == sha256);
            let photo = order.and_then(|WorkOrder { photos, lost_photos, .. }| {
                photos.into_iter().find(|photo| has(&photo.body) && !lost_photos.contains(&photo.id))
            });
            if let Some(photo) = photo {
                let action = Action::LosePhoto { photo: photo.id, note: None };
                self.perform(fresh_action(), work_order, action, |_| Ok(()))?;
            }
        }
        self.store_mut().transact(|db| files::let_go(db, sha256))?;
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
        let (queue, well) = (RefCell::new(VecDeque::from(waiting)), Cell::new(true));
        // Two: while one waits for an answer, the link has the other to carry.
        join(self.send_from(&queue, &well), self.send_from(&queue, &well)).await;
        well.get()
    }

    /// Sends what is in the queue, until it is empty or the server is out of reach.
    async fn send_from(self: &Rc<Self>, queue: &RefCell<VecDeque<WaitingFile>>, well: &Cell<bool>) {
        loop {
            let files = together(&mut queue.borrow_mut());
            if files.is_empty() {
                return;
            }
            let names: Vec<String> = files.iter().map(|file| file.sha256.clone()).collect();
            self.sync.borrow_mut().sending_files.extend(names.iter().cloned());
            self.tell_sync();
            let fared = self.send(files).await;
            for (sha256, fared) in &fared {
                if let Fared::InTrouble(trouble) = fared
                    && let Err(error) = self.store_mut().transact(|db| files::set_trouble(db, sha256, *trouble))
                {
                    tracing::error!(%error, "that a file does not go was not noted");
                }
            }
            self.sync.borrow_mut().sending_files.retain(|sha256| !names.contains(sha256));
            self.tell_sync();
            for (_, fared) in fared {
                match fared {
                    Fared::Sent | Fared::InTrouble(_) => {}
                    Fared::NotTaken => well.set(false),
                    Fared::NoServer => {
                        well.set(false);
                        queue.borrow_mut().clear();
                    }
                }
            }
        }
    }
}

/// What goes next: one file, or several small ones in one message.
fn together(queue: &mut VecDeque<WaitingFile>) -> Vec<WaitingFile> {
    let (mut files, mut bytes) = (Vec::new(), 0_u64);
    while let Some(next) = queue.front() {
        bytes = bytes.saturating_add(next.bytes);
        if !files.is_empty() && (bytes > MAX_TOGETHER as u64 || files.len() == MOST_TOGETHER) {
            break;
        }
        files.extend(queue.pop_front());
    }
    files
}

#[cfg(test)]
mod tests {
    use super::{WaitingFile, together};

    #[test]
    fn small_files_go_together_and_large_ones_alone() {
        let sizes = [9, 10, 50, 200, 1, 1].map(|kilobytes| kilobytes << 10);
        let file = |bytes| WaitingFile { sha256: String::new(), bytes, begun: false };
        let mut queue = sizes.into_iter().map(file).collect();
        let mut taken = || together(&mut queue).len();
        assert_eq!([taken(), taken(), taken(), taken(), taken()], [2, 1, 1, 2, 0]);
        let mut many = (0..100).map(|_| file(1)).collect();
        assert_eq!(together(&mut many).len(), 32);
    }
}
