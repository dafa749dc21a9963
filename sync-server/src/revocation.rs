//! Signing devices out: a phone that was lost or stolen, a person who left.
//!
//! Tokens are signed, so that a restored database knows phones again that it has forgotten. What is revoked must not come back
//! that way: each revocation is also a line of a file beside the database, as the key is.

use crate::app::App;
use crate::storage::{DeviceListing, Storage, StorageError, Whose};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file in the data folder: a line for each, `device:<id> <instant>` or `person:<id> <instant>`, in ms since the Unix epoch.
pub const FILE: &str = "signed-out.txt";

/// Why nobody was signed out, or nobody is known to be.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The file cannot be read or written.
    #[error("{path} cannot be read or written: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line of it is none of ours.
    #[error("line {line} of {path} is not one that this program wrote. Correct it, or take it out")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// Storage could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Signs out everybody who is one of `whose`, from `now` (ms since the Unix epoch) on, until they sign in again with a new code.
/// → the devices that are known. Works beside a running server. Blocks.
///
/// # Errors
/// [`RevokeError`].
pub fn revoke(app: &App, whose: &Whose, now: i64) -> Result<Vec<DeviceListing>, RevokeError> {
    let path = app.config.data.join(FILE);
    append(&path, &format!("{whose} {now}\n")).map_err(|source| RevokeError::Io { path, source })?;
    app.storage.revoke(whose, now)?;
    let mut known = app.storage.devices()?;
    known.retain(|device| match whose {
        Whose::Device(id) => device.device == *id,
        Whose::Person(id) => device.person == *id,
    });
    Ok(known)
}

/// Tells the database what the file says: it may be from a backup that is older.
///
/// # Errors
/// [`RevokeError`].
pub fn remember(data: &Path, storage: &dyn Storage) -> Result<(), RevokeError> {
    let path = data.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(RevokeError::Io { path, source }),
    };
    // A last line without its end was torn by a crash before anybody was told that it is so.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for (n, line) in whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let said = line.trim().rsplit_once(' ').and_then(|(whose, at)| Some((whose.parse().ok()?, at.parse().ok()?)));
        let Some((whose, at)) = said else { return Err(RevokeError::Line { path, line: n + 1 }) };
        storage.revoke(&whose, at)?;
    }
    Ok(())
}

/// The list for the person at the terminal.
#[must_use]
pub fn listing(devices: &[DeviceListing]) -> String {
    let mut text = String::new();
    let day = |at: i64| jiff::Timestamp::from_millisecond(at).map_or_else(|_| "?".to_owned(), |at| at.to_string());
    for device in devices {
        let name = if device.name.is_empty() { "(no name)" } else { &device.name };
        let state = if device.revoked { "  signed out" } else { "" };
        let (id, person, since, seen) = (device.device, &device.person, day(device.enrolled_at), day(device.last_seen));
        // Writing to a text does not fail.
        let _ = writeln!(text, "{id}  {person}  {name}  since {since}  last heard {seen}{state}");
    }
    text
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let before = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        before => before?,
    };
    let mut file = File::options().create(true).append(true).open(path)?;
    if before.last().is_some_and(|last| *last != b'\n') {
        // Torn by a crash; what follows would be glued to it.
        file.set_len(before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1))?;
    }
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
