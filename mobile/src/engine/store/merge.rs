//! One work order's part of an answer, taken into its accepted document.
//!
//! What does not fit is left out and said so: the work order is then compared with the server's. It never holds up others.

use super::outbox::Waiting;
use super::{StoreError, documents, outbox};
use automerge::{Change, ChangeHash};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// What the server says about one work order.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Hashes of own changes that it has now.
    pub(super) accepted: BTreeSet<Vec<u8>>,
    /// Whole documents.
    pub(super) snapshots: Vec<Vec<u8>>,
    /// Changes, each after those that it depends on.
    pub(super) changes: Vec<Vec<u8>>,
    /// The heads that it has, when the phone asked.
    pub(super) theirs: Option<Vec<ChangeHash>>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The accepted document, if there is one that can be read.
    pub(super) doc: Option<OrderDoc>,
    /// Its heads.
    pub(super) heads: Vec<ChangeHash>,
    /// The heads of the whole documents that came; `None` when one could not be read.
    pub(super) brought: Option<Vec<ChangeHash>>,
    /// Something did not fit.
    pub(super) misfit: bool,
    /// Whether everything that the server has is here, when the phone asked.
    pub(super) has_theirs: bool,
    /// Own changes that the accepted document has now: they no longer wait.
    pub(super) settled: Vec<Waiting>,
    /// Whether others wait on.
    pub(super) waits: bool,
}

/// Takes in the news of one work order and keeps the accepted document. Only the database's own trouble is an error.
pub(super) fn merge(db: &Connection, id: WorkOrderId, news: &News) -> Result<Merged, StoreError> {
    let waiting = outbox::of_work_order(db, id)?;
    let outcome = documents::contained(|| grow(db, id, news, &waiting));
    let (mut merged, bytes) = match outcome {
        Ok(grown) => grown,
        Err(error) if error.is_about_one_document() => {
            tracing::error!(work_order = %id, %error, "the server's news of a work order cannot be taken in");
            (Merged { misfit: true, ..Merged::default() }, None)
        }
        Err(error) => return Err(error),
    };
    if let Some(bytes) = bytes {
        documents::keep_accepted(db, id, &bytes, &merged.heads)?;
    }
    let mut settled = Vec::new();
    for entry in waiting {
        // Also what came in a whole document without a verdict: an earlier answer was lost.
        let has = merged.doc.as_mut().is_some_and(|doc| hash(&entry.hash).is_some_and(|hash| doc.has(&hash)));
        if has {
            outbox::remove(db, entry.n)?;
            settled.push(entry);
        } else {
            merged.waits = true;
        }
    }
    merged.settled = settled;
    Ok(merged)
}

/// → what came of it, and the bytes to keep if there are others than before.
fn grow(
    db: &Connection,
    id: WorkOrderId,
    news: &News,
    waiting: &[Waiting],
) -> Result<(Merged, Option<Vec<u8>>), StoreError> {
    let (known, unreadable) = match documents::contained(|| documents::accepted(db, id)) {
        Ok(known) => (known, false),
        // What is kept of it cannot be read; what the server sends may be whole.
        Err(error) if error.is_about_one_document() => (None, true),
        Err(error) => return Err(error),
    };
    let mut growing = Growing { id, accepted: known, waiting, misfits: false, brought: Some(Vec::new()) };
    let before = growing.accepted.as_mut().map(OrderDoc::heads);
    for bytes in &news.snapshots {
        growing.snapshot(bytes);
    }
    let own = waiting.iter().filter(|waiting| news.accepted.contains(&waiting.hash)).map(|waiting| &waiting.bytes);
    let changes: Vec<&Vec<u8>> = own.chain(&news.changes).collect();
    if !growing.all_at_once(&changes) {
        // What the server sends may come before an own change, and pulls in those that it builds on.
        let own = changes.len() - news.changes.len();
        changes[own..].iter().chain(&changes[..own]).for_each(|bytes| growing.change(bytes));
    }
    let Growing { accepted, misfits, brought, .. } = growing;
    let mut merged = Merged { brought, misfit: misfits, ..Merged::default() };
    let Some(mut doc) = accepted else {
        merged.misfit |= unreadable;
        merged.has_theirs = news.theirs.as_ref().is_some_and(Vec::is_empty);
        return Ok((merged, None));
    };
    let heads = doc.heads();
    merged.has_theirs = news.theirs.as_ref().is_some_and(|theirs| theirs.iter().all(|head| doc.has(head)));
    let whole = merged.has_theirs || merged.brought.as_ref().is_some_and(|brought| !brought.is_empty());
    if doc.id() != Some(id) || unreadable && !whole {
        return Ok((Merged { misfit: true, has_theirs: false, ..merged }, None));
    }
    // What did not fit at first is here by now, if everything is.
    merged.misfit &= !merged.has_theirs;
    merged.heads = heads;
    let bytes = if before.as_ref() == Some(&merged.heads) {
        None
    } else {
        // A whole document that nothing was added to is kept as it came.
        match (&before, &news.snapshots[..], &merged.brought) {
            (None, [bytes], Some(brought)) if *brought == merged.heads => Some(bytes.clone()),
            _ => Some(doc.save_plain()),
        }
    };
    merged.doc = Some(doc);
    Ok((merged, bytes))
}

