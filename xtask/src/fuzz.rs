//! `cargo xtask fuzz`: libFuzzer against what reads bytes from outside. The targets are in `shared/fuzz`.
//!
//! cargo-fuzz wants a nightly compiler; a stable one that is told to be one does as well, so nobody has to install one.

use crate::{command, paths, setup};
use anyhow::{Context, Result};
use clap::Args;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What is fuzzed, and how large an input it tries, in bytes.
const TARGETS: [(&str, u32); 3] = [("wire", 65_536), ("ingest", 16_384), ("photo", 16_384)];

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub(crate) struct Options {
    /// How long, in seconds; all targets at once.
    #[arg(long, default_value_t = Self::default().seconds)]
    pub(crate) seconds: u32,
    /// Only this target.
    #[arg(long, value_parser = ["wire", "ingest", "photo"])]
    pub(crate) only: Option<String>,
    /// Give the target this one file instead: what an earlier run found.
    #[arg(long, requires = "only")]
    pub(crate) replay: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 60, only: None, replay: None }
    }
}

/// Runs the targets; whether none found anything.
pub(crate) fn run(options: &Options) -> Result<bool> {
    ensure()?;
    build()?;
    let built = work().join(host()?).join("release");
    let chosen = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    let mut running = Vec::new();
    for (name, longest) in TARGETS.into_iter().filter(|(name, _)| chosen(name)) {
        let mut fuzz = Command::new(built.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)));
        fuzz.args(arguments(name, longest, options)?).stdin(Stdio::null());
        running.push((name, fuzz.spawn().with_context(|| format!("the fuzz target {name} does not start"))?));
    }
    let mut well = true;
    for (name, mut child) in running {
        if !child.wait()?.success() {
            well = false;
            println!("\nfuzz target {name}: FAILED. What it found is in {}.", found(name).display());
            println!("To see it again: cargo xtask fuzz --only {name} --replay <that file>");
        }
    }
    Ok(well)
}

fn arguments(name: &str, longest: u32, options: &Options) -> Result<Vec<OsString>> {
    if let Some(file) = &options.replay {
        return Ok(vec![file.into()]);
    }
    // What a run learns stays outside the repository; the first folder is where libFuzzer writes.
    let learned = work().join("corpus").join(name);
    for folder in [&learned, &found(name)] {
        fs::create_dir_all(folder)?;
    }
    let mut prefix = OsString::from("-artifact_prefix=");
    prefix.push(found(name).join(""));
    let mut arguments = vec![learned.into(), home().join("corpus").join(name).into(), prefix];
    arguments.extend([format!("-max_total_time={}", options.seconds), format!("-max_len={longest}")].map(Into::into));
    // A run of `ingest` touches thousands of branches; to weigh inputs by how rare theirs are takes longer than to run them.
    arguments.extend(["-entropic=0", "-timeout=20", "-verbosity=0", "-print_final_stats=1"].map(Into::into));
    Ok(arguments)
}

fn build() -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["fuzz", "build", "--fuzz-dir"]).arg(home()).arg("--target-dir").arg(work());
    // No address sanitizer: next to nothing of this has unsafe code, and it is slow. As released, because Automerge's own
    // debug assertions are slow, too, and not what the server runs.
    cargo.args(["--release", "--sanitizer", "none", "--no-trace-compares"]);
    cargo.env("RUSTC_BOOTSTRAP", "1").current_dir(paths::root().join("shared"));
    command::run(&mut cargo)
}

/// For which machine the compiler builds: cargo-fuzz names its folder after it.
fn host() -> Result<String> {
    let version = command::program("rustc").arg("-vV").output().context("rustc does not start")?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).context("rustc names no host")
}

fn home() -> PathBuf {
    paths::root().join("shared").join("fuzz")
}

/// Builds, what runs learned, and what they found.
fn work() -> PathBuf {
    paths::target().join("fuzz")
}

fn found(name: &str) -> PathBuf {
    work().join("found").join(name)
}

fn ensure() -> Result<()> {
    if command::find("c++").is_none() {
        setup::apt("g++", "compiles libFuzzer", &["g++"])?;
    }
    if command::find("cargo-fuzz").is_none() {
        setup::say("cargo-fuzz", "builds the fuzz targets; compiled here, which takes a minute");
        command::run(command::cargo().args(["install", "cargo-fuzz", "--debug", "--quiet"]))?;
    }
    Ok(())
}
