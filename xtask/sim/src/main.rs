//! Runs worlds: `coldpatch-sim --seeds N --seed S`. Each worker is a process of its own, since SQLite's dice are a whole
//! process's; see the library.

use clap::Parser;
use coldpatch_sim::run::{Outcome, run};
use coldpatch_sim::sabotage::{Options, Sabotage};
use coldpatch_sim::seed::Seed;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

/// Worlds of phones and a server on bad days.
#[derive(Parser)]
#[command(name = "coldpatch-sim", bin_name = "cargo xtask sim")]
struct Arguments {
    /// How many worlds. Without: one, with its story.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first world's seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many processes; as many as there are cores when nothing is said.
    #[arg(long)]
    jobs: Option<usize>,
    /// A bug to put back on purpose.
    #[arg(long)]
    sabotage: Option<Sabotage>,
    /// The server forgets to send things, and the sums must tell.
    #[arg(long)]
    forgetful: bool,
    /// Run these worlds in this process, a line of JSON for each: so a run starts its workers.
    #[arg(long, hide = true)]
    worker: bool,
    /// Every how manyth seed, with `--worker`.
    #[arg(long, hide = true, default_value_t = 1)]
    every: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options { sabotage: arguments.sabotage, forgetful: arguments.forgetful };
    let done = match arguments.seeds {
        _ if arguments.worker => work(&arguments, options).map(|()| true),
        None => one(arguments.seed, options),
        Some(seeds) => many(&arguments, seeds),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sim: {error}");
            ExitCode::FAILURE
        }
    }
}

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// One world, told while it happens.
fn one(seed: u64, options: Options) -> Done<bool> {
    let began = Instant::now();
    let outcome = run(Seed(seed), options, true);
    let mut out = std::io::stdout().lock();
    for (what, count) in &outcome.counts {
        writeln!(out, "{count:>8}  {what}")?;
    }
    let ms = began.elapsed().as_millis();
    writeln!(out, "seed {seed}: {} lines, hash {}, {ms} ms", outcome.lines, outcome.hash)?;
    match &outcome.wrong {
        None => writeln!(out, "everything holds")?,
        Some(wrong) => writeln!(out, "WRONG: {wrong}")?,
    }
    Ok(outcome.wrong.is_none())
}

fn work(arguments: &Arguments, options: Options) -> Done<()> {
    let end = arguments.seed.saturating_add(arguments.seeds.unwrap_or(1));
    let mut out = std::io::stdout().lock();
    for seed in (arguments.seed..end).step_by(arguments.every.max(1)) {
        let outcome = run(Seed(seed), options, false);
        serde_json::to_writer(&mut out, &outcome)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

/// Many worlds, in a process for each core.
fn many(arguments: &Arguments, seeds: u64) -> Done<bool> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or(cores).clamp(1, usize::try_from(seeds).unwrap_or(usize::MAX).max(1));
    let began = Instant::now();
    let (sender, outcomes) = mpsc::channel();
    let mut workers = Vec::new();
    for job in 0..jobs {
        let first = arguments.seed.saturating_add(u64::try_from(job)?);
        let count = seeds.saturating_sub(u64::try_from(job)?);
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--worker", "--seed", &first.to_string(), "--seeds", &count.to_string()]);
        command.args(["--every", &jobs.to_string()]);
        if let Some(sabotage) = arguments.sabotage {
            let name = serde_json::to_value(sabotage)?;
            command.args(["--sabotage", name.as_str().unwrap_or_default()]);
        }
        if arguments.forgetful {
            command.arg("--forgetful");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = child.stdout.take();
        let sender = sender.clone();
        workers.push((
            child,
            thread::spawn(move || {
                for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
                    let Some(outcome) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { continue };
                    if sender.send(outcome).is_err() {
                        break;
                    }
                }
            }),
        ));
    }
    drop(sender);
    let (mut worlds, mut lines, mut failed) = (0_u64, 0_u64, Vec::new());
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for outcome in outcomes {
        let outcome: Outcome = outcome;
        worlds += 1;
        lines += outcome.lines;
        for (what, count) in &outcome.counts {
            let (sum, of) = counts.entry(what.clone()).or_default();
            *sum += count;
            *of += 1;
        }
        if outcome.wrong.is_some() {
            report(&outcome, arguments, failed.is_empty())?;
            failed.push(outcome.seed);
        }
    }
    for (mut child, thread) in workers {
        child.wait()?;
        drop(thread.join());
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{:>10} {:>8}", "times", "worlds")?;
    for (what, (sum, of)) in &counts {
        writeln!(out, "{sum:>10} {of:>8}  {what}")?;
    }
    let seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = worlds as f64 / seconds;
    writeln!(
        out,
        "\n{worlds} worlds, {lines} things that happened, {seconds:.1} s, {speed:.2} worlds/s on {jobs} cores"
    )?;
    if worlds != seeds {
        writeln!(out, "{} worlds never came back: a worker has ended", seeds - worlds)?;
    }
    failed.sort_unstable();
    writeln!(
        out,
        "{} failed{}",
        failed.len(),
        if failed.is_empty() { String::new() } else { format!(": {failed:?}") }
    )?;
    Ok(failed.is_empty() && worlds == seeds)
}

fn report(outcome: &Outcome, arguments: &Arguments, with_story: bool) -> Done<()> {
    let mut out = std::io::stdout().lock();
    if with_story {
        writeln!(out, "\nThe last {} things that happened in world {}:", outcome.last.len(), outcome.seed)?;
        outcome.last.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    writeln!(out, "world {}: {}", outcome.seed, outcome.wrong.as_deref().unwrap_or_default())?;
    let mut again = format!("cargo xtask sim --seed {}", outcome.seed);
    if let Some(sabotage) = arguments.sabotage {
        again += &format!(" --sabotage {}", serde_json::to_value(sabotage)?.as_str().unwrap_or_default());
    }
    if arguments.forgetful {
        again += " --forgetful";
    }
    writeln!(out, "  again: {again}")?;
    Ok(())
}
