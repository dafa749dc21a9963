//! The bytes of photos, each under the SHA-256 of its content: `files/ab/abcdef…`.
//!
//! [`FileStore`] is the seam for an object store. A file arrives as [`Arriving`], which hashes while it writes; it is
//! durable under its name before anybody is told so. What is known *about* files is in [`crate::storage`].

use crate::entropy;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What was left behind by an upload that broke off is thrown away after this time.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Where photos' bytes are kept. Calls block.
pub trait FileStore: Send + Sync {
    /// A folder on this machine for files that are arriving.
    fn arrivals(&self) -> &Path;

    /// Takes over a finished file under the hash of its content; durable when it returns. A file that is there already
    /// stays.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn adopt(&self, finished: &Path, sha256: &str) -> io::Result<()>;

    /// A file's content, if it is here.
    ///
    /// # Errors
    /// What the disk or the object store says.
    fn read(&self, sha256: &str) -> io::Result<Option<Vec<u8>>>;
}

/// Whether a text is a SHA-256 in lowercase hexadecimal, and so safe as a file name.
#[must_use]
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Files in a folder.
#[derive(Debug)]
pub struct LocalFiles {
    root: PathBuf,
    arrivals: PathBuf,
}

impl LocalFiles {
    /// Files under `root`, which is created.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(root: &Path) -> io::Result<Self> {
        let arrivals = root.join("arriving");
        fs::create_dir_all(&arrivals)?;
        for entry in fs::read_dir(&arrivals)?.flatten() {
            let age = entry.metadata().and_then(|meta| meta.modified()).map(|at| SystemTime::now().duration_since(at));
            if age.is_ok_and(|age| age.is_ok_and(|age| age > FORGOTTEN_AFTER)) {
                // It is only space; the next start tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Self { root: root.to_owned(), arrivals })
    }

    fn path(&self, sha256: &str) -> io::Result<PathBuf> {
        if !is_sha256(sha256) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256"));
        }
        Ok(self.root.join(&sha256[..2]).join(sha256))
    }
}

impl FileStore for LocalFiles {
    fn arrivals(&self) -> &Path {
        &self.arrivals
    }

    fn adopt(&self, finished: &Path, sha256: &str) -> io::Result<()> {
        let path = self.path(sha256)?;
        if path.exists() {
            return fs::remove_file(finished);
        }
        let folder = path.parent().unwrap_or(&self.root);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            File::open(&self.root)?.sync_all()?;
        }
        fs::rename(finished, &path)?;
        // The name, too, must survive a power cut.
        File::open(folder)?.sync_all()
    }

    fn read(&self, sha256: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(sha256)?) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
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
