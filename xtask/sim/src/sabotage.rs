//! Bugs that are put back on purpose, to see that the simulator finds them.
//!
//! Four are in the simulator's own part of a phone or of the network (what a driver could do wrong); the fifth is a switch
//! in `shared`, which exists only with its feature `sabotage`.

use serde::{Deserialize, Serialize};

/// One bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Sabotage {
    /// The phone loses the server's verdicts, and takes what it has sent out of its outbox all the same.
    DropAck,
    /// The phone keeps its actor on its disk, and goes on under it after a crash or a restore.
    ReuseActor,
    /// The server now and then forgets to send a change or a membership, and nobody compares sums.
    SkipDigest,
    /// What left the phone's scopes is removed with what waits there.
    EvictPending,
    /// Entries are ordered by the clocks of the phones that made them.
    OrderByClock,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DropAck, Self::ReuseActor, Self::SkipDigest, Self::EvictPending, Self::OrderByClock];
}

/// Beside the bug itself, what it needs in order to do harm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The bug, if one is put back.
    pub sabotage: Option<Sabotage>,
    /// The server forgets as with [`Sabotage::SkipDigest`], but sums are compared: what is forgotten must be found and
    /// mended.
    pub forgetful: bool,
}

impl Options {
    /// With one bug.
    #[must_use]
    pub fn with(sabotage: Sabotage) -> Self {
        Self { sabotage: Some(sabotage), forgetful: false }
    }

    pub(crate) fn has(self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    pub(crate) fn forgets(self) -> bool {
        self.forgetful || self.has(Sabotage::SkipDigest)
    }
}
