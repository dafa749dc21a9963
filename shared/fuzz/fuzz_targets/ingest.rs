//! Any bytes as changes that a phone sends.

#![no_main]

use coldpatch_fuzz::targets::Ingest;
use coldpatch_shared::sync::judge;

std::thread_local! {
    static INGEST: Ingest = Ingest::new();
}

// A panic that the judge contains is no crash; any other one is.
libfuzzer_sys::fuzz_target!(init: judge::quiet_contained_panics(), |bytes: &[u8]| INGEST.with(|ingest| ingest.run(bytes)));
