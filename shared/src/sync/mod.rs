//! Sync, without I/O: events and the time go in, effects come out.
//!
//! - [`wire`]: what travels, in one round trip
//! - [`phone`]: when a phone speaks to the server, and what it does with failure
//! - [`judge`]: what the server makes of a change that a phone sent
//! - [`digest`]: how both see that they hold the same, and find where they do not
//! - [`receipt`]: how a phone proves what the server once had
//!
//! `docs/sync.md` tells the whole story.

pub mod digest;
pub mod judge;
pub mod phone;
pub mod receipt;
pub mod wire;
