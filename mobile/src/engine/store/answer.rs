//! Takes in one answer of the server, in one transaction: verdicts, snapshots, changes, cursor, clock, projections.
//!
//! Nothing that waits is ever overwritten: what the server says goes into the accepted document, and what waits stays on
//! top. One document in trouble is left as it is and does not hold up the others.

use super::meta::{self, Clock};
use super::outbox::Waiting;
use super::rebuild::{Refusals, rebuild};
use super::{Store, StoreError, actor, documents, jobs, journal, outbox};
use automerge::Change;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::{SyncResponse, Verdict};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A phone starts over at most so often because of a change that does not fit, ms.
const START_OVER_EVERY: i64 = 60 * 60 * 1000;

/// What an answer changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Work orders that look different now.
    pub(crate) changed: BTreeSet<WorkOrderId>,
    /// Whether more waits than was sent.
    pub(crate) more_to_send: bool,
}

/// What the server says about one work order.
#[derive(Default)]
struct News {
    accepted: BTreeSet<Vec<u8>>,
    refused: Refusals,
    snapshots: Vec<Vec<u8>>,
    changes: Vec<Vec<u8>>,
}

impl Store {
    /// Takes in the answer to what was `sent`. `now` is the device's clock. `incarnation` is for a rebuild after a
    /// refusal: the actor from then on.
    ///
    /// # Errors
    /// [`StoreError`] of the database; nothing has happened then.
    pub(crate) fn take(
        &mut self,
        sent: &[Waiting],
        response: SyncResponse,
        clock: Clock,
        incarnation: [u8; 8],
    ) -> Result<Taken, StoreError> {
        let (news, not_now) = sort_out(sent, &response);
        let fresh = actor(self.device, incarnation);
        let rebuilds = news.values().any(|news| !news.refused.is_empty());
        let changed: BTreeSet<WorkOrderId> =
            news.keys().copied().chain(sent.iter().map(|waiting| waiting.work_order)).collect();
        let tx = self.db.transaction()?;
        let mut start_over = false;
        for (id, news) in news {
            start_over |= take_news(&tx, id, news, &fresh)?;
        }
        for (n, message) in not_now {
            outbox::not_now(&tx, n, message)?;
        }
        meta::set_cursor(&tx, &response.cursor)?;
        meta::set_clock(&tx, clock)?;
        let due = meta::started_over(&tx)?.is_none_or(|at| at + START_OVER_EVERY < clock.measured_at);
        if start_over && due {
            meta::start_over(&tx)?;
            meta::set_started_over(&tx, clock.measured_at)?;
        }
        let more_to_send = outbox::others_wait(&tx, &sent.iter().map(|waiting| waiting.n).collect())?;
        tx.commit()?;
        if rebuilds {
            self.actor = fresh;
        }
        for id in &changed {
            self.open.forget(*id);
        }
        Ok(Taken { changed, more_to_send: more_to_send || rebuilds })
    }
}

/// The answer by work order, and what has to wait on.
fn sort_out<'a>(sent: &[Waiting], response: &'a SyncResponse) -> (BTreeMap<WorkOrderId, News>, Vec<(i64, &'a str)>) {
    let mut news: BTreeMap<WorkOrderId, News> = BTreeMap::new();
    let mut not_now = Vec::new();
    for answer in &response.answers {
        let of_it = |waiting: &&Waiting| waiting.action == answer.action && waiting.work_order == answer.work_order;
        let Some(waiting) = sent.iter().find(of_it) else { continue };
        match &answer.verdict {
            Verdict::Accepted => {
                news.entry(answer.work_order).or_default().accepted.insert(waiting.hash.clone());
            }
            Verdict::Refused { code, message } => {
                let refusals = &mut news.entry(answer.work_order).or_default().refused;
                refusals.insert(answer.action, (*code, message.clone()));
            }
            Verdict::NotNow { message } => not_now.push((waiting.n, message.as_str())),
        }
    }
    for snapshot in &response.snapshots {
        news.entry(snapshot.work_order).or_default().snapshots.push(snapshot.bytes.clone());
    }
    for change in &response.changes {
        news.entry(change.work_order).or_default().changes.push(change.bytes.clone());
    }
    (news, not_now)
}

/// One work order's part. → whether something did not fit, so that the phone should start over.
fn take_news(db: &Connection, id: WorkOrderId, news: News, fresh: &[u8]) -> Result<bool, StoreError> {
    let waiting = outbox::of_work_order(db, id)?;
    let News { accepted, refused, snapshots, changes } = news;
    let merged = contained(|| {
        let mut merge = Merge { accepted: documents::accepted(db, id)?, waiting: &waiting, misfits: false };
        for bytes in &snapshots {
            merge.snapshot(bytes);
        }
        for waiting in waiting.iter().filter(|waiting| accepted.contains(&waiting.hash)) {
            merge.change(&waiting.bytes);
        }
        for bytes in &changes {
            merge.change(bytes);
        }
        let Merge { accepted, misfits, .. } = merge;
        Ok((accepted.map(|mut doc| (doc.save(), doc)), misfits))
    });
    let (merged, misfits) = match merged {
        Ok(merged) => merged,
        Err(error) => {
            tracing::error!(work_order = %id, %error, "the server's news of a work order cannot be taken in");
            (None, true)
        }
    };
    let settled = waiting.is_empty() && refused.is_empty();
    if let Some((bytes, mut doc)) = merged {
        documents::keep_accepted(db, id, &bytes)?;
        if settled {
            // What was accepted is all there is: no need to read it back, which makes a first sync twice as quick.
            jobs::project(db, id, &doc)?;
            return Ok(misfits);
        }
        // Also what came back in a snapshot without a verdict: an earlier answer was lost.
        for waiting in &waiting {
            if hash(&waiting.hash).is_some_and(|hash| doc.has(&hash)) {
                journal::accept(db, waiting.action)?;
                outbox::remove(db, waiting.n)?;
            }
        }
    }
    if !refused.is_empty() {
        rebuild(db, id, &refused, fresh)?;
    }
    jobs::project_again(db, id)?;
    Ok(misfits)
}

/// The accepted document while it grows.
struct Merge<'a> {
    accepted: Option<OrderDoc>,
    waiting: &'a [Waiting],
    misfits: bool,
}

impl Merge<'_> {
    /// A whole document: the first that is here, or one more view of it.
    fn snapshot(&mut self, bytes: &[u8]) {
        let mut doc = match OrderDoc::load(bytes) {
            Ok(doc) => doc,
            Err(error) => return self.misfit(&error),
        };
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
        tracing::warn!(%why, "a change of the server does not fit");
        self.misfits = true;
    }
}

fn hash(bytes: &[u8]) -> Option<automerge::ChangeHash> {
    Some(automerge::ChangeHash(bytes.try_into().ok()?))
}

/// Runs what meets bytes from outside: Automerge panics on some damaged input.
fn contained<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(StoreError::Damaged { what: "work order", why: "the document's reader gave up".to_owned() })
    })
}
