//! The Coldpatch app, from one code base: installable web app, desktop window, phones.
//!
//! - `ui`: routes, views, components. Compiles without any feature; the server renders the residents' pages from it.
//! - `engine` (feature `engine`): the phone's database, photos and sync driver, an actor that the UI only sends to.
//! - `platform`: what differs per platform, as a few traits.
//! - `web` (feature `web`, wasm only): how the page and its Worker start and find each other.
//!
//! `main.rs` only chooses which of these runs.

pub mod engine;
#[cfg(feature = "engine")]
pub mod platform;
pub mod ui;
#[cfg(all(feature = "web", target_family = "wasm"))]
pub mod web;
