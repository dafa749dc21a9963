//! What one round says to the server.

use super::outbox::Waiting;
use super::{Store, StoreError, documents, memberships, meta, outbox, receipts, repairs};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::sync::wire::{ChangeBytes, OrderChanges, PROTOCOL, SyncRequest};
use std::collections::{BTreeMap, BTreeSet};

/// How much travels in one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// About how many bytes of changes the phone sends, and again of what it gives back.
    pub send: usize,
    /// About how many bytes of documents and changes it wants.
    pub receive: u32,
}

/// One round: the request, and what its answer is about. It takes one answer, once; see [`Store::take`].
#[derive(Debug)]
pub struct Round {
    pub(super) number: u64,
    pub(super) request: SyncRequest,
    /// The changes of the request, in its order.
    pub(super) sent: Vec<Waiting>,
}

impl Round {
    /// What to send.
    #[must_use]
    pub fn request(&self) -> &SyncRequest {
        &self.request
    }

    /// Whether it compares or gives back this work order.
    pub(super) fn mends(&self, id: WorkOrderId) -> bool {
        self.request.compare.iter().any(|held| held.work_order == id)
            || self.request.given_back.iter().any(|given| given.work_order == id)
    }

    /// The actions that are on their way.
    #[must_use]
    pub fn actions(&self) -> BTreeSet<ActionId> {
        self.sent.iter().map(|waiting| waiting.action).collect()
    }
}

impl Store {
    /// Begins a round; an earlier one that is not answered yet never will be. `device_now` is the device's clock, ms since
    /// the Unix epoch.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn begin_round(&mut self, device_now: i64, budgets: Budgets) -> Result<Round, StoreError> {
        self.rounds += 1;
        self.in_flight = Some(self.rounds);
        let db = &self.db;
        let cursor = meta::cursor(db)?;
        let reconciles = cursor.is_none() && documents::any(db)?;
        let buckets = if reconciles {
            documents::fill_digests(db)?;
            Some(memberships::buckets(db)?)
        } else {
            None
        };
        let (changes, sent) = by_work_order(outbox::next(db, budgets.send)?);
        let given = repairs::to_give_back(db, device_now, budgets.send)?;
        let heads = given.iter().flat_map(|(given, heads)| heads.iter().map(|head| (given.work_order, *head)));
        let receipts = receipts::covering(db, heads)?;
        let request = SyncRequest {
            protocol: PROTOCOL,
            device_time: device_now,
            budget: budgets.receive,
            cursor,
            changes,
            buckets,
            // What the sums tell comes first.
            compare: if reconciles { Vec::new() } else { repairs::to_compare(db, device_now)? },
            given_back: given.into_iter().map(|(given, _)| given).collect(),
            receipts,
        };
        Ok(Round { number: self.rounds, request, sent })
    }
}

/// Changes by work order, each work order's in the order in which they were made; and the same, flat.
fn by_work_order(next: Vec<Waiting>) -> (Vec<OrderChanges>, Vec<Waiting>) {
    let mut places: BTreeMap<WorkOrderId, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Waiting>> = Vec::new();
    for waiting in next {
        let at = *places.entry(waiting.work_order).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(waiting);
    }
    let changes = groups.iter().filter_map(|group| {
        Some(OrderChanges {
            work_order: group.first()?.work_order,
            changes: group.iter().map(|waiting| ChangeBytes::from(waiting.bytes.clone())).collect(),
        })
    });
    (changes.collect(), groups.into_iter().flatten().collect())
}
