//! The device's camera, live.

use futures_util::future::LocalBoxFuture;

/// Why there is no picture. The text is for the person; what to do instead is said beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// The person said no, now or earlier.
    #[error("This app may not use the camera: its settings say no.")]
    Refused,
    /// Another program has it.
    #[error("The camera is busy: another app or tab is using it.")]
    Busy,
    /// There is none.
    #[error("This device has no camera that could be found.")]
    Nothing,
    /// It was there and is not any more.
    #[error("The camera has stopped.")]
    Stopped,
}

/// An open camera. It stays open until [`Camera::stop`].
pub trait Camera {
    /// Shows what it sees in the `video` element with this id.
    fn show_in(&self, id: &str);

    /// The picture's size in pixels, once there is one.
    fn size(&self) -> Option<(u32, u32)>;

    /// The picture that is shown just now, as a JPEG.
    fn shoot(&self) -> LocalBoxFuture<'static, Result<Vec<u8>, CameraError>>;

    /// Whether it has a light that can be switched.
    fn has_torch(&self) -> bool;

    /// Switches its light. → whether it did.
    fn set_torch(&self, on: bool) -> LocalBoxFuture<'static, bool>;

    /// Whether it still gives pictures.
    fn is_live(&self) -> bool;

    /// Gives it back.
    fn stop(&self);
}
