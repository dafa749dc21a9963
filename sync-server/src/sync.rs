//! One round trip with a phone: takes in what it sends, answers for each change, and gives what is new in its scopes.
//!
//! Everything is an argument or in [`SyncServer`], so that the simulator drives the same code.
//!
//! - [`repair`]: what a phone and the server do about differences

mod repair;

use crate::entropy::Entropy;
use crate::keys::Keys;
use crate::ledger::taking::{self, Outcome, Sent};
use crate::ledger::{Ledger, LedgerError, scopes};
use crate::storage::{LogState, Page, PageAsk, Positions, Storage, StorageError, number_of_epoch};
use automerge::ChangeHash;
use coldpatch_shared::api::Session;
use coldpatch_shared::city::City;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{Cursor, KeptReceipt, PROTOCOL, SyncRequest, SyncResponse};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a page holds at least and at most, whatever the phone wants. The upper bound leaves room below the wire's limit.
const BUDGET: std::ops::RangeInclusive<usize> = (16 << 10)..=(4 << 20);

/// How long one request is judged.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a round trip came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The phone speaks another version.
    #[error("the phone speaks version {0} of the protocol")]
    Protocol(u16),
    /// Nothing was written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Something could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What answers phones.
pub struct SyncServer {
    /// What is kept.
    pub storage: Arc<dyn Storage>,
    /// The one writer of work orders.
    pub ledger: Ledger,
    /// The city.
    pub city: Arc<City>,
    /// What signs cursors, receipts and tokens.
    pub keys: Keys,
    /// How long one request is judged, so that one that is made to be slow does not hold a core. An honest day takes some
    /// hundredths of this.
    pub patience: Duration,
}

/// How a phone's cursor stands to the log.
enum Standing {
    /// It goes on from here.
    At(Positions),
    /// It is of another life of the log, or not ours.
    Lost,
}

