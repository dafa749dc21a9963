//! What `cargo xtask bench sync` runs. Prints JSON lines to stdout (see [`coldpatch_bench::figures`]), progress to stderr.

#![allow(clippy::print_stdout, reason = "it reports to xtask")]

use anyhow::Result;
use clap::{Parser, Subcommand};
use coldpatch_bench::contender::{Case, Task};
use coldpatch_bench::figures;
use coldpatch_bench::files::Files;
use coldpatch_bench::fit::Fit;
use coldpatch_bench::floor::Floor;
use coldpatch_bench::generate::World;
use coldpatch_bench::measure::{self, Entrant};
use coldpatch_bench::ours::{self, Ours};
use coldpatch_bench::peer::{Peer, Program};
use coldpatch_bench::proxy::Link;
use coldpatch_bench::{load, photos, scale};
use std::path::{Path, PathBuf};

/// The seed of every figure.
const SEED: u64 = 311;
/// On the phone.
const WORK_ORDERS: u64 = 2_000;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// All contenders on both links.
    Sync {
        /// Only those whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Where the contenders' storage is; in memory when there is such a folder, because the disks of test machines
        /// differ more than contenders do, and some of them keep 28,000 files.
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// A server with many work orders, and with many phones.
    Scale {
        /// How many; the last is the largest.
        #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
        sizes: Vec<u64>,
        /// Where the server's data is; a million work orders take some gigabytes.
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Only how many catch-ups the server takes in.
    Load {
        /// Where the databases are, as for `sync`.
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Only a day's photos over a link that breaks.
    Photos,
    /// Writes what a phone hears and does, for one in a browser.
    Record {
        /// Where to.
        folder: PathBuf,
    },
    /// A phone that does what stdin says; the bench starts it.
    #[command(hide = true)]
    Phone {
        /// Where its database is.
        folder: PathBuf,
    },
    /// Makes xtask/bench/fit.json from the exports in a folder.
    Fit {
        /// With `nyc-2022-05.csv`, `chicago-potholes-2018-12.csv` and `boston-100.csv`.
        exports: PathBuf,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Sync { only, folder } => sync(only.as_deref(), folder),
        What::Scale { sizes, folder } => {
            let folder = tempfile::tempdir_in(folder.unwrap_or_else(std::env::temp_dir))?;
            let show = |line: &serde_json::Value| println!("{line}");
            scale::run(&World::new(SEED)?, &sizes, folder.path(), |what| eprintln!("{what}"), show)
        }
        What::Load { folder } => {
            println!("{}", load::figure(&World::new(SEED)?, working_folder(folder)?.path())?);
            Ok(())
        }
        What::Photos => {
            println!("{}", photos::figure(tempfile::tempdir()?.path())?);
            Ok(())
        }
        What::Record { folder } => ours::record::write(&Case::new(SEED, WORK_ORDERS)?, &folder),
        What::Phone { folder } => ours::phone::obey(&folder),
        What::Fit { exports } => {
            let fit = Fit::of_exports(&exports)?;
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fit.json");
            Ok(std::fs::write(file, serde_json::to_string(&fit)? + "\n")?)
        }
    }
}

/// See `sync`'s argument of that name.
fn working_folder(folder: Option<PathBuf>) -> Result<tempfile::TempDir> {
    let memory = || PathBuf::from("/dev/shm");
    let storage = folder.unwrap_or_else(|| if memory().is_dir() { memory() } else { std::env::temp_dir() });
    Ok(tempfile::tempdir_in(storage)?)
}

fn sync(only: Option<&str>, folder: Option<PathBuf>) -> Result<()> {
    let folder = working_folder(folder)?;
    eprintln!("making {WORK_ORDERS} work orders and a day");
    let case = Case::new(SEED, WORK_ORDERS)?;
    let files = Files::write(&case, folder.path())?;
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");

    let wanted = |name: &str| only.is_none_or(|part| name.contains(part));
    let mut entrants = Vec::new();
    if wanted(figures::OURS) {
        let ours = Ours::new(&case, &files, &folder.path().join("ours"))?;
        entrants.push(Entrant { contender: Box::new(ours), repeats: 3, runs_cold: true });
    }
    for program in Program::ALL {
        let peer = Peer::new(program, &peers, &files, &folder.path().join(format!("{program:?}")))?;
        if wanted(program.name()) {
            entrants.push(Entrant { contender: Box::new(peer), repeats: 3, runs_cold: false });
        }
    }
    let catch_up = Floor::of(&case, Task::CatchUp)?;
    let first_sync = Floor::of(&case, Task::FirstSync)?;
    let floor = |task| if task == Task::CatchUp { catch_up } else { first_sync };
    for link in [Link::FAST, Link::SLOW] {
        for task in [Task::CatchUp, Task::FirstSync] {
            println!("{}", figures::floor_row(&floor(task), task, &link));
        }
    }
    let rows = measure::all(&mut entrants, |what| eprintln!("{what}"), |row| println!("{}", figures::row(row)));
    for figure in figures::figures(&rows, floor) {
        println!("{figure}");
    }
    if wanted(figures::OURS) {
        eprintln!("{}: many phones at once", figures::OURS);
        println!("{}", load::figure(&case.world, &folder.path().join("load"))?);
    }
    Ok(())
}
