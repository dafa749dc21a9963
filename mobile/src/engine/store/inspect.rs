//! What a simulator or a test asks of a phone's database beside what the engine does: everything that must be true at the
//! end. Only reads, but for signing in.

use super::journal::State;
use super::meta::{self, SignedIn};
use super::{Clock, Store, StoreError, documents, journal, memberships, outbox};
use coldpatch_shared::action::Deed;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::{Cursor, RefusalCode};

/// A refused action that waits for the person.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention {
    /// What was done, with everything that was typed.
    pub deed: Deed,
    /// Why it was refused, for programs.
    pub code: RefusalCode,
    /// Why, for the person.
    pub message: String,
}

impl Store {
    /// Notes who is signed in, and the token that proves it.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn sign_in(&mut self, session: Session, token: String) -> Result<(), StoreError> {
        meta::set_signed_in(&self.db, &SignedIn { session, token })
    }

    /// Who is signed in, with the token.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn signed_in(&self) -> Result<Option<(Session, String)>, StoreError> {
        Ok(meta::signed_in(&self.db)?.map(|signed_in| (signed_in.session, signed_in.token)))
    }

    /// How the device's clock stands to the server's, as the last answer measured it.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn clock(&self) -> Result<Option<Clock>, StoreError> {
        meta::clock(&self.db)
    }

    /// How far the phone has read; `None` when the next round reconciles, or is the first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        meta::cursor(&self.db)
    }

    /// What the server received before this instant (its clock, ms since the Unix epoch) is in a backup.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn backed_up_through(&self) -> Result<Option<i64>, StoreError> {
        meta::backed_up_through(&self.db)
    }

    /// Every work order of which something is accepted or waits, sorted.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn work_orders(&self) -> Result<Vec<WorkOrderId>, StoreError> {
        let sql = "SELECT work_order FROM documents UNION SELECT work_order FROM outbox ORDER BY 1";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A work order as the server has accepted it; `None` when it has accepted nothing.
    ///
    /// # Errors
    /// [`StoreError`] of the database, or of a document that cannot be read.
    pub fn accepted(&self, id: WorkOrderId) -> Result<Option<OrderDoc>, StoreError> {
        documents::accepted(&self.db, id)
    }

    /// The scopes that a work order is in, sorted.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn scopes_of(&self, id: WorkOrderId) -> Result<Vec<String>, StoreError> {
        memberships::of_work_order(&self.db, id)
    }

    /// The actions that wait, oldest first, one for each part with its work order.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn waiting(&self) -> Result<Vec<(ActionId, WorkOrderId)>, StoreError> {
        Ok(outbox::actions(&self.db)?.into_iter().map(|(action, id, _)| (action, id)).collect())
    }

    /// What became of an action; `None` when it was never done here, or was accepted long ago.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn state_of(&self, action: ActionId) -> Result<Option<State>, StoreError> {
        journal::state(&self.db, action)
    }

    /// What was refused and waits for the person, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn needs_attention(&self) -> Result<Vec<Attention>, StoreError> {
        let refused = journal::refused(&self.db)?.into_iter();
        Ok(refused
            .map(|refused| Attention { deed: refused.deed, code: refused.code, message: refused.message })
            .collect())
    }

    /// The person puts a refused action away. What only it kept here goes at the end of the next sync. → whether it was one.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn put_away(&mut self, action: ActionId) -> Result<bool, StoreError> {
        let refused = journal::state(&self.db, action)? == Some(State::Refused);
        self.transact(|db| journal::let_go(db, action))?;
        Ok(refused)
    }

    /// How many receipts are kept, and how many work orders wait to be compared or given back.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn receipts_and_repairs(&self) -> Result<(u32, u32), StoreError> {
        let sql = "SELECT (SELECT count(*) FROM receipts), (SELECT count(*) FROM repairs)";
        Ok(self.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}
