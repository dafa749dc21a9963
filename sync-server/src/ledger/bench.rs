//! The documents that one write works on.

use super::groups::{self, Member};
use super::{Ledger, LedgerError, MAX_DOCUMENT, scopes, upkeep};
use crate::entropy::{self, EntropyError};
use crate::storage::{Batch, NewChange, OrderWrite, PrivateRequest, Rescope, Storage};
use automerge::ChangeHash;
use coldpatch_shared::action::{Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, WorkOrder};
use coldpatch_shared::sync::judge::{self, Ahead, Judged, Known};
use coldpatch_shared::sync::wire::{OrderChanges, SentChange, Verdict};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A document under work.
#[derive(Default)]
struct Working {
    seen: u64,
    changed_at: i64,
    doc: Option<OrderDoc>,
    /// What was read of it while changes were judged.
    known: Option<Known>,
    changes: Vec<NewChange>,
    /// What the document says, where it is known.
    order: Option<WorkOrder>,
    /// Part of it was given back: what the server would add may still be among what is to come.
    given_back: bool,
    ready: Option<OrderWrite>,
}

impl Working {
    fn judge(&mut self, careful: bool, sent: &SentChange, who: &Session) -> Result<Judged, Verdict> {
        let doc = self.doc.as_ref();
        if careful { judge::change(doc, sent, who) } else { judge::change_beside(doc, &mut self.known, sent, who) }
    }

    /// Judges a change without putting it into the document; `None` where it takes a document that is up to date.
    fn judge_ahead(&mut self, sent: &SentChange, who: &Session) -> Option<Result<Ahead, Verdict>> {
        judge::change_ahead(self.doc.as_mut()?, &mut self.known, sent, who)
    }

    /// Puts into the document what was judged ahead of it. Whether that went; if not, nothing that was judged so counts.
    fn catch_up(&mut self) -> bool {
        let (Some(doc), Some(known)) = (&mut self.doc, &mut self.known) else { return true };
        known.catch_up(doc).is_ok()
    }

    fn add(&mut self, change: NewChange) {
        self.changes.push(change);
        self.order = None;
        self.ready = None;
    }
}

/// A change that was taken in.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Which.
    pub hash: ChangeHash,
    /// The action that it belongs to.
    pub action: ActionId,
    /// Whether it was here already.
    pub repeated: bool,
    /// Whether it created its work order just now.
    pub creates: bool,
}

/// What became of what was given back of one work order.
#[derive(Debug)]
pub struct TakenBack {
    /// The worst verdict on any of it.
    pub verdict: Verdict,
    /// What was taken in, or was here.
    pub hashes: Vec<ChangeHash>,
    /// Whether the work order was lost as a whole.
    pub creates: bool,
}

/// Work orders while they are being changed; nothing of it is stored yet.
pub struct Bench<'a> {
    ledger: &'a Ledger,
    actor: Vec<u8>,
    now: i64,
    order: Vec<WorkOrderId>,
    working: BTreeMap<WorkOrderId, Working>,
    /// The counter before and now, and what the life of the log puts after the year.
    tracking: Option<(u64, u64, String)>,
    private: Vec<PrivateRequest>,
    /// Whether every change is judged by the whole document, because what was known of one turned out to be wrong.
    careful: bool,
}

impl<'a> Bench<'a> {
    pub(super) fn new(ledger: &'a Ledger, now: i64) -> Self {
        Self {
            ledger,
            actor: ledger.actor(),
            now,
            order: Vec::new(),
            working: BTreeMap::new(),
            tracking: None,
            private: Vec::new(),
            careful: false,
        }
    }

    /// Puts everything aside, as if nothing had been done.
    pub(super) fn clear(&mut self) {
        *self = Self { careful: self.careful, ..Self::new(self.ledger, self.now) };
    }

    /// Whether what was judged on this bench was judged by the whole documents.
    pub(super) fn is_careful(&self) -> bool {
        self.careful
    }

    /// The actor that writes here.
    pub(super) fn actor(&self) -> &[u8] {
        &self.actor
    }

