//! Files in the origin private file system (OPFS).

use super::STORAGE;
use crate::platform::{FileError, Files};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemSyncAccessHandle, StorageManager,
};

/// A folder in OPFS. Reading works everywhere, writing only in a dedicated Worker.
#[derive(Debug, Clone)]
pub struct Opfs {
    dir: FileSystemDirectoryHandle,
    /// One write at a time: two of one file would lock each other out.
    writing: Rc<Mutex<()>>,
}

impl Opfs {
    /// The folder at this path, which is made if it is not there (`["photos", "<device>"]`).
    ///
    /// # Errors
    /// [`FileError`] when this browser has no such file system, or will not let this page use it.
    pub async fn open(path: &[&str]) -> Result<Self, FileError> {
        let root = STORAGE.with(|storage| storage.as_ref().map(StorageManager::get_directory));
        let root = root.ok_or_else(|| FileError::Failed("this browser keeps no files for pages".to_owned()))?;
        let mut dir: FileSystemDirectoryHandle = cast(JsFuture::from(root).await)?;
        for name in path {
            let options = FileSystemGetDirectoryOptions::new();
            options.set_create(true);
            dir = cast(JsFuture::from(dir.get_directory_handle_with_options(name, &options)).await)?;
        }
        Ok(Self { dir, writing: Rc::default() })
    }

    /// The names of what is in it.
    ///
    /// # Errors
    /// [`FileError`] in the browser's words.
    pub async fn names(&self) -> Result<Vec<String>, FileError> {
        let keys = self.dir.keys();
        let mut names = Vec::new();
        loop {
            let next = keys.next().map_err(|error| failed(&error))?;
            let next: js_sys::IteratorNext = cast(JsFuture::from(next).await)?;
            if next.done() {
                return Ok(names);
            }
            names.extend(next.value().as_string());
        }
    }

    /// Removes what writes left that were cut off by the end of the app: nobody comes back for it. For who alone writes here.
    pub async fn sweep(&self) {
        match self.names().await {
            Ok(names) => {
                for name in names.iter().filter(|name| name.ends_with(".part")) {
                    if let Err(error) = Files::remove(self, name).await {
                        tracing::warn!(%error, "the rest of a write");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "what writes left"),
        }
    }

    /// A file as the browser knows it, or `None` when it is not here.
    pub(super) async fn file(&self, name: &str) -> Result<Option<web_sys::File>, FileError> {
        let file: FileSystemFileHandle = match JsFuture::from(self.dir.get_file_handle(name)).await {
            Ok(file) => file.unchecked_into(),
            Err(error) if error_name(&error) == "NotFoundError" => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        cast(JsFuture::from(file.get_file()).await).map(Some)
    }

    /// A file's size, or `None` when it is not here.
    async fn size(&self, name: &str) -> Result<Option<f64>, FileError> {
        Ok(self.file(name).await?.map(|file| file.size()))
    }

    /// Writes a file from its beginning: what is there may be the rest of a write that was cut off.
    async fn write(&self, name: &str, bytes: &[u8]) -> Result<FileSystemFileHandle, FileError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = self.dir.get_file_handle_with_options(name, &options);
        let file: FileSystemFileHandle = cast(JsFuture::from(file).await)?;
        let access: FileSystemSyncAccessHandle = cast(JsFuture::from(file.create_sync_access_handle()).await)?;
        let written = write_all(&access, bytes);
        access.close();
        written.map(|()| file)
    }

    /// Gives a file its name. → whether this browser could; not every one has `move`, and `web-sys` does not know it.
    async fn move_to(&self, file: &FileSystemFileHandle, name: &str) -> bool {
        let Ok(function) = js_sys::Reflect::get(file, &JsValue::from_str("move")) else { return false };
        let Some(function) = function.dyn_ref::<js_sys::Function>() else { return false };
        let moved = match function.call2(file, &self.dir, &JsValue::from_str(name)) {
            Ok(promise) => JsFuture::from(js_sys::Promise::resolve(&promise)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &moved {
            tracing::warn!(?error, "a file was not moved into place");
        }
        moved.is_ok()
    }
}

impl Files for Opfs {
    /// A name that is no SHA-256 says nothing about the content, which is then written anew.
    fn put(&self, sha256: &str, bytes: Vec<u8>) -> LocalBoxFuture<'static, Result<(), FileError>> {
        let (folder, name) = (self.clone(), sha256.to_owned());
        async move {
            let _alone = folder.writing.lock().await;
            if !is_sha256(&name) {
                return folder.write(&name, &bytes).await.map(drop);
            }
            let there = folder.size(&name).await?;
            #[allow(clippy::cast_precision_loss, reason = "a file of ours is smaller than 2^53 bytes")]
            if there == Some(bytes.len() as f64) {
                return Ok(());
            }
            let part = format!("{name}.part");
            match folder.write(&part, &bytes).await {
                Ok(written) => {
                    if there.is_some() {
                        // The rest of a write that was cut off, of no use to anybody.
                        folder.remove(&name).await?;
                    }
                    if folder.move_to(&written, &name).await {
                        return Ok(());
                    }
                    // This browser cannot move: without a name of its own first, then.
                    folder.remove(&part).await?;
                    folder.write(&name, &bytes).await.map(drop)
                }
                Err(error) => {
                    // Of no use either; the next write of it begins anew.
                    let _ = folder.remove(&part).await;
                    Err(error)
                }
            }
        }
        .boxed_local()
    }

    fn get(&self, sha256: &str) -> LocalBoxFuture<'static, Result<Option<Vec<u8>>, FileError>> {
        let (folder, name) = (self.clone(), sha256.to_owned());
        async move {
            let Some(file) = folder.file(&name).await? else { return Ok(None) };
            let buffer = JsFuture::from(file.array_buffer()).await.map_err(|error| failed(&error))?;
            Ok(Some(Uint8Array::new(&buffer).to_vec()))
        }
        .boxed_local()
    }

    fn remove(&self, sha256: &str) -> LocalBoxFuture<'static, Result<(), FileError>> {
        let removed = self.dir.remove_entry(sha256);
        async move {
            match JsFuture::from(removed).await {
                Err(error) if error_name(&error) != "NotFoundError" => Err(failed(&error)),
                _ => Ok(()),
            }
        }
        .boxed_local()
    }
}

fn write_all(access: &FileSystemSyncAccessHandle, bytes: &[u8]) -> Result<(), FileError> {
    access.truncate_with_u32(0).map_err(|error| failed(&error))?;
    let written = access.write_with_u8_array(bytes).map_err(|error| failed(&error))?;
    #[allow(clippy::cast_precision_loss, reason = "a file of ours is smaller than 2^53 bytes")]
    let whole = written == bytes.len() as f64;
    if !whole {
        // A browser may say so little about a full disk.
        return Err(FileError::Full);
    }
    access.flush().map_err(|error| failed(&error))
}

/// The browser's classes are what their methods promise; `instanceof` would only ask the same again.
pub(super) fn cast<T: JsCast>(result: Result<JsValue, JsValue>) -> Result<T, FileError> {
    result.map(JsCast::unchecked_into).map_err(|error| failed(&error))
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn error_name(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name())).unwrap_or_default()
}

pub(super) fn failed(error: &JsValue) -> FileError {
    if error_name(error) == "QuotaExceededError" { FileError::Full } else { FileError::Failed(format!("{error:?}")) }
}
