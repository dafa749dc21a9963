//! The documents that one write works on.

use super::{Ledger, LedgerError, scopes, upkeep};
use crate::storage::{Batch, NewChange, OrderWrite, PrivateRequest, Storage};
use automerge::ChangeHash;
use coldpatch_shared::action::{Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{OrderDoc, WorkOrder};
use coldpatch_shared::sync::judge;
use coldpatch_shared::sync::wire::{SentChange, Verdict};
use jiff::Timestamp;
use std::collections::HashMap;

/// A document under work.
struct Working {
    seen: u64,
    doc: Option<OrderDoc>,
    changes: Vec<NewChange>,
}

/// A change that was taken in.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Which.
    pub hash: ChangeHash,
    /// Whether it created its work order just now.
    pub creates: bool,
}

/// Work orders while they are being changed; nothing of it is stored yet.
pub struct Bench<'a> {
    ledger: &'a Ledger,
    now: i64,
    order: Vec<WorkOrderId>,
    working: HashMap<WorkOrderId, Working>,
    tracking: Option<(u64, u64, u32)>,
    private: Vec<PrivateRequest>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(ledger: &'a Ledger, now: i64) -> Self {
        Self { ledger, now, order: Vec::new(), working: HashMap::new(), tracking: None, private: Vec::new() }
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

    /// Takes in a change that a phone sent, if it may.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails; the verdict on the change itself is the inner result.
    pub fn take_in(&mut self, sent: &SentChange, who: &Session) -> Result<Result<Taken, Verdict>, LedgerError> {
        let working = match self.working(sent.work_order) {
            Ok(working) => working,
            Err(LedgerError::Document(error)) => {
                // One document in trouble does not hold up others, and the phone keeps what it has.
                tracing::error!(work_order = %sent.work_order, %error, "a stored document cannot be read");
                let message = "The city's copy of this job cannot be read just now. Nothing of yours is lost.";
                return Ok(Err(Verdict::NotNow { message: message.to_owned() }));
            }
            Err(error) => return Err(error),
        };
        let judged = match judge::judge(working.doc.as_ref(), sent, who) {
            Ok(judged) => judged,
            Err(verdict) => return Ok(Err(verdict)),
        };
        if !judged.repeated {
            working.doc = Some(judged.doc);
            working.changes.push(NewChange {
                hash: judged.hash,
                bytes: sent.bytes.clone(),
                action: sent.action,
                device: Some(who.device),
            });
        }
        Ok(Ok(Taken { hash: judged.hash, creates: judged.creates }))
    }

    /// Does something under the server's own actor. A deed that the document holds already changes nothing.
    ///
    /// # Errors
    /// [`LedgerError`] when the action does not fit.
    pub fn perform(&mut self, deed: &Deed) -> Result<(), LedgerError> {
        let actor = self.ledger.actor.clone();
        let working = self.working(deed.work_order)?;
        let doc = working.doc.get_or_insert_with(|| OrderDoc::empty(&actor));
        doc.set_actor(&actor);
        if let Some(change) = apply(doc, deed, deed.work_order)? {
            working.changes.push(NewChange {
                hash: change.hash(),
                bytes: change.raw_bytes().to_vec(),
                action: deed.id,
                device: None,
            });
        }
        Ok(())
    }

    /// A work order as it stands on this bench, if there is one.
    ///
    /// # Errors
    /// [`LedgerError`] when storage fails.
    pub fn order(&mut self, id: WorkOrderId) -> Result<Option<WorkOrder>, LedgerError> {
        let doc = self.working(id)?.doc.as_ref();
        Ok(doc.and_then(|doc| WorkOrder::derive(id, &doc.facts())))
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
    /// of the log puts a letter after the year, so that it cannot give a number that a lost one gave.
    pub(super) fn tracking_number(&mut self) -> Result<String, LedgerError> {
        let (before, last, epoch) = match self.tracking {
            Some(tracking) => tracking,
            None => {
                let state = self.ledger.storage.state()?;
                (state.tracking_counter, state.tracking_counter, state.epoch_number)
            }
        };
        let next = last + 1;
        self.tracking = Some((before, next, epoch));
        let now = Timestamp::from_millisecond(self.now).unwrap_or(Timestamp::UNIX_EPOCH);
        let year = now.to_zoned(self.ledger.zone.clone()).year().rem_euclid(100);
        Ok(format!("{year:02}{}-{next:06}", epoch_letters(epoch)))
    }

    fn working(&mut self, id: WorkOrderId) -> Result<&mut Working, LedgerError> {
        if !self.working.contains_key(&id) {
            let working = match self.ledger.storage.document(id)? {
                Some(stored) => {
                    Working { seen: stored.sequence, doc: Some(OrderDoc::load(&stored.bytes)?), changes: Vec::new() }
                }
                None => Working { seen: 0, doc: None, changes: Vec::new() },
            };
            self.order.push(id);
            self.working.insert(id, working);
        }
        // It was just inserted; the empty one is never reached, and needs no panic.
        Ok(self.working.entry(id).or_insert_with(|| Working { seen: 0, doc: None, changes: Vec::new() }))
    }

    /// Adds what the server adds by itself, and puts together what is to be stored.
    pub(super) fn finish(mut self) -> Result<Batch, LedgerError> {
        let touched: Vec<WorkOrderId> = self
            .order
            .iter()
            .filter(|id| self.working.get(id).is_some_and(|working| !working.changes.is_empty()))
            .copied()
            .collect();
        let mut orders = Vec::with_capacity(touched.len());
        for id in touched {
            let now = self.now;
            upkeep::keep_up(&mut self, id, now)?;
            let city = self.city();
            let Some(working) = self.working.remove(&id) else { continue };
            orders.extend(write(city, id, working)?);
        }
        let tracking = self.tracking.map(|(before, after, _)| (before, after));
        Ok(Batch { received_at: self.now, orders, tracking, private: self.private })
    }
}

fn write(city: &City, id: WorkOrderId, working: Working) -> Result<Option<OrderWrite>, LedgerError> {
    let Working { seen, doc: Some(mut doc), changes, .. } = working else { return Ok(None) };
    let document = doc.save();
    // The last look before it is kept for good: it loads, and is the same.
    let mut again = OrderDoc::load(&document)?;
    let order = WorkOrder::derive(id, &again.facts()).ok_or(LedgerError::WouldNotLoad)?;
    if again.heads() != doc.heads() {
        return Err(LedgerError::WouldNotLoad);
    }
    let scopes = scopes::of(city, &order, &changes);
    Ok(Some(OrderWrite { seen, changes, document, heads: doc.heads(), order, scopes }))
}

/// Nothing for the first life of the log, then `B`, `C`, … `Z`, `BB`, …
fn epoch_letters(epoch: u32) -> String {
    let mut rest = epoch;
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
    use super::epoch_letters;

    #[test]
    fn every_life_of_the_log_has_letters_of_its_own() {
        let letters: std::collections::HashSet<String> = (0..1_000).map(epoch_letters).collect();
        assert_eq!(letters.len(), 1_000);
        assert_eq!((epoch_letters(0), epoch_letters(1), epoch_letters(26)), ("".into(), "B".into(), "BB".into()));
    }
}