    /// Storage, to look things up within the write.
    #[must_use]
    pub fn storage(&self) -> &dyn Storage {
        &*self.ledger.storage
    }

    /// The city.
    #[must_use]
    pub fn city(&self) -> &'a City {
        &self.ledger.city
    }

    /// An id for an action of the server's own.
    ///
    /// # Errors
    /// [`EntropyError`].
    pub fn action_id(&self, at: i64) -> Result<ActionId, EntropyError> {
        Ok(ActionId(entropy::uuid_from(&*self.ledger.entropy, at)?))
    }

    /// Takes in a change that a phone sent, if it may. That the document still loads is asked by [`Bench::settle`].
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails; the verdict on the change itself is the inner result.
    pub fn take_in(&mut self, sent: &SentChange, who: &Session) -> Result<Result<Taken, Verdict>, LedgerError> {
        let careful = self.careful;
        let working = match self.readable(sent.work_order)? {
            Ok(working) => working,
            Err(verdict) => return Ok(Err(verdict)),
        };
        let add = |hash, action| NewChange {
            hash,
            bytes: sent.bytes.clone(),
            action,
            device: Some(who.device),
            received_at: None,
        };
        if !careful && let Some(judged) = working.judge_ahead(sent, who) {
            return Ok(judged.map(|Ahead { hash, action, repeated }| {
                if !repeated {
                    working.add(add(hash, action));
                }
                Taken { hash, action, repeated, creates: false }
            }));
        }
        if !working.catch_up() {
            return Ok(Err(self.begins_anew()));
        }
        let judged = working.judge(careful, sent, who);
        Ok(judged.map(|judged| keep(working, judged, |judged| add(judged.hash, judged.action))))
    }

    /// What was judged ahead of a document cannot be put into it. Everything is judged again, by the whole documents.
    fn begins_anew(&mut self) -> Verdict {
        self.careful = true;
        Verdict::NotNow { message: "This is looked at once more.".to_owned() }
    }

    /// Takes back changes that were lost here: those that `vouched` covers (hashes of which the server's receipts speak, with
    /// the earliest time) whoever wrote them, others as if `who`'s device sent them now. The worst verdict is the answer;
    /// what is good beside it is kept.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn take_back(
        &mut self,
        given: &OrderChanges,
        vouched: &BTreeMap<ChangeHash, i64>,
        who: &Session,
    ) -> Result<TakenBack, LedgerError> {
        let id = given.work_order;
        let careful = self.careful;
        let mut taken = TakenBack { verdict: Verdict::Accepted, hashes: Vec::new(), creates: false };
        let working = match self.readable(id)? {
            Ok(working) => working,
            Err(verdict) => return Ok(TakenBack { verdict, ..taken }),
        };
        if !working.catch_up() {
            return Ok(TakenBack { verdict: self.begins_anew(), ..taken });
        }
        let mut parsed = Vec::with_capacity(given.changes.len());
        for bytes in &given.changes {
            match judge::parse(bytes) {
                Ok((change, action)) => parsed.push((change, action, bytes)),
                Err(verdict) => worsen(&mut taken.verdict, verdict),
            }
        }
        // A receipt for a change is one for all that it builds on.
        let mut times: BTreeMap<ChangeHash, i64> = BTreeMap::new();
        for (change, _, _) in parsed.iter().rev() {
            let own = vouched.get(&change.hash()).copied();
            let Some(time) = own.into_iter().chain(times.get(&change.hash()).copied()).min() else { continue };
            for hash in change.deps().iter().copied().chain([change.hash()]) {
                times.entry(hash).and_modify(|known| *known = time.min(*known)).or_insert(time);
            }
        }
        for (change, action, bytes) in parsed {
            let received_at = times.get(&change.hash()).copied();
            let judged = if received_at.is_some() {
                let doc = working.doc.as_ref();
                if careful {
                    judge::given_back(doc, id, &change, action)
                } else {
                    judge::given_back_beside(doc, &mut working.known, id, &change, action)
                }
            } else {
                working.judge(careful, &SentChange { work_order: id, bytes: bytes.to_vec() }, who)
            };
            let device = scopes::device_of(change.actor_id().to_bytes());
            match judged {
                Ok(judged) => {
                    working.given_back = true;
                    taken.hashes.push(judged.hash);
                    taken.creates |= judged.creates;
                    let (hash, bytes) = (judged.hash, bytes.to_vec());
                    keep(working, judged, |_| NewChange { hash, bytes, action, device, received_at });
                }
                Err(verdict) => worsen(&mut taken.verdict, verdict),
            }
        }
        Ok(taken)
    }

    /// Does something under the server's own actor. A deed that the document holds already changes nothing.
    ///
    /// # Errors
    /// [`LedgerError`] when the action does not fit.
    pub fn perform(&mut self, deed: &Deed) -> Result<(), LedgerError> {
        for part in deed.parts() {
            let actor = self.actor.clone();
            self.up_to_date(part)?;
            let working = self.working(part)?;
            let doc = working.doc.get_or_insert_with(|| OrderDoc::empty(&actor));
            doc.set_actor(&actor);
            working.known = None;
            if let Some(change) = apply(doc, deed, part)? {
                let (hash, bytes) = (change.hash(), change.raw_bytes().to_vec());
                working.add(NewChange { hash, bytes, action: deed.id, device: None, received_at: None });
            }
        }
        Ok(())
    }

    /// A work order as it stands on this bench, if there is one.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn order(&mut self, id: WorkOrderId) -> Result<Option<WorkOrder>, LedgerError> {
        self.up_to_date(id)?;
        let working = self.working(id)?;
        if working.order.is_none() {
            working.order = working.doc.as_ref().and_then(|doc| WorkOrder::derive(id, &doc.facts()));
        }
        Ok(working.order.clone())
    }

    /// Has the document of a work order say all that was taken in.
    fn up_to_date(&mut self, id: WorkOrderId) -> Result<(), LedgerError> {
        if self.working(id)?.catch_up() {
            return Ok(());
        }
        tracing::warn!(work_order = %id, "what was taken in cannot be applied; all of it is judged again");
        self.careful = true;
        Err(LedgerError::WouldNotLoad)
    }

    /// A document as it is stored.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub(super) fn stored(&self, id: WorkOrderId) -> Result<Option<OrderDoc>, LedgerError> {
        let stored = self.ledger.storage.document(id)?;
        Ok(stored.map(|stored| OrderDoc::load(&stored.bytes)).transpose()?)
    }

    /// Adds what the server adds by itself at once and as of `at`, instead of at the end and as of now: a record that is
    /// older than its arrival here must not look as if something had just happened to it.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn keep_up(&mut self, id: WorkOrderId, at: i64) -> Result<(), LedgerError> {
        upkeep::keep_up(self, id, at)
    }

    /// Keeps something of a request outside its document.
    pub fn keep(&mut self, private: PrivateRequest) {
        self.private.push(private);
    }

    /// The next tracking number: `26-004183`, two digits of the year and a number that never comes again. A later life
    /// of the log puts letters after the year, its own number and the minute in which it began, so that it cannot give a number
    /// that a lost one gave.
    pub(super) fn tracking_number(&mut self) -> Result<String, LedgerError> {
        let (before, last, life) = match self.tracking.take() {
            Some(tracking) => tracking,
            None => {
                let state = self.ledger.storage.state()?;
                let life = format!("{}{}", letters(state.epoch_number), letters(state.began_minute));
                (state.tracking_counter, state.tracking_counter, life)
            }
        };
        let next = last + 1;
        let now = Timestamp::from_millisecond(self.now).unwrap_or(Timestamp::UNIX_EPOCH);
        let year = now.to_zoned(self.ledger.zone.clone()).year().rem_euclid(100);
        let number = format!("{year:02}{life}-{next:06}");
        self.tracking = Some((before, next, life));
        Ok(number)
    }

    /// As [`Bench::working`]; a stored document that cannot be read becomes a verdict: it does not hold up others, and the
    /// phone keeps what it has.
    fn readable(&mut self, id: WorkOrderId) -> Result<Result<&mut Working, Verdict>, LedgerError> {
        match self.working(id) {
            Ok(_) => Ok(Ok(self.working.entry(id).or_default())),
            Err(LedgerError::Document(error)) => {
                tracing::error!(work_order = %id, %error, "a stored document cannot be read");
                let message = "The city's copy of this job cannot be read just now. Nothing of yours is lost.";
                Ok(Err(Verdict::NotNow { message: message.to_owned() }))
            }
            Err(error) => Err(error),
        }
    }

    fn working(&mut self, id: WorkOrderId) -> Result<&mut Working, LedgerError> {
        if !self.working.contains_key(&id) {
            let working = match self.ledger.storage.document(id)? {
                Some(stored) => Working {
                    seen: stored.sequence,
                    changed_at: stored.changed_at,
                    doc: Some(OrderDoc::load(&stored.bytes)?),
                    ..Working::default()
                },
                None => Working { changed_at: i64::MIN, ..Working::default() },
            };
            self.order.push(id);
            self.working.insert(id, working);
        }
        // It was just inserted; the empty one is never reached, and needs no panic.
        Ok(self.working.entry(id).or_default())
    }

    /// Work orders to which something was added, in the order in which they were first looked at.
    pub(super) fn touched(&self) -> Vec<WorkOrderId> {
        let touched = |id: &&WorkOrderId| self.working.get(id).is_some_and(|working| !working.changes.is_empty());
        self.order.iter().filter(touched).copied().collect()
    }

    /// Puts one work order aside, as if it had not been looked at.
    pub(super) fn drop_order(&mut self, id: WorkOrderId) {
        self.working.remove(&id);
        self.order.retain(|other| *other != id);
    }

    /// Adds what the server adds by itself, and makes a work order ready to be stored: it must load again and say the same.
    ///
    /// # Errors
    /// [`LedgerError`] that is about this work order alone, or storage fails.
    pub(super) fn settle(&mut self, id: WorkOrderId) -> Result<(), LedgerError> {
        let now = self.now;
        // Before the server writes into it: what others wrote may be such that writing panics.
        let judge::Saved { mut bytes, order, .. } = self.saved(id)?;
        let working = self.working(id)?;
        let (count, given_back) = (working.changes.len(), working.given_back);
        working.order = Some(order);
        if !given_back {
            upkeep::keep_up(self, id, now)?;
        }
        let working = self.working(id)?;
        let order = match working.order.take().filter(|_| working.changes.len() == count) {
            Some(order) => order,
            None => {
                let saved = self.saved(id)?;
                bytes = saved.bytes;
                saved.order
            }
        };
        let plain = bytes.len();
        let travels = self.working(id)?.doc.as_mut().is_none_or(|doc| doc.travels_within(plain, MAX_DOCUMENT));
        if plain > MAX_DOCUMENT || !travels {
            return Err(LedgerError::TooLarge);
        }
        let city = self.city();
        let working = self.working(id)?;
        let received = working.changes.iter().map(|change| change.received_at.unwrap_or(now));
        let changed_at = received.fold(working.changed_at, i64::max);
        let scopes = scopes::of(city, &order, &working.changes, changed_at, now);
        let heads = working.doc.as_mut().map_or_else(Vec::new, OrderDoc::heads);
        working.ready = Some(OrderWrite {
            seen: working.seen,
            changes: working.changes.clone(),
            document: bytes,
            heads,
            order,
            scopes,
        });
        Ok(())
    }

    fn saved(&mut self, id: WorkOrderId) -> Result<judge::Saved, LedgerError> {
        self.up_to_date(id)?;
        let working = self.working(id)?;
        let doc = working.doc.as_mut().ok_or(LedgerError::WouldNotLoad)?;
        let known = working.known.take().filter(|known| known.fits(doc));
        let saved = judge::survives_saving_as(doc, known.as_ref()).map_err(|_| LedgerError::WouldNotLoad)?;
        if !saved.as_known {
            tracing::warn!(work_order = %id, "a document says something else than its changes; they are judged again");
            self.careful = true;
        }
        Ok(saved)
    }

    /// Puts together what is to be stored.
    pub(super) fn finish(mut self) -> Result<Batch, LedgerError> {
        let touched = self.touched();
        for id in &touched {
            if self.working(*id)?.ready.is_none() {
                self.settle(*id)?;
            }
        }
        let rescoped = self.share_scopes(&touched)?;
        let orders = touched.iter().filter_map(|id| self.working.remove(id)?.ready).collect();
        let tracking = self.tracking.take().map(|(before, after, _)| (before, after));
        Ok(Batch { received_at: self.now, orders, tracking, private: self.private, rescoped })
    }

    /// Gives those that were touched the scopes of their groups. → the others of these groups, with theirs.
    fn share_scopes(&mut self, touched: &[WorkOrderId]) -> Result<Vec<Rescope>, LedgerError> {
        let (city, now) = (self.city(), self.now);
        let mut rescoped = Vec::new();
        let mut done: BTreeSet<WorkOrderId> = BTreeSet::new();
        for id in touched {
            let ready = self.working.get(id).and_then(|working| working.ready.as_ref());
            let linked = ready.is_some_and(|ready| ready.order.links.iter().any(|link| link.kind.groups()));
            if done.contains(id) || !linked {
                continue;
            }
            let members = groups::around(*id, |id| self.member(id))?;
            for (id, exactly) in groups::shared(city, &members, now) {
                done.insert(id);
                match self.working.get_mut(&id).and_then(|working| working.ready.as_mut()) {
                    Some(ready) => ready.scopes.exactly = exactly,
                    None => rescoped.extend(members.get(&id).map(|member| Rescope {
                        work_order: id,
                        seen: member.seen,
                        scopes: groups::exactly(exactly),
                    })),
                }
            }
        }
        Ok(rescoped)
    }

    /// A work order as it will be stored, or as it is.
    fn member(&self, id: WorkOrderId) -> Result<Option<Member>, LedgerError> {
        if let Some(working) = self.working.get(&id)
            && let Some(ready) = &working.ready
        {
            let received = working.changes.iter().map(|change| change.received_at.unwrap_or(self.now));
            let changed_at = received.fold(working.changed_at, i64::max);
            return Ok(Some(Member { seen: ready.seen, changed_at, order: ready.order.clone() }));
        }
        self.ledger.member(id)
    }
}

