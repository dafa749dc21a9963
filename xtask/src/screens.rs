//! `cargo xtask screens`: a picture of every screen, light and dark, into `docs/screens/`.
//!
//! The pictures come out of the journeys: what they show is what a person would see, and a screen that can no longer be
//! reached fails its journey.

use crate::{e2e, paths};
use anyhow::Result;
use std::fs;

/// Runs the journeys with the camera on; whether all passed.
pub(crate) fn run() -> Result<bool> {
    let folder = paths::root().join("docs").join("screens");
    let passed = e2e::run(&e2e::Options { screens: Some(folder.clone()), ..e2e::Options::default() })?;
    let mut pictures = 0;
    let mut bytes = 0;
    for entry in fs::read_dir(&folder)? {
        pictures += 1;
        bytes += entry?.metadata()?.len();
    }
    println!("{pictures} pictures, {} kB in all, are in {}", bytes / 1000, folder.display());
    Ok(passed)
}
