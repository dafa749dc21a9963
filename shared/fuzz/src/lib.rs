//! The fuzz targets are thin: what they do is in `shared/tests/hostile/`, where plain tests use it, too.

#![allow(clippy::unwrap_used, clippy::panic, reason = "finding panics is what this is for")]
#![allow(missing_docs)]

#[path = "../../tests/hostile/allocator.rs"]
pub mod allocator;
#[path = "../../tests/hostile/chunk.rs"]
pub mod chunk;
#[path = "../../tests/hostile/photo.rs"]
pub mod photo;
#[path = "../../tests/hostile/targets.rs"]
pub mod targets;
#[path = "../../tests/hostile/world.rs"]
pub mod world;