fn keep(working: &mut Working, judged: Judged, change: impl FnOnce(&Judged) -> NewChange) -> Taken {
    let Judged { hash, action, repeated, creates, .. } = judged;
    if !repeated {
        let change = change(&judged);
        working.doc = Some(judged.doc);
        working.add(change);
    }
    Taken { hash, action, repeated, creates }
}

/// A refusal is worse than *not now*, and the first of its kind is told.
fn worsen(worst: &mut Verdict, verdict: Verdict) {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Accepted => 0,
        Verdict::NotNow { .. } => 1,
        Verdict::Refused { .. } => 2,
    };
    if rank(&verdict) > rank(worst) {
        *worst = verdict;
    }
}

/// Nothing for 0, then `B`, `C`, … `Z`, `BB`, … A minute of these years, until 2045, has five letters.
fn letters(number: u32) -> String {
    let mut rest = number;
    let mut letters = String::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 25).unwrap_or(0);
        letters.insert(0, char::from(b'B' + digit));
        rest = (rest - 1) / 25;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn every_number_has_letters_of_its_own() {
        let all: std::collections::BTreeSet<String> = (0..1_000).map(letters).collect();
        assert_eq!(all.len(), 1_000);
        assert_eq!((letters(0), letters(1), letters(26)), ("".into(), "B".into(), "BB".into()));
    }
}
