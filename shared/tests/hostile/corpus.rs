//! What the fuzzers start from and what they once found, run by a plain test.
//!
//! `COLDPATCH_WRITE_CORPUS=1 cargo test -p coldpatch-shared --test hostile` writes the seeds that are missing.

use super::chunk::Parts;
use super::photo::photo;
use super::targets::{Ingest, wire};
use super::{messages, photo_files, world};
use coldpatch_shared::sync::judge::{judge, quiet_contained_panics};
use coldpatch_shared::sync::wire::{SentChange, encode};
use std::fs;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = here("fuzz/corpus").join(target);
    fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

fn write_seeds() {
    let keep = |path: &str, bytes: Vec<u8>| {
        let path = here(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::metadata(&path).map_or(0, |data| data.len()) == 0 {
            fs::write(path, bytes).unwrap();
        }
    };
    keep("tests/hostile/base.automerge", world::build_base());
    keep("fuzz/corpus/wire/seed-request", encode(&messages::request()).unwrap());
    keep("fuzz/corpus/wire/seed-response", encode(&messages::response()).unwrap());
    for (n, change) in world::honest().into_iter().enumerate() {
        keep(&format!("fuzz/corpus/ingest/seed-chunk-{n}"), [vec![0], change.clone()].concat());
        keep(&format!("fuzz/corpus/ingest/seed-body-{n}"), [vec![1], Parts::of(&change).body()].concat());
    }
    let small = photo_files::jpeg(24, 16);
    let place = photo_files::position(photo_files::degrees(47, 36, 1), "N", photo_files::degrees(122, 20, 2), "W");
    keep("fuzz/corpus/photo/seed-jpeg-place", photo_files::with_exif(&small, &place));
    keep("fuzz/corpus/photo/seed-png", photo_files::png(16, 12));
    keep("fuzz/corpus/photo/seed-webp", photo_files::webp(16, 12));
    // Every honest change in turn, undamaged; then with a step of damage here and there.
    keep("fuzz/corpus/ingest/seed-session", [vec![2], (0..8).flat_map(|which| [which, 0]).collect()].concat());
    for field in 0..24 {
        keep(&format!("fuzz/corpus/ingest/seed-damage-{field}"), vec![2, field, 1, field, 1, 3, 4, 0, 0]);
    }
}

#[test]
fn the_base_document_takes_every_honest_change() {
    if std::env::var_os("COLDPATCH_WRITE_CORPUS").is_some() {
        write_seeds();
    }
    let who = world::Person::inspector().session;
    let mut server = world::base();
    for bytes in world::honest() {
        assert_eq!(Parts::of(&bytes).chunk(), bytes, "taken apart and put together again");
        server = judge(Some(&server), &SentChange { work_order: world::ORDER, bytes }, &who).unwrap().doc;
    }
    let sent = SentChange { work_order: world::OTHER, bytes: world::genesis() };
    assert!(judge(None, &sent, &who).unwrap().creates);
}

#[test]
fn the_fuzzers_corpus_holds() {
    quiet_contained_panics();
    let ingest = Ingest::new();
    let (changes, messages, photos) = (corpus("ingest"), corpus("wire"), corpus("photo"));
    assert!(changes.len() > 20 && messages.len() >= 2 && photos.len() > 10);
    changes.iter().for_each(|bytes| ingest.run(bytes));
    messages.iter().for_each(|bytes| wire(bytes));
    photos.iter().for_each(|bytes| photo(bytes));
}
