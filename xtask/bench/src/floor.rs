//! What no protocol can go below: one round trip on a connection that is there, and the content, compressed as one with
//! `zstd -19`, over the bandwidth. Both directions are added up: an answer is written when the request was read.

use crate::contender::{Case, Task};
use crate::proxy::Link;
use anyhow::{Context, Result};
use automerge::AutoCommit;
use std::time::Duration;

/// Compressed content, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// From the phone.
    pub up: usize,
    /// To the phone.
    pub down: usize,
}

impl Floor {
    /// Of a task. The day's content is its changes as Automerge has them; that of a first sync the saved documents, with or
    /// without Automerge's own compression, whichever comes out smaller.
    ///
    /// # Errors
    /// When a document cannot be read.
    pub fn of(case: &Case, task: Task) -> Result<Self> {
        let changes = |side: &[crate::generate::day::Edited]| -> Vec<u8> {
            let changes = side.iter().flat_map(|edited| &edited.changes);
            changes.flat_map(|made| made.change.raw_bytes().to_vec()).collect()
        };
        if task == Task::CatchUp {
            return Ok(Self {
                up: compressed(&changes(&case.day.on_phone))?,
                down: compressed(&changes(&case.day.on_server))?,
            });
        }
        let (mut deflated, mut plain) = (Vec::new(), Vec::new());
        for order in &case.orders {
            let saved = order.doc.clone().save();
            plain.extend(AutoCommit::load(&saved)?.save_nocompress());
            deflated.extend(saved);
        }
        Ok(Self { up: 0, down: compressed(&deflated)?.min(compressed(&plain)?) })
    }

    /// Both ways.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.up + self.down
    }

    /// On a link.
    #[must_use]
    pub fn time(&self, link: &Link) -> Duration {
        link.round_trip + link.sending(self.bytes())
    }
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    Ok(zstd::bulk::compress(bytes, 19).context("zstd")?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_a_round_trip_and_the_contents_time() {
        let floor = Floor { up: 5_000, down: 10_000 };
        assert_eq!(floor.time(&Link::SLOW), Duration::from_millis(600));
    }

    #[test]
    fn the_days_content_is_smaller_than_what_it_is_made_of_and_not_nothing() {
        let case = Case::new(311, 300).unwrap();
        let floor = Floor::of(&case, Task::CatchUp).unwrap();
        assert!(floor.up > 1_000 && floor.down > 1_000, "{floor:?}");
        let changes = case.day.on_server.iter().flat_map(|edited| &edited.changes);
        let raw: usize = changes.map(|made| made.change.raw_bytes().len()).sum();
        assert!(floor.down < raw, "{floor:?} of {raw}");
        assert!(Floor::of(&case, Task::FirstSync).unwrap().down > 10 * floor.down);
    }
}
