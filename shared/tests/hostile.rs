//! Whatever a phone (or something that says it is one) sends: a clear refusal, in bounded memory and time, never a
//! panic, and what was there stays.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]
#![allow(dead_code, missing_docs, unreachable_pub, reason = "shared with the fuzz targets")]

#[path = "hostile/allocator.rs"]
mod allocator;
#[path = "hostile/bytes.rs"]
mod bytes;
#[path = "hostile/cases.rs"]
mod cases;
#[path = "hostile/chunk.rs"]
mod chunk;
#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/crafted.rs"]
mod crafted;
#[path = "hostile/messages.rs"]
mod messages;
#[path = "hostile/photo.rs"]
mod photo;
#[path = "photo_files/mod.rs"]
mod photo_files;
#[path = "hostile/pipeline.rs"]
mod pipeline;
#[path = "hostile/session.rs"]
mod session;
#[path = "hostile/targets.rs"]
mod targets;
#[path = "hostile/unloadable.rs"]
mod unloadable;
#[path = "hostile/watch.rs"]
mod watch;
#[path = "hostile/wire.rs"]
mod wire;
#[path = "hostile/world.rs"]
mod world;
