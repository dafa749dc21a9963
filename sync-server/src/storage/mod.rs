//! What the server keeps: one trait, and one suite of tests (`conformance`, `conformance_pages`) which every backend passes.
//!
//! Calls block; whoever calls from async code does so on a blocking thread. Writes are optimistic: a [`Batch`] says what
//! its author saw, and a backend that sees something else by then answers [`StorageError::Conflict`], whereupon the
//! author looks again. So the `import` command beside a running server, and later several servers over one database,
//! need no lock that they all share.
//!
//! - [`sqlite`]: the embedded backend
//! - [`types`]: what goes in and comes out; [`pages`]: what phones ask for
//! - photos' bytes are not here but in [`crate::files`]

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod conformance_pages;
pub mod pages;
pub mod sqlite;
pub mod types;

pub use pages::{Page, PageAsk, Position, Positions, ReconcileAsk, Reconciled};
pub use sqlite::Sqlite;
pub use types::*;

use coldpatch_shared::ids::{DeviceId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{Asset, WorkOrder};
use std::collections::HashSet;
use std::path::Path;

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

    /// The heads of a work order's document, sorted, 32 bytes each. Costs no look at the document.
    fn heads(&self, id: WorkOrderId) -> Stored<Option<Vec<u8>>>;

    /// Takes in a batch whole or not at all, and numbers its changes in commit order. Durable when it returns.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when a document or the tracking counter is not as the batch says.
    fn commit(&self, batch: &Batch) -> Stored<Committed>;

    /// What is new in some scopes. Costs what is new, not what is stored.
    fn page(&self, ask: &PageAsk<'_>) -> Stored<Page>;

    /// Which buckets of some scopes differ from what a phone holds. Costs what the scopes hold.
    fn reconcile(&self, ask: &ReconcileAsk<'_>) -> Stored<Reconciled>;

    /// Whether a work order is in one of these scopes now.
    fn in_scopes(&self, id: WorkOrderId, scopes: &[String]) -> Stored<bool>;

    /// The log's running hash at a number that a commit ended with.
    fn running(&self, sequence: u64) -> Stored<Option<Vec<u8>>>;

    /// Begins another life of the log, unless somebody else has ended `ended` already.
    fn begin_epoch(&self, ended: &str, new: NewEpoch<'_>) -> Stored<LogState>;

    /// The fingerprint of the key with which the server signed last; none in data of earlier versions.
    fn key_fingerprint(&self) -> Stored<Option<String>>;

    /// Notes the fingerprint of the server's key.
    fn set_key_fingerprint(&self, fingerprint: &str) -> Stored<()>;

    /// Whether this is, or was, a life of this log, or one that has proved a restore already.
    fn knows_epoch(&self, epoch: &str) -> Stored<bool>;

    /// Lets work orders leave the scopes whose time is over, at most [`MOST_MOVED`] memberships; whether any did.
    fn sweep(&self, now: i64) -> Stored<Option<Committed>>;

    /// Work orders with a request that has no number yet, and to which nothing came since `before` (ms since the Unix epoch); at
    /// most `limit`.
    fn numberless(&self, before: i64, limit: u32) -> Stored<Vec<WorkOrderId>>;

    /// Work orders after `after` by id, with what [`Rescope::seen`] wants, to give all of them their scopes again.
    fn orders_after(&self, after: Option<WorkOrderId>, limit: u32) -> Stored<Vec<(u64, i64, WorkOrder)>>;

    /// For which version of the city's files the scopes are.
    fn scoped_for(&self) -> Stored<Option<String>>;

    /// Notes for which version of the city's files the scopes are.
    fn set_scoped_for(&self, version: &str) -> Stored<()>;

    /// Changes that were received before an instant and still have their bytes in the log, oldest first.
    fn uncompacted(&self, before: i64, limit: u32) -> Stored<Vec<Logged>>;

    /// Forgets the bytes of changes that their documents hold.
    fn compact(&self, changes: &[u64]) -> Stored<()>;

    /// Writes a consistent copy of everything to a file that is not there yet.
    fn copy_to(&self, path: &Path) -> Stored<()>;

    /// Notes that what was received before an instant is in a backup.
    fn set_backed_up_through(&self, instant: i64) -> Stored<()>;

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

    /// Whom a one-time code was made for, used or not.
    fn person_of_code(&self, code: &Hash) -> Stored<Option<UserId>>;

    /// Uses a one-time code for a device, whose token becomes `token_hash`.
    fn redeem(&self, ask: &Redeem<'_>) -> Stored<Redeemed>;

    /// The device that a token belongs to.
    fn device(&self, token_hash: &Hash) -> Stored<Option<DeviceRecord>>;

    /// Writes again the enrollment of a device; `false` when what is there is younger, or somebody else's.
    fn adopt(&self, ask: &Adopt<'_>) -> Stored<bool>;

    /// Notes that a device spoke.
    fn seen(&self, device: DeviceId, now: i64) -> Stored<()>;

    /// Tokens that were given at or before `at` (ms since the Unix epoch), and codes that were used by then, no longer count.
    fn revoke(&self, whose: &Whose, at: i64) -> Stored<()>;

    /// Up to when the tokens of a person's device were revoked, if they ever were.
    fn revoked(&self, device: DeviceId, person: &UserId) -> Stored<Option<i64>>;

    /// Every device that was enrolled, by person and the last time it spoke, latest first.
    fn devices(&self) -> Stored<Vec<DeviceListing>>;

    /// The person that a device belongs to.
    fn device_person(&self, device: DeviceId) -> Stored<Option<UserId>>;

    /// Notes that a file has arrived; `false` when it was there already.
    fn add_file(&self, file: &FileRecord) -> Stored<bool>;

    /// A file that has arrived.
    fn file(&self, sha256: &str) -> Stored<Option<FileRecord>>;

    /// Whether a file may be shown to anybody: a rendition without metadata of a photo that residents may see.
    fn is_public(&self, sha256: &str) -> Stored<bool>;

    /// Originals that are here and of which no other rendition was made, with the work orders that want one: in order, at most
    /// `limit` of those after `after`.
    fn undeveloped(&self, after: Option<&Undeveloped>, limit: u32) -> Stored<Vec<Undeveloped>>;

    /// The scopes of the work orders that show this file. None for an original, which no list shows.
    fn scopes_of_file(&self, sha256: &str) -> Stored<HashSet<String>>;
}
