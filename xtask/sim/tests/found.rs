//! Worlds that found something once: bugs of ours, now mended, and the five that are put back on purpose.
//!
//! Each world runs in a process of its own, since SQLite's dice are a whole process's. When a change to the product or to
//! the simulator makes a seed harmless, `cargo xtask sim --sabotage … --seeds 300` finds another. Without the bugs these
//! worlds hold: they are among the first 300, which `cargo xtask sim` runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::process::Command;

/// Seed, and what was wrong with the product.
const MENDED: [(u64, &str); 5] = [
    (37, "a request kept no tracking number when the one that it had got lost with the server's last day"),
    (100, "the same, with a second request of the same work order"),
    (258, "a phone that came back from a backup wrote a second change 1 under the actor of its other life"),
    (291, "a number that arrived late was given beside a new one"),
    (100_527, "a phone without a network let go of a work order that the server, restored meanwhile, had lost"),
];

/// A bug, the seed that finds it first, and what the world says of it.
const PUT_BACK: [(&str, u64, &str); 5] = [
    ("drop-ack", 1, "phone"),
    ("reuse-actor", 20, "exists with two contents"),
    ("skip-digest", 0, "does not know that these are in its scopes"),
    ("evict-pending", 9, "is lost"),
    ("order-by-clock", 0, "which its author had seen"),
];

/// What a world said, and whether everything held.
fn world(seed: u64, more: &[&str]) -> (String, bool) {
    let mut sim = Command::new(env!("CARGO_BIN_EXE_coldpatch-sim"));
    let done = sim.arg(format!("--seed={seed}")).args(more).output().expect("the simulator starts");
    (String::from_utf8(done.stdout).unwrap(), done.status.success())
}

#[test]
fn worlds_that_found_bugs_of_ours_hold_now() {
    for (seed, what) in MENDED {
        let (said, holds) = world(seed, &[]);
        assert!(holds, "seed {seed} ({what}):\n{said}");
    }
}

#[test]
fn every_bug_that_is_put_back_is_found() {
    for (bug, seed, words) in PUT_BACK {
        let (said, holds) = world(seed, &["--sabotage", bug]);
        let wrong = said.lines().find(|line| line.starts_with("WRONG: ")).unwrap_or_default();
        assert!(!holds && wrong.contains(words), "{bug} under seed {seed}: {wrong}");
    }
}

#[test]
fn a_seed_tells_the_same_story_every_time() {
    let story = || {
        let (said, _) = world(4, &[]);
        let last = said.lines().find(|line| line.starts_with("seed 4: ")).unwrap().to_owned();
        last.split(", ").take(2).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(story(), story());
}
