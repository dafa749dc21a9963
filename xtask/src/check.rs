//! Formatting, lints and dependencies. Each counts as one test.

use crate::tally::{Tally, step};
use crate::{command, setup, wasm};
use anyhow::Result;
use std::process::Command;

/// The packages by the features that they are used with. Never `--workspace`: cargo would unite the features, and the
/// server would be checked with the desktop window in it.
pub(crate) const NATIVE: &[(&str, &[&str])] = &[
    ("shared, server, xtask", &["-p", "coldpatch-shared", "-p", "coldpatch-server", "-p", "xtask"]),
    ("app on the desktop", &["-p", "coldpatch-mobile"]),
    ("simulator, benches", &["-p", "coldpatch-sim", "-p", "coldpatch-bench", "-p", "coldpatch-photobench"]),
];

/// `cargo xtask check`; whether all passed.
pub(crate) fn run() -> Result<bool> {
    setup::ensure(setup::Scope::Test)?;
    let mut total = Tally::default();
    steps(&mut total);
    println!("\n{total}");
    Ok(total.is_success())
}

/// The steps, added to a total.
pub(crate) fn steps(total: &mut Tally) {
    one(total, "format", || Ok(cargo(&["fmt", "--all", "--check"])));
    for (name, packages) in NATIVE {
        one(total, &format!("clippy: {name}"), || {
            let mut clippy = cargo(&["clippy", "--all-targets"]);
            clippy.args(*packages).args(["--", "-D", "warnings"]);
            Ok(clippy)
        });
    }
    one(total, "clippy: app in the browser", || {
        let mut clippy = wasm::cargo("clippy")?;
        clippy.args(["-p", "coldpatch-mobile", "-p", "coldpatch-shared", "--no-default-features"]);
        clippy.args(["--features", "coldpatch-mobile/web,coldpatch-mobile/bench", "--", "-D", "warnings"]);
        Ok(clippy)
    });
    one(total, "dependencies: licenses, bans, sources", || {
        Ok(cargo(&["deny", "--all-features", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))
    });
    step(total, "dependencies: known vulnerabilities", advisories);
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command::cargo();
    cargo.args(arguments);
    cargo
}

fn one(total: &mut Tally, name: &str, command: impl FnOnce() -> Result<Command>) {
    step(total, name, || Ok(Tally::one(command::succeeds(&mut command()?)?)));
}

/// Needs the advisory database from the network; skipped where that cannot be reached.
fn advisories() -> Result<Tally> {
    if !command::quietly(&mut cargo(&["deny", "fetch", "db"])) {
        println!("the advisory database cannot be reached from here");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    let passed = command::succeeds(&mut cargo(&["deny", "--all-features", "check", "advisories"]))?;
    Ok(Tally::one(passed))
}
