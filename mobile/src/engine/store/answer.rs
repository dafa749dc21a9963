//! Takes in one answer of the server, in one transaction: verdicts, documents, changes, scopes, cursor, clock, receipts,
//! projections.
//!
//! Nothing that waits is ever overwritten: what the server says goes into the accepted document, and what waits stays on
//! top. One document in trouble is left as it is, is compared with the server's in one of the next rounds, and does not
//! hold up the others.

use super::aside::{Because, set_aside};
use super::documents::OpenDocuments;
use super::evict::Watched;
use super::merge::{News, merge};
use super::meta::{self, Clock};
use super::rebuild::{Refusals, rebuild};
use super::receipts::Covered;
use super::request::Round;
use super::{
    Store, StoreError, actor, documents, evict, files, jobs, journal, memberships, outbox, receipts, reconcile, repairs,
};
use automerge::ChangeHash;
use coldpatch_shared::ids::{ActionId, EntryId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{MOST_SCOPES, SyncResponse, Verdict};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What an answer changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Work orders that look different now, or are gone.
    pub changed: BTreeSet<WorkOrderId>,
    /// Whether to begin another round at once: there is more to hear, to send or to mend.
    pub go_on: bool,
    /// Whether the server has another page.
    pub more: bool,
    /// Work orders that this answer brought.
    pub received: u32,
    /// About how many are still to come.
    pub remaining: u32,
}

impl Store {
    /// Takes in the answer to a round. `clock` is measured by this round. `incarnation` (random, or at least never used
    /// before by this device) is for a rebuild after a refusal and for another life of the log: the actor from then on.
    ///
    /// # Errors
    /// [`StoreError::LateAnswer`] when a later round was begun; else of the database. Nothing has happened then.
    pub fn take(
        &mut self,
        round: Round,
        response: SyncResponse,
        clock: Clock,
        incarnation: [u8; 8],
    ) -> Result<Taken, StoreError> {
        if self.in_flight != Some(round.number) {
            return Err(StoreError::LateAnswer);
        }
        self.in_flight = None;
        let fresh = actor(self.device, incarnation);
        let tx = self.db.transaction()?;
        self.watched.forget_old(clock.measured_at);
        let mut taking = Taking {
            db: &tx,
            round: &round,
            clock,
            fresh: &fresh,
            open: &self.open,
            watched: &self.watched,
            did: Did::default(),
        };
        taking.take(&response)?;
        let taken = taking.finish(&response)?;
        // Where the log has another life, changes of this actor may be lost for good: their numbers must not come again.
        let anew = round.request.cursor.is_none() || response.cursor.is_none();
        let Did { rebuilt, reopened, changed, .. } = taking.did;
        tx.commit()?;
        if rebuilt || anew {
            self.actor = fresh;
        }
        for id in &changed {
            self.open.forget(*id);
        }
        for (id, doc) in reopened {
            self.open.put(id, doc);
        }
        Ok(Taken { changed, ..taken })
    }
}

/// One answer on its way into the database.
struct Taking<'a> {
    db: &'a Connection,
    round: &'a Round,
    clock: Clock,
    fresh: &'a [u8],
    open: &'a OpenDocuments,
    watched: &'a Watched,
    did: Did,
}

/// What happened so far.
#[derive(Default)]
struct Did {
    changed: BTreeSet<WorkOrderId>,
    covered: Covered,
    /// Actions of which a part no longer waits, because it is accepted.
    settled: BTreeSet<ActionId>,
    /// Work orders whose waiting changes do not fit on what is accepted.
    unfit: BTreeSet<WorkOrderId>,
    /// Documents that were open, as they are now.
    reopened: BTreeMap<WorkOrderId, OrderDoc>,
    rebuilt: bool,
    /// Compared work orders of which something that the server has is still not here.
    short: BTreeSet<WorkOrderId>,
    /// Some repair went on.
    mended: bool,
}

