//! Changes with a good checksum that Automerge applies and then cannot load again: a phone that took one in would have
//! lost the work order. Found by damaging the columns of honest changes at random: of 60,000, 16,570 apply and do not load,
//! and 2,829 make Automerge panic. `found/*.change` has one for each of the judge's answers to them; `saving.change` is one
//! of 3,563 that nothing but saving and loading finds.

use super::chunk::Parts;
use super::watch::{Trial, judge_all};
use super::world::{BASE, ORDER, Person, base, honest};
use automerge::{AutoCommit, Change};
use coldpatch_shared::sync::wire::{SentChange, Verdict};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What Automerge by itself does with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    RefusesToParse,
    RefusesToApply,
    Panics,
    AppliesAndLoads,
    AppliesAndDoesNotLoad,
}

fn automerge_alone(bytes: &[u8]) -> Outcome {
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let Ok(change) = Change::from_bytes(bytes.to_vec()) else { return Outcome::RefusesToParse };
        let mut doc = AutoCommit::load(BASE).unwrap();
        let before = doc.get_heads();
        if doc.apply_changes([change]).is_err() || doc.get_heads() == before {
            return Outcome::RefusesToApply;
        }
        let same = AutoCommit::load(&doc.save()).is_ok_and(|mut again| again.get_heads() == doc.get_heads());
        if same { Outcome::AppliesAndLoads } else { Outcome::AppliesAndDoesNotLoad }
    }));
    tried.unwrap_or(Outcome::Panics)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/found")
}

fn trial(bytes: Vec<u8>, what: String) -> Trial {
    let sent = SentChange { work_order: ORDER, bytes };
    Trial { what, doc: Some(base()), sent, who: Person::inspector().session }
}

#[test]
fn changes_that_could_never_be_loaded_again_never_get_in() {
    let files: Vec<_> = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 3);
    let mut trials = Vec::new();
    for file in files {
        let (bytes, name) = (fs::read(&file).unwrap(), file.display().to_string());
        assert_eq!(automerge_alone(&bytes), Outcome::AppliesAndDoesNotLoad, "{name} is still what it was");
        trials.push(trial(bytes, name));
    }
    // `newer.change` would make an entry that only a newer version could have made: that waits. No other does.
    judge_all(trials, |name, verdict| match verdict {
        Err(Verdict::Refused { .. }) => (),
        Err(Verdict::NotNow { .. }) => assert!(name.ends_with("newer.change"), "{name}"),
        other => panic!("{name}: {other:?}"),
    });
}

/// How the files came to be: `cargo test -p coldpatch-shared --test hostile search -- --ignored --nocapture`.
#[test]
#[ignore = "a search that takes a minute, and writes files"]
fn search_for_changes_that_apply_and_do_not_load() {
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = move || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice
    };
    let honest: Vec<_> = honest().iter().map(|change| Parts::of(change)).collect();
    let (mut outcomes, mut found) = (BTreeMap::<_, u32>::new(), Vec::new());
    let noise = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    for _ in 0..60_000 {
        let which = usize::try_from(roll() % 7).unwrap();
        // Only columns: what the header says is compared with the document before anything is applied.
        let program: Vec<u8> = (0..=roll() % 2)
            .flat_map(|_| {
                let [a, b, c, d, ..] = roll().to_le_bytes();
                [a | 0x10, b, c, d]
            })
            .collect();
        let bytes = honest[which].damaged(&program).chunk();
        let outcome = automerge_alone(&bytes);
        *outcomes.entry(outcome).or_default() += 1;
        if outcome == Outcome::AppliesAndDoesNotLoad {
            found.push(bytes);
        }
    }
    std::panic::set_hook(noise);
    println!("{outcomes:?}");
    let mut verdicts = BTreeMap::<String, Vec<Vec<u8>>>::new();
    let mut all = found.clone().into_iter();
    judge_all(found.into_iter().map(|bytes| trial(bytes, "found".to_owned())), |_, verdict| {
        verdicts.entry(format!("{:?}", verdict.map(|_| ()))).or_default().push(all.next().unwrap());
    });
    fs::create_dir_all(folder()).unwrap();
    for (n, (verdict, all)) in verdicts.into_iter().enumerate() {
        println!("{} × {verdict}", all.len());
        fs::write(folder().join(format!("{n}.change")), &all[0]).unwrap();
    }
}