/// The accepted document while it grows.
struct Growing<'a> {
    id: WorkOrderId,
    accepted: Option<OrderDoc>,
    waiting: &'a [Waiting],
    misfits: bool,
    brought: Option<Vec<ChangeHash>>,
}

impl Growing<'_> {
    /// A whole document: the first that is here, or one more view of it.
    fn snapshot(&mut self, bytes: &[u8]) {
        let mut doc = match OrderDoc::load(bytes) {
            Ok(doc) => doc,
            Err(error) => {
                self.brought = None;
                return self.misfit(&error);
            }
        };
        let heads = doc.heads();
        if let Some(brought) = &mut self.brought {
            brought.extend(&heads);
        }
        if doc.id() != Some(self.id) {
            return self.misfit(&"it is the document of another work order");
        }
        match &mut self.accepted {
            None => self.accepted = Some(doc),
            Some(known) => {
                let have = known.heads();
                let known_all = have.iter().all(|hash| doc.has(hash));
                let news = if known_all { doc.changes_since(&have) } else { doc.changes_since(&[]) };
                if let Err(error) = known.apply(news) {
                    self.misfit(&error);
                }
            }
        }
    }

    /// Changes that the server has, where each builds on what is here or comes before it. → whether that is so.
    fn all_at_once(&mut self, changes: &[&Vec<u8>]) -> bool {
        let Ok(changes) = changes.iter().map(|bytes| documents::parse((*bytes).clone())).collect::<Result<Vec<_>, _>>()
        else {
            return false;
        };
        let mut accepted = self.accepted.take().unwrap_or_else(|| OrderDoc::empty(&[0]));
        let fit = accepted.apply(changes).is_ok();
        self.accepted = (!accepted.is_empty()).then_some(accepted);
        fit
    }

    /// A change that the server has. If it builds on one that still waits here, the server has that too: its answer was
    /// lost.
    fn change(&mut self, bytes: &[u8]) {
        let change = match documents::parse(bytes.to_vec()) {
            Ok(change) => change,
            Err(error) => return self.misfit(&error),
        };
        let mut accepted = self.accepted.take().unwrap_or_else(|| OrderDoc::empty(&[0]));
        let mut wanted = vec![change];
        let mut tries = 0;
        while let Some(change) = wanted.pop() {
            let missing = change.deps().iter().find(|dep| !accepted.has(dep)).copied();
            let result = match missing.map(|dep| self.find_waiting(&dep.0)) {
                None => accepted.apply([change]).err().map(|error| error.to_string()),
                Some(Some(dep)) if tries <= self.waiting.len() => {
                    tries += 1;
                    wanted.extend([change, dep]);
                    continue;
                }
                Some(_) => Some("it builds on a change that is not here".to_owned()),
            };
            if let Some(why) = result {
                self.misfit(&why);
                break;
            }
        }
        self.accepted = (!accepted.is_empty()).then_some(accepted);
    }

    fn find_waiting(&self, hash: &[u8]) -> Option<Change> {
        let waiting = self.waiting.iter().find(|waiting| waiting.hash == hash)?;
        documents::parse(waiting.bytes.clone()).ok()
    }

    fn misfit(&mut self, why: &dyn std::fmt::Display) {
        tracing::warn!(work_order = %self.id, %why, "something of the server does not fit");
        self.misfits = true;
    }
}

fn hash(bytes: &[u8]) -> Option<ChangeHash> {
    Some(ChangeHash(bytes.try_into().ok()?))
}
