//! The work order: what a crew does, as one Automerge document.
//!
//! - [`entry`]: the facts that people add, and who added them when
//! - [`document`]: the document itself: genesis, appending entries, taking in changes
//! - [`facts`]: a permissive reading of every entry, unknown kinds included
//! - [`rounds`]: the causal graph of events: who saw what, and which round an event belongs to
//! - [`status`]: the total table that turns events into a status and flags
//! - [`decisions`]: the current value of each field, and what still disagrees with it
//! - [`view`]: all of it put together, which is what screens and projections read
//!
//! Nothing here is ever overwritten or deleted; nothing derived is ever stored in the document.

pub mod decisions;
pub mod document;
pub mod entry;
pub mod facts;
mod json;
pub mod rounds;
pub mod status;
pub mod view;

pub use document::{DocumentError, OrderDoc};
pub use entry::*;
pub use facts::Facts;
pub use status::{Flag, FlagKind, Status};
pub use view::WorkOrder;
