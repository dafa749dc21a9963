//! What is told of photos that are taken in, and whether the page that brings them is still there.

use super::INTERRUPTED;
use crate::engine::api::Changed;
use crate::engine::core::Engine;
use crate::engine::store::picks;
use futures_util::FutureExt;
use std::rc::Rc;

/// Nothing was heard of the bytes of a picked photo for so long: the page that had them is gone, ms.
const PATIENCE_MS: i64 = 60_000;
/// While photos are made, lists of drafts are told to look again at most this often, ms.
const TELL_MS: i64 = 250;

impl Engine {
    /// Notes that the page which has the bytes is there. When nothing more comes, it is gone.
    pub(super) fn heard(self: &Rc<Self>) {
        let now = self.device_now();
        let mut state = self.picking.borrow_mut();
        state.heard_at = now;
        if std::mem::replace(&mut state.watching, true) {
            return;
        }
        let engine = self.clone();
        self.platform.host.spawn(
            async move {
                loop {
                    engine.platform.host.sleep(PATIENCE_MS).await;
                    if engine.device_now() - engine.picking.borrow().heard_at >= PATIENCE_MS {
                        break;
                    }
                }
                engine.picking.borrow_mut().watching = false;
                match engine.store_mut().transact(|db| picks::interrupt(db, INTERRUPTED)) {
                    Ok(false) => {}
                    Ok(true) => {
                        engine.make_picked();
                        engine.tell_picking();
                    }
                    Err(error) => tracing::error!(%error, "picked photos whose bytes did not come"),
                }
            }
            .boxed_local(),
        );
    }

    /// Tells how far it is, if that is new.
    pub(super) fn tell_picking(&self) {
        let progress = match picks::progress(self.store().db()) {
            Ok(progress) => progress,
            Err(error) => return tracing::error!(%error, "how far picked photos are"),
        };
        if self.picking.borrow().told != progress {
            self.picking.borrow_mut().told.clone_from(&progress);
            self.tell(&Changed::Picking(progress));
        }
    }

    /// Tells that drafts changed: the first one and the last one at once, those between now and then.
    pub(super) fn tell_drafts_soon(self: &Rc<Self>) {
        let now = self.device_now();
        let mut state = self.picking.borrow_mut();
        let since = (now - state.drafts_told_at).max(0);
        if since >= TELL_MS || state.claimed.is_empty() {
            state.drafts_told_at = now;
            drop(state);
            return self.tell_drafts();
        }
        if std::mem::replace(&mut state.drafts_untold, true) {
            return;
        }
        let engine = self.clone();
        self.platform.host.spawn(
            async move {
                engine.platform.host.sleep(TELL_MS - since).await;
                let now = engine.device_now();
                {
                    let mut state = engine.picking.borrow_mut();
                    (state.drafts_untold, state.drafts_told_at) = (false, now);
                }
                engine.tell_drafts();
            }
            .boxed_local(),
        );
    }
}
