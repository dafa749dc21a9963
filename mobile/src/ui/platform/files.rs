//! Files in a browser: read piece by piece, handed to the engine by address, pasted.

use super::{Choice, Chosen, Listening};
use crate::engine::api::PickedFile;
use futures_channel::mpsc::unbounded;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, File, Url};

/// A browser's file. Its bytes never come to the page, but for its beginning.
pub(super) struct OnDisk(pub(super) File);

impl Chosen for OnDisk {
    fn name(&self) -> String {
        self.0.name()
    }

    fn head(&self, bytes: usize) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        #[allow(clippy::cast_precision_loss, reason = "a file's size, below 2^53")]
        let head = self.0.slice_with_f64_and_f64(0.0, self.0.size().min(bytes as f64));
        async move {
            let read = JsFuture::from(head.ok()?.array_buffer()).await.ok()?;
            Some(Uint8Array::new(&read).to_vec())
        }
        .boxed_local()
    }

    fn hand_over(&self) -> LocalBoxFuture<'static, Option<PickedFile>> {
        let url = Url::create_object_url_with_blob(&self.0).ok().map(PickedFile::Url);
        std::future::ready(url).boxed_local()
    }

    fn let_go(&self, handed: &PickedFile) {
        if let PickedFile::Url(url) = handed {
            // An address that is not let go costs a few bytes until the page is closed.
            let _ = Url::revoke_object_url(url);
        }
    }
}

/// Listens to the page's `paste`; text goes its way.
pub(super) fn pasted() -> Listening<Choice> {
    let (sender, heard) = unbounded();
    let told = Closure::<dyn FnMut(ClipboardEvent)>::new(move |event: ClipboardEvent| {
        let files = event.clipboard_data().and_then(|data| data.files());
        let Some(files) = files.filter(|files| files.length() > 0) else { return };
        event.prevent_default();
        let chosen = (0..files.length()).filter_map(|at| files.item(at));
        let chosen: Choice = chosen.map(|file| Rc::new(OnDisk(file)) as Rc<dyn Chosen>).collect();
        let _ = sender.unbounded_send(chosen);
    });
    if let Some(window) = web_sys::window() {
        let _ = window.add_event_listener_with_callback("paste", told.as_ref().unchecked_ref());
    }
    Listening { heard, guard: Box::new(Pasting(told)) }
}

struct Pasting(Closure<dyn FnMut(ClipboardEvent)>);

impl Drop for Pasting {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ = window.remove_event_listener_with_callback("paste", self.0.as_ref().unchecked_ref());
        }
    }
}
