//! One round trip with a phone: takes in what it sends, answers for each change, and gives what is new in its scopes.

use crate::app::App;
use crate::entropy;
use crate::ledger::{LedgerError, scopes};
use crate::storage::{PageAsk, StorageError};
use coldpatch_shared::api::Session;
use coldpatch_shared::sync::wire::{Answer, Cursor, PROTOCOL, SyncRequest, SyncResponse, Verdict};
use std::collections::HashSet;

/// The most changes that are judged in one round trip, so that one phone with a full outbox does not hold up the rest.
const MOST_CHANGES: usize = 1_000;
/// What a page holds at least and at most, whatever the phone wants. The upper bound leaves room below the wire's limit.
const BUDGET: std::ops::RangeInclusive<usize> = (16 << 10)..=(4 << 20);

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

/// Does one round trip. Blocks.
///
/// # Errors
/// [`SyncError`]; nothing of the request was taken in then, and the phone sends it again.
pub fn round_trip(app: &App, who: &Session, request: &SyncRequest, now: i64) -> Result<SyncResponse, SyncError> {
    if request.protocol != PROTOCOL {
        return Err(SyncError::Protocol(request.protocol));
    }
    let (answers, sent, created) = app.ledger.write(Some(who.device), now, |bench| -> Result<_, LedgerError> {
        let mut answers = Vec::with_capacity(request.changes.len());
        let (mut sent, mut created) = (HashSet::new(), HashSet::new());
        for (at, change) in request.changes.iter().enumerate() {
            let verdict = if at < MOST_CHANGES {
                match bench.take_in(change, who)? {
                    Ok(taken) => {
                        sent.insert(taken.hash);
                        if taken.creates {
                            created.insert(change.work_order);
                        }
                        Verdict::Accepted
                    }
                    Err(verdict) => verdict,
                }
            } else {
                Verdict::NotNow { message: "There is more than the city takes at once; the rest goes next.".to_owned() }
            };
            answers.push(Answer { action: change.action, work_order: change.work_order, verdict });
        }
        Ok((answers, sent, created))
    })?;
    let scopes = scopes::followed(who);
    let epoch = epoch(app, &scopes);
    let after = request.cursor.as_ref().filter(|cursor| cursor.epoch == epoch).map_or(0, |cursor| cursor.seq);
    let budget = usize::try_from(request.budget).unwrap_or(usize::MAX).clamp(*BUDGET.start(), *BUDGET.end());
    let page = app.storage.page(&PageAsk { scopes: &scopes, after, budget, known: &created, sent: &sent })?;
    Ok(SyncResponse {
        protocol: PROTOCOL,
        server_time: now,
        city_version: app.city.version.clone(),
        answers,
        snapshots: page.snapshots,
        changes: page.changes,
        cursor: Cursor { epoch, seq: page.upto },
        more: page.more,
    })
}

/// A cursor means something only in one life of the log, and for one set of scopes: a phone whose person joins another
/// crew starts over, and keeps what it has.
fn epoch(app: &App, scopes: &[String]) -> String {
    let scopes = entropy::hash(scopes.join("\n").as_bytes());
    format!("{}/{}", app.epoch, entropy::hex(&scopes[..4]))
}
