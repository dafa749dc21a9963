//! The bare loop: changes applied to Automerge and committed to SQLite, with nothing around it. What the server does in a
//! second is held against what this does.
//!
//! One catch-up is one transaction: each touched document is read, loaded, changed, saved and written, each change is
//! appended to a log. SQLite is set as the server sets it.

use anyhow::{Context, Result};
use automerge::{AutoCommit, Change};
use coldpatch_shared::ids::WorkOrderId;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// What one phone sends: changes by document, each after those that it depends on.
pub type CatchUp = Vec<(WorkOrderId, Vec<Change>)>;

/// The database of the loop.
#[derive(Debug)]
pub struct Bare {
    db: Connection,
}

impl Bare {
    /// A new database with these documents.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new<'a>(file: &Path, documents: impl IntoIterator<Item = (WorkOrderId, &'a [u8])>) -> Result<Self> {
        let mut db = Connection::open(file)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "cache_size", -(32 << 10))?;
        db.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        db.execute_batch(
            "create table documents (id blob primary key, bytes blob not null) strict, without rowid;
             create table log (seq integer primary key, id blob not null, bytes blob not null) strict;",
        )?;
        let filling = db.transaction()?;
        for (id, bytes) in documents {
            filling.execute("insert into documents values (?, ?)", params![id.0.as_bytes(), bytes])?;
        }
        filling.commit()?;
        Ok(Self { db })
    }

    /// Takes in catch-ups, one transaction each; the time that it took.
    ///
    /// # Errors
    /// When a document is missing, or a change does not fit it.
    pub fn take_in<'a>(&mut self, catch_ups: impl IntoIterator<Item = &'a CatchUp>) -> Result<Duration> {
        let start = Instant::now();
        for catch_up in catch_ups {
            let one = self.db.transaction()?;
            for (id, changes) in catch_up {
                let key = id.0.as_bytes();
                let bytes: Vec<u8> = one
                    .prepare_cached("select bytes from documents where id = ?")?
                    .query_row([key], |row| row.get(0))
                    .with_context(|| format!("no document {id}"))?;
                let mut doc = AutoCommit::load(&bytes)?;
                doc.apply_changes(changes.iter().cloned())?;
                // As the server does: not compressed, which takes a tenth of the time.
                let saved = doc.save_nocompress();
                one.prepare_cached("update documents set bytes = ? where id = ?")?.execute(params![saved, key])?;
                let mut log = one.prepare_cached("insert into log (id, bytes) values (?, ?)")?;
                for change in changes {
                    log.execute(params![key, change.raw_bytes()])?;
                }
            }
            one.commit()?;
        }
        Ok(start.elapsed())
    }

    /// A document as it is stored.
    ///
    /// # Errors
    /// When it is not there.
    pub fn document(&self, id: WorkOrderId) -> Result<Vec<u8>> {
        Ok(self.db.query_row("select bytes from documents where id = ?", [id.0.as_bytes()], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::Case;
    use coldpatch_shared::order::OrderDoc;

    #[test]
    fn after_the_loop_the_database_has_what_both_sides_did() {
        let case = Case::new(311, 240).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let documents: Vec<_> = case.orders.iter().map(|order| (order.id, order.doc.clone().save())).collect();
        let documents = documents.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
        let mut bare = Bare::new(&dir.path().join("bare.sqlite3"), documents).unwrap();
        let side = |side: &[crate::generate::day::Edited]| -> CatchUp {
            let changes =
                |edited: &crate::generate::day::Edited| edited.changes.iter().map(|made| made.change.clone()).collect();
            side.iter().map(|edited| (edited.id, changes(edited))).collect()
        };
        let took = bare.take_in(&[side(&case.day.on_server), side(&case.day.on_phone)]).unwrap();
        assert!(took > Duration::ZERO);
        for (id, merged) in case.day.merged {
            let mut stored = OrderDoc::load(&bare.document(id).unwrap()).unwrap();
            assert_eq!(stored.heads(), merged.doc.clone().heads());
        }
    }
}
