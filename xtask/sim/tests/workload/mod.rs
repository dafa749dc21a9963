//! Thirty transactions of very different sizes, and what a crash in the midst of them left.

#![allow(dead_code, reason = "no test file uses all of it")]

use coldpatch_sim::disk::{Blow, Disk};
use coldpatch_sim::seed::Seed;
use rand::RngExt as _;
use rusqlite::Connection;
use std::sync::OnceLock;

/// What phones and the server use.
pub(crate) const DURABLE: &str = "PRAGMA journal_mode = truncate; PRAGMA synchronous = full;";
/// Transactions in the workload.
pub(crate) const TRANSACTIONS: usize = 30;

const NOISE: usize = 50_000;

/// Bytes to take bodies from: made once, since making them costs more than storing them.
fn noise() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut dice = Seed(1).dice();
        (0..NOISE * 2).map(|_| dice.random()).collect()
    })
}

/// All rows; `None` before the first transaction made the table.
pub(crate) type Rows = Option<Vec<(i64, Vec<u8>)>>;

/// What a crash broke.
#[derive(Debug, PartialEq)]
pub(crate) enum Finding {
    /// Acknowledged and not there, or there by half.
    Lost { seed: u64, nth: u64, acknowledged: usize },
    /// SQLite cannot read it, or says that it is not in order.
    Damaged { seed: u64, nth: u64, why: String },
}

/// Opens the workload's database. The cache is small, so that large transactions spill before they commit.
pub(crate) fn open(disk: &Disk, pragmas: &str) -> rusqlite::Result<Connection> {
    let db = disk.connect("phone.db")?;
    db.execute_batch(pragmas)?;
    db.execute_batch("PRAGMA cache_size = 8; PRAGMA cache_spill = 8;")?;
    Ok(db)
}

/// Does the `nth` transaction; always the same one.
pub(crate) fn transact(db: &Connection, nth: usize) -> rusqlite::Result<()> {
    let tx = db.unchecked_transaction()?;
    if nth == 0 {
        tx.execute_batch(
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, body BLOB NOT NULL); CREATE INDEX by_size ON entries (length(body), id);",
        )?;
    } else {
        let first = i64::try_from(nth * 100).unwrap();
        let mut dice = Seed(nth as u64).dice();
        let (rows, longest) = [(1, 30), (3, 700), (9, 900), (2, 5_000), (1, 30_000)][nth % 5];
        for row in 0..rows {
            let (start, length) = (dice.random_range(0..NOISE), dice.random_range(1..longest));
            let body = &noise()[start..start + length];
            tx.execute("INSERT INTO entries (id, body) VALUES (?1, ?2)", (first + row, body))?;
        }
        let victim = dice.random_range(1..=first);
        tx.execute(
            "UPDATE entries SET body = CAST(body || x'00ff' AS BLOB) WHERE id BETWEEN ?1 AND ?1 + 100",
            [victim],
        )?;
        if nth.is_multiple_of(7) {
            tx.execute("DELETE FROM entries WHERE id < ?1", [victim])?;
        }
    }
    tx.commit()
}

/// Everything in the table.
pub(crate) fn dump(db: &Connection) -> Rows {
    let mut query = match db.prepare("SELECT id, body FROM entries ORDER BY id") {
        Ok(query) => query,
        Err(error) if error.to_string().contains("no such table") => return None,
        Err(error) => panic!("{error}"),
    };
    Some(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect())
}

/// Runs until the end or the first error; says how many transactions were acknowledged.
pub(crate) fn run(disk: &Disk, pragmas: &str) -> (usize, rusqlite::Result<()>) {
    let db = match open(disk, pragmas) {
        Ok(db) => db,
        Err(error) => return (0, Err(error)),
    };
    for nth in 0..TRANSACTIONS {
        if let Err(error) = transact(&db, nth) {
            return (nth, Err(error));
        }
    }
    (TRANSACTIONS, Ok(()))
}

/// The rows after 0, 1, … transactions.
pub(crate) fn states_after_each_transaction(pragmas: &str) -> Vec<Rows> {
    let disk = Disk::new("calm", Seed(0)).unwrap();
    let db = open(&disk, pragmas).unwrap();
    let mut states = vec![dump(&db)];
    for nth in 0..TRANSACTIONS {
        transact(&db, nth).unwrap();
        states.push(dump(&db));
    }
    states
}

/// How many calls change the disk when nothing goes wrong.
pub(crate) fn total_calls(pragmas: &str) -> u64 {
    let disk = Disk::new("calm", Seed(0)).unwrap();
    run(&disk, pragmas).1.unwrap();
    disk.calls()
}

/// Runs into a crash at the `nth` call, restarts (every other time into a crash of the recovery first), and looks.
pub(crate) fn crash_at(seed: Seed, nth: u64, blow: Blow, pragmas: &str, states: &[Rows]) -> Option<Finding> {
    let disk = Disk::new("phone", seed.part("crash", nth)).unwrap();
    disk.crash_after(nth, blow);
    let (acknowledged, ended) = run(&disk, pragmas);
    // The last calls may belong to closing the database, after the last acknowledgment.
    assert!(disk.is_down() && (ended.is_err() || acknowledged == TRANSACTIONS));
    disk.restart().unwrap();
    let mut dice = seed.part("recovery", nth).dice();
    while dice.random_ratio(1, 2) {
        disk.crash_after(dice.random_range(1..8), blow);
        // An error here is the crash, or damage that the look below finds.
        let _ = open(&disk, pragmas).and_then(|db| db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())));
        if disk.is_down() {
            disk.restart().unwrap();
        }
    }
    look(&disk, pragmas, seed.0, nth, acknowledged, states)
}

fn look(disk: &Disk, pragmas: &str, seed: u64, nth: u64, acknowledged: usize, states: &[Rows]) -> Option<Finding> {
    let checked = open(disk, pragmas).and_then(|db| {
        let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        Ok((db, verdict))
    });
    match checked {
        Err(error) => Some(Finding::Damaged { seed, nth, why: error.to_string() }),
        Ok((_, verdict)) if verdict != "ok" => Some(Finding::Damaged { seed, nth, why: verdict }),
        Ok((db, _)) => {
            let rows = dump(&db);
            let in_flight = states.get(acknowledged + 1);
            let right = rows == states[acknowledged] || in_flight.is_some_and(|state| rows == *state);
            (!right).then_some(Finding::Lost { seed, nth, acknowledged })
        }
    }
}
