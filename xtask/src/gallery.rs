//! `cargo xtask gallery`: every component in every state, in the three looks, on one page.

use crate::{command, paths, setup};
use anyhow::{Context, Result, bail};
use std::fs;
use std::process::Stdio;

/// Writes the page, asks it for trouble, and takes its picture.
pub(crate) fn run() -> Result<()> {
    setup::ensure(setup::Scope::Browser)?;
    let mut example = command::cargo();
    example.args(["run", "--quiet", "--package", "coldpatch-mobile", "--no-default-features"]);
    let printed = example.args(["--features", "engine", "--example", "gallery"]).stderr(Stdio::inherit()).output()?;
    if !printed.status.success() {
        bail!("the gallery cannot be drawn");
    }
    let folder = paths::target().join("gallery");
    let page = folder.join("index.html");
    fs::create_dir_all(&folder)?;
    fs::write(&page, printed.stdout).with_context(|| page.display().to_string())?;
    let mut browser = command::program("node");
    browser.arg("e2e/tools/gallery.mjs").arg(&page).arg(paths::root().join("docs/screens/gallery.png"));
    if let Some(found) = setup::browser() {
        browser.env("COLDPATCH_BROWSER", found);
    }
    command::run(&mut browser)?;
    println!("gallery: {}, and its picture docs/screens/gallery.png", page.display());
    Ok(())
}
