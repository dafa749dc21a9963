//! What the two fuzz targets do with their bytes. Here, so that plain tests run the corpus, too.

use super::allocator::peak;
use super::chunk::{CHANGE, Parts, framed};
use super::world::{ORDER, OTHER, Person, base, genesis, honest};
use automerge::ChangeHash;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Facts, OrderDoc, WorkOrder};
use coldpatch_shared::sync::judge::judge;
use coldpatch_shared::sync::wire::{self, SentChange, SyncRequest, SyncResponse, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// What judging one change may hold at its worst, in bytes, beside what was sent. Measured: see `docs/testing.md`.
pub const JUDGE_MEMORY: usize = 8 << 20;
/// What decoding one body may hold at its worst, in bytes.
pub const WIRE_MEMORY: usize = 64 << 20;

/// Decodes any bytes as a request and as an answer; what is read is written and read again as the same.
pub fn wire(bytes: &[u8]) {
    both_ways::<SyncRequest>(bytes);
    both_ways::<SyncResponse>(bytes);
}

fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let (read, held) = peak(|| wire::decode::<T>(bytes));
    assert!(held <= WIRE_MEMORY, "{held} bytes of memory for {} bytes", bytes.len());
    // The same bytes as phones send them.
    let (_, held) = peak(|| wire::from_packed::<T>(bytes).is_ok());
    assert!(held <= WIRE_MEMORY, "{held} bytes of memory for {} packed bytes", bytes.len());
    let Ok(message) = read else { return };
    assert_eq!(wire::from_packed::<T>(&wire::to_packed(&message).unwrap()).unwrap(), message);
    let written = wire::encode(&message).unwrap();
    // Ours is the shortest way to say it, except where a default was left out.
    let again: T = wire::decode(&written).unwrap();
    assert_eq!(again, message);
    assert_eq!(wire::encode(&again).unwrap(), written);
}

/// What changes meet: the server's document, who sends, and what an honest phone would send.
pub struct Ingest {
    base: OrderDoc,
    heads: Vec<ChangeHash>,
    facts: Facts,
    who: Session,
    honest: Vec<Parts>,
}

impl Ingest {
    pub fn new() -> Self {
        let honest = honest().iter().chain([&genesis()]).map(|change| Parts::of(change)).collect();
        let mut base = base();
        Self { heads: base.heads(), facts: base.facts(), base, who: Person::inspector().session, honest }
    }

    /// Makes one or several changes out of any bytes, by the first of them: a whole chunk as it is (0), the body of a
    /// chunk that gets a good frame (1), or honest changes with a program of damage for each.
    pub fn run(&self, bytes: &[u8]) {
        let Some((mode, rest)) = bytes.split_first() else { return };
        match mode % 4 {
            0 => self.judge_all([(ORDER, rest.to_vec())]),
            1 => self.judge_all([(ORDER, framed(CHANGE, rest))]),
            _ => self.judge_all(self.programs(rest)),
        }
    }

    fn programs<'a>(&'a self, mut rest: &'a [u8]) -> impl Iterator<Item = (WorkOrderId, Vec<u8>)> {
        std::iter::from_fn(move || {
            let [which, steps, left @ ..] = rest else { return None };
            let which = usize::from(*which) % self.honest.len();
            let (program, left) = left.split_at(left.len().min(usize::from(steps % 16) * 4));
            rest = left;
            let order = if which + 1 == self.honest.len() { OTHER } else { ORDER };
            Some((order, self.honest[which].damaged(program).chunk()))
        })
        .take(8)
    }

    fn judge_all(&self, changes: impl IntoIterator<Item = (WorkOrderId, Vec<u8>)>) {
        let (mut known, mut other) = (self.base.clone(), None);
        for (work_order, bytes) in changes {
            let doc = if work_order == ORDER { Some(&known) } else { other.as_ref() };
            let sent = SentChange { work_order, bytes };
            let (judged, held) = peak(|| judge(doc, &sent, &self.who));
            assert!(held <= JUDGE_MEMORY, "{held} bytes of memory for {} bytes", sent.bytes.len());
            match judged {
                Ok(judged) => {
                    if work_order == ORDER {
                        known = judged.doc
                    } else {
                        other = Some(judged.doc)
                    }
                }
                Err(Verdict::Accepted) => unreachable!("accepted is no refusal"),
                Err(Verdict::Refused { message, .. } | Verdict::NotNow { message }) => assert!(message.ends_with('.')),
            }
        }
        if let Some(doc) = &mut other {
            whole(doc);
        }
        if known.heads() != self.heads {
            whole(&mut known);
            nothing_is_gone(&self.facts, &known.facts());
        }
    }
}

fn nothing_is_gone(before: &Facts, after: &Facts) {
    macro_rules! kept {
        ($($container:ident)*) => {
            $(assert!(before.$container.iter().all(|entry| after.$container.contains(entry)), stringify!($container));)*
        };
    }
    kept!(requests photos notes labor materials equipment ticks assets decisions events unknown);
}

/// A document that was accepted loads again as the same, and a work order derives from it.
fn whole(doc: &mut OrderDoc) {
    let mut again = OrderDoc::load(&doc.save()).unwrap();
    assert_eq!(again.heads(), doc.heads());
    let id = doc.id().unwrap();
    let derived = WorkOrder::derive(id, &doc.facts());
    assert!(derived.is_some() && derived == WorkOrder::derive(id, &again.facts()));
    // What others get: every change by itself.
    let mut elsewhere = OrderDoc::empty(&[1]);
    elsewhere.apply(doc.changes_since(&[])).unwrap();
    assert_eq!(elsewhere.heads(), doc.heads());
}
