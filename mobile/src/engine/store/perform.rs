//! What a person does, in one durable transaction: journal, changes, outbox, projection.

use super::journal::State;
use super::{Store, StoreError, jobs, journal, outbox};
use coldpatch_shared::action::{ApplyError, Deed, apply};
use coldpatch_shared::order::OrderDoc;
use rusqlite::Connection;

impl Store {
    /// Does a deed, all its parts. `and` writes what belongs to it (a photo's files) in the same transaction. → whether
    /// anything happened: a deed that was done before does nothing.
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
        // An error leaves the documents out of the cache: they are read again when they are wanted, without what was
        // written to them in vain.
        let mut parts = Vec::new();
        for part in deed.parts() {
            let mut doc = match self.open.take(&self.db, part)? {
                Some(doc) => doc,
                None if part == deed.work_order => OrderDoc::empty(&self.actor),
                // Not on this device. What links two work orders needs only one half.
                None => continue,
            };
            doc.set_actor(&self.actor);
            let change = apply(&mut doc, deed, part)?;
            parts.push((part, doc, change));
        }
        let tx = self.db.transaction()?;
        // Where no part makes a change, the documents have it from before this database was restored.
        let state = if parts.iter().any(|(.., change)| change.is_some()) { State::Pending } else { State::Accepted };
        journal::add(&tx, deed, state)?;
        for (part, doc, change) in &mut parts {
            if let Some(change) = change {
                outbox::push(&tx, deed.id, *part, change)?;
            }
            jobs::project(&tx, *part, doc)?;
        }
        and(&tx)?;
        tx.commit()?;
        for (part, doc, _) in parts {
            self.open.put(part, doc);
        }
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
