//! What the UI needs of its platform: a door to each device's engine, the list of accounts, a clock that waits, the place.
//!
//! The app takes the [`Platform`] that the launcher put into the root context ([`Handle`]), else the one of this build.

#[cfg(all(feature = "web", target_family = "wasm"))]
mod browser;
#[cfg(all(feature = "web", target_family = "wasm"))]
mod browser_back;
#[cfg(all(feature = "web", target_family = "wasm"))]
mod browser_camera;
#[cfg(all(feature = "web", target_family = "wasm"))]
mod browser_modal;
mod camera;
mod chosen;
#[cfg(all(feature = "web", target_family = "wasm"))]
mod files;
#[cfg(not(target_family = "wasm"))]
mod window;

#[cfg(all(feature = "web", target_family = "wasm"))]
pub use browser::Browser;
pub use camera::{Camera, CameraError};
pub use chosen::{Choice, Chosen, Listening};
#[cfg(not(target_family = "wasm"))]
pub use window::Window;

use crate::engine::Door;
use crate::engine::accounts::Accounts;
use crate::engine::api::EngineError;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::PlaceFix;
use dioxus::html::{FileData, MountedData};
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::future::{LocalBoxFuture, join_all};
use std::any::Any;
use std::rc::Rc;

/// Why the platform could not say where the device is. The text is for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocateError {
    /// The person said no, now or earlier.
    #[error("This app may not see where the device is: its settings say no.")]
    Denied,
    /// No fix, or none in time.
    #[error("The device does not know where it is just now.")]
    NoFix,
    /// There is no such thing here.
    #[error("This device cannot tell where it is.")]
    Unsupported,
}

/// What differs per platform for the UI.
pub trait Platform {
    /// Opens the engine of a device, which is made if it is not there.
    ///
    /// # Errors
    /// [`EngineError`] when it cannot be opened; nothing was touched then.
    fn open(&self, device: DeviceId) -> Result<Door, EngineError>;

    /// Who is enrolled here.
    fn accounts(&self) -> Accounts;

    /// A small setting of this device (the look), or what a code was redeemed for. Losing it costs nothing that a person
    /// did.
    fn preference(&self, key: &str) -> Option<String>;

    /// Keeps a small setting.
    fn set_preference(&self, key: &str, value: &str);

    /// Shows everything in this theme of the token sheet from now on; empty: by the device's own setting.
    fn wear(&self, theme: &str);

    /// What the window is called from now on.
    fn name(&self, title: &str);

    /// Where the device is.
    fn locate(&self) -> LocalBoxFuture<'static, Result<PlaceFix, LocateError>>;

    /// Where the device is, if the person has allowed it before: nobody is asked. `None` also where that cannot be known.
    fn locate_if_allowed(&self) -> LocalBoxFuture<'static, Option<PlaceFix>> {
        Box::pin(std::future::ready(None))
    }

    /// Whether there is a camera that [`Platform::open_camera`] may open. Asks nobody.
    fn has_camera(&self) -> LocalBoxFuture<'static, bool> {
        Box::pin(std::future::ready(false))
    }

    /// Opens the camera; the person may be asked.
    fn open_camera(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Camera>, CameraError>> {
        Box::pin(std::future::ready(Err(CameraError::Nothing)))
    }

    /// Whether the person can see the app just now.
    fn in_sight(&self) -> bool {
        true
    }

    /// Ends after so many ms.
    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()>;

    /// A file that Dioxus knows of.
    fn chosen(&self, file: FileData) -> Rc<dyn Chosen> {
        Rc::new(chosen::Read(file))
    }

    /// The first bytes of each file, at most so many; `None` for those that cannot be read.
    fn heads(&self, files: &[Rc<dyn Chosen>], bytes: usize) -> LocalBoxFuture<'static, Vec<Option<Vec<u8>>>> {
        Box::pin(join_all(files.iter().map(|file| file.head(bytes))))
    }

    /// Files that the person pastes while somebody listens; `None` where that is not known.
    fn pasted(&self) -> Option<Listening<Choice>> {
        None
    }

    /// Makes everything but this element inert and puts the focus into it, until what is returned is dropped; then the focus is
    /// where it was. `None` where that cannot be done.
    fn alone(&self, _element: &MountedData) -> Option<Rc<dyn Any>> {
        None
    }

    /// From now on the focus stays near where it was when what had it goes: *Start*, once it is pressed.
    fn keep_focus(&self) {}

    /// Whether the platform says that there is a network; only a hint.
    fn network(&self) -> UnboundedReceiver<bool>;

    /// Says something whenever the app comes to the front again.
    fn resumed(&self) -> UnboundedReceiver<()>;

    /// How far down the page is scrolled, in pixels.
    fn scrolled(&self) -> f64;

    /// Scrolls so far down, in pixels.
    fn scroll_to(&self, down: f64);

    /// Asks that what is kept here is never cleared to make room for other apps. → whether that is so; a platform that never
    /// clears anything says yes.
    fn keep_storage(&self) -> LocalBoxFuture<'static, bool> {
        Box::pin(std::future::ready(true))
    }

    /// What the person would call this device (`Chrome on Android`).
    fn device_name(&self) -> String;
}

/// A platform in the root context.
#[derive(Clone)]
pub struct Handle(pub Rc<dyn Platform>);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}

impl Handle {
    /// The platform that this build is for.
    #[must_use]
    pub fn of_this_build() -> Self {
        #[cfg(all(feature = "web", target_family = "wasm"))]
        return Self(Rc::new(Browser));
        #[cfg(not(target_family = "wasm"))]
        return Self(Rc::new(Window::from_environment()));
    }
}
