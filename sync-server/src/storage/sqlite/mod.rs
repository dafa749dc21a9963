//! The embedded backend: one SQLite file in WAL mode, `synchronous=FULL`, one writing connection and a few that read.
//!
//! - `schema`: the tables, and data of earlier versions; `opening`: how connections are made
//! - `log`: documents, changes, and the commits that write them; `scopes`: who gets them
//! - `pages`: what is new for a phone; `reconcile`: where it differs
//! - `requests`: the index of service requests and the projection
//! - `people`: codes and devices; `devices`: their list; `media`: files

mod devices;
mod epochs;
mod log;
mod media;
mod opening;
mod pages;
mod people;
mod reconcile;
mod requests;
mod schema;
mod scopes;

pub use opening::{Access, Journal, Opening};

use super::{
    Adopt, Batch, Committed, Contact, DeviceListing, DeviceRecord, FileRecord, Hash, LogState, Logged, NewCode,
    NewEpoch, Page, PageAsk, ReconcileAsk, Reconciled, Redeem, Redeemed, RequestFilter, RequestRecord, Storage,
    StorageError, Stored, StoredDocument, Undeveloped, Whose,
};
use coldpatch_shared::ids::{DeviceId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{Asset, WorkOrder};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Connections that wait to read; more are opened when more read at once, and closed afterwards.
const IDLE_READERS: usize = 8;
/// The embedded backend.
#[derive(Debug)]
pub struct Sqlite {
    opening: Opening,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

/// Where the fingerprint of the server's key is.
const KEY_FINGERPRINT: &str = "key_fingerprint";

impl Sqlite {
    /// Opens the database in a file, and creates it when there is none; `new_epoch` then names the first life of its log.
    ///
    /// # Errors
    /// [`StorageError`] when the file cannot be opened, is not ours, or is of a newer version.
    pub fn open(path: &Path, new_epoch: Uuid) -> Stored<Self> {
        Self::open_with(Opening::file(path), new_epoch)
    }

    /// The same over connections that somebody else makes.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_with(opening: Opening, new_epoch: Uuid) -> Stored<Self> {
        let mut writer = opening.writer()?;
        schema::prepare(&mut writer, new_epoch)?;
        Ok(Self { opening, writer: Mutex::new(writer), readers: Mutex::new(Vec::new()) })
    }

    /// The one connection that writes. A panic while it was held rolled its transaction back, so it is usable.
    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a connection of its own, in one consistent view of the database.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        if self.opening.one_connection {
            let mut writer = self.writer();
            let view = writer.transaction_with_behavior(TransactionBehavior::Deferred)?;
            return work(&view);
        }
        let mut connection = self.reader()?;
        let view = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let result = work(&view);
        drop(view);
        self.idle(connection);
        result
    }

    /// As [`Self::read`], for `work` that is one statement: that is a view of its own.
    fn glance<T>(&self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        if self.opening.one_connection {
            return work(&self.writer());
        }
        let connection = self.reader()?;
        let result = work(&connection);
        self.idle(connection);
        result
    }

    fn reader(&self) -> Stored<Connection> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.opening.reader(), Ok)
    }

    fn idle(&self, connection: Connection) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
    }
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

