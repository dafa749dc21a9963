//! What a restored server lost and will not take back: the accepted document becomes the server's again, so that both
//! agree, and nothing that anybody entered is lost by that.
//!
//! What this device did is done again and waits, to be judged like anything new. What others did comes to the person's
//! attention, with its words and photos; when somebody else's phone gives it back after all, it is no longer asked about.

use super::journal::State;
use super::{StoreError, documents, journal, memberships, outbox};
use automerge::{Change, ChangeHash};
use coldpatch_shared::action::{Action, Deed, retold};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::{FieldValue, OrderDoc};
use coldpatch_shared::sync::wire::RefusalCode;
use rusqlite::Connection;

/// Why the server refused, again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Because {
    /// For programs.
    pub(super) code: RefusalCode,
    /// For people.
    pub(super) message: String,
}

/// Makes the accepted document what the server has: everything beneath `theirs`, all of it here. `device` is how the actors of
/// this device begin. → its heads; none when the server has nothing of it. What waits is to be written again.
pub(super) fn set_aside(
    db: &Connection,
    id: WorkOrderId,
    theirs: &[ChangeHash],
    device: &[u8],
    because: &Because,
) -> Result<Vec<ChangeHash>, StoreError> {
    let Some(mut doc) = documents::accepted(db, id)? else { return Ok(Vec::new()) };
    let facts = doc.facts();
    let lost = doc.changes_since(theirs);
    let mut rest = doc.changes_since(&[]);
    rest.retain(|change| !lost.iter().any(|lost| lost.hash() == change.hash()));
    let mut theirs = OrderDoc::empty(&[0]);
    theirs.apply(rest)?;
    let mut again: Vec<(ActionId, Change)> = Vec::new();
    for change in lost {
        let Some(action) = change.message().and_then(|message| message.parse::<ActionId>().ok()) else { continue };
        // It was done again under another actor, and the server has that.
        if theirs.has_entry(&EntryId::nth(action, 0).0) {
            continue;
        }
        let known = journal::deed(db, action)?;
        let journaled = known.is_some();
        let Some(deed) = known.or_else(|| retold::deed(&facts, id, action)) else { continue };
        if change.actor_id().to_bytes().starts_with(device) {
            if journaled {
                journal::wait_again(db, action)?
            } else {
                journal::add(db, &deed, State::Pending)?
            }
            again.push((action, change));
        } else if !done_by_itself(&deed) {
            if !journaled {
                journal::add(db, &deed, State::Refused)?;
            }
            journal::refuse(db, action, because.code, &in_words(&deed, because))?;
        }
    }
    outbox::push_first(db, id, again)?;
    let heads = theirs.heads();
    if theirs.is_empty() {
        documents::remove_accepted(db, id)?;
        memberships::forget(db, id)?;
    } else {
        documents::keep_accepted(db, id, &theirs.save_plain(), &heads)?;
    }
    Ok(heads)
}

/// The server routes a job and finds its address anew. What it wrote for others (residents' requests, imports) and the numbers that
/// people were given it cannot know.
fn done_by_itself(deed: &Deed) -> bool {
    let routes = |field: &FieldValue| matches!(field, FieldValue::Assignment(_) | FieldValue::Address(_));
    deed.stamp.role == Role::Server && matches!(&deed.action, Action::Decide { value } if routes(value))
}

fn in_words(deed: &Deed, because: &Because) -> String {
    format!(
        "This is by {}. The city’s server lost it when it was restored from a backup, and would not take it back from this \
         phone: {} It is kept here. Send it as a note, or tell whoever did it.",
        deed.stamp.by, because.message
    )
}
