//! `cargo xtask bench photos`: a photo's display rendition and thumbnail, beside other people's programs.
//!
//! `xtask/photobench` measures and prints JSON lines, `e2e/bench-photos.mjs` what a browser needs, `xtask/bench` how photos go over a
//! link that breaks; this puts the other programs
//! on the machine, builds it, and prints a table. They are no dependency of ours and no part of the tests.

use super::app::{printed_by, web};
use super::figure::Figure;
use super::program::{self, Measured};
use crate::{command, paths, setup};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds and measures.
pub(crate) fn measure() -> Result<Measured> {
    let photos = photos();
    if !photos.is_dir() {
        bail!("no real photos in {}; COLDPATCH_PHOTOS names another folder", photos.display());
    }
    setup::ensure(setup::Scope::Browser)?;
    program::build(&["coldpatch-photobench", "coldpatch-bench", "coldpatch-server"])?;
    web(&["--bench"])?;
    let mut bench = Command::new(program::released("coldpatch-photobench"));
    let mut measured = program::printed_by(bench.arg("measure").arg("--photos").arg(&photos).arg("--js").arg(peers()))?;
    measured.figures.extend(in_the_browser(&photos).context("photos in a browser")?);
    let mut link = Command::new(program::released("coldpatch-bench"));
    measured.figures.extend(program::printed_by(link.arg("photos")).context("photos over a breaking link")?.figures);
    Ok(measured)
}

/// One photo in Chromium beside the same natively; and fifty, from the gallery into drafts.
fn in_the_browser(photos: &Path) -> Result<Vec<Figure>> {
    let pictures = paths::target().join("tmp").join("bench-photos");
    fs::create_dir_all(&pictures)?;
    let photobench = program::released("coldpatch-photobench");
    command::run(Command::new(&photobench).arg("pictures").arg("--photos").arg(photos).arg(&pictures))?;
    let mut node = command::program("node");
    node.arg("e2e/bench-photos.mjs")
        .env("COLDPATCH_PICTURES", &pictures)
        .env("COLDPATCH_PHOTOBENCH", photobench)
        .env("COLDPATCH_SERVER", program::released("coldpatch-server"))
        .env("COLDPATCH_PWA", paths::bench_pwa())
        .env("COLDPATCH_CITY", paths::city());
    if let Some(browser) = setup::browser() {
        node.env("COLDPATCH_BROWSER", browser);
    }
    printed_by(&mut node)
}

/// As the journeys find them.
fn photos() -> PathBuf {
    std::env::var_os("COLDPATCH_PHOTOS")
        .map_or_else(|| paths::root().join("..").join("shared").join("data").join("photos"), PathBuf::from)
}

/// What cannot be installed is shown as failed by the bench.
fn peers() -> PathBuf {
    if command::find("vipsthumbnail").is_none() || command::find("convert").is_none() {
        let packages = ["libvips-tools", "imagemagick"];
        if let Err(error) = setup::apt("libvips-tools, imagemagick", "the bench measures beside them", &packages) {
            eprintln!("{error:#}");
        }
    }
    let js = paths::root().join("xtask").join("photobench").join("peers").join("js");
    if let Err(error) = setup::node_modules(&js, "the bench measures beside sharp", &["ci"]) {
        eprintln!("sharp: {error:#}");
    }
    js
}

/// A row for each contender and picture, as `xtask/photobench/src/main.rs` prints them.
pub(crate) fn table(rows: &[Value]) {
    let header = ["CPU ms", "wall ms", "inside ms", "peak MB"];
    let [cpu, wall, inside, peak] = header;
    println!("{:<16} {:<40} {cpu:>9} {wall:>9} {inside:>10} {peak:>9}", "picture", "");
    for row in rows.iter().filter(|row| row["contender"].is_string()) {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        let (picture, contender) = (text("picture"), text("contender"));
        if row["failed"].is_string() {
            println!("{picture:<16} {contender:<40} failed: {}", text("failed"));
            continue;
        }
        let [cpu, wall, inside, peak] = ["cpu_ms", "wall_ms", "inside_ms", "peak_mb"]
            .map(|key| row[key].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.0}")));
        println!("{picture:<16} {contender:<40} {cpu:>9} {wall:>9} {inside:>10} {peak:>9}");
    }
    println!();
}
