//! Files in a browser: read piece by piece, handed to the engine by address, pasted.

use super::{Choice, Chosen, Listening};
use crate::engine::api::PickedFile;
use futures_channel::mpsc::unbounded;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use js_sys::{Array, Uint8Array};
use std::any::Any;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ClipboardEvent, File, Url};

/// More than any file has, and exact as the number that a browser takes.
const MOST: f64 = 9_007_199_254_740_991.0;

/// A browser's file. Its bytes never come to the page, but for its beginning.
pub(super) struct OnDisk(pub(super) File);

impl Chosen for OnDisk {
    fn name(&self) -> String {
        self.0.name()
    }

    fn head(&self, bytes: usize) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        let head = beginning(&self.0, bytes);
        async move { read(&head?).await }.boxed_local()
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

/// The beginnings of many files. Each read costs a page more than its bytes do, so all are read as one; one by one where a file is
/// shorter than that, or cannot be read.
pub(super) fn heads(files: &[Rc<dyn Chosen>], bytes: usize) -> LocalBoxFuture<'static, Vec<Option<Vec<u8>>>> {
    let parts = files.iter().map(|file| {
        let file: &dyn Any = file.as_ref();
        file.downcast_ref::<OnDisk>().and_then(|OnDisk(file)| beginning(file, bytes))
    });
    let parts: Option<Vec<Blob>> = parts.collect();
    let together = parts.and_then(|parts| Blob::new_with_blob_sequence(&Array::from_iter(parts)).ok());
    let files = files.to_vec();
    async move {
        let all = match &together {
            Some(together) => read(together).await,
            None => None,
        };
        match all {
            Some(all) if all.len() == files.len() * bytes => {
                all.chunks_exact(bytes).map(|head| Some(head.to_vec())).collect()
            }
            _ => join_all(files.iter().map(|file| file.head(bytes))).await,
        }
    }
    .boxed_local()
}

/// Does not ask how large the file is: for that a page waits each time.
fn beginning(file: &File, bytes: usize) -> Option<Blob> {
    #[allow(clippy::cast_precision_loss, reason = "some kilobytes, or all there is")]
    file.slice_with_f64_and_f64(0.0, (bytes as f64).min(MOST)).ok()
}

async fn read(blob: &Blob) -> Option<Vec<u8>> {
    let read = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&read).to_vec())
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
