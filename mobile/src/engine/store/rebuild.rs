//! After a refusal: the work order without the refused actions, the rest replayed on top of what was accepted.
//!
//! The replay writes under a fresh actor: two changes with one (actor, sequence number) and different content could
//! never merge.

use super::{StoreError, documents, journal, outbox};
use coldpatch_shared::action::apply;
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::RefusalCode;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Why the server said no.
pub(super) type Refusals = BTreeMap<ActionId, (RefusalCode, String)>;

/// Rebuilds one work order. What cannot be replayed without the refused ones is refused too, and says so.
pub(super) fn rebuild(db: &Connection, id: WorkOrderId, refused: &Refusals, actor: &[u8]) -> Result<(), StoreError> {
    let mut doc = documents::accepted(db, id)?.unwrap_or_else(|| OrderDoc::empty(actor));
    doc.set_actor(actor);
    for waiting in outbox::of_work_order(db, id)? {
        if let Some((code, message)) = refused.get(&waiting.action) {
            // Done under another actor before this database lost its last writes: the city has it already.
            if doc.has_entry(&EntryId::nth(waiting.action, 0).0) {
                journal::accept(db, waiting.action)?;
                outbox::remove(db, waiting.n)?;
                continue;
            }
            journal::refuse(db, waiting.action, *code, message)?;
            outbox::remove(db, waiting.n)?;
            continue;
        }
        let Some(deed) = journal::deed(db, waiting.action)? else {
            // A change without its action cannot be replayed; none is ever written, since both are one transaction.
            tracing::error!(action = %waiting.action, "a change without its action");
            outbox::remove(db, waiting.n)?;
            continue;
        };
        match apply(&mut doc, &deed, id) {
            Ok(Some(mut change)) => outbox::replace(db, waiting.n, &mut change)?,
            Ok(None) => {
                journal::accept(db, waiting.action)?;
                outbox::remove(db, waiting.n)?;
            }
            Err(error) => {
                tracing::info!(action = %waiting.action, %error, "not possible without what was refused");
                journal::refuse(db, waiting.action, RefusalCode::NotAllowed, &built_on(refused))?;
                outbox::remove(db, waiting.n)?;
            }
        }
    }
    Ok(())
}

/// What the person reads about an action that fell with the first refused one.
fn built_on(refused: &Refusals) -> String {
    let because = refused.values().next().map_or("", |(_, message)| message.as_str());
    let message =
        "This builds on something that was not accepted, so it could not be sent either. What you typed is kept.";
    if because.is_empty() { message.to_owned() } else { format!("{message} The first reason: {because}") }
}
