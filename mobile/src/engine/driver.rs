//! Drives [`PhoneSync`]: feeds it what happens, carries out what it decides. One round trip at a time.

use super::api::{Changed, Progress, Reply, SyncLine};
use super::core::Engine;
use super::store::meta;
use coldpatch_shared::ids::ActionId;
use coldpatch_shared::sync::phone::{Effect, Event, Failure, PhoneSync};
use futures_channel::oneshot;
use futures_util::FutureExt;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What the engine knows about its sync, and nothing on disk does.
#[derive(Debug, Default)]
pub(super) struct SyncState {
    phone: PhoneSync,
    /// Which timer counts; earlier ones end without effect.
    timer: u64,
    no_network: bool,
    sending: BTreeSet<ActionId>,
    /// Files on their way, by SHA-256.
    pub(super) sending_files: BTreeSet<String>,
    /// Whether a task sends files, and whether it should look again when it is through.
    pub(super) uploads: Uploads,
    /// This server takes no small files together, so they go one by one until the app is opened again.
    pub(super) files_one_by_one: bool,
    /// The person said to send the originals on this connection, too, until none waits.
    pub(super) originals_now: bool,
    /// How far a sync of several pages is.
    pub(super) progress: Option<Progress>,
    /// Whether the city's files are on their way.
    pub(super) fetching_city: bool,
    last_line: Option<SyncLine>,
    /// Wakes the listener from its pause.
    pub(super) wake_listener: Option<oneshot::Sender<()>>,
}

/// How the sending of files stands.
#[derive(Debug, Default)]
pub(super) enum Uploads {
    /// Nobody sends.
    #[default]
    Idle,
    /// A task sends.
    Running,
    /// A task sends, and there is more since it began.
    RunningAgain,
    /// A task pauses, because something failed; this wakes it.
    Pausing(oneshot::Sender<()>),
}

impl SyncState {
    pub(super) fn sending(&self) -> u32 {
        u32::try_from(self.sending.len() + self.sending_files.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn is_sending(&self, action: ActionId) -> bool {
        self.sending.contains(&action)
    }

    pub(super) fn set_sending(&mut self, actions: BTreeSet<ActionId>) {
        self.sending = actions;
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.phone.last_failure()
    }

    pub(super) fn no_network(&self) -> bool {
        self.no_network
    }

    /// Whether this line is not the one that was told last; if so it is now.
    pub(super) fn is_new(&mut self, line: &SyncLine) -> bool {
        if self.last_line.as_ref() == Some(line) {
            return false;
        }
        self.last_line = Some(line.clone());
        true
    }
}

impl Engine {
    /// Something happened that sync may have to act on; tells the sync line, which may say something else now.
    pub(super) fn happened(self: &Rc<Self>, event: Event) {
        match self.signed_in() {
            // Nobody to speak for: nothing to sync.
            false => {}
            true => {
                let effects = self.sync.borrow_mut().phone.handle(event, self.device_now(), jitter());
                for effect in effects {
                    self.carry_out(effect);
                }
            }
        }
        self.tell_sync();
    }

    /// As [`happened`](Self::happened), for an ask.
    pub(super) fn hear(self: &Rc<Self>, event: Event) -> Reply {
        self.happened(event);
        Reply::Done
    }

    /// The platform's word about the network.
    pub(super) fn network(self: &Rc<Self>, there: bool) -> Reply {
        self.sync.borrow_mut().no_network = !there;
        if there {
            self.wake_listener();
        }
        self.hear(Event::Network(there))
    }

    /// The app is in front again.
    pub(super) fn resumed(self: &Rc<Self>) -> Reply {
        self.wake_listener();
        self.hear(Event::Resumed)
    }

    fn carry_out(self: &Rc<Self>, effect: Effect) {
        let engine = self.clone();
        match effect {
            Effect::Sync => self.platform.host.spawn(engine.sync_once().boxed_local()),
            Effect::WakeAt(at) => {
                let timer = {
                    let mut sync = self.sync.borrow_mut();
                    sync.timer += 1;
                    sync.timer
                };
                let pause = self.platform.host.sleep((at - self.device_now()).max(0));
                let wake = async move {
                    pause.await;
                    if engine.sync.borrow().timer == timer {
                        engine.happened(Event::Timer);
                    }
                };
                self.platform.host.spawn(wake.boxed_local());
            }
        }
    }

    async fn sync_once(self: Rc<Self>) {
        let outcome = self.round_trip().await;
        {
            let mut sync = self.sync.borrow_mut();
            sync.set_sending(BTreeSet::new());
            if !matches!(outcome, Ok(true)) {
                sync.progress = None;
            }
        }
        match outcome {
            Ok(more) => {
                self.happened(Event::Synced { more });
                if !more {
                    self.send_files();
                }
            }
            Err(failure) => {
                if matches!(failure, Failure::SignedOut | Failure::Revoked) {
                    self.tell(&Changed::Session);
                }
                self.happened(Event::Failed(failure));
            }
        }
    }

    fn signed_in(&self) -> bool {
        match meta::signed_in(self.store().db()) {
            Ok(signed_in) => signed_in.is_some(),
            Err(error) => {
                tracing::error!(%error, "who is signed in");
                false
            }
        }
    }
}

/// In 0..1.
pub(super) fn jitter() -> f64 {
    let mut random = [0; 2];
    crate::platform::fill_random(&mut random);
    f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX)
}
