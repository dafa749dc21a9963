//! `cargo xtask sim`: worlds of phones and a server on bad days; the simulator itself is `xtask/sim`.
//!
//! Many worlds have a profile of their own: quick, with the assertions of debug builds. Its workers are processes, one for each core.

use crate::command;
use anyhow::Result;

/// Options of `cargo xtask sim`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// How many worlds. With `--seed` alone, that one world with its story; with neither, as many as CI runs.
    #[arg(long)]
    pub(crate) seeds: Option<u64>,
    /// The first world's seed.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// A bug to put back on purpose: drop-ack, reuse-actor, skip-digest, evict-pending, order-by-clock.
    #[arg(long)]
    pub(crate) sabotage: Option<String>,
    /// The server forgets to send things, and only the sums can tell.
    #[arg(long)]
    pub(crate) forgetful: bool,
}

/// As many as CI runs.
const SEEDS: u64 = 300;

/// More worlds than this are run by an optimized build.
const WORTH_OPTIMIZING: u64 = 600;

/// Runs the worlds; whether everything held.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut sim = command::cargo();
    let worlds = options.seeds.unwrap_or(SEEDS);
    // The optimized build takes minutes, which only many worlds bring in again.
    let profile = if worlds > WORTH_OPTIMIZING { "sim" } else { "dev" };
    sim.args(["run", "--quiet", "--profile", profile, "-p", "coldpatch-sim", "--"]);
    if let Some(seed) = options.seed {
        sim.arg(format!("--seed={seed}"));
    }
    if let Some(seeds) = options.seeds.or(options.seed.is_none().then_some(SEEDS)) {
        sim.arg(format!("--seeds={seeds}"));
    }
    if let Some(sabotage) = &options.sabotage {
        sim.arg(format!("--sabotage={sabotage}"));
    }
    if options.forgetful {
        sim.arg("--forgetful");
    }
    command::succeeds(&mut sim)
}
