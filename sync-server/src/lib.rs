//! The Coldpatch server: what phones sync with, where requests come in, and what the app's files come out of.
//!
//! - [`storage`]: what is kept, behind one trait; [`files`]: photos' bytes, behind another; `heif`: what opens those of iPhones
//! - [`ledger`]: the one place where work orders are written
//! - [`intake`]: how requests come in, for the residents' pages and Open311
//! - [`http`]: handlers, thin; [`open311`]: the standard's own shapes
//! - [`residents`]: the pages on which residents report and follow
//! - [`sync`]: round trips with phones; [`keys`]: what the server signs; [`upkeep`]: what it does every hour;
//!   [`developing`]: what it makes of photos that phones cannot decode
//! - [`uploads`]: files of which a part has come; [`limiter`]: nobody keeps others from their turn
//! - [`import`], [`seed`], [`enrollment`], [`revocation`], [`backup`]: what the commands do
//! - [`app`]: all of it together; [`config`], [`cli`]: how it is started
//!
//! What a change means, who may make it and how documents merge is in `coldpatch-shared`, for phones and server alike.

pub mod app;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod developing;
pub mod enrollment;
pub mod entropy;
pub mod files;
mod heif;
pub mod http;
pub mod import;
pub mod intake;
pub mod keys;
pub mod ledger;
pub mod limiter;
pub mod open311;
pub mod residents;
pub mod revocation;
pub mod seed;
pub mod serve;
pub mod storage;
pub mod sync;
pub mod upkeep;
pub mod uploads;
