//! `cargo xtask bench lighthouse`: what Lighthouse says of the pages that people open from a link.

use super::app::{printed_by, web};
use super::figure::Figure;
use crate::{command, paths, server, setup};
use anyhow::Result;

/// For each page and category, the points that are missing to 100; the goal is 0.
pub(crate) fn measure() -> Result<Vec<Figure>> {
    setup::ensure(setup::Scope::Browser)?;
    let folder = paths::root().join("e2e").join("lighthouse");
    // It would bring a browser of its own, which nobody needs.
    setup::node_modules(&folder, "Lighthouse, which judges pages", &["ci", "--ignore-scripts"])?;
    web(&[])?;
    server::debug()?;
    let mut bench = command::program("node");
    bench
        .arg("e2e/bench-lighthouse.mjs")
        .env("COLDPATCH_SERVER", paths::debug_server())
        .env("COLDPATCH_PWA", paths::pwa())
        .env("COLDPATCH_CITY", paths::city());
    if let Some(browser) = setup::browser() {
        bench.env("COLDPATCH_BROWSER", browser);
    }
    printed_by(&mut bench)
}
