//! What people see: routes → views → components. Knows no database and no network.
//!
//! - [`words`], [`when`], [`measure`], [`tone`], [`driving`]: pure: text, time, units, colors' meanings, the driving order
//! - [`components`]: values and callbacks in, elements out; the server renders them too
//! - [`views`] (feature `engine`): wire the state to the components
//! - [`state`] (feature `engine`): one [`Device`](state::Device) for each enrolled device: its door and what it last said
//! - [`routes`] (feature `engine`): one enum of every screen
//! - [`resident`]: the residents' pages, which only the server renders
//!
//! Words for people are in [`words`] and nowhere else. Colors and sizes are in `assets/tokens.css` and nowhere else.

pub mod components;
pub mod driving;
pub mod measure;
pub mod resident;
mod style;
pub mod tone;
pub mod when;
pub mod words;

#[cfg(feature = "engine")]
mod app;
#[cfg(feature = "engine")]
mod look;
#[cfg(feature = "engine")]
pub mod platform;
#[cfg(feature = "engine")]
pub mod routes;
#[cfg(feature = "engine")]
pub mod state;
#[cfg(feature = "engine")]
pub mod views;

#[cfg(feature = "engine")]
pub use app::App;
#[cfg(feature = "engine")]
pub use look::Look;
pub use style::{TOKENS, stylesheet};
