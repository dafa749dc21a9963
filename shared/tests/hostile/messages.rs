//! One of everything that travels.

use super::world::{ORDER, OTHER, base, honest};
use coldpatch_shared::sync::wire::{
    Compared, Cursor, Differing, Digested, Entered, Held, KeptReceipt, Left, OrderChanges, PROTOCOL, Receipt,
    RefusalCode, ScopeBuckets, SyncRequest, SyncResponse, Verdict,
};
use std::collections::BTreeMap;

fn cursor() -> Cursor {
    Cursor {
        epoch: "e1".to_owned(),
        seq: 7,
        log: vec![1; 32],
        positions: BTreeMap::from([("crew:crew-4".to_owned(), 7)]),
        mac: vec![2; 32],
    }
}

fn changes() -> Vec<OrderChanges> {
    vec![OrderChanges { work_order: ORDER, changes: honest().into_iter().take(2).map(Into::into).collect() }]
}

fn receipt() -> Receipt {
    Receipt { time: 1_790_000_000_000, mac: vec![3; 32] }
}

pub fn request() -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        device_time: 1_790_000_000_000,
        budget: 1 << 20,
        cursor: Some(cursor()),
        changes: changes(),
        buckets: Some(vec![ScopeBuckets { scope: "crew:crew-4".to_owned(), sums: vec![4; 16] }]),
        compare: vec![Held { work_order: ORDER, heads: vec![5; 32] }],
        given_back: changes(),
        receipts: vec![KeptReceipt { receipt: receipt(), hashes: vec![6; 64] }],
    }
}

pub fn response() -> SyncResponse {
    SyncResponse {
        protocol: PROTOCOL,
        server_time: 1_790_000_000_000,
        city_version: "v1".to_owned(),
        verdicts: vec![
            Verdict::Accepted,
            Verdict::Refused { code: RefusalCode::NotYours, message: "No.".to_owned() },
            Verdict::NotNow { message: "Later.".to_owned() },
        ],
        taken_back: vec![Verdict::Accepted],
        scopes: vec!["crew:crew-4".to_owned()],
        entered: vec![Entered { work_order: ORDER, scopes: 1, document: Some(base().save().into()) }],
        changes: changes(),
        left: vec![Left { work_order: OTHER, scopes: 1 }],
        cursor: Some(cursor()),
        more: true,
        remaining: 3,
        digests: vec![vec![7; 16].into()],
        differing: vec![Differing {
            scope: 0,
            of: 2,
            bucket: 1,
            documents: vec![Digested { work_order: ORDER, digest: vec![8; 16] }],
        }],
        compared: vec![Compared {
            work_order: ORDER,
            heads: vec![9; 32],
            lacks: true,
            changes: vec![honest().remove(0).into()],
        }],
        receipt: Some(receipt()),
        backed_up_through: Some(1_790_000_000_000),
    }
}
