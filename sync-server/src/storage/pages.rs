//! What a phone asks for and gets: pages of what is new, sums of what is there.

use super::LogState;
use automerge::ChangeHash;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::wire::{Differing, Entered, Left, OrderChanges, ScopeBuckets};
use std::collections::{BTreeMap, BTreeSet};

/// Up to which numbers a phone has everything, for each scope, as its cursor says. While a scope is being caught up with
/// in several pages, two more numbers are beside it; see [`Position`].
pub type Positions = BTreeMap<String, u64>;

/// How far a phone is in one scope.
///
/// What moved in a scope comes in the order in which it moved last, each work order as it is now. In the middle of that,
/// `through` is how far it came, and the phone has of those that are still to come only what it had at `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Everything that moved last at or before this is with the phone.
    pub through: u64,
    /// Where the phone was when this catching up began.
    pub from: u64,
    /// The log's last number at that time.
    pub until: u64,
}

impl Position {
    /// The position of a scope, in a log that goes up to `last`.
    #[must_use]
    pub fn read(positions: &Positions, scope: &str, last: u64) -> Self {
        let get = |key: &str| positions.get(key).copied();
        let through = get(scope).unwrap_or(0);
        let from = get(&key(scope, FROM)).unwrap_or(through);
        Self { through, from, until: get(&key(scope, UNTIL)).unwrap_or(last) }
    }

    /// Writes it into what the cursor will hold.
    pub fn write(self, positions: &mut Positions, scope: &str) {
        positions.insert(scope.to_owned(), self.through);
        if self.from != self.through {
            positions.insert(key(scope, FROM), self.from);
            positions.insert(key(scope, UNTIL), self.until);
        }
    }
}

const FROM: &str = "from";
const UNTIL: &str = "until";

/// No scope has a space in its name.
fn key(scope: &str, what: &str) -> String {
    format!("{scope} {what}")
}

/// A question for what is new.
#[derive(Debug)]
pub struct PageAsk<'a> {
    /// The scopes that the asker follows; at most [`MOST_SCOPES`](coldpatch_shared::sync::wire::MOST_SCOPES).
    pub scopes: &'a [String],
    /// How far the asker is in each; at 0 where nothing is said.
    pub positions: &'a Positions,
    /// About how many bytes the asker wants. The first thing comes whatever its size.
    pub budget: usize,
    /// Documents that the asker has although no scope says so: it has just created them.
    pub created: &'a BTreeSet<WorkOrderId>,
    /// Changes that the asker has just sent.
    pub sent: &'a BTreeSet<ChangeHash>,
}

/// What is new, as far as the budget went, all of it as of one instant.
#[derive(Debug)]
pub struct Page {
    /// The log at that instant.
    pub state: LogState,
    /// Work orders that entered scopes; masks count in the order of [`PageAsk::scopes`].
    pub entered: Vec<Entered>,
    /// Changes of those that the asker has.
    pub changes: Vec<OrderChanges>,
    /// Work orders that left scopes.
    pub left: Vec<Left>,
    /// The hashes of `changes`, and the heads of whole documents in `entered`.
    pub hashes: Vec<ChangeHash>,
    /// How far the asker is now.
    pub positions: Positions,
    /// Whether there is another page.
    pub more: bool,
    /// About how many work orders are still to come.
    pub remaining: u32,
    /// About how many bytes it is.
    pub bytes: usize,
    /// The sum of each scope; only when there is no more.
    pub digests: Vec<[u8; 16]>,
}

/// Where a phone's sums differ from what is here, as of one instant.
#[derive(Debug)]
pub struct Reconciled {
    /// The log at that instant.
    pub state: LogState,
    /// The buckets that differ.
    pub differing: Vec<Differing>,
    /// The places of scopes whose lists would have become too long. Of these the asker may lack anything.
    pub cut: BTreeSet<usize>,
}

/// A question for what differs.
#[derive(Debug)]
pub struct ReconcileAsk<'a> {
    /// The scopes that the asker follows.
    pub scopes: &'a [String],
    /// What it holds.
    pub buckets: &'a [ScopeBuckets],
    /// The most work orders that the answer lists.
    pub most: usize,
}
