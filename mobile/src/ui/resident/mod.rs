//! The residents' pages: report a problem, follow a report. Rendered by the server, plain HTML first.
//!
//! Nothing here runs in a browser: no events, no signals, no state. [`Page`] is a value, [`render`] makes a document of
//! it; `assets/resident/` adds the offline outbox to the same HTML, and `sync-server/src/residents` fills the values.
//! Ids and `name`s in these pages are the contract with that script.
//!
//! - [`model`]: the values that the pages show
//! - [`frame`](render): the document around a page
//! - `front`, `form` (with `fields`, `place`), `tracking`, `message`: the pages

mod fields;
mod form;
mod frame;
mod front;
mod message;
pub mod model;
mod place;
mod tracking;

pub use frame::{AFTER, BEFORE, render, render_report};
pub use model::Page;
