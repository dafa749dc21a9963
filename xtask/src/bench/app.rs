//! `cargo xtask bench app`: builds what is measured, runs what measures, collects the figures.

use super::figure::Figure;
use crate::{command, paths, server, setup};
use anyhow::{Context, Result, bail};
use serde_json::Map;
use std::fs;
use std::process::{Command, Stdio};

/// The whole app's wasm as sent: 2 MB.
const WASM_GOAL: f64 = 2.0;

/// All figures of the app.
pub(crate) fn measure() -> Result<Vec<Figure>> {
    setup::ensure(setup::Scope::Browser)?;
    // The app that phones get is weighed, the other one timed: it differs by what the bench drives.
    web(&[])?;
    web(&["--bench"])?;
    server::debug()?;

    let mut figures = in_the_browser()?;
    figures.push(wasm_size()?);
    figures.extend(natively()?);
    Ok(figures)
}

/// Builds the app, in a process of its own, because that reports to stdout, which belongs to the figures.
pub(super) fn web(options: &[&str]) -> Result<()> {
    command::run(Command::new(std::env::current_exe()?).arg("web").args(options).stdout(std::io::stderr()))
}

fn in_the_browser() -> Result<Vec<Figure>> {
    let mut bench = command::program("node");
    bench
        .arg("e2e/bench-app.mjs")
        .env("COLDPATCH_SERVER", paths::debug_server())
        .env("COLDPATCH_PWA", paths::bench_pwa())
        .env("COLDPATCH_CITY", paths::city());
    if let Some(browser) = setup::browser() {
        bench.env("COLDPATCH_BROWSER", browser);
    }
    printed_by(&mut bench)
}

/// In the dev profile, which the tests have compiled already: an optimized one takes ten minutes more on two cores, and
/// needs less memory (measured: 23 MB instead of 31).
fn natively() -> Result<Vec<Figure>> {
    let mut example = command::cargo();
    example.args(["run", "--quiet", "--package", "coldpatch-mobile", "--no-default-features"]);
    printed_by(example.args(["--features", "engine", "--example", "engine_memory"]))
}

/// The figures that a program prints, one JSON line each.
pub(super) fn printed_by(program: &mut Command) -> Result<Vec<Figure>> {
    let output = program.stderr(Stdio::inherit()).output().context("cannot start what measures")?;
    if !output.status.success() {
        bail!("this failed: {program:?}");
    }
    String::from_utf8_lossy(&output.stdout).lines().map(Figure::parse).collect()
}

/// As the server sends it to a browser that takes brotli.
#[expect(clippy::cast_precision_loss, reason = "a file's size, shown in megabytes")]
fn wasm_size() -> Result<Figure> {
    let mut bytes = 0;
    for version in fs::read_dir(paths::pwa().join("build")).context("the app is not built")? {
        for file in fs::read_dir(version?.path())? {
            let file = file?;
            if file.file_name().to_string_lossy().ends_with(".wasm.br") {
                bytes += file.metadata()?.len();
            }
        }
    }
    if bytes == 0 {
        bail!("{} holds no compressed wasm; build it without --dev", paths::pwa().display());
    }
    Ok(Figure::new("wasm of the whole app, brotli", bytes as f64 / 1e6, "MB", WASM_GOAL, Map::new()))
}
