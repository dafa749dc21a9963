//! The work order: what a crew does, as one Automerge document.
//!
//! - [`entry`]: the facts that people add, and who added them when; [`event`]: what happened
//! - [`document`]: the document itself: genesis, appending entries, taking in changes
//! - [`facts`]: a permissive reading of every entry, unknown kinds included
//! - [`rounds`]: the causal graph of events: who saw what, what was taken back, which round an event belongs to
//! - [`pairs`], [`later`], [`undo`]: the total tables, as data with reasons
//! - [`status`], [`flags`]: what the tables make of the events
//! - [`links`]: duplicates and follow-ups: what ties work orders together
//! - [`decisions`]: the current value of each field, and what still disagrees with it
//! - [`marks`]: what people draw over a photo
//! - `developed`: what the server made of a photo that its phone could not decode
//! - [`view`]: all of it put together, which is what screens and projections read
//!
//! Nothing here is ever overwritten or deleted; nothing derived is ever stored in the document.

pub(crate) mod content;
pub mod decisions;
mod developed;
pub mod document;
pub mod entry;
pub mod event;
pub mod facts;
pub mod flags;
mod json;
pub mod later;
pub mod links;
pub mod marks;
pub mod pairs;
pub mod rounds;
pub mod status;
pub mod undo;
pub mod view;

pub use document::{DocumentError, OrderDoc};
pub use entry::*;
pub use event::*;
pub use facts::Facts;
pub use links::{Link, LinkKind};
pub use marks::{Mark, Shape};
pub use status::{Flag, FlagKind, Status};
pub use view::WorkOrder;
