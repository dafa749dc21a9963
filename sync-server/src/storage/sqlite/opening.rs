//! How the database is opened: over a file, or over whatever somebody else connects to.

use crate::storage::{StorageError, Stored};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a write waits for another process (`import` beside a running server).
const BUSY: Duration = Duration::from_secs(15);

/// What the writing connection keeps of the database in memory, in KiB. Those that read start over after every commit, so
/// that more than SQLite's own 2 MiB is of no use to them.
const WRITERS_CACHE: i64 = 32 << 10;
/// After how many pages the write-ahead log goes into the database, and begins anew. A page that is written again and
/// again goes there once; 16 MiB.
const CHECKPOINT: i64 = 4_000;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The one that writes, and creates the database where there is none.
    Write,
    /// One of those that read.
    Read,
}

/// How commits become durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// A write-ahead log, `synchronous=FULL`: readers and the writer do not wait for one another.
    Wal,
    /// A rollback journal, `synchronous=EXTRA`: for file systems without shared memory.
    Truncate,
}

type Connect = Box<dyn Fn(Access) -> rusqlite::Result<Connection> + Send + Sync>;

/// How to open the database.
pub struct Opening {
    connect: Connect,
    journal: Journal,
    /// Whether reading goes over the connection that writes.
    pub(super) one_connection: bool,
}

impl Opening {
    /// A file, which is created when there is none; WAL, and connections of their own for reading.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        let path = path.to_owned();
        Self::with(Journal::Wal, false, move |access| match access {
            Access::Write => Connection::open(&path),
            Access::Read => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(&path, flags)
            }
        })
    }

    /// Whatever `connect` connects to. With `one_connection` it is asked once, to write, and reading waits for writing.
    pub fn with(
        journal: Journal,
        one_connection: bool,
        connect: impl Fn(Access) -> rusqlite::Result<Connection> + Send + Sync + 'static,
    ) -> Self {
        Self { connect: Box::new(connect), journal, one_connection }
    }

    pub(super) fn writer(&self) -> Stored<Connection> {
        let writer = self.prepared(Access::Write)?;
        let (journal, synchronous) = match self.journal {
            Journal::Wal => ("wal", "full"),
            Journal::Truncate => ("truncate", "extra"),
        };
        writer.pragma_update(None, "journal_mode", journal)?;
        writer.pragma_update(None, "synchronous", synchronous)?;
        writer.pragma_update(None, "cache_size", -WRITERS_CACHE)?;
        writer.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        Ok(writer)
    }

    pub(super) fn reader(&self) -> Stored<Connection> {
        self.prepared(Access::Read)
    }

    pub(super) fn prepared(&self, access: Access) -> Stored<Connection> {
        let connection = (self.connect)(access).map_err(StorageError::from)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "foreign_keys", "on")?;
        // Plans are made once: with statistics, values would make each statement be prepared anew at every call.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // What a statement that fails would take back: of no use after a crash, so no file is written for it.
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(connection)
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening").field("journal", &self.journal).finish_non_exhaustive()
    }
}
