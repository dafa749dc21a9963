//! The engine: owns the phone's database, its photos and the sync driver.
//!
//! An actor: it takes commands and answers queries ([`api::Ask`] → [`api::Reply`]) and tells what changed
//! ([`api::Changed`]). The UI holds a [`Door`] and nothing else: it never touches the database and never waits on it.
//!
//! - `api`: what may be asked; the only part that exists without feature `engine`
//! - `door`: the UI's handle; `host`: what runs the engine behind it (a thread, or a Worker)
//! - `core`: takes asks apart and hands them to `actions`, `attach`, `placing`, `photos`, `drafts`, `shots`, `retouch`, `lists`, `sheet`, …
//! - `pick`, `picked`: many photos at once; `making`, `develop`: the slow part of each; `regroup`: drafts put together otherwise
//! - `driver`: when to sync; `round`: one round trip; `uploads`: photos, apart from data; `live`: the server's pokes
//! - `store`: the database
//! - `bench`: a phone full of work orders, for measuring; `replay`: one that hears what another one heard
//!
//! What differs per platform (clock, files, network) is in [`crate::platform`].

pub mod api;
mod pick;

#[cfg(feature = "engine")]
pub mod accounts;
#[cfg(feature = "engine")]
mod actions;
#[cfg(feature = "engine")]
mod attach;
#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "engine")]
mod core;
#[cfg(feature = "engine")]
mod day;
#[cfg(feature = "engine")]
pub(crate) mod develop;
#[cfg(feature = "engine")]
mod door;
#[cfg(feature = "engine")]
mod drafts;
#[cfg(feature = "engine")]
mod driver;
#[cfg(feature = "engine")]
mod errors;
#[cfg(feature = "engine")]
mod export;
#[cfg(feature = "engine")]
mod lists;
#[cfg(feature = "engine")]
mod live;
#[cfg(feature = "engine")]
mod making;
#[cfg(feature = "engine")]
mod photos;
#[cfg(feature = "engine")]
mod picked;
#[cfg(feature = "engine")]
mod placing;
#[cfg(feature = "engine")]
mod regroup;
#[cfg(feature = "engine")]
pub mod replay;
#[cfg(feature = "engine")]
mod retouch;
#[cfg(feature = "engine")]
mod room;
#[cfg(feature = "engine")]
mod round;
#[cfg(feature = "engine")]
mod session;
#[cfg(feature = "engine")]
mod sheet;
#[cfg(feature = "engine")]
mod shots;
#[cfg(feature = "engine")]
pub mod store;
#[cfg(feature = "engine")]
mod uploads;

#[cfg(feature = "engine")]
pub use core::Engine;
#[cfg(feature = "engine")]
pub use develop::{Developed, develop};
#[cfg(all(feature = "web", target_family = "wasm"))]
pub(crate) use door::stopped;
#[cfg(feature = "engine")]
pub use door::{Command, Door, Inbox, fresh_action, fresh_id};
#[cfg(feature = "engine")]
pub use round::AT_ONCE;
#[cfg(all(feature = "engine", not(target_family = "wasm")))]
mod host;
#[cfg(all(feature = "web", target_family = "wasm"))]
pub use crate::web::page::open_web;
#[cfg(all(feature = "engine", not(target_family = "wasm")))]
pub use host::open_native;
