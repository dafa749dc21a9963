//! What the server keeps: one trait, and one suite of tests (`conformance`) which every backend passes.
//!
//! Calls block; whoever calls from async code does so on a blocking thread. Writes are optimistic: a [`Batch`] says what
//! its author saw, and a backend that sees something else by then answers [`StorageError::Conflict`], whereupon the
//! author looks again. So the `import` command beside a running server, and later several servers over one database,
//! need no lock that they all share.
//!
//! - [`sqlite`]: the embedded backend
//! - [`types`]: what goes in and comes out
//! - photos' bytes are not here but in [`crate::files`]

#[cfg(test)]
mod conformance;
pub mod sqlite;
pub mod types;

pub use sqlite::Sqlite;
pub use types::*;

use coldpatch_shared::ids::{DeviceId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{Asset, WorkOrder};
use std::collections::HashSet;

/// Why storage did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Somebody else wrote in between: look again and try again.
    #[error("somebody else wrote at the same time")]
    Conflict,
    /// What is stored cannot be read back.
    #[error("stored data cannot be read: {0}")]
    Damaged(String),
    /// This program is older than the data.
    #[error("the data was written by a newer version of this program (schema {found}; this program knows {known})")]
    Newer {
        /// The data's schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The database said no: a full disk, a lost file, a lock that is never given back.
    #[error("the database failed: {0}")]
    Backend(String),
}

/// What every function here returns.
pub type Stored<T> = Result<T, StorageError>;

/// Everything that the server keeps, except the bytes of photos.
pub trait Storage: Send + Sync {
    /// Which life of the log this is, and how far it goes.
    fn state(&self) -> Stored<LogState>;

    /// Writes something small and durable: whether the disk still takes writes.
    fn probe(&self) -> Stored<()>;

    /// A work order's document.
    fn document(&self, id: WorkOrderId) -> Stored<Option<StoredDocument>>;

    /// Takes in a batch whole or not at all, and numbers its changes in commit order. Durable when it returns.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when a document or the tracking counter is not as the batch says.
    fn commit(&self, batch: &Batch) -> Stored<Committed>;

    /// What is new in some scopes.
    fn page(&self, ask: &PageAsk<'_>) -> Stored<Page>;

    /// A work order as derived when its last change came in.
    fn order(&self, id: WorkOrderId) -> Stored<Option<WorkOrder>>;

    /// A service request by its id.
    fn request(&self, id: ServiceRequestId) -> Stored<Option<RequestRecord>>;

    /// A service request by the number that people were given.
    fn request_by_number(&self, number: &str) -> Stored<Option<RequestRecord>>;

    /// A service request by the record in another system that it mirrors.
    fn request_by_mirror(&self, mirrors: &Asset) -> Stored<Option<ServiceRequestId>>;

    /// Service requests with their work orders, newest first.
    fn requests(&self, filter: &RequestFilter) -> Stored<Vec<(RequestRecord, WorkOrder)>>;

    /// How to reach the person who filed a request.
    fn contact(&self, id: ServiceRequestId) -> Stored<Option<Contact>>;

    /// Keeps a one-time sign-in code.
    fn add_code(&self, code: &NewCode) -> Stored<()>;

    /// Uses a one-time code for a device, whose token becomes `token_hash`.
    fn redeem(&self, ask: &Redeem<'_>) -> Stored<Redeemed>;

    /// The device that a token belongs to.
    fn device(&self, token_hash: &Hash) -> Stored<Option<DeviceRecord>>;

    /// Notes that a device spoke.
    fn seen(&self, device: DeviceId, now: i64) -> Stored<()>;

    /// The person that a device belongs to.
    fn device_person(&self, device: DeviceId) -> Stored<Option<UserId>>;

    /// Notes that a file has arrived; `false` when it was there already.
    fn add_file(&self, file: &FileRecord) -> Stored<bool>;

    /// A file that has arrived.
    fn file(&self, sha256: &str) -> Stored<Option<FileRecord>>;

    /// Whether a file may be shown to anybody: a rendition without metadata of a photo that residents may see.
    fn is_public(&self, sha256: &str) -> Stored<bool>;

    /// The scopes of the work orders that show this file. None for an original, which no list shows.
    fn scopes_of_file(&self, sha256: &str) -> Stored<HashSet<String>>;
}
