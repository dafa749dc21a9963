//! Desktop and phones' own app shell: a thread with a small tokio runtime, and a folder for the photos.

use super::{FileError, Files, Host, now_ms};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The current thread's tokio runtime. Its methods must be called inside a `LocalSet`.
#[derive(Debug, Clone, Copy)]
pub struct TokioHost;

impl Host for TokioHost {
    fn now(&self) -> i64 {
        now_ms()
    }

    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).boxed_local()
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> LocalBoxFuture<'static, ()> {
        async move {
            if let Err(error) = tokio::task::spawn_blocking(work).await {
                tracing::error!(%error, "work aside did not end");
            }
        }
        .boxed_local()
    }
}

/// Photo files in a folder, one for each SHA-256.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// The folder at `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be made.
    pub fn open(dir: PathBuf) -> Result<Self, FileError> {
        fs::create_dir_all(&dir).map_err(failed)?;
        sweep(&dir);
        Ok(Self { dir })
    }

    /// Only a SHA-256 names a file: nothing that came from elsewhere may point out of the folder.
    fn path(&self, sha256: &str) -> Result<PathBuf, FileError> {
        if sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(self.dir.join(sha256))
        } else {
            Err(FileError::Failed(format!("{sha256:?} is not a SHA-256")))
        }
    }
}

impl Files for Folder {
    fn put(&self, sha256: &str, bytes: Vec<u8>) -> LocalBoxFuture<'static, Result<(), FileError>> {
        let (path, dir) = (self.path(sha256), self.dir.clone());
        off_thread(move || write_durably(&dir, &path?, &bytes))
    }

    fn get(&self, sha256: &str) -> LocalBoxFuture<'static, Result<Option<Vec<u8>>, FileError>> {
        let path = self.path(sha256);
        off_thread(move || match fs::read(path?) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        })
    }

    fn remove(&self, sha256: &str) -> LocalBoxFuture<'static, Result<(), FileError>> {
        let path = self.path(sha256);
        off_thread(move || match fs::remove_file(path?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        })
    }
}

/// Removes what writes left that were cut off by the end of the app: nobody comes back for it.
fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "part"))
    {
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, "the rest of a write");
        }
    }
}

/// Whole or not at all, also after the power failed: written beside, synced, renamed, and the folder synced.
fn write_durably(dir: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if path.exists() {
        return Ok(());
    }
    let mut random = [0; 8];
    super::fill_random(&mut random);
    let beside = path.with_extension(format!("{:016x}.part", u64::from_le_bytes(random)));
    let mut file = File::create(&beside).map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        // What is left of it is of no use; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&beside);
        return Err(failed(error));
    }
    sync_folder(dir)
}

#[cfg(unix)]
fn sync_folder(dir: &Path) -> Result<(), FileError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
}

/// Elsewhere a folder cannot be opened, and a rename is as durable as it gets.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), FileError> {
    Ok(())
}

fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> LocalBoxFuture<'static, Result<T, FileError>> {
    async move {
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(FileError::Failed(format!("the file was not handled: {error}"))))
    }
    .boxed_local()
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileError::Full,
        _ => FileError::Failed(error.to_string()),
    }
}
