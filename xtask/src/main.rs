//! Coldpatch's only entry point: `cargo xtask demo | test | …`. Works the same on a developer's machine and in CI.
//!
//! - `setup`: what must be on the machine, and how it gets there.
//! - `wasm`: which Rust toolchain builds for browsers. `web`: the installable web app, from sources to `target/pwa/`.
//! - `check`, `e2e`, `fuzz`, `sim`, `test`: the tests. `bench`: figures against goals. `screens`: pictures for the documents.
//! - `gallery`: every component on one page. `demo`, `server`: what people run.

#![allow(clippy::print_stdout, reason = "a tool for the terminal")]

mod bench;
mod check;
mod command;
mod demo;
mod e2e;
mod fingerprint;
mod fuzz;
mod gallery;
mod paths;
mod screens;
mod server;
mod setup;
mod sim;
mod tally;
mod test;
mod wasm;
mod web;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, tests and runs Coldpatch.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building, testing and running need; skips what is there.
    Setup,
    /// Build the installable web app into target/pwa/.
    Web(web::Options),
    /// Build the server with the app inside, for production.
    Server,
    /// Run the demo city on this machine.
    Demo(demo::Options),
    /// Formatting, lints (native and wasm), licenses and sources of dependencies.
    Check,
    /// Everything: check, Rust tests, journeys in real browsers.
    Test,
    /// Only the journeys in real browsers.
    E2e(e2e::Options),
    /// Worlds of phones and a server on bad days, from seeds: fails when a claim does not hold.
    Sim(sim::Options),
    /// Bytes from outside, by libFuzzer: fails on any crash.
    Fuzz(fuzz::Options),
    /// Pictures of every screen into docs/screens/, out of the journeys.
    Screens,
    /// Every component in every state, in the three looks, on one page in target/gallery/.
    Gallery,
    /// Figures against their goals.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Task::Setup => setup::ensure(setup::Scope::Test).map(|()| true),
        Task::Web(options) => web::run(&options).map(|()| true),
        Task::Server => server::release().map(|()| true),
        Task::Demo(options) => demo::run(&options).map(|()| true),
        Task::Check => check::run(),
        Task::Test => test::run(),
        Task::E2e(options) => e2e::run(&options),
        Task::Sim(options) => sim::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Screens => screens::run(),
        Task::Gallery => gallery::run().map(|()| true),
        Task::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