impl SyncServer {
    /// A server over this storage.
    ///
    /// # Errors
    /// [`LedgerError`] when storage cannot be read.
    pub fn open(
        storage: Arc<dyn Storage>,
        city: Arc<City>,
        zone: TimeZone,
        keys: Keys,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, LedgerError> {
        let ledger = Ledger::open(Arc::clone(&storage), Arc::clone(&city), zone, entropy)?;
        Ok(Self { storage, ledger, city, keys, patience: PATIENCE })
    }

    /// Does one round trip. `now` in ms since the Unix epoch. Blocks.
    ///
    /// # Errors
    /// [`SyncError`]; nothing of the request was taken in then, and the phone sends it again.
    pub fn round_trip(&self, who: &Session, request: &SyncRequest, now: i64) -> Result<SyncResponse, SyncError> {
        if request.protocol != PROTOCOL {
            return Err(SyncError::Protocol(request.protocol));
        }
        let scopes = scopes::followed(&self.city, who);
        // First, so that nothing new gets a number that a lost life of the log may have given.
        let (epoch, standing) = self.standing(request.cursor.as_ref(), now)?;
        let outcome = self.take_in(who, request, now)?;
        let budget = usize::try_from(request.budget).unwrap_or(usize::MAX).clamp(*BUDGET.start(), *BUDGET.end());
        let mut answer = Answer::new(outcome, scopes, now, self.city.version.clone());
        match (standing, &request.buckets) {
            (Standing::Lost, _) => answer.stands(&self.storage.state()?),
            (Standing::At(_), Some(buckets)) => self.reconcile(&mut answer, &epoch, buckets)?,
            (Standing::At(positions), None) => self.page(&mut answer, &epoch, &positions, budget)?,
        }
        self.compare(&mut answer, &request.compare, budget)?;
        Ok(answer.finish(&self.keys))
    }

    /// How the cursor stands, and in which life of the log.
    fn standing(&self, cursor: Option<&Cursor>, now: i64) -> Result<(String, Standing), SyncError> {
        let state = self.storage.state()?;
        let Some(cursor) = cursor else { return Ok((state.epoch, Standing::At(Positions::new()))) };
        if !self.keys.signed_this(cursor) {
            return Ok((state.epoch, Standing::Lost));
        }
        let ours = cursor.epoch == state.epoch;
        if ours && self.storage.running(cursor.seq)?.as_ref() == Some(&cursor.log) {
            return Ok((state.epoch, Standing::At(cursor.positions.clone())));
        }
        // Names without a number are from before the lives that are over were noted: this one may be over.
        if !ours && (number_of_epoch(&cursor.epoch).is_none() || self.storage.knows_epoch(&cursor.epoch)?) {
            return Ok((state.epoch, Standing::Lost));
        }
        // By our own signature the log went on from here once, or had a life that it knows nothing of.
        tracing::warn!(
            epoch = state.epoch,
            sequence = state.sequence,
            phones = cursor.seq,
            "the database was restored from a backup: a new life of the log begins, and phones give back what is lost"
        );
        let proof = (!ours).then_some(cursor.epoch.as_str());
        let state = self.ledger.begin_epoch_after(&state.epoch, 0, proof, now)?;
        Ok((state.epoch, Standing::Lost))
    }

    fn take_in(&self, who: &Session, request: &SyncRequest, now: i64) -> Result<Outcome, LedgerError> {
        // Most round trips bring nothing, and need not wait for those that do.
        if request.changes.is_empty() && request.given_back.is_empty() {
            return Ok(Outcome::default());
        }
        let vouched = if request.given_back.is_empty() { BTreeMap::new() } else { self.vouched(&request.receipts) };
        let sent = Sent {
            changes: &request.changes,
            given_back: &request.given_back,
            vouched: &vouched,
            patience: self.patience,
        };
        self.ledger.write_beside(Some(who.device), now, |bench| taking::take_in(bench, &sent, who))
    }

    /// The hashes that receipts of ours vouch for, with the earliest time of each.
    fn vouched(&self, receipts: &[KeptReceipt]) -> BTreeMap<ChangeHash, i64> {
        let mut vouched: BTreeMap<ChangeHash, i64> = BTreeMap::new();
        for kept in receipts {
            for hash in self.keys.vouched(kept) {
                let time = vouched.entry(hash).or_insert(kept.receipt.time);
                *time = kept.receipt.time.min(*time);
            }
        }
        vouched
    }

    fn page(&self, answer: &mut Answer, epoch: &str, positions: &Positions, budget: usize) -> Result<(), StorageError> {
        let (created, sent) = (&answer.outcome.created, &answer.outcome.had);
        let scopes = &answer.response.scopes;
        let page = self.storage.page(&PageAsk { scopes, positions, budget, created, sent })?;
        answer.stands(&page.state);
        // Another process may have ended this life of the log in between; the next round trip tells.
        if page.state.epoch == epoch {
            answer.brings(page, &self.keys);
        }
        Ok(())
    }
}

/// An answer that is being put together.
struct Answer {
    response: SyncResponse,
    outcome: Outcome,
    /// Everything that the receipt vouches for.
    hashes: Vec<ChangeHash>,
    /// About how many bytes of documents and changes it has.
    used: usize,
}

impl Answer {
    fn new(mut outcome: Outcome, scopes: Vec<String>, now: i64, city_version: String) -> Self {
        let response = SyncResponse {
            protocol: PROTOCOL,
            server_time: now,
            city_version,
            verdicts: std::mem::take(&mut outcome.verdicts),
            taken_back: std::mem::take(&mut outcome.taken_back),
            scopes,
            entered: Vec::new(),
            changes: Vec::new(),
            left: Vec::new(),
            cursor: None,
            more: false,
            remaining: 0,
            digests: Vec::new(),
            differing: Vec::new(),
            compared: Vec::new(),
            receipt: None,
            backed_up_through: None,
        };
        let hashes = outcome.accepted.iter().copied().collect();
        Self { response, outcome, hashes, used: 0 }
    }

    fn stands(&mut self, state: &LogState) {
        self.response.backed_up_through = state.backed_up_through;
    }

    fn brings(&mut self, page: Page, keys: &Keys) {
        self.hashes.extend(page.hashes);
        self.used += page.bytes;
        let response = &mut self.response;
        (response.entered, response.changes, response.left) = (page.entered, page.changes, page.left);
        (response.more, response.remaining) = (page.more, page.remaining);
        response.digests = page.digests.into_iter().map(|digest| digest.to_vec().into()).collect();
        response.cursor = Some(cursor(keys, &page.state, page.positions));
    }

    fn finish(mut self, keys: &Keys) -> SyncResponse {
        if !self.hashes.is_empty() {
            self.response.receipt = Some(keys.receipt(self.response.server_time, &receipt::digest(&self.hashes)));
        }
        self.response
    }
}

fn cursor(keys: &Keys, state: &LogState, positions: Positions) -> Cursor {
    let (epoch, seq, log) = (state.epoch.clone(), state.sequence, state.running.clone());
    keys.signed(Cursor { epoch, seq, log, positions, mac: Vec::new() })
}