fn optional_meta(connection: &Connection, key: &str) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn meta(connection: &Connection, key: &str) -> Stored<String> {
    optional_meta(connection, key)?.ok_or_else(|| StorageError::Damaged(format!("`{key}` is missing")))
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
        self.glance(|connection| log::document(connection, id))
    }

    fn heads(&self, id: WorkOrderId) -> Stored<Option<Vec<u8>>> {
        self.glance(|connection| log::heads(connection, id))
    }

    fn commit(&self, batch: &Batch) -> Stored<Committed> {
        log::commit(&mut self.writer(), batch)
    }

    fn page(&self, ask: &PageAsk<'_>) -> Stored<Page> {
        self.read(|connection| pages::page(connection, ask))
    }

    fn reconcile(&self, ask: &ReconcileAsk<'_>) -> Stored<Reconciled> {
        self.read(|connection| reconcile::reconcile(connection, ask))
    }

    fn in_scopes(&self, id: WorkOrderId, scopes: &[String]) -> Stored<bool> {
        self.read(|connection| scopes::in_any(connection, id, scopes))
    }

    fn running(&self, sequence: u64) -> Stored<Option<Vec<u8>>> {
        self.glance(|connection| log::running(connection, sequence))
    }

    fn begin_epoch(&self, ended: &str, new: NewEpoch<'_>) -> Stored<LogState> {
        epochs::begin(&mut self.writer(), ended, new)
    }

    fn key_fingerprint(&self) -> Stored<Option<String>> {
        self.read(|connection| optional_meta(connection, KEY_FINGERPRINT))
    }

    fn set_key_fingerprint(&self, fingerprint: &str) -> Stored<()> {
        set_meta(&self.writer(), KEY_FINGERPRINT, fingerprint)
    }

    fn knows_epoch(&self, epoch: &str) -> Stored<bool> {
        self.read(|connection| epochs::knows(connection, epoch))
    }

    fn sweep(&self, now: i64) -> Stored<Option<Committed>> {
        scopes::sweep(&mut self.writer(), now)
    }

    fn numberless(&self, before: i64, limit: u32) -> Stored<Vec<WorkOrderId>> {
        self.read(|connection| requests::numberless(connection, before, limit))
    }

    fn orders_after(&self, after: Option<WorkOrderId>, limit: u32) -> Stored<Vec<(u64, i64, WorkOrder)>> {
        self.read(|connection| log::orders_after(connection, after, limit))
    }

    fn scoped_for(&self) -> Stored<Option<String>> {
        self.read(|connection| optional_meta(connection, "scoped_for"))
    }

    fn set_scoped_for(&self, version: &str) -> Stored<()> {
        set_meta(&self.writer(), "scoped_for", version)
    }

    fn uncompacted(&self, before: i64, limit: u32) -> Stored<Vec<Logged>> {
        self.read(|connection| log::uncompacted(connection, before, limit))
    }

    fn compact(&self, changes: &[u64]) -> Stored<()> {
        log::compact(&mut self.writer(), changes)
    }

    fn copy_to(&self, path: &Path) -> Stored<()> {
        let path = path.to_str().ok_or_else(|| StorageError::Backend("the file's name is not text".to_owned()))?;
        // A connection of its own: it reads one view for as long as it takes, and nobody waits for it.
        self.opening.prepared(Access::Write)?.execute("VACUUM INTO ?1", [path])?;
        Ok(())
    }

    fn set_backed_up_through(&self, instant: i64) -> Stored<()> {
        set_meta(&self.writer(), "backed_up_through", &instant.to_string())
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

    fn person_of_code(&self, code: &Hash) -> Stored<Option<UserId>> {
        self.read(|connection| people::person_of_code(connection, code))
    }

    fn redeem(&self, ask: &Redeem<'_>) -> Stored<Redeemed> {
        people::redeem(&mut self.writer(), ask)
    }

    fn device(&self, token_hash: &Hash) -> Stored<Option<DeviceRecord>> {
        self.read(|connection| people::device(connection, token_hash))
    }

    fn adopt(&self, ask: &Adopt<'_>) -> Stored<bool> {
        people::adopt(&mut self.writer(), ask)
    }

    fn seen(&self, device: DeviceId, now: i64) -> Stored<()> {
        people::seen(&self.writer(), device, now)
    }

    fn revoke(&self, whose: &Whose, at: i64) -> Stored<()> {
        people::revoke(&self.writer(), whose, at)
    }

    fn revoked(&self, device: DeviceId, person: &UserId) -> Stored<Option<i64>> {
        self.read(|connection| people::revoked(connection, device, person))
    }

    fn devices(&self) -> Stored<Vec<DeviceListing>> {
        self.read(devices::list)
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

    fn undeveloped(&self, after: Option<&Undeveloped>, limit: u32) -> Stored<Vec<Undeveloped>> {
        self.read(|connection| media::undeveloped(connection, after, limit))
    }

    fn scopes_of_file(&self, sha256: &str) -> Stored<HashSet<String>> {
        self.read(|connection| media::scopes(connection, sha256))
    }
}

#[cfg(test)]
mod tests;
