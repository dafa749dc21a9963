//! After a refusal: work orders without the refused actions, the rest replayed on top of what was accepted.
//!
//! The replay writes under a fresh actor: two changes with one (actor, sequence number) and different content could
//! never merge. An action of several parts is refused as a whole: none of its parts waits on, in any work order.

use super::{StoreError, documents, journal, outbox};
use coldpatch_shared::action::apply;
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::RefusalCode;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Why the server said no.
pub(super) type Refusals = BTreeMap<ActionId, (RefusalCode, String)>;

/// What a rebuild did.
#[derive(Debug, Default)]
pub(super) struct Rebuilt {
    /// Work orders whose waiting changes are others now.
    pub(super) work_orders: BTreeSet<WorkOrderId>,
    /// Actions of which the accepted documents turned out to have a part already.
    pub(super) had: BTreeSet<ActionId>,
}

/// Takes refused actions out, and replays what else waits in their work orders and in `unfit` ones. What cannot be
/// replayed without the refused ones is refused too, and says so.
pub(super) fn rebuild(
    db: &Connection,
    refused: &Refusals,
    unfit: BTreeSet<WorkOrderId>,
    actor: &[u8],
) -> Result<Rebuilt, StoreError> {
    let because = refused.values().next().map(|(_, message)| message.as_str());
    let mut work = Work { db, queue: unfit, rebuilt: Rebuilt::default() };
    for (action, (code, message)) in refused {
        work.refuse(*action, *code, message)?;
    }
    while let Some(id) = work.queue.pop_first() {
        work.rebuilt.work_orders.insert(id);
        match documents::contained(|| work.replay(id, because, actor)) {
            Err(error) if error.is_about_one_document() => {
                tracing::error!(work_order = %id, %error, "what waits cannot be replayed yet");
            }
            other => other?,
        }
    }
    Ok(work.rebuilt)
}

struct Work<'a> {
    db: &'a Connection,
    queue: BTreeSet<WorkOrderId>,
    rebuilt: Rebuilt,
}

impl Work<'_> {
    /// An action leaves the outbox, all its parts.
    fn refuse(&mut self, action: ActionId, code: RefusalCode, message: &str) -> Result<(), StoreError> {
        let parts = outbox::of_action(self.db, action)?;
        let mut had = !parts.is_empty();
        for part in &parts {
            outbox::remove(self.db, part.n)?;
            self.queue.insert(part.work_order);
            had &= self.has(part.work_order, action)?;
        }
        // Done under another actor before this database lost its last writes: the city has it already.
        if had {
            self.rebuilt.had.insert(action);
            return Ok(());
        }
        journal::refuse(self.db, action, code, message)
    }

    fn has(&self, id: WorkOrderId, action: ActionId) -> Result<bool, StoreError> {
        match documents::contained(|| documents::accepted(self.db, id)) {
            Ok(doc) => Ok(doc.is_some_and(|doc| doc.has_entry(&EntryId::nth(action, 0).0))),
            Err(error) if error.is_about_one_document() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what waits of one work order again.
    fn replay(&mut self, id: WorkOrderId, because: Option<&str>, actor: &[u8]) -> Result<(), StoreError> {
        let mut doc = documents::accepted(self.db, id)?.unwrap_or_else(|| OrderDoc::empty(actor));
        doc.set_actor(actor);
        for waiting in outbox::of_work_order(self.db, id)? {
            let Some(deed) = journal::deed(self.db, waiting.action)? else {
                // A change without its action cannot be replayed; none is ever written, since both are one transaction.
                tracing::error!(action = %waiting.action, "a change without its action");
                outbox::remove(self.db, waiting.n)?;
                continue;
            };
            match apply(&mut doc, &deed, id) {
                Ok(Some(mut change)) => outbox::replace(self.db, waiting.n, &mut change)?,
                Ok(None) => {
                    outbox::remove(self.db, waiting.n)?;
                    self.rebuilt.had.insert(waiting.action);
                }
                Err(error) => {
                    tracing::info!(action = %waiting.action, %error, "not possible without what was refused");
                    self.refuse(waiting.action, RefusalCode::NotAllowed, &built_on(because))?;
                    // This one goes on with the rest; what it would begin anew with is the same.
                    self.queue.remove(&id);
                }
            }
        }
        Ok(())
    }
}

/// What the person reads about an action that fell with the first refused one.
fn built_on(because: Option<&str>) -> String {
    let message =
        "This builds on something that was not accepted, so it could not be sent either. What you typed is kept.";
    match because {
        Some(because) => format!("{message} The first reason: {because}"),
        None => message.to_owned(),
    }
}
