//! A program on one core: how long, how much.

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a program's memory is looked at that does not tell it itself.
const LOOK: Duration = Duration::from_millis(2);

/// What a program needed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent {
    /// Processor time, user and system, milliseconds.
    pub(crate) cpu_ms: f64,
    /// From start to end, milliseconds.
    pub(crate) wall_ms: f64,
    /// As it measured itself, without starting; milliseconds.
    pub(crate) inside_ms: Option<f64>,
    /// The most resident memory. For a program that does not tell, what was seen while it ran, which is a little less.
    pub(crate) peak_mb: f64,
}

impl Spent {
    /// One program after the other.
    pub(crate) fn then(self, next: &Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms + next.cpu_ms,
            wall_ms: self.wall_ms + next.wall_ms,
            inside_ms: None,
            peak_mb: self.peak_mb.max(next.peak_mb),
        }
    }

    /// The median of the times, the most of the memory.
    pub(crate) fn median(runs: Vec<Self>) -> Self {
        let median = |value: fn(&Self) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        Self {
            cpu_ms: median(|spent| spent.cpu_ms),
            wall_ms: median(|spent| spent.wall_ms),
            inside_ms: runs
                .iter()
                .any(|spent| spent.inside_ms.is_some())
                .then(|| median(|spent| spent.inside_ms.unwrap_or_default())),
            peak_mb: runs.iter().map(|spent| spent.peak_mb).fold(0.0, f64::max),
        }
    }
}

/// Runs it on one core, to its end. A line of JSON that it prints may tell `inside_ms` and `peak_mb`.
pub(crate) fn run(program: &Command) -> Result<Spent> {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", "0"]).arg(program.get_program()).args(program.get_args());
    pinned.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let before = cpu()?;
    let start = Instant::now();
    let mut child = pinned.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start taskset")?;
    let status = format!("/proc/{}/status", child.id());
    let mut seen = 0.0;
    while child.try_wait()?.is_none() {
        seen = most_resident(&status).unwrap_or(seen);
        std::thread::sleep(LOOK);
    }
    let output = child.wait_with_output()?;
    let wall_ms = start.elapsed().as_secs_f64() * 1_000.0;
    ensure!(output.status.success(), "{program:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Ok(Spent {
        cpu_ms: (cpu()? - before).as_secs_f64() * 1_000.0,
        wall_ms,
        inside_ms: told["inside_ms"].as_f64(),
        peak_mb: told["peak_mb"].as_f64().unwrap_or(seen),
    })
}

/// Of all programs that were run so far.
fn cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| {
        let (seconds, micros) = (u64::try_from(value.tv_sec())?, u64::try_from(value.tv_usec())?);
        anyhow::Ok(Duration::from_secs(seconds) + Duration::from_micros(micros))
    };
    Ok(time(usage.user_time())? + time(usage.system_time())?)
}

fn most_resident(status: &str) -> Option<f64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kilobytes * 1_024.0 / 1e6)
}
