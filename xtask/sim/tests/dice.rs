//! SQLite's own dice are the whole process's, so this is a process of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod workload;

use coldpatch_sim::disk::{Blow, Disk, pin_sqlite_dice};
use coldpatch_sim::seed::Seed;
use workload::{DURABLE, run};

#[test]
fn with_pinned_dice_the_same_seed_leaves_the_same_bytes() {
    let crash = |dice| {
        pin_sqlite_dice(dice);
        let disk = Disk::new("phone", Seed(5)).unwrap();
        disk.crash_after(300, Blow::Power);
        let _ = run(&disk, DURABLE);
        disk.back_up()
    };
    let first = crash(7);
    assert!(first.size() > 50_000);
    assert!(crash(7) == first);
    // Journals carry a random number, so other dice show.
    assert!((8..20).any(|dice| crash(dice) != first));
}
