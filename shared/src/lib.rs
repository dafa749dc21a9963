//! The domain and the sync engine of Coldpatch.
//!
//! Pure: no I/O, no clock, no randomness. Time, identifiers and bytes come in as arguments, so that the phone, the
//! server and the tests run the same code.

pub mod action;
pub mod api;
pub mod city;
mod contained;
pub mod geo;
pub mod ids;
pub mod order;
pub mod photo;
#[cfg(feature = "sabotage")]
pub mod sabotage;
pub mod sync;
