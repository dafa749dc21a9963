//! What a person does, in one durable transaction: journal, change, outbox, projection.

use super::journal::State;
use super::{Store, StoreError, jobs, journal, outbox};
use coldpatch_shared::action::{ApplyError, Deed, apply};
use coldpatch_shared::order::OrderDoc;
use rusqlite::Connection;

impl Store {
    /// Does a deed. `and` writes what belongs to it (a photo's files) in the same transaction. → whether anything
    /// happened: a deed that was done before does nothing.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has happened then.
    pub fn perform(
        &mut self,
        deed: &Deed,
        and: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        if journal::state(&self.db, deed.id)?.is_some() {
            return Ok(false);
        }
        let doc = self.open.take(&self.db, deed.work_order)?;
        let mut doc = doc.unwrap_or_else(|| OrderDoc::empty(&self.actor));
        doc.set_actor(&self.actor);
        // An error leaves the document as it was, but not in the cache: it is read again when it is wanted.
        let change = apply(&mut doc, deed, deed.work_order)?;
        let tx = self.db.transaction()?;
        match change {
            Some(mut change) => {
                journal::add(&tx, deed, State::Pending)?;
                outbox::push(&tx, deed.id, deed.work_order, &mut change)?;
            }
            // The document has it from before this database was restored.
            None => journal::add(&tx, deed, State::Accepted)?,
        }
        jobs::project(&tx, deed.work_order, &doc)?;
        and(&tx)?;
        tx.commit()?;
        self.open.put(deed.work_order, doc);
        Ok(true)
    }
}

impl From<ApplyError> for StoreError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Denied(denied) => Self::Denied(denied),
            ApplyError::TooMuch(too_much) => Self::TooMuch(too_much),
            ApplyError::NoSuchWorkOrder => Self::NoSuchWorkOrder,
            ApplyError::Document(error) => Self::Document(error),
        }
    }
}
