//! What one request of a phone becomes: a verdict for each change, and for each work order of which something was given
//! back.
//!
//! What cannot be known change by change is found in a pass over all: an action is accepted in all its work orders or in
//! none, and a document that would not load again is told from the others. Whatever must fall then falls, and a new pass
//! begins with that known; nothing is stored in between.

use super::bench::Taken;
use super::{Bench, LedgerError};
use automerge::ChangeHash;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::sync::judge;
use coldpatch_shared::sync::wire::{OrderChanges, RefusalCode, SentChange, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The most changes that are judged in one round trip, so that one phone with a full outbox does not hold up the rest.
const MOST_CHANGES: usize = 1_000;
/// What is said of what comes after that.
const REST: &str = "There is more than the city takes at once; the rest goes next.";
/// The most passes. An honest request needs three at most.
const PASSES: usize = 6;

/// What a phone sent.
#[derive(Debug)]
pub struct Sent<'a> {
    /// What waits in its outbox.
    pub changes: &'a [OrderChanges],
    /// What the server lost.
    pub given_back: &'a [OrderChanges],
    /// What the server's own receipts vouch for, with the earliest time.
    pub vouched: &'a BTreeMap<ChangeHash, i64>,
    /// How long it is judged: what is not reached by then waits for the next round trip.
    pub patience: Duration,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One for each change, in order.
    pub verdicts: Vec<Verdict>,
    /// One for each work order of which something was given back.
    pub taken_back: Vec<Verdict>,
    /// The changes that were accepted, repeats included.
    pub accepted: BTreeSet<ChangeHash>,
    /// The same, and what was taken back: what the phone has.
    pub had: BTreeSet<ChangeHash>,
    /// Work orders that came to be, here at least.
    pub created: BTreeSet<WorkOrderId>,
}

/// How far one request is judged: what the first pass comes to in time, and at least its first thing. The later passes look at
/// the same.
struct Reach {
    until: Option<Instant>,
    end: usize,
}

impl Reach {
    fn within(patience: Duration) -> Self {
        Self { until: Instant::now().checked_add(patience), end: usize::MAX }
    }

    /// Whether the `at`-th thing of the request is judged; asked in order.
    fn has(&mut self, at: usize) -> bool {
        if at > 0 && at < self.end && self.until.is_some_and(|until| Instant::now() >= until) {
            self.end = at;
        }
        at < self.end
    }

    /// The first pass is over.
    fn is_known(&mut self) {
        self.until = None;
    }
}

/// What was made of one change in one pass.
struct Judged {
    work_order: WorkOrderId,
    /// `None` where it cannot even be read.
    action: Option<ActionId>,
    result: Result<Taken, Verdict>,
}

