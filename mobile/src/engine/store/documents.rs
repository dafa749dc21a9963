//! Documents: the accepted bytes, and a few that are open.
//!
//! An open document costs 33 KB, so only the last ones that were touched stay open.

use super::{StoreError, outbox};
use automerge::{Change, ChangeHash};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{DocumentError, OrderDoc};
use coldpatch_shared::sync::digest;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many documents stay open: 2 MB.
const MOST_OPEN: usize = 64;

/// The documents that were touched last.
#[derive(Debug, Default)]
pub(super) struct OpenDocuments {
    docs: HashMap<WorkOrderId, (u64, OrderDoc)>,
    touches: u64,
}

impl OpenDocuments {
    /// The current document, from memory or from the database.
    pub(super) fn get(&mut self, db: &Connection, id: WorkOrderId) -> Result<Option<&mut OrderDoc>, StoreError> {
        if !self.docs.contains_key(&id) {
            let Some(doc) = current(db, id)? else { return Ok(None) };
            self.put(id, doc);
        }
        self.touches += 1;
        let touches = self.touches;
        Ok(self.docs.get_mut(&id).map(|(touched, doc)| {
            *touched = touches;
            doc
        }))
    }

    /// Takes a document out, to write to it; it comes back by [`put`](Self::put) once the database has the change.
    pub(super) fn take(&mut self, db: &Connection, id: WorkOrderId) -> Result<Option<OrderDoc>, StoreError> {
        match self.docs.remove(&id) {
            Some((_, doc)) => Ok(Some(doc)),
            None => current(db, id),
        }
    }

    pub(super) fn put(&mut self, id: WorkOrderId, doc: OrderDoc) {
        if self.docs.len() >= MOST_OPEN
            && let Some(oldest) = self.docs.iter().min_by_key(|(_, (touched, _))| *touched).map(|(id, _)| *id)
        {
            self.docs.remove(&oldest);
        }
        self.touches += 1;
        self.docs.insert(id, (self.touches, doc));
    }

    /// Whether it is open.
    pub(super) fn has(&self, id: WorkOrderId) -> bool {
        self.docs.contains_key(&id)
    }

    /// Forgets a document that changed in the database.
    pub(super) fn forget(&mut self, id: WorkOrderId) {
        self.docs.remove(&id);
    }
}

/// The document as the server has accepted it.
pub(super) fn accepted(db: &Connection, id: WorkOrderId) -> Result<Option<OrderDoc>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT accepted FROM documents WHERE work_order = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(|bytes| OrderDoc::load(&bytes)).transpose()?)
}

/// Whether the server has accepted anything of it.
pub(super) fn here(db: &Connection, id: WorkOrderId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM documents WHERE work_order = ?1)")?
        .query_row([id.0], |row| row.get(0))?)
}

/// Whether any document is here.
pub(super) fn any(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM documents)", [], |row| row.get(0))?)
}

/// Keeps what the server has accepted.
pub(super) fn keep_accepted(
    db: &Connection,
    id: WorkOrderId,
    bytes: &[u8],
    heads: &[ChangeHash],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO documents (work_order, accepted, digest) VALUES (?1, ?2, ?3)
         ON CONFLICT (work_order) DO UPDATE SET accepted = excluded.accepted, digest = excluded.digest",
    )?
    .execute(params![id.0, bytes, digest::document(id, heads)])?;
    Ok(())
}

/// The server has nothing of it.
pub(super) fn remove_accepted(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM documents WHERE work_order = ?1")?.execute([id.0])?;
    Ok(())
}

/// The digest of what was accepted; `None` when there is nothing.
pub(super) fn digest_of(db: &Connection, id: WorkOrderId) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<Option<Vec<u8>>> = db
        .prepare_cached("SELECT digest FROM documents WHERE work_order = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(found.flatten())
}

/// Computes the digests that are not there yet: those of documents from before there were digests. One that cannot be
/// loaded gets a digest that is nobody's.
pub(super) fn fill_digests(db: &Connection) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("SELECT work_order FROM documents WHERE digest IS NULL")?;
    let missing: Vec<WorkOrderId> =
        statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))?.collect::<Result<_, _>>()?;
    for id in missing {
        let digest = match contained(|| Ok(accepted(db, id)?.map(|mut doc| doc.heads()))) {
            Ok(heads) => digest::document(id, &heads.unwrap_or_default()),
            Err(error) if error.is_about_one_document() => [0; digest::LENGTH],
            Err(error) => return Err(error),
        };
        db.prepare_cached("UPDATE documents SET digest = ?2 WHERE work_order = ?1")?.execute(params![id.0, digest])?;
    }
    Ok(())
}

/// Runs what meets bytes from outside: Automerge panics on some damaged input.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(StoreError::Damaged { what: "work order", why: "the document's reader gave up".to_owned() })
    })
}

/// What was accepted plus what waits; `None` when there is neither.
pub(super) fn current(db: &Connection, id: WorkOrderId) -> Result<Option<OrderDoc>, StoreError> {
    let waiting = outbox::of_work_order(db, id)?;
    let doc = match accepted(db, id)? {
        Some(doc) => doc,
        None if waiting.is_empty() => return Ok(None),
        // Nobody writes through this actor: a writer sets its own first.
        None => OrderDoc::empty(&[0]),
    };
    with_waiting(doc, waiting.into_iter().map(|entry| entry.bytes)).map(Some)
}

/// A document with changes on top, each after those that it depends on.
pub(super) fn with_waiting(mut doc: OrderDoc, changes: impl Iterator<Item = Vec<u8>>) -> Result<OrderDoc, StoreError> {
    let changes: Result<Vec<Change>, StoreError> = changes.map(parse).collect();
    doc.apply(changes?)?;
    Ok(doc)
}

/// A change from its bytes.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Change, StoreError> {
    Change::from_bytes(bytes).map_err(|error| StoreError::Document(DocumentError::ChangeDoesNotFit(error.to_string())))
}
