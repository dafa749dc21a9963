//! Photos' bytes in a folder: `ab/abcdef…`.

use super::{FileStore, arrivals_in, is_sha256};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

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
        Ok(Self { root: root.to_owned(), arrivals: arrivals_in(root)? })
    }

    fn path(&self, sha256: &str) -> io::Result<PathBuf> {
        Ok(self.root.join(super::key(sha256)?))
    }

    fn opened(&self, sha256: &str) -> io::Result<Option<File>> {
        match File::open(self.path(sha256)?) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
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
        let Some(mut file) = self.opened(sha256)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn read_part(&self, sha256: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.opened(sha256)? else { return Ok(None) };
        file.seek(SeekFrom::Start(part.start))?;
        let mut bytes = Vec::new();
        file.take(part.end.saturating_sub(part.start)).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn names(&self, first: u8) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.root.join(format!("{first:02x}"))) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry?.file_name().into_string().ok().filter(|name| is_sha256(name)));
        }
        Ok(names)
    }

    fn probe(&self) -> io::Result<()> {
        fs::metadata(&self.root).map(drop)
    }
}
