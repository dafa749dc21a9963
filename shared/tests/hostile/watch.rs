//! Judging with one eye on the memory and the other on the clock.

use super::allocator::peak;
use super::targets::JUDGE_MEMORY;
use automerge::ChangeHash;
use coldpatch_shared::api::Session;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::judge::{self, Judged, Known, judge, quiet_contained_panics};
use coldpatch_shared::sync::wire::{SentChange, Verdict};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// An unoptimized build on a busy machine needs a fraction of a second; what hangs needs for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// One change for one document, from one phone.
pub struct Trial {
    pub what: String,
    pub doc: Option<OrderDoc>,
    pub sent: SentChange,
    pub who: Session,
}

type Outcome = (Vec<ChangeHash>, bool, bool);

fn outcome(judged: &Judged) -> Outcome {
    (judged.doc.clone().heads(), judged.repeated, judged.creates)
}

/// The verdict as one comes to it who knows what the document says.
fn by_shortcut(trial: &Trial) -> Result<Outcome, Verdict> {
    let mut known = None;
    let mut judged = judge::change_beside(trial.doc.as_ref(), &mut known, &trial.sent, &trial.who)?;
    if !judged.repeated {
        let saved = judge::survives_saving_as(&mut judged.doc, known.as_ref())?;
        if !saved.as_known {
            // Nothing of it counts then; the caller begins anew.
            return judge(trial.doc.as_ref(), &trial.sent, &trial.who).as_ref().map(outcome).map_err(Clone::clone);
        }
    }
    Ok(outcome(&judged))
}

/// The verdict as one comes to it who judges ahead of the document, as a server does.
fn ahead(trial: &Trial) -> Result<Outcome, Verdict> {
    let (mut doc, mut known) = (trial.doc.clone(), None);
    let judged = doc.as_mut().and_then(|doc| judge::change_ahead(doc, &mut known, &trial.sent, &trial.who));
    let (Some(judged), Some(doc)) = (judged, &mut doc) else { return by_shortcut(trial) };
    let judged = judged?;
    let caught_up = known.as_mut().is_none_or(|known| known.catch_up(doc).is_ok());
    if !caught_up || (!judged.repeated && survives(doc, known.as_ref()) != Ok(true)) {
        // Nothing of it counts then; the caller begins anew.
        return judge(trial.doc.as_ref(), &trial.sent, &trial.who).as_ref().map(outcome).map_err(Clone::clone);
    }
    Ok((doc.heads(), judged.repeated, false))
}

fn survives(doc: &mut OrderDoc, known: Option<&Known>) -> Result<bool, Verdict> {
    judge::survives_saving_as(doc, known).map(|saved| saved.as_known)
}

/// Judges them all on another thread and hands each to `see`.
///
/// Panics when one takes too long, takes too much memory, or panics itself.
pub fn judge_all(
    trials: impl IntoIterator<Item = Trial> + Send + 'static,
    mut see: impl FnMut(&str, Result<Judged, Verdict>),
) -> usize {
    quiet_contained_panics();
    let (tell, hear) = mpsc::sync_channel(64);
    let worker = thread::spawn(move || {
        for trial in trials {
            tell.send((trial.what.clone(), None)).unwrap();
            let (verdict, held) = peak(|| judge(trial.doc.as_ref(), &trial.sent, &trial.who));
            let plainly = verdict.as_ref().map(outcome).map_err(Clone::clone);
            assert_eq!(by_shortcut(&trial), plainly, "{}", trial.what);
            assert_eq!(ahead(&trial), plainly, "{}", trial.what);
            tell.send((trial.what, Some((verdict, held)))).unwrap();
        }
    });
    let (mut current, mut worst) = (String::new(), 0);
    loop {
        match hear.recv_timeout(PATIENCE) {
            Ok((what, None)) => current = what,
            Ok((what, Some((verdict, held)))) => {
                assert!(held <= JUDGE_MEMORY, "{what}: {held} bytes of memory");
                worst = worst.max(held);
                see(&what, verdict);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{current}: no verdict after {PATIENCE:?}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    assert!(worker.join().is_ok(), "{current}: panicked");
    worst
}