/// Takes in what a phone sent. Nothing of what is on the bench before stays.
///
/// # Errors
/// [`LedgerError`] when storage fails.
pub fn take_in(bench: &mut Bench<'_>, sent: &Sent<'_>, who: &Session) -> Result<Outcome, LedgerError> {
    let changes: Vec<SentChange> = sent
        .changes
        .iter()
        .flat_map(|order| {
            let sent =
                |bytes: &serde_bytes::ByteBuf| SentChange { work_order: order.work_order, bytes: bytes.to_vec() };
            order.changes.iter().map(sent)
        })
        .collect();
    let mut fallen: BTreeMap<usize, Verdict> = BTreeMap::new();
    for at in MOST_CHANGES..changes.len() {
        fallen.insert(at, not_now(REST));
    }
    let mut trouble: BTreeSet<WorkOrderId> = BTreeSet::new();
    let mut reach = Reach::within(sent.patience);
    for pass in 0..=PASSES {
        bench.clear();
        let (careful, known_trouble) = (bench.is_careful(), trouble.clone());
        let mut outcome = Outcome::default();
        take_back(bench, sent, who, &trouble, &mut reach, &mut outcome)?;
        let mut judged = Vec::with_capacity(changes.len());
        for (at, change) in changes.iter().enumerate() {
            if !reach.has(sent.given_back.len() + at) {
                fallen.entry(at).or_insert_with(|| not_now(REST));
            }
            judged.push(judge_one(bench, change, fallen.get(&at), who)?);
        }
        reach.is_known();
        let mut more = torn_actions(&judged);
        let troubled = trouble.len();
        if more.is_empty() {
            for id in bench.touched() {
                match bench.settle(id) {
                    Ok(()) => {}
                    Err(error @ (LedgerError::Storage(_) | LedgerError::Entropy(_))) => return Err(error),
                    Err(error) => {
                        tracing::error!(work_order = %id, %error, "a work order cannot take in what a phone sent");
                        trouble.insert(id);
                        more.extend(blamed(bench, id, &changes, &judged, who, &error)?);
                        // Nothing of it may stay on the bench, whatever it was that failed.
                        bench.drop_order(id);
                    }
                }
            }
        }
        if bench.is_careful() != careful {
            trouble.clone_from(&known_trouble);
            continue;
        }
        if more.is_empty() && trouble.len() == troubled {
            outcome.add(judged);
            return Ok(outcome);
        }
        if pass + 1 == PASSES {
            // Somebody ties actions into knots. Nothing is lost that is honest: it comes again.
            more.extend(
                (0..changes.len()).map(|at| (at, not_now("This cannot be taken in together. It is tried again."))),
            );
            trouble.extend(sent.given_back.iter().map(|order| order.work_order));
        }
        for (at, verdict) in more {
            fallen.entry(at).or_insert(verdict);
        }
    }
    Err(LedgerError::WouldNotLoad)
}

fn judge_one(
    bench: &mut Bench<'_>,
    change: &SentChange,
    fallen: Option<&Verdict>,
    who: &Session,
) -> Result<Judged, LedgerError> {
    let result = match fallen {
        Some(verdict) => Err(verdict.clone()),
        None => bench.take_in(change, who)?,
    };
    let action = match &result {
        Ok(taken) => Some(taken.action),
        Err(_) => judge::parse(&change.bytes).ok().map(|(_, action)| action),
    };
    Ok(Judged { work_order: change.work_order, action, result })
}

/// Parts of actions of which another part is not accepted, with that part's verdict; a refusal counts more than *not now*.
fn torn_actions(judged: &[Judged]) -> Vec<(usize, Verdict)> {
    let mut failed: BTreeMap<ActionId, &Verdict> = BTreeMap::new();
    for (action, verdict) in judged.iter().filter_map(|one| Some((one.action?, one.result.as_ref().err()?))) {
        let worst = failed.entry(action).or_insert(verdict);
        if !refuses(worst) && refuses(verdict) {
            *worst = verdict;
        }
    }
    let torn = judged.iter().enumerate().filter_map(|(at, one)| {
        let verdict = *failed.get(&one.action?)?;
        match &one.result {
            // What was accepted earlier stays accepted.
            Ok(taken) if taken.repeated => None,
            Ok(_) => Some((at, verdict.clone())),
            Err(own) => (refuses(verdict) && !refuses(own)).then(|| (at, verdict.clone())),
        }
    });
    torn.collect()
}

fn refuses(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused { .. })
}

/// Which changes keep a work order from being stored: found by trying halves. Where it is none of them, all wait.
fn blamed(
    bench: &mut Bench<'_>,
    id: WorkOrderId,
    changes: &[SentChange],
    judged: &[Judged],
    who: &Session,
    error: &LedgerError,
) -> Result<Vec<(usize, Verdict)>, LedgerError> {
    let new = |one: &Judged| one.work_order == id && one.result.as_ref().is_ok_and(|taken| !taken.repeated);
    let here: Vec<usize> = judged.iter().enumerate().filter(|(_, one)| new(one)).map(|(at, _)| at).collect();
    if matches!(error, LedgerError::TooLarge) {
        let code = RefusalCode::TooLarge;
        let message = "More has been written to this job than one job can hold.".to_owned();
        return Ok(here.into_iter().map(|at| (at, Verdict::Refused { code, message: message.clone() })).collect());
    }
    let mut doc = bench.stored(id)?;
    let mut guilty = Vec::new();
    admit(&mut doc, &here, changes, who, &mut guilty);
    if guilty.is_empty() {
        let verdict = not_now("The city's copy of this job cannot take this in just now. Nothing of yours is lost.");
        guilty = here.into_iter().map(|at| (at, verdict.clone())).collect();
    }
    Ok(guilty)
}

