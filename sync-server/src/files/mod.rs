//! The bytes of photos, each under the SHA-256 of its content: `ab/abcdef…` in a folder ([`local`]) or in a bucket (`s3`).
//!
//! [`FileStore`] is what both are. A file arrives on this machine as [`Arriving`], which hashes while it writes; it is
//! durable under its name before anybody is told so. What is known *about* files is in [`crate::storage`].

pub mod local;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "s3")]
mod tls;

pub use local::LocalFiles;

use crate::app::OpenError;
use crate::entropy;
use coldpatch_shared::photo::MediaType;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What was left behind by an upload that broke off is thrown away after this time.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);
/// How much of a file's beginning tells what it is: a HEIC file's brands fill a few dozen bytes.
const BEGINNING: usize = 512;

/// Where photos' bytes are kept. Calls block, also on a thread of an async runtime.
pub trait FileStore: Send + Sync {
    /// A folder on this machine for files that are arriving.
    fn arrivals(&self) -> &Path;

    /// Takes over a finished file under the hash of its content; durable when it returns. A file that is there already
    /// stays. `finished` is gone when it succeeds, and still there when it does not.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn adopt(&self, finished: &Path, sha256: &str) -> io::Result<()>;

    /// A file's content, if it is here.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn read(&self, sha256: &str) -> io::Result<Option<Vec<u8>>>;

    /// The bytes `part` of a file, if it is here; fewer where the file ends before.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn read_part(&self, sha256: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>>;

    /// The names of the files whose hash begins with this byte, in no order.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn names(&self, first: u8) -> io::Result<Vec<String>>;

    /// Whether the store can be reached with what it was set up with.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn probe(&self) -> io::Result<()>;
}

/// Why files cannot be kept where the settings say.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder, or what is wrong with the settings of the object store.
    #[error("{0}. Give another place with --files")]
    Io(#[from] io::Error),
    /// Not `s3://bucket/prefix`.
    #[error("that names no bucket. Write s3://BUCKET or s3://BUCKET/PREFIX")]
    NoBucket,
    /// The feature `s3` is off.
    #[error("this program was built without object stores (its feature s3). Give a folder with --files")]
    NotBuilt,
}

/// The store that the settings name: a folder, `s3://bucket/prefix` at `endpoint`, or by default `files` under `data`.
///
/// # Errors
/// [`OpenError::Files`], which says what to do.
pub fn open(at: Option<&str>, endpoint: Option<&str>, data: &Path) -> Result<Arc<dyn FileStore>, OpenError> {
    let local = data.join("files");
    let opened = match at {
        Some(at) if at.starts_with("s3://") => bucket(at, endpoint, &local),
        Some(folder) => folder_store(Path::new(folder)),
        None => folder_store(&local),
    };
    let said = || at.map_or_else(|| local.display().to_string(), str::to_owned);
    opened.map_err(|source| OpenError::Files { at: said(), source })
}

fn folder_store(folder: &Path) -> Result<Arc<dyn FileStore>, FilesError> {
    Ok(Arc::new(LocalFiles::open(folder)?))
}

#[cfg(feature = "s3")]
fn bucket(at: &str, endpoint: Option<&str>, local: &Path) -> Result<Arc<dyn FileStore>, FilesError> {
    let bucket = s3::Bucket::parse(at).ok_or(FilesError::NoBucket)?;
    Ok(Arc::new(s3::S3Files::open(&s3::Bucket { endpoint: endpoint.map(str::to_owned), ..bucket }, local)?))
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &str, _: Option<&str>, _: &Path) -> Result<Arc<dyn FileStore>, FilesError> {
    Err(FilesError::NotBuilt)
}

/// Whether a text is a SHA-256 in lowercase hexadecimal, and so safe as a file name.
#[must_use]
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a file is in a folder or a bucket.
fn key(sha256: &str) -> io::Result<String> {
    if !is_sha256(sha256) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256"));
    }
    Ok(format!("{}/{sha256}", &sha256[..2]))
}

/// The folder for files that are arriving, under `root`; what was forgotten there is removed.
fn arrivals_in(root: &Path) -> io::Result<PathBuf> {
    let arrivals = root.join("arriving");
    fs::create_dir_all(&arrivals)?;
    for entry in fs::read_dir(&arrivals)?.flatten() {
        let age = entry.metadata().and_then(|meta| meta.modified()).map(|at| SystemTime::now().duration_since(at));
        if age.is_ok_and(|age| age.is_ok_and(|age| age > FORGOTTEN_AFTER)) {
            // It is only space; the next start tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(arrivals)
}

/// What a file on this machine is, by its first bytes; `None` if it is no picture.
///
/// # Errors
/// What the disk says.
pub fn media_type_of(path: &Path) -> io::Result<Option<MediaType>> {
    let mut beginning = Vec::with_capacity(BEGINNING);
    File::open(path)?.take(BEGINNING as u64).read_to_end(&mut beginning)?;
    Ok(MediaType::of(&beginning))
}

/// A file while it arrives. Dropped without [`Arriving::keep`], it leaves nothing behind.
#[derive(Debug)]
pub struct Arriving {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    size: u64,
}

impl Arriving {
    /// Begins a file.
    ///
    /// # Errors
    /// What the disk says.
    pub fn begin(store: &dyn FileStore) -> io::Result<Self> {
        let name = entropy::bytes::<16>().map_err(io::Error::other)?;
        let path = store.arrivals().join(entropy::hex(&name));
        let file = File::create_new(&path)?;
        Ok(Self { path, file, hasher: Sha256::new(), size: 0 })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// How many bytes have come.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash of what has come, lowercase hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        entropy::hex(&self.hasher.clone().finalize())
    }

    /// What it is, by its first bytes; `None` if it is no picture.
    ///
    /// # Errors
    /// What the disk says.
    pub fn media_type(&self) -> io::Result<Option<MediaType>> {
        media_type_of(&self.path)
    }

    /// Gives the file to the store under its hash; durable when it returns.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep(self, store: &dyn FileStore) -> io::Result<String> {
        self.file.sync_all()?;
        let sha256 = self.sha256();
        store.adopt(&self.path, &sha256)?;
        Ok(sha256)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // After `keep` there is nothing at the path any more.
        let _ = fs::remove_file(&self.path);
    }
}
