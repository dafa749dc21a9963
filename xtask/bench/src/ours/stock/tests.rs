use super::*;
use crate::generate::people::Person;
use crate::generate::stamp::Template;
use crate::generate::{DAYS, World};
use crate::ours::{crowd, town};
use coldpatch_server::app::App;
use coldpatch_server::clock;
use coldpatch_shared::ids::CrewId;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{ChangeBytes, KeptReceipt, OrderChanges, SyncRequest, Verdict};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;

/// All that depends on what work orders say. (Of commits there are other ones, and what was over before it came in has no
/// traces of scopes that it was in.)
const TABLES: [(&str, &str); 8] = [
    ("documents", ""),
    ("changes", ""),
    ("scopes", "WHERE left_at IS NULL"),
    ("scope_sums", "WHERE sum <> zeroblob(16)"),
    ("orders", ""),
    ("requests", ""),
    ("mirrors", ""),
    ("renditions", ""),
];

fn rows(data: &Path, (table, which): (&str, &str)) -> Vec<Vec<Value>> {
    let db = Connection::open(data.join("coldpatch.sqlite3")).unwrap();
    let mut all = db.prepare(&format!("SELECT * FROM {table} {which} ORDER BY 1, 2")).unwrap();
    let width = all.column_count();
    let rows = all.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Twenty lives and nine copies of each, over the whole year: long gone from all scopes, closed lately, and open.
fn some(world: &World, now: i64) -> Vec<OrderWrite> {
    let mut writes = Vec::new();
    for number in 0..20_u64 {
        let crew = CrewId(format!("crew-{}", 30 + number % 7));
        let day = i64::try_from(DAYS).unwrap() - i64::try_from(number).unwrap() * 4;
        let short = number % 2 == 0;
        let order = if short { world.short_order_on(number, &crew, day) } else { world.order_on(number, &crew, day) };
        let order = order.unwrap();
        let write = write(&world.city, &order, &order.changes, 0, Received::Then, now).unwrap();
        let template = Template::new(write.clone()).unwrap();
        writes.push(write);
        writes.extend((1..10).map(|copy| template.copy(world, 1_000 * copy + number).unwrap()));
    }
    writes
}

/// As after a restore: a phone gives back what the server vouched for when it first came.
fn give_back(app: &App, writes: &[OrderWrite], now: i64) {
    let given = |write: &OrderWrite| OrderChanges {
        work_order: write.order.id,
        changes: write.changes.iter().map(|change| ChangeBytes::from(change.bytes.clone())).collect(),
    };
    let receipt = |change: &NewChange| KeptReceipt {
        receipt: app.sync.keys.receipt(change.received_at.unwrap(), &receipt::digest(&[change.hash])),
        hashes: change.hash.0.to_vec(),
    };
    let request = SyncRequest {
        given_back: writes.iter().map(given).collect(),
        receipts: writes.iter().flat_map(|write| &write.changes).map(receipt).collect(),
        budget: 0,
        ..crowd::ask(None)
    };
    let who = Person::of_crew(&CrewId::from("crew-4"), 7).session();
    let answer = app.sync.round_trip(&who, &request, now).unwrap();
    assert_eq!(answer.taken_back, vec![Verdict::Accepted; writes.len()]);
}

#[test]
fn what_is_filled_in_is_what_the_server_stores_when_it_takes_the_same_in() {
    let (world, now) = (World::new(311).unwrap(), clock::now());
    let writes = some(&world, now);
    assert_eq!(writes.len(), 200);
    let folder = tempfile::tempdir().unwrap();
    let city = town::write(folder.path()).unwrap();
    let [filled, ordinary] = ["filled", "ordinary"].map(|name| folder.path().join(name));
    let app = town::open(&city, &ordinary).unwrap();
    for some in writes.chunks(40) {
        give_back(&app, some, now);
    }
    app.sync.ledger.sweep(now).unwrap();
    app.sync.ledger.compact(now - KEPT).unwrap();
    let app = town::open(&city, &filled).unwrap();
    commit(&*app.storage, writes, now).unwrap();
    for table in TABLES {
        let (filled, ordinary) = (rows(&filled, table), rows(&ordinary, table));
        assert_eq!(filled.len(), ordinary.len(), "rows of {table:?}");
        for (filled, ordinary) in filled.iter().zip(&ordinary) {
            assert_eq!(filled, ordinary, "{table:?}");
        }
    }
    assert!(!rows(&filled, TABLES[2]).is_empty(), "some are in scopes");
}
