//! The server: the real ledger, storage and sync over a disk of its own.

use super::phone::uuid_at;
use crate::disk::{Backup, Disk, DiskError};
use crate::seed::{Dice, Seed};
use coldpatch_server::entropy::{Entropy, EntropyError};
use coldpatch_server::keys::Keys;
use coldpatch_server::ledger::{LedgerError, Poke};
use coldpatch_server::storage::sqlite::{Journal, Opening};
use coldpatch_server::storage::{Sqlite, Storage};
use coldpatch_server::sync::SyncServer;
use coldpatch_shared::city::City;
use jiff::tz::TimeZone;
use rand::RngExt as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast::Receiver;

/// The database's name on the server's disk.
pub(crate) const DATABASE: &str = "server.db";
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The server's randomness, out of the seed.
struct Drawn(Mutex<Dice>);

impl Entropy for Drawn {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
        Ok(())
    }
}

/// The process, while it runs.
pub(crate) struct Running {
    pub(crate) sync: SyncServer,
    pub(crate) pokes: Receiver<Arc<Poke>>,
}

/// The server's machine.
pub(crate) struct Server {
    pub(crate) disk: Arc<Disk>,
    pub(crate) running: Option<Running>,
    pub(crate) backup: Backup,
    pub(crate) down_for: u64,
    pub(crate) full: bool,
    pub(crate) dice: Dice,
    /// Its disk was just restored, and whoever did that begins a new life of the log, as the manual says.
    pub(crate) by_the_manual: bool,
    /// Somebody left that out: a number that was given in the lost hours may be given once more.
    pub(crate) numbers_repeat: bool,
    log_days: u32,
    entropy: Arc<Drawn>,
    secret: [u8; 32],
}

impl Server {
    /// A machine on which nothing runs yet.
    pub(crate) fn new(seed: Seed, log_days: u32) -> Result<Self, DiskError> {
        let disk = Disk::new("server", seed.part("server disk", 0))?;
        let mut dice = seed.part("server", 0).dice();
        Ok(Self {
            backup: disk.back_up(),
            disk: Arc::new(disk),
            running: None,
            down_for: 0,
            full: false,
            by_the_manual: false,
            numbers_repeat: false,
            log_days,
            entropy: Arc::new(Drawn(Mutex::new(seed.part("entropy", 0).dice()))),
            // A file beside the database, which a restore does not touch.
            secret: dice.random(),
            dice,
        })
    }

    /// Starts the process with the city's files as they are now.
    pub(crate) fn open(&mut self, city: Arc<City>, now: i64) -> Result<(), LedgerError> {
        let disk = Arc::clone(&self.disk);
        let opening = Opening::with(Journal::Truncate, true, move |_| disk.connect(DATABASE));
        let storage: Arc<dyn Storage> = Arc::new(Sqlite::open_with(opening, uuid_at(now, &mut self.dice))?);
        let entropy: Arc<dyn Entropy> = self.entropy.clone();
        let sync = SyncServer::open(storage, city, TimeZone::UTC, Keys::new(self.secret), entropy)?;
        if self.by_the_manual {
            let state = sync.storage.state()?;
            sync.ledger.begin_epoch(&state.epoch, now)?;
            self.by_the_manual = false;
        }
        self.running = Some(Running { pokes: sync.ledger.listen(), sync });
        self.upkeep(now)
    }

    /// What a server does at its start and every hour.
    pub(crate) fn upkeep(&self, now: i64) -> Result<(), LedgerError> {
        let Some(running) = &self.running else { return Ok(()) };
        let ledger = &running.sync.ledger;
        ledger.rescope(now)?;
        ledger.sweep(now)?;
        ledger.compact(now.saturating_sub(i64::from(self.log_days) * DAY))?;
        Ok(())
    }

    /// The process is gone. The disk, which crashed with it, is ready for the next one.
    pub(crate) fn bury(&mut self) -> Result<(), DiskError> {
        self.running = None;
        if self.disk.is_down() { self.disk.restart() } else { Ok(()) }
    }
}
