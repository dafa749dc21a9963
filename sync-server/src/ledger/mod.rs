//! The one place where work orders are written: everything of one request in one transaction, in order, then pokes.
//!
//! Whoever writes describes the work as a function over a [`Bench`]: documents are loaded on demand, changes are taken
//! in or made, and nothing is stored until the bench is finished. When another process wrote in between, the whole
//! function runs again on what is there now; so it must not do anything that cannot be done twice.
//!
//! - [`bench`]: the documents under work
//! - [`upkeep`]: what the server adds by itself: tracking numbers, routing, addresses
//! - [`taking`]: what phones send
//! - [`scopes`]: who follows what; [`sweep`]: what time does to that

pub mod bench;
mod groups;
pub mod scopes;
mod sweep;
pub mod taking;
mod upkeep;

pub use bench::Bench;
pub(crate) use upkeep::server_stamp;

use crate::entropy::{self, Entropy, EntropyError};
use crate::storage::{LogState, NewEpoch, Storage, StorageError};
use coldpatch_shared::action::ApplyError;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::DocumentError;
use coldpatch_shared::sync::wire::MAX_BODY;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// How often a write is tried when other processes write too.
const TRIES: usize = 8;
/// The largest document, in bytes, as it is saved and as all its changes one by one: one must fit into an answer, and into the
/// request in which a phone gives it back whole, half of what either may have.
pub const MAX_DOCUMENT: usize = MAX_BODY / 2;
/// How many pokes may wait for a slow listener; one that misses some is poked anyway.
const POKES: usize = 256;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Storage could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// An action does not fit its work order.
    #[error(transparent)]
    Action(#[from] ApplyError),
    /// A stored document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A document, as it would be stored, does not load again.
    #[error("a work order would not load again after this change")]
    WouldNotLoad,
    /// A document has grown larger than an answer can carry.
    #[error("a work order would have more than {MAX_DOCUMENT} bytes")]
    TooLarge,
}

/// Something was committed: whoever follows one of the scopes should sync.
#[derive(Debug)]
pub struct Poke {
    /// All scopes of what changed.
    pub scopes: HashSet<String>,
    /// The device that caused it, which knows already.
    pub by: Option<DeviceId>,
}

/// The writer.
pub struct Ledger {
    storage: Arc<dyn Storage>,
    city: Arc<City>,
    zone: TimeZone,
    entropy: Arc<dyn Entropy>,
    actor: Mutex<Vec<u8>>,
    writing: Mutex<()>,
    pokes: broadcast::Sender<Arc<Poke>>,
}

impl Ledger {
    /// A writer over this storage, with an actor id of its own.
    ///
    /// # Errors
    /// [`LedgerError`] when storage cannot be read.
    pub fn open(
        storage: Arc<dyn Storage>,
        city: Arc<City>,
        zone: TimeZone,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, LedgerError> {
        let actor = Mutex::new(actor_of(&storage.state()?.epoch, &*entropy)?);
        Ok(Self { storage, city, zone, entropy, actor, writing: Mutex::new(()), pokes: broadcast::channel(POKES).0 })
    }

    fn actor(&self) -> Vec<u8> {
        self.actor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins another life of the log after `ended`: this one was restored from a backup. Phones then tell what they
    /// hold, and give back what is lost. Does nothing when somebody else has done it already. Blocks.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn begin_epoch(&self, ended: &str, now: i64) -> Result<LogState, LedgerError> {
        self.begin_epoch_after(ended, 0, None, now)
    }

    /// The same; the number of the new life is `at_least` this, and larger than that of the life `proof`, which this
    /// database does not know although it once had it.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn begin_epoch_after(
        &self,
        ended: &str,
        at_least: u32,
        proof: Option<&str>,
        now: i64,
    ) -> Result<LogState, LedgerError> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let id = entropy::uuid_from(&*self.entropy, now)?;
        let state = self.storage.begin_epoch(ended, NewEpoch { id, at_least, proof })?;
        *self.actor.lock().unwrap_or_else(PoisonError::into_inner) = actor_of(&state.epoch, &*self.entropy)?;
        Ok(state)
    }

    /// Pokes from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<Poke>> {
        self.pokes.subscribe()
    }

    /// Pokes everybody who follows one of the scopes, except `by`.
    pub fn poke(&self, scopes: HashSet<String>, by: Option<DeviceId>) {
        // No listener is no error.
        let _ = self.pokes.send(Arc::new(Poke { scopes, by }));
    }

    /// Does `work` and stores what came of it in one transaction; durable when it returns. `by` is the device that
    /// asked, `now` the time. Nobody else of this process writes meanwhile. Blocks.
    ///
    /// # Errors
    /// What `work` returns, or a [`LedgerError`]; nothing is stored then.
    pub fn write<T, E: From<LedgerError>>(
        &self,
        by: Option<DeviceId>,
        now: i64,
        work: impl FnMut(&mut Bench<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_in(Some(turn), by, now, work)
    }

    /// As [`Ledger::write`], beside others, on all cores: for work that looks at nothing but the documents that it writes.
    /// Who has to begin anew keeps the others out.
    ///
    /// # Errors
    /// As [`Ledger::write`].
    pub fn write_beside<T, E: From<LedgerError>>(
        &self,
        by: Option<DeviceId>,
        now: i64,
        work: impl FnMut(&mut Bench<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_in(None, by, now, work)
    }

    fn write_in<'a, T, E: From<LedgerError>>(
        &'a self,
        mut turn: Option<MutexGuard<'a, ()>>,
        by: Option<DeviceId>,
        now: i64,
        mut work: impl FnMut(&mut Bench<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        for _ in 0..TRIES {
            let mut bench = Bench::new(self, now);
            let actor = bench.actor().to_vec();
            let result = work(&mut bench)?;
            let batch = bench.finish()?;
            if batch.orders.is_empty() && batch.private.is_empty() {
                return Ok(result);
            }
            // A panic while it was held left nothing behind: the bench is gone, the transaction rolled back.
            turn.get_or_insert_with(|| self.writing.lock().unwrap_or_else(PoisonError::into_inner));
            // Another life of the log began meanwhile: what was made as the last one's actor is made anew.
            if actor != self.actor() {
                continue;
            }
            match self.storage.commit(&batch) {
                Ok(committed) => {
                    self.poke(committed.scopes, by);
                    return Ok(result);
                }
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(LedgerError::from(error).into()),
            }
        }
        Err(LedgerError::from(StorageError::Conflict).into())
    }
}

/// Never a device's, never an earlier opening's, and another one in each life of the log: two changes with one actor and
/// sequence number but different content could never merge. Its first half is a UUID of version 8, devices' are of version 7.
fn actor_of(epoch: &str, entropy: &dyn Entropy) -> Result<Vec<u8>, EntropyError> {
    let mut server = [0; 16];
    server
        .iter_mut()
        .zip(entropy::hash(format!("coldpatch-server {epoch}").as_bytes()))
        .for_each(|(to, from)| *to = from);
    let mut incarnation = [0; 8];
    entropy.fill(&mut incarnation)?;
    Ok(uuid::Builder::from_custom_bytes(server).into_uuid().as_bytes().iter().copied().chain(incarnation).collect())
}
