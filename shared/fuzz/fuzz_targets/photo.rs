//! Any bytes as a camera's file.

#![no_main]

use coldpatch_shared::sync::judge;

// A panic of a decoder that is contained is no crash (in a browser it ends a Worker that only makes photos); any other one is.
libfuzzer_sys::fuzz_target!(init: judge::quiet_contained_panics(), |bytes: &[u8]| coldpatch_fuzz::photo::photo(bytes));
