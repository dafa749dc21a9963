//! Real SQLite on a disk that crashes, fills up, breaks and comes back from a backup.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod workload;

use coldpatch_sim::disk::{Blow, Call, Disk, DiskError};
use coldpatch_sim::seed::Seed;
use rusqlite::ErrorCode;
use workload::{DURABLE, TRANSACTIONS, dump, open, run, states_after_each_transaction, transact};

#[test]
fn the_same_seed_makes_the_same_crash() {
    let crash = |seed| {
        let disk = Disk::new("phone", Seed(seed)).unwrap();
        disk.crash_after(200, Blow::Power);
        let (acknowledged, _) = run(&disk, DURABLE);
        let report = disk.last_crash().unwrap();
        disk.restart().unwrap();
        let db = open(&disk, DURABLE).unwrap();
        (acknowledged, report, dump(&db), disk.calls())
    };
    assert_eq!(crash(5), crash(5));
    assert!((0..10).any(|seed| crash(seed).1 != crash(5).1));
}

#[test]
fn after_a_crash_everything_fails_until_the_restart_which_waits_for_the_dead_to_be_buried() {
    let disk = Disk::new("phone", Seed(1)).unwrap();
    let db = open(&disk, DURABLE).unwrap();
    transact(&db, 0).unwrap();
    disk.crash(Blow::Power);
    assert!(disk.is_down());
    assert_eq!(transact(&db, 1).unwrap_err().sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
    disk.connect("phone.db").unwrap_err();
    assert!(matches!(disk.restart(), Err(DiskError::StillOpen(_))));
    drop(db);
    disk.restart().unwrap();
    let db = open(&disk, DURABLE).unwrap();
    transact(&db, 1).unwrap();
    assert_eq!(dump(&db).unwrap(), states_after_each_transaction(DURABLE)[2].clone().unwrap());
}

#[test]
fn a_full_disk_fails_the_transaction_and_keeps_what_was_there() {
    let states = states_after_each_transaction(DURABLE);
    let mut failed = 0;
    for spare in (0..60_000).step_by(1_111) {
        let disk = Disk::new("phone", Seed(1)).unwrap();
        let mut db = open(&disk, DURABLE).unwrap();
        for nth in 0..10 {
            transact(&db, nth).unwrap();
        }
        disk.fill(spare);
        let before = disk.used();
        let mut done = 10;
        let full = loop {
            match transact(&db, done) {
                Ok(()) => done += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull), "{full}");
        assert!(disk.used() <= before + spare);
        assert_eq!(dump(&db), states[done], "with {spare} bytes of room");
        // A process that ends while the disk is full finds the same.
        if spare % 2 == 0 {
            disk.crash(Blow::Power);
            drop(db);
            disk.restart().unwrap();
            disk.make_room();
            db = open(&disk, DURABLE).unwrap();
            assert_eq!(dump(&db), states[done]);
        }
        disk.make_room();
        for nth in done..TRANSACTIONS {
            transact(&db, nth).unwrap();
        }
        assert_eq!(dump(&db), states[TRANSACTIONS]);
        failed += 1;
    }
    assert!(failed > 50);
}

#[test]
fn an_error_of_the_medium_fails_the_transaction_and_keeps_what_was_there() {
    let states = states_after_each_transaction(DURABLE);
    for call in [Call::Read, Call::Write, Call::Resize, Call::Sync] {
        let mut errors = 0;
        for after in 0..60 {
            let disk = Disk::new("phone", Seed(1)).unwrap();
            let db = open(&disk, DURABLE).unwrap();
            for nth in 0..10 {
                transact(&db, nth).unwrap();
            }
            disk.fail(call, after, u32::MAX);
            // Nothing in the cache, or there would be nothing to read.
            db.execute_batch("PRAGMA shrink_memory").unwrap();
            let failed = (10..TRANSACTIONS).find(|nth| transact(&db, *nth).is_err());
            errors += usize::from(failed.is_some());
            drop(db);
            disk.repair();
            let db = open(&disk, DURABLE).unwrap();
            let found = dump(&db);
            let done = failed.unwrap_or(TRANSACTIONS);
            // A failure after the commit point says "failed" of what is there: whole or absent, never half.
            assert!(found == states[done] || failed.is_some() && found == states[done + 1], "{call:?} after {after}");
        }
        assert!(errors >= 20, "{call:?} failed {errors} transactions");
    }
}

#[test]
fn a_restored_backup_has_what_it_had() {
    let states = states_after_each_transaction(DURABLE);
    let disk = Disk::new("phone", Seed(3)).unwrap();
    let db = open(&disk, DURABLE).unwrap();
    for nth in 0..12 {
        transact(&db, nth).unwrap();
    }
    // In the middle of a transaction that spills to the disk: the backup has a hot journal, too.
    db.execute_batch("BEGIN IMMEDIATE; INSERT INTO entries (id, body) VALUES (-1, randomblob(200000));").unwrap();
    let last_night = disk.back_up();
    db.execute_batch("COMMIT").unwrap();
    for nth in 12..TRANSACTIONS {
        transact(&db, nth).unwrap();
    }
    assert!(matches!(disk.restore(&last_night), Err(DiskError::StillOpen(_))));
    drop(db);
    disk.restore(&last_night).unwrap();
    let db = open(&disk, DURABLE).unwrap();
    assert_eq!(dump(&db), states[12]);
    transact(&db, 12).unwrap();
    assert_eq!(dump(&db), states[13]);
}

#[test]
fn connections_to_one_file_see_each_other_and_lock_each_other_out() {
    let disk = Disk::new("server", Seed(1)).unwrap();
    let writer = open(&disk, DURABLE).unwrap();
    transact(&writer, 0).unwrap();
    transact(&writer, 1).unwrap();
    let reader = disk.connect_read_only("phone.db").unwrap();
    assert_eq!(dump(&reader), dump(&writer));

    // One that reads holds off the commit, not the writing; one that writes holds off another that wants to.
    reader.execute_batch("BEGIN; SELECT count(*) FROM entries;").unwrap();
    let busy = transact(&writer, 2).unwrap_err();
    assert_eq!(busy.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    reader.execute_batch("COMMIT").unwrap();
    transact(&writer, 2).unwrap();
    assert_eq!(dump(&reader), dump(&writer));

    let other = open(&disk, DURABLE).unwrap();
    other.busy_timeout(std::time::Duration::from_secs(15)).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = std::time::Instant::now();
    assert_eq!(transact(&other, 3).unwrap_err().sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    assert!(started.elapsed().as_secs() < 5, "waiting costs no real time");
    writer.execute_batch("COMMIT").unwrap();
    transact(&other, 3).unwrap();
    assert_eq!(dump(&reader), dump(&other));
}

#[test]
fn disks_with_one_label_are_two_and_a_dropped_one_is_gone() {
    let (first, second) = (Disk::new("phone", Seed(1)).unwrap(), Disk::new("phone", Seed(1)).unwrap());
    transact(&open(&first, DURABLE).unwrap(), 0).unwrap();
    assert_eq!(second.used(), 0);
    let path = first.path("phone.db");
    drop(first);
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    rusqlite::Connection::open_with_flags_and_vfs(path, flags, coldpatch_sim::disk::VFS_NAME).unwrap_err();
}

#[test]
fn a_uri_opens_it_where_code_takes_a_path_only() {
    let disk = Disk::new("server", Seed(1)).unwrap();
    let db = rusqlite::Connection::open(disk.uri("server.db")).unwrap();
    db.execute_batch("PRAGMA journal_mode = truncate; CREATE TABLE t (x); INSERT INTO t VALUES (1);").unwrap();
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = rusqlite::Connection::open_with_flags(disk.uri("server.db"), flags).unwrap();
    assert_eq!(reader.query_row("SELECT x FROM t", [], |row| row.get::<_, i64>(0)), Ok(1));
    assert!(disk.used() > 0);
}

#[test]
fn sqls_own_clock_and_dice_repeat() {
    let disk = Disk::new("phone", Seed(1)).unwrap();
    let db = disk.connect("phone.db").unwrap();
    assert_eq!(
        db.query_row("SELECT datetime('now')", [], |row| row.get::<_, String>(0)),
        Ok("2026-01-01 12:00:00".to_owned())
    );
}
