//! `cargo xtask bench photos`: a photo's display rendition and thumbnail, beside other people's programs.
//!
//! `xtask/photobench` measures and prints JSON lines; this puts the other programs on the machine, builds it, and prints a
//! table. They are no dependency of ours and no part of the tests.

use super::figure::Figure;
use crate::{command, paths, setup};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// One for each contender and picture, as `xtask/photobench/src/main.rs` prints them.
    rows: Vec<Value>,
    /// Ours, against the goals.
    pub(crate) figures: Vec<Figure>,
}

/// Builds and measures.
pub(crate) fn measure() -> Result<Measured> {
    let photos = photos();
    if !photos.is_dir() {
        bail!("no real photos in {}; COLDPATCH_PHOTOS names another folder", photos.display());
    }
    setup::ensure_native()?;
    let package = ["build", "--release", "--quiet", "--package", "coldpatch-photobench"];
    command::run(command::cargo().args(package).stdout(std::io::stderr()))?;
    let js = peers();
    let bench = paths::target().join("release").join(format!("coldpatch-photobench{}", std::env::consts::EXE_SUFFIX));
    let mut bench = Command::new(bench);
    bench.arg("measure").arg("--photos").arg(photos).arg("--js").arg(js);
    let mut running = bench.stdout(Stdio::piped()).spawn().context("cannot start the bench")?;
    let mut measured = Measured::default();
    if let Some(output) = running.stdout.take() {
        for line in BufReader::new(output).lines() {
            measured.add(&line?)?;
        }
    }
    if !running.wait()?.success() {
        bail!("the bench failed");
    }
    Ok(measured)
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
    let (lock, installed) = (js.join("package-lock.json"), js.join("node_modules").join(".coldpatch-lock"));
    if fs::read(&lock).is_ok_and(|lock| fs::read(&installed).is_ok_and(|last| last == lock)) {
        return js;
    }
    let mut npm = command::program("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&js).stdout(std::io::stderr());
    let done = command::run(&mut npm).and_then(|()| Ok(fs::copy(&lock, &installed)?));
    if let Err(error) = done {
        eprintln!("sharp: {error:#}");
    }
    js
}

impl Measured {
    fn add(&mut self, line: &str) -> Result<()> {
        let value: Value = serde_json::from_str(line).with_context(|| format!("not a line of the bench: {line}"))?;
        if value["figure"].is_string() {
            self.figures.push(Figure::parse(line)?);
        } else {
            self.rows.push(value);
        }
        Ok(())
    }

    /// The rows, as JSON lines or as a table.
    pub(crate) fn print_rows(&self, json: bool) {
        if json {
            self.rows.iter().for_each(|row| println!("{row}"));
            return;
        }
        let header = ["CPU ms", "wall ms", "inside ms", "peak MB"];
        let [cpu, wall, inside, peak] = header;
        println!("{:<16} {:<40} {cpu:>9} {wall:>9} {inside:>10} {peak:>9}", "picture", "");
        for row in self.rows.iter().filter(|row| row["contender"].is_string()) {
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
}
