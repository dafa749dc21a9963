//! Any bytes as a sync request and as an answer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| coldpatch_fuzz::targets::wire(bytes));
