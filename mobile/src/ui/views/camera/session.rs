//! The camera while its screen is open: opened, looked after, given back.

use crate::ui::platform::{Camera, CameraError, Handle};
use crate::ui::state::Devices;
use dioxus::prelude::*;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// The element that shows what it sees.
pub(super) const VIDEO: &str = "viewfinder";
/// How often it is looked after, ms.
const LOOK_MS: i64 = 1_000;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Being opened.
    Starting,
    /// It shows something. `torch`: whether its light is on, where it has one.
    Live { torch: Option<bool> },
    /// Given back while the app is out of sight.
    Paused,
    /// It cannot be used.
    Failed(CameraError),
}

/// A handle: copies are the same camera.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Session {
    pub(super) look: Signal<Look>,
    /// Of the picture, pixels.
    pub(super) size: Signal<Option<(u32, u32)>>,
    camera: CopyValue<Option<Rc<dyn Camera>>>,
    platform: CopyValue<Handle>,
    /// Whether its screen was left.
    left: CopyValue<bool>,
}

/// Opens the camera for as long as the screen is there.
pub(super) fn use_session() -> Session {
    let platform = use_context::<Devices>().platform();
    let session = Session {
        look: use_signal(|| Look::Starting),
        size: use_signal(|| None),
        camera: use_hook(|| CopyValue::new(None)),
        platform: use_hook(|| CopyValue::new(platform)),
        left: use_hook(|| CopyValue::new(false)),
    };
    use_hook(move || {
        session.open();
        spawn(session.look_after());
    });
    use_drop(move || {
        let mut left = session.left;
        left.set(true);
        session.give_back();
    });
    session
}

impl Session {
    /// Opens it (again).
    pub(super) fn open(self) {
        let mut look = self.look;
        look.set(Look::Starting);
        let platform = self.platform.read().clone();
        spawn(async move {
            let opened = platform.0.open_camera().await;
            // The person may have gone while they were asked: dropping it gives it back.
            if *self.left.read() {
                return;
            }
            let (mut look, mut camera) = (self.look, self.camera);
            match opened {
                Ok(opened) => {
                    look.set(Look::Live { torch: opened.has_torch().then_some(false) });
                    opened.show_in(VIDEO);
                    camera.set(Some(opened));
                }
                Err(error) => look.set(Look::Failed(error)),
            }
        });
    }

    /// The picture has a size, or another one: the phone was turned.
    pub(super) fn measure(self) {
        let measured = self.camera.read().as_ref().and_then(|camera| camera.size());
        let mut size = self.size;
        if measured.is_some() && *size.peek() != measured {
            size.set(measured);
        }
    }

    /// The picture of this moment. What is returned needs neither the screen nor the camera any more.
    pub(super) fn shoot(self) -> LocalBoxFuture<'static, Result<Vec<u8>, CameraError>> {
        match &*self.camera.read() {
            Some(camera) => camera.shoot(),
            None => Box::pin(std::future::ready(Err(CameraError::Stopped))),
        }
    }

    pub(super) fn set_torch(self, on: bool) {
        let Some(asked) = self.camera.read().as_ref().map(|camera| camera.set_torch(on)) else { return };
        spawn(async move {
            let mut look = self.look;
            if asked.await {
                look.set(Look::Live { torch: Some(on) });
            }
        });
    }

    fn give_back(self) {
        let mut camera = self.camera;
        if let Some(camera) = camera.write().take() {
            camera.stop();
        }
    }

    /// Nobody films while nobody looks; and what another app took is said.
    async fn look_after(self) {
        let platform = self.platform.read().clone();
        let mut look = self.look;
        loop {
            platform.0.sleep(LOOK_MS).await;
            self.measure();
            let live = self.camera.read().as_ref().map(|camera| camera.is_live());
            let now = *look.peek();
            match (now, platform.0.in_sight()) {
                (Look::Live { .. }, false) => {
                    self.give_back();
                    look.set(Look::Paused);
                }
                (Look::Paused, true) => self.open(),
                (Look::Live { .. }, true) if live == Some(false) => {
                    self.give_back();
                    look.set(Look::Failed(CameraError::Stopped));
                }
                _ => {}
            }
        }
    }
}
