//! Becoming the one Worker that has the database open: a Web Lock that is never given back, then OPFS.

use super::roster;
use super::worker::Tab;
use crate::engine::api::{EngineError, ErrorKind};
use crate::engine::store::Store;
use crate::engine::{Door, Engine};
use crate::platform::http::{Cable, Http};
use crate::platform::web::{Opfs, WorkerHost, sleep};
use crate::platform::{FileError, Platform, now_ms};
use coldpatch_shared::ids::DeviceId;
use futures_channel::oneshot;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// OPFS has no shared memory for a write-ahead log; a truncated journal costs one durable insert 1 ms.
const PRAGMAS: &str = "PRAGMA locking_mode = exclusive; PRAGMA journal_mode = truncate; PRAGMA synchronous = full;
    PRAGMA temp_store = memory;";
/// The Worker that had the files before may take a moment to let go of them: at first it is tried often, because somebody
/// waits for an answer; later less and less.
const FIRST_PAUSE_MS: i64 = 25;
const OFTEN_FOR_MS: i64 = 2_000;
const LONGEST_PAUSE_MS: i64 = 5_000;
/// After so long those who wait are told; trying goes on.
const PATIENCE_MS: i64 = 3_000;

#[wasm_bindgen]
extern "C" {
    /// `web-sys` has Web Locks only behind a compiler flag.
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request_lock(name: &str, granted: &js_sys::Function) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;
}

/// Waits for the lock, which may be for ever; then opens the database and leads.
pub(super) async fn lead_when_it_is_our_turn(tab: Rc<Tab>, lock: String, device: String) {
    if let Err(error) = hold_lock(&lock).await {
        // No Web Locks (an insecure origin): a second tab then fails to open the files, which are exclusive anyway.
        tracing::warn!(%error, "no lock");
    }
    let began = now_ms();
    let mut pause = FIRST_PAUSE_MS;
    loop {
        match open(&device).await {
            Ok(door) => return tab.lead(door),
            Err(why) => {
                let waited = now_ms() - began;
                tracing::warn!(%why, waited, "the database does not open");
                if waited >= PATIENCE_MS {
                    tab.cannot_lead(cannot_open(&why));
                }
                if waited >= OFTEN_FOR_MS {
                    pause = (pause * 2).min(LONGEST_PAUSE_MS);
                }
            }
        }
        sleep(pause).await;
    }
}

/// Comes back once the lock is ours. The promise that it waits for is never kept, so it is ours until the Worker ends.
async fn hold_lock(name: &str) -> Result<(), String> {
    let (sender, granted) = oneshot::channel();
    let on_granted = Closure::once_into_js(move |_: JsValue| {
        let _ = sender.send(());
        js_sys::Promise::new(&mut |_, _| {})
    });
    // The promise is kept when the lock is given back, which is never.
    let _ = request_lock(name, on_granted.unchecked_ref()).map_err(|error| format!("{error:?}"))?;
    granted.await.map_err(|_| "the browser dropped the request".to_owned())
}

/// Why the database does not open, for the log.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("the device's id: {0}")]
    Device(String),
    #[error("files: {0}")]
    Files(#[from] FileError),
    #[error("the pool: {0}")]
    Pool(String),
    #[error("storage: {0}")]
    Storage(#[from] crate::engine::store::StoreError),
    #[error("network: {0}")]
    Network(#[from] crate::platform::Unreachable),
}

async fn open(device: &str) -> Result<Door, OpenError> {
    let id: DeviceId = device.parse().map_err(|error: uuid::Error| OpenError::Device(error.to_string()))?;
    let files = Opfs::open(&["photos", device]).await?;
    files.sweep().await;
    let pool = sqlite_wasm_vfs::sahpool::OpfsSAHPoolCfgBuilder::new().directory(&format!("coldpatch/{device}")).build();
    sqlite_wasm_vfs::sahpool::install::<sqlite_wasm_rs::WasmOsCallback>(&pool, true)
        .await
        .map_err(|error| OpenError::Pool(error.to_string()))?;
    let db = rusqlite::Connection::open("coldpatch.sqlite3").map_err(crate::engine::store::StoreError::from)?;
    let mut incarnation = [0; 8];
    crate::platform::fill_random(&mut incarnation);
    let store = Store::open(db, PRAGMAS, id, incarnation)?;
    let transport = Http::new(&ORIGIN.with(String::clone), Cable::default())?;
    let host = WorkerHost::new(files.clone());
    let platform = Platform { host: Rc::new(host), files: Rc::new(files), transport: Rc::new(transport) };
    let (door, inbox) = Door::new();
    wasm_bindgen_futures::spawn_local(Engine::new(store, platform).run(inbox));
    wasm_bindgen_futures::spawn_local(roster::keep_up(door.clone()));
    Ok(door)
}

fn cannot_open(why: &OpenError) -> EngineError {
    if let OpenError::Storage(crate::engine::store::StoreError::Newer { .. }) = why {
        return EngineError {
            kind: ErrorKind::Storage,
            message:
                "A newer version of the app has used this phone's data. Nothing was touched. Reload the page to get it."
                    .to_owned(),
        };
    }
    EngineError {
        kind: ErrorKind::Storage,
        message: "This browser does not let the app keep data. Nothing was lost, but nothing can be kept either. Close other \
                  windows of the app, leave private browsing, or free some space, then reload the page."
            .to_owned(),
    }
}
