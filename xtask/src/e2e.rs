//! The journeys: `e2e/*.spec.mjs`, run by node's own test runner against the real server and a real browser.

use crate::tally::{Tally, counted, node};
use crate::{command, paths, server, setup, web};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

/// Options of `cargo xtask e2e`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Only the spec files whose name contains this.
    pub(crate) filter: Option<String>,
    /// Keep a picture of every screen in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) screens: Option<PathBuf>,
}

/// `cargo xtask e2e`; whether all passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let total = journeys(options)?;
    println!("\n{total}");
    Ok(total.is_success())
}

/// Builds what the journeys drive, and runs them.
///
/// The specs read from their environment: `COLDPATCH_SERVER` (the program), `COLDPATCH_PWA`, `COLDPATCH_CITY` and
/// `COLDPATCH_BROWSER` (all absolute paths), and `COLDPATCH_SCREENS` when pictures are wanted.
pub(crate) fn journeys(options: &Options) -> Result<Tally> {
    setup::ensure(setup::Scope::Browser)?;
    web::run(&web::Options::default())?;
    server::debug()?;

    let folder = paths::root().join("e2e");
    let mut specs = Vec::new();
    for entry in fs::read_dir(&folder).context("cannot list e2e/")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let wanted = options.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
        if name.ends_with(".spec.mjs") && wanted {
            specs.push(name);
        }
    }
    specs.sort();
    if specs.is_empty() {
        bail!("no such spec in e2e/");
    }
    // One file at a time: two browsers and two servers on two cores time out by themselves.
    let mut runner = command::program("node");
    runner
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .args(specs)
        .current_dir(folder)
        .env("COLDPATCH_SERVER", paths::debug_server())
        .env("COLDPATCH_PWA", paths::pwa())
        .env("COLDPATCH_CITY", paths::city());
    if let Some(browser) = setup::browser() {
        runner.env("COLDPATCH_BROWSER", browser);
    }
    if let Some(folder) = &options.screens {
        runner.env("COLDPATCH_SCREENS", std::path::absolute(folder)?);
    }
    counted(&mut runner, node)
}
