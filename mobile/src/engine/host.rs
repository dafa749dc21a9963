//! Runs the engine natively: its own thread with a small tokio runtime, one database file, one folder of photos.

use super::api::{EngineError, ErrorKind};
use super::core::Engine;
use super::door::{Door, Inbox};
use super::errors::error;
use super::store::{Store, StoreError};
use crate::platform::http::{Cable, Http};
use crate::platform::native::{Folder, TokioHost};
use crate::platform::{Platform, Unreachable};
use coldpatch_shared::ids::DeviceId;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A write is durable when it is committed; readers of another process do not wait for it.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = wal; PRAGMA synchronous = full;";

/// Opens the engine of `device`. Its database and photos are in `dir`, which is made if it is not there; the city's server
/// is at `base_url` (`http://localhost:3110`). `cable` can be pulled to work offline.
///
/// # Errors
/// [`EngineError`] when the database cannot be opened; nothing was touched then.
pub fn open_native(dir: &Path, device: DeviceId, base_url: &str, cable: Cable) -> Result<Door, EngineError> {
    let (door, inbox) = Door::new();
    let (opened, outcome) = std::sync::mpsc::channel();
    let (dir, base_url) = (dir.to_owned(), base_url.to_owned());
    let thread = std::thread::Builder::new().name(format!("engine {device}"));
    let body = move || match open(&dir, device, &base_url, cable) {
        Ok((engine, runtime)) => {
            let _ = opened.send(Ok(()));
            serve(engine, &runtime, inbox);
        }
        Err(error) => {
            let _ = opened.send(Err(error));
        }
    };
    thread.spawn(body).map_err(|why| cannot_start(&why))?;
    outcome.recv().map_err(|why| cannot_start(&why))??;
    Ok(door)
}

type Opened = (Rc<Engine>, tokio::runtime::Runtime);

fn open(dir: &Path, device: DeviceId, base_url: &str, cable: Cable) -> Result<Opened, EngineError> {
    let files = Folder::open(dir.join("photos"))?;
    let store = open_store(&dir.join("coldpatch.sqlite3"), device)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|why| cannot_start(&why))?;
    let transport = Http::new(base_url, cable).map_err(|Unreachable(why)| cannot_start(&why))?;
    let platform = Platform { host: Rc::new(TokioHost), files: Rc::new(files), transport: Rc::new(transport) };
    Ok((Engine::new(store, platform), runtime))
}

/// Opens the database file, with a new incarnation.
fn open_store(path: &PathBuf, device: DeviceId) -> Result<Store, StoreError> {
    let mut incarnation = [0; 8];
    crate::platform::fill_random(&mut incarnation);
    Store::open(Connection::open(path)?, PRAGMAS, device, incarnation)
}

/// Until every door is closed; what is under way then ends where it is, as it would if the power failed.
fn serve(engine: Rc<Engine>, runtime: &tokio::runtime::Runtime, inbox: Inbox) {
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(runtime, engine.run(inbox));
}

fn cannot_start(why: &dyn std::fmt::Display) -> EngineError {
    tracing::error!(%why, "the engine does not start");
    error(
        ErrorKind::Storage,
        "The app could not start its storage on this device. Nothing was touched. Restart the app; if that does not help, \
         restart the device.",
    )
}
