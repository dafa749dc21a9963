//! What happened in a world, in words: the last lines for people, a hash over all, and how often each fault came.

use crate::agenda::Ms;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Display;

/// So many lines are kept for whoever reads about a failure.
const KEPT: usize = 40;

/// A world's story.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    last: VecDeque<String>,
    lines: u64,
    hasher: Sha256,
    counts: BTreeMap<String, u64>,
    aloud: bool,
}

impl Trace {
    /// One that prints each line at once, or not.
    pub(crate) fn new(aloud: bool) -> Self {
        Self { aloud, ..Self::default() }
    }

    /// Something happened at `at`.
    pub(crate) fn say(&mut self, at: Ms, what: impl Display) {
        let (seconds, ms) = (at / 1_000, at % 1_000);
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let line = format!("day {days} {hours:02}:{:02}:{:02}.{ms:03}  {what}", seconds / 60 % 60, seconds % 60);
        if self.aloud {
            eprintln!("{line}");
        }
        self.hasher.update(line.as_bytes());
        self.lines += 1;
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// A fault, or something else that is worth counting, came.
    pub(crate) fn count(&mut self, what: &str) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: &str, more: u64) {
        if more > 0 {
            *self.counts.entry(what.to_owned()).or_default() += more;
        }
    }

    /// → the last lines, how many there were, the hash of all, the counts.
    pub(crate) fn finish(self) -> (Vec<String>, u64, String, BTreeMap<String, u64>) {
        let hash = self.hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        (self.last.into(), self.lines, hash, self.counts)
    }
}
