//! Any bytes as a camera's file. Any panic is a find, also one that the pipeline contains: in a browser it would end the Worker.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| coldpatch_fuzz::photo::photo(bytes));
