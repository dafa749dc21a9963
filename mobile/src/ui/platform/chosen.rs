//! Files that the person picked, dropped or pasted.

use crate::engine::api::PickedFile;
use dioxus::html::FileData;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::any::Any;
use std::rc::Rc;

/// A file as the person chose it; its bytes stay where they are until somebody asks.
pub trait Chosen: Any {
    /// Its name.
    fn name(&self) -> String;

    /// Its first bytes, at most so many; `None` when it cannot be read.
    fn head(&self, bytes: usize) -> LocalBoxFuture<'static, Option<Vec<u8>>>;

    /// For the engine. What was given is given back with [`Chosen::let_go`].
    fn hand_over(&self) -> LocalBoxFuture<'static, Option<PickedFile>>;

    /// The engine has it.
    fn let_go(&self, _handed: &PickedFile) {}
}

/// Files that were chosen together.
pub type Choice = Vec<Rc<dyn Chosen>>;

/// What somebody listens to, for as long as `guard` is kept.
pub struct Listening<T> {
    /// What comes.
    pub heard: futures_channel::mpsc::UnboundedReceiver<T>,
    /// Dropping it ends the listening.
    pub guard: Box<dyn Any>,
}

/// A file that Dioxus reads.
pub(super) struct Read(pub(super) FileData);

impl Chosen for Read {
    fn name(&self) -> String {
        self.0.name()
    }

    fn head(&self, bytes: usize) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        let file = self.0.clone();
        async move { file.read_bytes().await.ok().map(|all| all[..all.len().min(bytes)].to_vec()) }.boxed_local()
    }

    fn hand_over(&self) -> LocalBoxFuture<'static, Option<PickedFile>> {
        let file = self.0.clone();
        async move { file.read_bytes().await.ok().map(|bytes| PickedFile::Bytes(bytes.to_vec())) }.boxed_local()
    }
}
