//! A disk in memory, under SQLite, that does what real ones do on bad days.
//!
//! - [`Disk`]: a phone's or the server's; connections are opened by it
//! - `state`: names, files, handles, power; `inode`: one file's durable content and unsynced writes
//! - `faults`: what is armed to go wrong; `locks`: between the connections to one file
//! - `vfs`: what SQLite calls; the only unsafe code
//!
//! Nothing here reads a clock, makes a thread or touches a real file; each draw comes from the disk's seed.

mod faults;
mod inode;
mod locks;
mod state;
mod vfs;

pub use faults::{Blow, Call};
pub use inode::{Fate, SECTOR};
pub use state::CrashReport;
pub use vfs::{VFS_NAME, pin_sqlite_dice};

use crate::seed::Seed;
use rusqlite::{Connection, OpenFlags};
use state::State;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why a disk could not be made, restarted or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DiskError {
    /// SQLite did not take the VFS.
    #[error("SQLite refused the simulated file system with code {0}")]
    Register(i32),
    /// A process that is gone cannot hold files: drop every connection before.
    #[error("{0} files of this disk are still open")]
    StillOpen(usize),
}

/// What was durable on a disk at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup(BTreeMap<String, Vec<u8>>);

impl Backup {
    /// Bytes in all files together.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

/// A disk. SQLite finds it by the first part of the paths that [`Disk::path`] makes; dropped, it is gone.
#[derive(Debug)]
pub struct Disk {
    name: String,
    state: Arc<Mutex<State>>,
}

type Shared = Arc<Mutex<State>>;

/// The disks that exist. Worlds run side by side in one test process, so names carry a number that is never used twice.
static DISKS: Mutex<BTreeMap<String, Shared>> = Mutex::new(BTreeMap::new());
static MADE: AtomicU64 = AtomicU64::new(0);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk and the file's name on it, of a path that SQLite hands in.
fn find(path: &str) -> Option<(Shared, &str)> {
    let (disk, file) = path.split_once('/')?;
    Some((Arc::clone(locked(&DISKS).get(disk)?), file))
}

impl Disk {
    /// An empty disk; `label` is for people who read errors, letters and digits only.
    ///
    /// # Errors
    /// [`DiskError::Register`].
    pub fn new(label: &str, seed: Seed) -> Result<Self, DiskError> {
        vfs::register().map_err(DiskError::Register)?;
        let name = format!("{label}.{}", MADE.fetch_add(1, Ordering::Relaxed));
        let state = Arc::new(Mutex::new(State::new(seed.dice())));
        locked(&DISKS).insert(name.clone(), Arc::clone(&state));
        Ok(Self { name, state })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// What to open with [`VFS_NAME`] to get the file `file` of this disk.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    /// The same as a URI that names the VFS itself, for code that opens by path and allows URIs.
    #[must_use]
    pub fn uri(&self, file: &str) -> String {
        format!("file:{}?vfs={VFS_NAME}", self.path(file))
    }

    /// Opens a database for reading and writing, and creates it if there is none.
    ///
    /// # Errors
    /// SQLite's, also when the power is off.
    pub fn connect(&self, file: &str) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags_and_vfs(self.path(file), flags, VFS_NAME)
    }

    /// Opens a database for reading.
    ///
    /// # Errors
    /// SQLite's, also when there is no such file or the power is off.
    pub fn connect_read_only(&self, file: &str) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags_and_vfs(self.path(file), flags, VFS_NAME)
    }

    /// How many calls have changed the disk so far: writes, syncs, resizes, files made and deleted.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls()
    }

    /// Bytes in all files together, as programs see them.
    #[must_use]
    pub fn used(&self) -> usize {
        self.state().used()
    }

    /// Arms a crash in the `nth` changing call from now; 1 is the next. A write is then among those at the dice's mercy, a
    /// sync has made nothing durable yet.
    pub fn crash_after(&self, nth: u64, blow: Blow) {
        let mut state = self.state();
        let at = state.calls().saturating_add(nth);
        state.faults.arm_crash(at, blow);
    }

    /// Crashes now, between two calls.
    pub fn crash(&self, blow: Blow) {
        self.state().crash(blow);
    }

    /// Whether it crashed and was not restarted.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.state().is_down()
    }

    /// What the last crash did.
    #[must_use]
    pub fn last_crash(&self) -> Option<CrashReport> {
        self.state().last_crash.clone()
    }

    /// After a crash: files can be opened again. What is full or broken stays so.
    ///
    /// # Errors
    /// [`DiskError::StillOpen`] while a connection of the dead process lives.
    pub fn restart(&self) -> Result<(), DiskError> {
        self.state().restart()
    }

    /// From now on there is room for `spare` more bytes, until [`Disk::make_room`].
    pub fn fill(&self, spare: usize) {
        let mut state = self.state();
        let capacity = state.used().saturating_add(spare);
        state.faults.set_capacity(Some(capacity));
    }

    /// There is room again.
    pub fn make_room(&self) {
        self.state().faults.set_capacity(None);
    }

    /// Makes `times` calls of a kind fail with an I/O error after `after` that do not.
    pub fn fail(&self, call: Call, after: u32, times: u32) {
        self.state().faults.fail(call, after, times);
    }

    /// Takes back every [`Disk::fail`].
    pub fn repair(&self) {
        self.state().faults.repair();
    }

    /// From now on nothing goes wrong: no armed crash, no failing calls, room again.
    pub fn calm(&self) {
        let faults = &mut self.state().faults;
        faults.disarm_crash();
        faults.repair();
        faults.set_capacity(None);
    }

    /// A copy of what is durable: what a loss of power now could leave.
    #[must_use]
    pub fn back_up(&self) -> Backup {
        Backup(self.state().durable_files())
    }

    /// Puts a backup in place of everything.
    ///
    /// # Errors
    /// [`DiskError::StillOpen`] while anything is open; nothing has happened then.
    pub fn restore(&self, backup: &Backup) -> Result<(), DiskError> {
        self.state().replace_files(&backup.0)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        locked(&DISKS).remove(&self.name);
    }
}
