//! `backup`: a copy of the database, and of photos, while the server runs; `new-epoch`: what follows a restore.

use crate::app::App;
use crate::files::FileStore;
use crate::storage::StorageError;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What is received while a backup begins may already carry the time of a moment before; ms.
const MARGIN: i64 = 60_000;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something is there already.
    #[error("{0} is there already. Give a new file's name: an older backup is not written over")]
    Exists(PathBuf),
    /// A file or folder cannot be written.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database cannot be copied.
    #[error("the database cannot be copied: {0}")]
    Storage(#[from] StorageError),
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// The log's last number in it, or one shortly before.
    pub sequence: u64,
    /// How many photo files were copied; those that were there already are not counted.
    pub photos: usize,
    /// What phones are told: everything that was received before this instant is in a backup. Ms since the Unix epoch.
    pub through: Option<i64>,
}

/// Copies the database to the new file `to`, and those photos to the folder `photos` that are not in it yet. Only when
/// photos are backed up, too, phones are told that what they sent is safe. Beside a running server. Blocks.
///
/// # Errors
/// [`BackupError`]; phones are told nothing then.
pub fn run(app: &App, to: &Path, photos: Option<&Path>, now: i64) -> Result<Backup, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let sequence = app.storage.state()?.sequence;
    app.storage.copy_to(to)?;
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(|source| BackupError::Io { path: to.to_owned(), source })?;
    let Some(folder) = photos else { return Ok(Backup { sequence, photos: 0, through: None }) };
    let copied = copy_new(&*app.files, folder).map_err(|source| BackupError::Io { path: folder.to_owned(), source })?;
    let through = now.saturating_sub(MARGIN);
    app.storage.set_backed_up_through(through)?;
    Ok(Backup { sequence, photos: copied, through: Some(through) })
}

/// Photos are in folders of two letters, named by their content: one that is there is the same. How many are new.
fn copy_new(from: &dyn FileStore, to: &Path) -> io::Result<usize> {
    let mut copied = 0;
    fs::create_dir_all(to)?;
    for first in 0..=u8::MAX {
        let names = from.names(first)?;
        let there = to.join(format!("{first:02x}"));
        if !names.is_empty() {
            fs::create_dir_all(&there)?;
        }
        for name in names {
            let kept = there.join(&name);
            if kept.exists() {
                continue;
            }
            // One that somebody took away by hand since it was listed is no reason to stop.
            let Some(bytes) = from.read(&name)? else { continue };
            let arriving = there.join(format!("{name}.arriving"));
            fs::write(&arriving, bytes)?;
            File::open(&arriving)?.sync_all()?;
            fs::rename(&arriving, &kept)?;
            copied += 1;
        }
    }
    Ok(copied)
}
