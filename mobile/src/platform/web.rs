//! The browser: timers, tasks of the Worker's event loop, its room, and the way to the Workers that make photos. Files are
//! in `opfs`.

mod opfs;

pub use opfs::Opfs;

use super::{Connection, FileError, Files, Host, given_up, now_ms};
use crate::engine::api::{EngineError, Room};
use crate::engine::{Developed, develop};
use crate::web::darkroom::{self, Darkroom};
use coldpatch_shared::photo;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use opfs::{cast, failed};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, StorageManager};

#[wasm_bindgen]
extern "C" {
    /// The same function in a page and in a Worker.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(done: &js_sys::Function, ms: f64);

    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str) -> js_sys::Promise;

    /// Only where the page came over HTTPS, or from this device.
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = digest, catch)]
    fn subtle_digest(kind: &str, bytes: &Uint8Array) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = storage)]
    static STORAGE: Option<StorageManager>;
}

/// Ends after so many ms; in a page and in a Worker.
pub async fn sleep(ms: i64) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        #[allow(clippy::cast_precision_loss, reason = "no pause of ours lasts 285,000 years")]
        set_timeout(&resolve, ms.clamp(0, i64::from(i32::MAX)) as f64);
    });
    // A timer's promise is never rejected.
    let _ = JsFuture::from(promise).await;
}

/// The Worker's event loop, and beside it the Workers in which photos are made, from where they are kept.
#[derive(Debug, Clone)]
pub struct WorkerHost {
    darkroom: Darkroom,
    photos: Opfs,
}

impl WorkerHost {
    /// Photos are kept in this folder.
    #[must_use]
    pub fn new(photos: Opfs) -> Self {
        Self { darkroom: Darkroom::default(), photos }
    }
}

impl Host for WorkerHost {
    fn now(&self) -> i64 {
        now_ms()
    }

    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        sleep(ms).boxed_local()
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        wasm_bindgen_futures::spawn_local(task);
    }

    /// The Network Information API, where there is one; it is the same in a page and in a Worker.
    fn connection(&self) -> Connection {
        let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &JsValue::from_str(name)).ok();
        let network = get(&js_sys::global(), "navigator").and_then(|navigator| get(&navigator, "connection"));
        let Some(network) = network.filter(JsValue::is_object) else { return Connection::default() };
        let saves = get(&network, "saveData").and_then(|saves| saves.as_bool());
        let cellular = get(&network, "type").and_then(|kind| kind.as_string()).map(|kind| kind == "cellular");
        let metered = match (saves, cellular) {
            (Some(true), _) => Some(true),
            (_, cellular) => cellular,
        };
        Connection { metered }
    }

    /// What the browser grants this origin, database and all.
    fn room(&self) -> LocalBoxFuture<'static, Option<Room>> {
        async {
            let asked = STORAGE.with(|storage| storage.as_ref().and_then(|storage| storage.estimate().ok()))?;
            let said: StorageEstimate = JsFuture::from(asked).await.ok()?.unchecked_into();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, below 2^53")]
            let bytes = |said: Option<f64>| said.filter(|said| *said >= 0.0).map(|said| said as u64);
            Some(Room { used: bytes(said.get_usage())?, most: bytes(said.get_quota())? })
        }
        .boxed_local()
    }

    fn lanes(&self) -> usize {
        darkroom::lanes()
    }

    fn expect_photos(&self) {
        let darkroom = self.darkroom.clone();
        wasm_bindgen_futures::spawn_local(async move { darkroom.warm_up().await });
    }

    fn develop(
        &self,
        file: Vec<u8>,
        sha256: Option<String>,
    ) -> LocalBoxFuture<'static, Result<Developed, EngineError>> {
        let host = self.clone();
        async move {
            let bytes = Uint8Array::from(file.as_slice());
            match host.darkroom.develop(&bytes, sha256.as_deref()).await {
                Some(developed) => Ok(Developed { original: Some(file), ..developed? }),
                None => {
                    sleep(0).await;
                    develop(file, sha256)
                }
            }
        }
        .boxed_local()
    }

    fn develop_kept(&self, sha256: &str) -> Option<LocalBoxFuture<'static, Result<Developed, EngineError>>> {
        let (host, sha256) = (self.clone(), sha256.to_owned());
        let developing = async move {
            let file = host.photos.file(&sha256).await?.ok_or_else(given_up)?;
            match host.darkroom.develop(&file, Some(&sha256)).await {
                Some(developed) => developed,
                None => {
                    let bytes = host.photos.get(&sha256).await?.ok_or_else(given_up)?;
                    develop(bytes, Some(sha256)).map(|developed| Developed { original: None, ..developed })
                }
            }
        };
        Some(developing.boxed_local())
    }

    fn open(&self, url: &str) -> LocalBoxFuture<'static, Result<Vec<u8>, FileError>> {
        let asked = fetch(url);
        async move {
            let response: web_sys::Response = cast(JsFuture::from(asked).await)?;
            let read = response.array_buffer().map_err(|error| failed(&error))?;
            let buffer = JsFuture::from(read).await.map_err(|error| failed(&error))?;
            Ok(Uint8Array::new(&buffer).to_vec())
        }
        .boxed_local()
    }

    fn digest<'a>(&self, bytes: &'a [u8]) -> LocalBoxFuture<'a, String> {
        digest(bytes).boxed_local()
    }

    /// There is no other thread: what is waiting has its turn first, then the work takes its time.
    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> LocalBoxFuture<'static, ()> {
        async move {
            sleep(0).await;
            work();
        }
        .boxed_local()
    }
}

/// SHA-256 in lowercase hexadecimal, by the browser, which is quicker and does it aside.
pub(crate) async fn digest(bytes: &[u8]) -> String {
    let asked = subtle_digest("SHA-256", &Uint8Array::from(bytes)).map(JsFuture::from);
    let Ok(asked) = asked else { return photo::sha256(bytes) };
    match asked.await {
        Ok(buffer) => Uint8Array::new(&buffer)
            .to_vec()
            .iter()
            .fold(String::with_capacity(64), |text, byte| format!("{text}{byte:02x}")),
        Err(_) => photo::sha256(bytes),
    }
}

/// A property of an object; `undefined` when it has none.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// The same, if it is text.
pub(crate) fn string(object: &JsValue, name: &str) -> Option<String> {
    get(object, name).as_string()
}