impl Taking<'_> {
    fn take(&mut self, response: &SyncResponse) -> Result<(), StoreError> {
        let db = self.db;
        if self.round.request.cursor.is_none() && self.round.request.buckets.is_none() {
            memberships::clear(db)?;
        }
        let refused = self.merge_all(response)?;
        self.rebuild(&refused)?;
        self.accept_settled()?;
        self.mend(response)?;
        if !self.did.unfit.is_empty() {
            self.rebuild(&Refusals::new())?;
            self.accept_settled()?;
        }
        for entered in &response.entered {
            for scope in named(&response.scopes, entered.scopes) {
                memberships::add(db, entered.work_order, scope)?;
            }
            if !documents::here(db, entered.work_order)? {
                repairs::compare(db, entered.work_order)?;
            }
        }
        for left in &response.left {
            for scope in named(&response.scopes, left.scopes) {
                memberships::remove(db, left.work_order, scope)?;
            }
        }
        if response.cursor.is_some() {
            memberships::keep_only(db, &response.scopes)?;
        }
        if self.round.request.buckets.is_some() && response.cursor.is_some() {
            reconcile::take_differing(db, response)?;
        }
        Ok(())
    }

    /// The last part: what leaves, and how far the phone has read.
    fn finish(&mut self, response: &SyncResponse) -> Result<Taken, StoreError> {
        let (db, now) = (self.db, self.clock.measured_at);
        let more = response.more && response.cursor.is_some() && response.cursor != self.round.request.cursor;
        let complete = response.cursor.is_some() && !response.more;
        if complete {
            self.did.changed.append(&mut evict::evict(db, self.watched)?);
        }
        match &response.cursor {
            Some(cursor) => meta::set_cursor(db, cursor)?,
            None => meta::drop_cursor(db)?,
        }
        let lost = response.cursor.is_none() && self.round.request.cursor.is_some();
        if lost {
            files::send_again(db, meta::backed_up_through(db)?)?;
        }
        meta::set_clock(db, self.clock)?;
        if let Some(at) = response.backed_up_through {
            meta::set_backed_up_through(db, at)?;
        }
        receipts::keep(db, response.receipt.as_ref(), &self.did.covered)?;
        let disagrees = reconcile::compare_sums(db, response, now)?;
        journal::compact(db, now)?;

        let sent = self.round.sent.iter().map(|waiting| waiting.n).collect();
        let to_send = self.did.rebuilt || outbox::others_wait(db, &sent)?;
        let due = repairs::due(db, now)?;
        let to_mend = !due.is_empty() && (self.did.mended || due.iter().any(|id| !self.round.mends(*id)));
        Ok(Taken {
            changed: BTreeSet::new(),
            go_on: more || lost || disagrees || to_send || to_mend,
            more,
            received: u32::try_from(response.entered.len() + response.changes.len()).unwrap_or(u32::MAX),
            remaining: response.remaining,
        })
    }

    /// Verdicts, documents and changes, by work order. → what was refused.
    fn merge_all(&mut self, response: &SyncResponse) -> Result<Refusals, StoreError> {
        let mut news: BTreeMap<WorkOrderId, News> = BTreeMap::new();
        let mut refused = Refusals::new();
        for (waiting, verdict) in self.round.sent.iter().zip(&response.verdicts) {
            self.did.changed.insert(waiting.work_order);
            match verdict {
                Verdict::Accepted => {
                    self.did.covered.hashes.extend(as_hash(&waiting.hash));
                    news.entry(waiting.work_order).or_default().accepted.insert(waiting.hash.clone());
                }
                Verdict::Refused { code, message } => {
                    refused.insert(waiting.action, (*code, message.clone()));
                }
                Verdict::NotNow { message } => outbox::not_now(self.db, waiting.n, message)?,
            }
        }
        for entered in &response.entered {
            if let Some(document) = &entered.document {
                news.entry(entered.work_order).or_default().snapshots.push(document.to_vec());
            }
        }
        let compared = response.compared.iter();
        let compared = compared.map(|compared| (compared.work_order, &compared.changes));
        let changes = response.changes.iter().map(|changes| (changes.work_order, &changes.changes));
        for (id, changes) in changes.chain(compared) {
            for change in changes {
                self.did.covered.hashes.extend(change_hash(change));
                news.entry(id).or_default().changes.push(change.to_vec());
            }
        }
        for compared in &response.compared {
            news.entry(compared.work_order).or_default().theirs =
                Some(receipt::from_bytes(&compared.heads).unwrap_or_default());
        }
        for (id, news) in news {
            self.merge_one(id, &news)?;
        }
        Ok(refused)
    }

    fn merge_one(&mut self, id: WorkOrderId, news: &News) -> Result<(), StoreError> {
        let merged = merge(self.db, id, news)?;
        self.did.changed.insert(id);
        self.did.settled.extend(merged.settled.iter().map(|waiting| waiting.action));
        if !news.snapshots.is_empty() {
            match merged.brought {
                Some(brought) => self.did.covered.hashes.extend(brought),
                None => self.did.covered.unknown = true,
            }
        }
        if news.theirs.is_some() && !merged.has_theirs {
            self.did.short.insert(id);
        } else if merged.misfit {
            repairs::compare(self.db, id)?;
        }
        let Some(doc) = merged.doc else { return Ok(()) };
        for action in journal::refused_of(self.db, id)? {
            // Lost, and kept aside here; somebody else has given it back.
            if doc.has_entry(&EntryId::nth(action, 0).0) {
                journal::accept(self.db, action)?;
            }
        }
        self.did.covered.heads.insert(id, merged.heads);
        if !merged.waits {
            // What was accepted is all there is: no need to read it back, which makes a first sync twice as quick.
            jobs::project(self.db, id, &doc)?;
            if self.open.has(id) {
                self.did.reopened.insert(id, doc);
            }
            return Ok(());
        }
        match documents::contained(|| documents::current(self.db, id)) {
            Ok(Some(doc)) => jobs::project(self.db, id, &doc),
            Ok(None) => Ok(()),
            Err(error) if error.is_about_one_document() => {
                tracing::error!(work_order = %id, %error, "what waits does not fit any more");
                self.did.unfit.insert(id);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn rebuild(&mut self, refused: &Refusals) -> Result<(), StoreError> {
        if refused.is_empty() && self.did.unfit.is_empty() {
            return Ok(());
        }
        let rebuilt = rebuild(self.db, refused, std::mem::take(&mut self.did.unfit), self.fresh)?;
        self.did.rebuilt = true;
        self.did.settled.extend(&rebuilt.had);
        for id in rebuilt.work_orders {
            self.did.reopened.remove(&id);
            self.did.changed.insert(id);
            match documents::contained(|| jobs::project_again(self.db, id)) {
                Err(error) if error.is_about_one_document() => repairs::compare(self.db, id)?,
                other => other?,
            }
        }
        Ok(())
    }

    /// An action is accepted when all its parts are.
    fn accept_settled(&self) -> Result<(), StoreError> {
        for action in &self.did.settled {
            let pending = journal::state(self.db, *action)? == Some(journal::State::Pending);
            if pending && outbox::of_action(self.db, *action)?.is_empty() {
                journal::accept(self.db, *action)?;
            }
        }
        Ok(())
    }

    /// What the server said about what was compared and given back.
    fn mend(&mut self, response: &SyncResponse) -> Result<(), StoreError> {
        let (db, now) = (self.db, self.clock.measured_at);
        for compared in &response.compared {
            let id = compared.work_order;
            let here = documents::here(db, id)?;
            let refused = if compared.lacks && here { repairs::refused_for_good(db, id)? } else { None };
            if let Some(because) = refused.filter(|_| !self.did.short.contains(&id)) {
                self.set_aside(id, &compared.heads, &because)?;
            } else if compared.lacks && here {
                repairs::give_back(db, id, &compared.heads)?;
            } else if self.did.short.contains(&id) && (here || !compared.changes.is_empty()) {
                repairs::failed(db, id, now)?;
                continue;
            } else {
                // The same; or the server has something that is not for this phone.
                repairs::done(db, id)?;
            }
            self.did.mended = true;
        }
        for (given, verdict) in self.round.request.given_back.iter().zip(&response.taken_back) {
            let id = given.work_order;
            match verdict {
                Verdict::Accepted => {
                    self.did.mended = true;
                    repairs::done(db, id)?;
                }
                Verdict::Refused { code, message } => {
                    // This may be the last copy, and another phone may give back what it builds on: it stays for a while,
                    // and is offered again, later and later.
                    tracing::error!(work_order = %id, ?code, %message, "the server did not take back what it had lost");
                    let because = Because { code: *code, message: message.clone() };
                    self.did.mended |= repairs::refused(db, id, now, &because)?;
                }
                Verdict::NotNow { message } => {
                    tracing::info!(work_order = %id, %message, "the server takes it back later");
                    repairs::failed(db, id, now)?;
                }
            }
        }
        Ok(())
    }

    /// What the server has not and will not have leaves the accepted document.
    fn set_aside(&mut self, id: WorkOrderId, theirs: &[u8], because: &Because) -> Result<(), StoreError> {
        // An actor begins with the id of its device.
        let device = self.fresh.get(..16).unwrap_or(self.fresh);
        let Some(theirs) = receipt::from_bytes(theirs) else {
            tracing::error!(work_order = %id, "the server's heads cannot be read");
            return repairs::failed(self.db, id, self.clock.measured_at);
        };
        match documents::contained(|| set_aside(self.db, id, &theirs, device, because)) {
            Ok(heads) => {
                tracing::warn!(work_order = %id, "what the server lost and will not take back is kept aside");
                repairs::done(self.db, id)?;
                self.did.covered.heads.insert(id, heads);
                // What waits, and the lists, build on another document now.
                self.did.unfit.insert(id);
                self.did.mended = true;
                Ok(())
            }
            Err(error) if error.is_about_one_document() => {
                tracing::error!(work_order = %id, %error, "a work order cannot become what the server has of it");
                repairs::failed(self.db, id, self.clock.measured_at)
            }
            Err(error) => Err(error),
        }
    }
}

/// The scopes that a mask names.
fn named(scopes: &[String], mask: u32) -> impl Iterator<Item = &String> {
    scopes.iter().take(MOST_SCOPES).enumerate().filter(move |(n, _)| mask >> n & 1 == 1).map(|(_, scope)| scope)
}

/// The hash of a change chunk, without parsing it: SHA-256 of what follows the checksum.
fn change_hash(bytes: &[u8]) -> Option<ChangeHash> {
    Some(ChangeHash(Sha256::digest(bytes.get(8..)?).into()))
}

fn as_hash(bytes: &[u8]) -> Option<ChangeHash> {
    Some(ChangeHash(bytes.try_into().ok()?))
}