/// Adds to `doc` those of the changes with which it still loads again; the others go to `guilty`.
fn admit(
    doc: &mut Option<coldpatch_shared::order::OrderDoc>,
    here: &[usize],
    changes: &[SentChange],
    who: &Session,
    guilty: &mut Vec<(usize, Verdict)>,
) {
    let mut tried = doc.clone();
    // What does not fit without a guilty one gets its verdict in the next pass.
    for change in here.iter().filter_map(|at| changes.get(*at)) {
        if let Ok(judged) = judge::change(tried.as_ref(), change, who) {
            tried = Some(judged.doc);
        }
    }
    let Some(verdict) = tried.as_mut().and_then(|tried| judge::survives_saving(tried).err()) else {
        *doc = tried;
        return;
    };
    if let [at] = here {
        guilty.push((*at, verdict));
        return;
    }
    let (first, second) = here.split_at(here.len() / 2);
    admit(doc, first, changes, who, guilty);
    admit(doc, second, changes, who, guilty);
}

fn take_back(
    bench: &mut Bench<'_>,
    sent: &Sent<'_>,
    who: &Session,
    trouble: &BTreeSet<WorkOrderId>,
    reach: &mut Reach,
    outcome: &mut Outcome,
) -> Result<(), LedgerError> {
    let fit = fitting(sent.given_back.iter().map(|order| order.changes.len().max(1)));
    for (at, (order, fits)) in sent.given_back.iter().zip(fit).enumerate() {
        let fits = fits && reach.has(at);
        outcome.taken_back.push(if trouble.contains(&order.work_order) {
            not_now("The city's copy of this job cannot take this in just now.")
        } else if fits {
            let taken = bench.take_back(order, sent.vouched, who)?;
            outcome.had.extend(taken.hashes);
            if taken.creates {
                outcome.created.insert(order.work_order);
            }
            taken.verdict
        } else {
            not_now(REST)
        });
    }
    Ok(())
}

/// Which of the work orders that are given back are looked at now, by how many changes each has. The first one always:
/// with more than [`MOST_CHANGES`], it would never come back. What does not fit takes no room from what comes after it.
fn fitting(counts: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut used = 0_usize;
    let fits = |(at, count): (usize, usize)| {
        let fits = at == 0 || used.saturating_add(count) <= MOST_CHANGES;
        if fits {
            used = used.saturating_add(count);
        }
        fits
    };
    counts.enumerate().map(fits).collect()
}

impl Outcome {
    fn add(&mut self, judged: Vec<Judged>) {
        for one in judged {
            self.verdicts.push(match one.result {
                Ok(taken) => {
                    self.accepted.insert(taken.hash);
                    self.had.insert(taken.hash);
                    if taken.creates {
                        self.created.insert(one.work_order);
                    }
                    Verdict::Accepted
                }
                Err(verdict) => verdict,
            });
        }
    }
}

fn not_now(message: &str) -> Verdict {
    Verdict::NotNow { message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{MOST_CHANGES, fitting};

    #[test]
    fn a_work_order_with_more_changes_than_go_at_once_is_taken_back_when_it_comes_first() {
        assert_eq!(fitting([MOST_CHANGES + 1, 1].into_iter()), [true, false]);
        assert_eq!(fitting([1, MOST_CHANGES + 1, 1].into_iter()), [true, false, true], "the large one takes no room");
        assert_eq!(fitting([MOST_CHANGES - 1, 1, 1].into_iter()), [true, true, false]);
    }
}
