//! `cargo xtask test`: everything, closed by one line that adds it all up.

use crate::tally::{Tally, counted, libtest, step};
use crate::{check, command, e2e, fuzz, setup, sim};
use anyhow::Result;
use std::time::Instant;

/// Runs everything, whatever fails on the way; whether all passed.
pub(crate) fn run() -> Result<bool> {
    let start = Instant::now();
    setup::ensure(setup::Scope::Test)?;
    let mut total = Tally::default();
    check::steps(&mut total);
    for (name, packages) in check::NATIVE {
        step(&mut total, &format!("Rust tests: {name}"), || {
            counted(command::cargo().args(["test", "--no-fail-fast"]).args(*packages), libtest)
        });
    }
    step(&mut total, "simulated worlds", || Ok(Tally::one(sim::run(&sim::Options::default())?)));
    step(&mut total, "bytes from outside", || Ok(Tally::one(fuzz::run(&fuzz::Options::default())?)));
    step(&mut total, "journeys in real browsers", || e2e::journeys(&e2e::Options::default()));
    println!("\n{:.0} s in all", start.elapsed().as_secs_f32());
    println!("{total}");
    Ok(total.is_success())
}
