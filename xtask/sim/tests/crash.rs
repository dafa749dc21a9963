//! Every crash point of a workload: what was acknowledged stays, and the search would notice if it did not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod workload;

use coldpatch_sim::disk::{Blow, Disk, Fate};
use coldpatch_sim::seed::Seed;
use workload::{DURABLE, Finding, crash_at, run, states_after_each_transaction, total_calls};

/// Every crash point under so many seeds.
const SEEDS: u64 = 4;

fn every_crash_point(pragmas: &str, seeds: u64) -> Vec<Finding> {
    let states = states_after_each_transaction(pragmas);
    let total = total_calls(pragmas);
    assert!(total > 300, "{total} calls are no workload");
    let mut findings = Vec::new();
    for seed in 0..seeds {
        for nth in 1..=total {
            findings.extend(crash_at(Seed(seed), nth, Blow::Power, pragmas, &states));
        }
    }
    findings
}

#[test]
fn a_committed_transaction_survives_every_crash_point() {
    assert_eq!(every_crash_point(DURABLE, SEEDS), []);
}

#[test]
fn so_it_does_with_journals_that_are_deleted_when_folders_are_synced_too() {
    assert_eq!(every_crash_point("PRAGMA journal_mode = delete; PRAGMA synchronous = extra;", 2), []);
}

#[test]
fn without_syncs_the_same_search_finds_lost_and_damaged_transactions() {
    let findings = every_crash_point("PRAGMA journal_mode = truncate; PRAGMA synchronous = off;", 1);
    let count = |kind: fn(&Finding) -> bool| findings.iter().filter(|finding| kind(finding)).count();
    assert!(count(|finding| matches!(finding, Finding::Lost { .. })) > 10, "{findings:?}");
    assert!(count(|finding| matches!(finding, Finding::Damaged { .. })) > 10, "{findings:?}");
}

#[test]
fn a_deleted_journal_that_comes_back_undoes_what_was_acknowledged() {
    let findings = every_crash_point("PRAGMA journal_mode = delete; PRAGMA synchronous = full;", 1);
    assert!(findings.iter().any(|finding| matches!(finding, Finding::Lost { .. })), "{findings:?}");
}

#[test]
fn a_killed_process_loses_nothing_that_was_committed_even_without_syncs() {
    for pragmas in [DURABLE, "PRAGMA journal_mode = truncate; PRAGMA synchronous = off;"] {
        let states = states_after_each_transaction(pragmas);
        for nth in 1..=total_calls(pragmas) {
            assert_eq!(crash_at(Seed(nth), nth, Blow::Kill, pragmas, &states), None);
        }
    }
}

#[test]
fn crashes_keep_lose_and_tear_writes() {
    let mut seen = [0; 3];
    for nth in 1..=total_calls(DURABLE) {
        let disk = Disk::new("phone", Seed(nth)).unwrap();
        disk.crash_after(nth, Blow::Power);
        let _ = run(&disk, DURABLE);
        for (_, fate) in disk.last_crash().unwrap().fates {
            seen[match fate {
                Fate::Kept => 0,
                Fate::Lost => 1,
                Fate::Torn(_) => 2,
            }] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}
