//! The phone's database: documents, outbox, journal, projections, drafts, files.
//!
//! [`Store`] owns the connection and the open documents. Each table has a file of its own with functions over a
//! connection, so that one transaction spans several: [`perform`](Store::perform) is one per action, and
//! [`take`](Store::take) is one per answer of the server.
//!
//! It knows no network and no platform; time and randomness are arguments, and the same calls do the same. A round of sync
//! is [`begin_round`](Store::begin_round) and [`take`](Store::take); who moves the bytes between is `engine::round`, or a
//! simulator, for which [`inspect`] has what it asks beside.

pub(crate) mod answer;
mod aside;
pub(crate) mod day;
pub(crate) mod documents;
pub(crate) mod drafts;
mod evict;
pub(crate) mod files;
pub(crate) mod find;
mod fold;
mod inspect;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod makings;
mod memberships;
mod merge;
pub(crate) mod meta;
pub(crate) mod outbox;
mod perform;
pub(crate) mod picks;
mod rebuild;
mod receipts;
mod reconcile;
mod repairs;
mod request;
mod schema;
pub(crate) mod shots;
pub(crate) mod ties;
mod values;

use coldpatch_shared::action::limits::TooMuch;
use coldpatch_shared::action::policy::Denied;
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use coldpatch_shared::order::{DocumentError, OrderDoc};
use documents::OpenDocuments;
use rusqlite::Connection;

pub use answer::Taken;
pub use inspect::Attention;
pub use journal::State;
pub use meta::Clock;
pub use request::{Budgets, Round};

/// Why the database did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own trouble.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A newer version of the app wrote it.
    #[error("the database has schema {found}; this version knows {known}")]
    Newer {
        /// What it has.
        found: usize,
        /// What we know.
        known: usize,
    },
    /// A stored value is not what this code wrote.
    #[error("a stored {what} cannot be read: {why}")]
    Damaged {
        /// What kind of value.
        what: &'static str,
        /// The parser's words.
        why: String,
    },
    /// A document is damaged, or a change does not fit.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The policy says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It holds more than one entry may.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// An answer to a round that is not the one under way.
    #[error("this is not the answer to what was asked last")]
    LateAnswer,
    /// The work order is not on this device.
    #[error("the work order is not on this device")]
    NoSuchWorkOrder,
}

impl StoreError {
    /// Whether one document is in trouble, and not the database.
    pub(crate) fn is_about_one_document(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Damaged { .. })
    }
}

/// The database of one enrolled device.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    open: OpenDocuments,
    watched: evict::Watched,
    device: DeviceId,
    actor: Vec<u8>,
    /// How many rounds were begun since it was opened, and which of them waits for its answer.
    rounds: u64,
    in_flight: Option<u64>,
}

impl Store {
    /// Takes over an open connection: schema, and a new incarnation, since nobody can know whether this database was
    /// restored from a backup or lost its last writes with the power. `pragmas` say how this platform makes a
    /// transaction durable.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(mut db: Connection, pragmas: &str, device: DeviceId, incarnation: [u8; 8]) -> Result<Self, StoreError> {
        db.execute_batch(pragmas)?;
        db.execute_batch("PRAGMA foreign_keys = on; PRAGMA cache_size = -4000;")?;
        let tx = db.transaction()?;
        if schema::migrate(&tx)? {
            jobs::project_all(&tx)?;
        }
        tx.commit()?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            db,
            open: OpenDocuments::default(),
            watched: evict::Watched::default(),
            device,
            actor: actor(device, incarnation),
            rounds: 0,
            in_flight: None,
        })
    }

    /// For reading.
    #[must_use]
    pub fn db(&self) -> &Connection {
        &self.db
    }

    /// Whose database it is.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The actor that writes from now on.
    #[must_use]
    pub fn actor(&self) -> &[u8] {
        &self.actor
    }

    /// The current document of a work order: what the server accepted plus what only this phone has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn document(&mut self, id: WorkOrderId) -> Result<Option<&mut OrderDoc>, StoreError> {
        self.open.get(&self.db, id)
    }

    /// Does several things in one durable transaction.
    ///
    /// # Errors
    /// What `work` says; nothing has happened then.
    pub fn transact<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let tx = self.db.transaction()?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }
}

/// A device's id and a random incarnation: 24 bytes.
fn actor(device: DeviceId, incarnation: [u8; 8]) -> Vec<u8> {
    let mut actor = device.0.as_bytes().to_vec();
    actor.extend_from_slice(&incarnation);
    actor
}
