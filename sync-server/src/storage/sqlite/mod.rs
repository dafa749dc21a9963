//! The embedded backend: one SQLite file in WAL mode, `synchronous=FULL`, one writing connection and a few that read.
//!
//! - `log`: documents, changes, scopes, and the commit that writes them
//! - `pages`: what is new for a phone
//! - `requests`: the index of service requests and the projection
//! - `people`: codes and devices; `media`: files

mod log;
mod media;
mod pages;
mod people;
mod requests;

use super::{
    Batch, Committed, Contact, DeviceRecord, FileRecord, Hash, LogState, NewCode, Page, PageAsk, Redeem, Redeemed,
    RequestFilter, RequestRecord, Storage, StorageError, Stored, StoredDocument,
};
use coldpatch_shared::ids::{DeviceId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{Asset, WorkOrder};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

const SCHEMA: &str = include_str!("schema.sql");
/// The newest schema that this program knows, in SQLite's `user_version`.
const SCHEMA_VERSION: i64 = 1;
/// Connections that wait to read; more are opened when more read at once, and closed afterwards.
const IDLE_READERS: usize = 8;
/// How long a write waits for another process (`import` beside a running server).
const BUSY: Duration = Duration::from_secs(15);

/// The embedded backend.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the database, and creates it when there is none; `new_epoch` then names the first life of its log.
    ///
    /// # Errors
    /// [`StorageError`] when the file cannot be opened, is not ours, or is of a newer version.
    pub fn open(path: &Path, new_epoch: Uuid) -> Stored<Self> {
        let mut writer = Connection::open(path)?;
        prepare(&writer)?;
        writer.pragma_update(None, "journal_mode", "wal")?;
        writer.pragma_update(None, "synchronous", "full")?;
        let created = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = created.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => {
                created.execute_batch(SCHEMA)?;
                let mut put = created.prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)")?;
                put.execute(["epoch", &new_epoch.hyphenated().to_string()])?;
                put.execute(["epoch_number", "0"])?;
                put.execute(["tracking_counter", "0"])?;
                drop(put);
                created.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            }
            SCHEMA_VERSION => {}
            found => return Err(StorageError::Newer { found, known: SCHEMA_VERSION }),
        }
        created.commit()?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::new(Vec::new()) })
    }

    /// The one connection that writes. A panic while it was held rolled its transaction back, so it is usable.
    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a connection of its own, in one consistent view of the database.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                prepare(&connection)?;
                connection
            }
        };
        let view = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let result = work(&view);
        drop(view);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }
}

fn prepare(connection: &Connection) -> Stored<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "foreign_keys", "on")?;
    Ok(())
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Backend(error.to_string())
    }
}

impl From<serde_json::Error> for StorageError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// A number as SQLite stores it. Sequence numbers and sizes never come near the limit.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that was stored by [`int`].
fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn uuid(bytes: &[u8]) -> Stored<Uuid> {
    Uuid::from_slice(bytes).map_err(|error| StorageError::Damaged(error.to_string()))
}

fn meta(connection: &Connection, key: &str) -> Stored<String> {
    let value = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    value.ok_or_else(|| StorageError::Damaged(format!("`{key}` is missing")))
}

fn set_meta(connection: &Connection, key: &str, value: &str) -> Stored<()> {
    connection
        .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute([key, value])?;
    Ok(())
}

impl Storage for Sqlite {
    fn state(&self) -> Stored<LogState> {
        self.read(log::state)
    }

    fn probe(&self) -> Stored<()> {
        let writer = self.writer();
        let count: i64 = meta(&writer, "probes").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        set_meta(&writer, "probes", &count.wrapping_add(1).to_string())
    }

    fn document(&self, id: WorkOrderId) -> Stored<Option<StoredDocument>> {
        self.read(|connection| log::document(connection, id))
    }

    fn commit(&self, batch: &Batch) -> Stored<Committed> {
        log::commit(&mut self.writer(), batch)
    }

    fn page(&self, ask: &PageAsk<'_>) -> Stored<Page> {
        self.read(|connection| pages::page(connection, ask))
    }

    fn order(&self, id: WorkOrderId) -> Stored<Option<WorkOrder>> {
        self.read(|connection| requests::order(connection, id))
    }

    fn request(&self, id: ServiceRequestId) -> Stored<Option<RequestRecord>> {
        self.read(|connection| requests::by_id(connection, id))
    }

    fn request_by_number(&self, number: &str) -> Stored<Option<RequestRecord>> {
        self.read(|connection| requests::by_number(connection, number))
    }

    fn request_by_mirror(&self, mirrors: &Asset) -> Stored<Option<ServiceRequestId>> {
        self.read(|connection| requests::by_mirror(connection, mirrors))
    }

    fn requests(&self, filter: &RequestFilter) -> Stored<Vec<(RequestRecord, WorkOrder)>> {
        self.read(|connection| requests::list(connection, filter))
    }

    fn contact(&self, id: ServiceRequestId) -> Stored<Option<Contact>> {
        self.read(|connection| requests::contact(connection, id))
    }

    fn add_code(&self, code: &NewCode) -> Stored<()> {
        people::add_code(&self.writer(), code)
    }

    fn redeem(&self, ask: &Redeem<'_>) -> Stored<Redeemed> {
        people::redeem(&mut self.writer(), ask)
    }

    fn device(&self, token_hash: &Hash) -> Stored<Option<DeviceRecord>> {
        self.read(|connection| people::device(connection, token_hash))
    }

    fn seen(&self, device: DeviceId, now: i64) -> Stored<()> {
        people::seen(&self.writer(), device, now)
    }

    fn device_person(&self, device: DeviceId) -> Stored<Option<UserId>> {
        self.read(|connection| people::person(connection, device))
    }

    fn add_file(&self, file: &FileRecord) -> Stored<bool> {
        media::add(&self.writer(), file)
    }

    fn file(&self, sha256: &str) -> Stored<Option<FileRecord>> {
        self.read(|connection| media::file(connection, sha256))
    }

    fn is_public(&self, sha256: &str) -> Stored<bool> {
        self.read(|connection| media::is_public(connection, sha256))
    }

    fn scopes_of_file(&self, sha256: &str) -> Stored<HashSet<String>> {
        self.read(|connection| media::scopes(connection, sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn open() -> (Sqlite, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(1)).unwrap(), folder)
    }

    crate::storage::conformance::conformance!(open);

    #[test]
    fn opened_again_it_is_the_same_life_of_the_log() {
        let (store, folder) = open();
        let before = store.state().unwrap();
        drop(store);
        let again = Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(2)).unwrap();
        assert_eq!(again.state().unwrap(), before);
    }

    #[test]
    fn data_of_a_newer_version_is_left_alone() {
        let (store, folder) = open();
        store.writer().pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
        drop(store);
        let error = Sqlite::open(&folder.path().join("test.db"), Uuid::from_u128(1)).unwrap_err();
        assert!(matches!(error, StorageError::Newer { .. }), "{error}");
    }

    #[test]
    fn every_commit_is_synced_to_the_disk() {
        let (store, _folder) = open();
        let read = |name: &str| -> String {
            let writer = store.writer();
            writer
                .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
                .map(|v| format!("{v:?}"))
                .unwrap()
        };
        assert_eq!(read("synchronous"), "Integer(2)");
        assert_eq!(read("journal_mode"), "Text(\"wal\")");
    }
}
