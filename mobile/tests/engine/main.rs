//! The phone's engine from outside: through its door, over a real database and real files.
//!
//! - `durability`: what was confirmed survives; nothing happens twice
//! - `refusals`: what the server does not take is never lost
//! - `drafts`, `lists`: what screens ask for
//! - `scopes`, `repairs`: what the phone holds is what the server has, however they were cut off
//! - `long`: a work order with 500 changes, measured by hand
//! - `photos`: real ones, damaged ones, and their way to the server
//! - `picking`: many photos at once
//! - `making`: photos that kill what makes them
//! - `placing`: places that come after their photos
//! - `shots`: taken in the app, marked and covered before they are sent
//!
//! `support` opens phones. Where a test needs a certain answer, it scripts the transport: what a server says on the wire,
//! not what a server is. The real server is in the tests of `story`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may assert the short way"
)]

mod city;
mod drafts;
mod durability;
mod lists;
mod long;
mod making;
mod photos;
mod picking;
mod placing;
mod refusals;
mod repairs;
mod scopes;
mod shots;
mod support;
