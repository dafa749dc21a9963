//! A server with ten thousand, a hundred thousand and a million work orders: what a catch-up costs it, and how much memory
//! it needs with a thousand phones that listen.
//!
//! Each size has eight crews of its own that have 250 work orders each, spread among all, and a phone that was away a day. The
//! other work orders are those of 170 crews, and as old as they were when they were made: what was closed long ago is in
//! no scope any more, and the log has given up the changes that the documents have. Some thousands of them are lived
//! through (`fill::KINDS`), of all days and crews, shortly: five changes and 11 kB each, because a million with ten would be 20 GB.
//! The rest are copies of these with ids of their own ([`crate::generate::stamp`]).

mod fill;

use crate::generate::World;
use crate::generate::people::Person;
use crate::ours::crowd::Away;
use crate::ours::http::Connection;
use crate::ours::server::Server;
use crate::ours::{crowd, town};
use crate::process::Process;
use anyhow::{Context, Result, bail, ensure};
use coldpatch_server::app::App;
use fill::Segment;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Crews that are measured at each size.
const CREWS: usize = 8;
/// Phones that listen, of so many crews.
const LIVE: usize = 1_000;
const LIVE_CREWS: usize = 100;
/// The first ones find everything cold, and do not count.
const WARMING: usize = 2;

/// Measures at each size. `show` gets a row for each size, then the figures, as JSON lines; `say` what comes next.
///
/// # Errors
/// When the server does not do what it should.
pub fn run(world: &World, sizes: &[u64], folder: &Path, say: impl Fn(&str), show: impl Fn(&Value)) -> Result<()> {
    let (city, data) = (town::write(folder)?, folder.join("server"));
    let app = town::open(&city, &data)?;
    app.storage.set_scoped_for(&app.city.version)?;
    let (mut from, mut costs) = (0, Vec::new());
    let mut fewest: Option<(PathBuf, Vec<Away>)> = None;
    for (stage, to) in sizes.iter().enumerate() {
        say(&format!("making work orders {from} to {to}"));
        let segment = Segment { world, from, to: *to, crews: 5 + stage * CREWS };
        let began = Instant::now();
        segment.fill(&app, &data)?;
        let made = began.elapsed();
        say(&format!("{} s; phones of a crew catch up", made.as_secs()));
        let phones = crowd::prepare(&app, world, &segment.held()?)?;
        if stage == 0 && sizes.len() > 1 {
            let kept = folder.join("fewest");
            // By another process: one that closes a file gives up all its locks on it, and so SQLite's.
            let copied = Command::new("cp").arg("-r").arg(&data).arg(&kept).status().context("cannot start cp")?;
            ensure!(copied.success(), "cannot copy {}", data.display());
            fewest = Some((kept, phones.clone()));
        }
        let server = Server::start(&city, &data)?;
        let last = stage + 1 == sizes.len();
        let cost = match fewest.as_ref().filter(|_| last) {
            None => by_turns(&[(&server, &phones)])?.pop().context("nothing was measured")?,
            Some((kept, others)) => {
                // Side by side, so that whatever else the machine does weighs on both.
                let small = Server::start(&city, kept)?;
                let pair = by_turns(&[(&small, others), (&server, &phones)])?;
                let [fewest, most] = pair.as_slice() else { bail!("both were to be measured") };
                show(&compared(fewest, most, &costs, sizes));
                *most
            }
        };
        crowd::check(&app, &phones)?;
        show(&json!({
            "scale": to, "catch_up_cpu_ms": millis(cost.cpu), "catch_up_system_ms": millis(cost.system),
            "catch_up_ms": millis(cost.took), "resident_mb": megabytes(server.process().most_resident()?),
            "database_gb": gigabytes(&data)?, "made_s": made.as_secs(),
        }));
        costs.push(cost);
        if last {
            say("phones listen");
            show(&memory(&app, &server, *to)?);
        }
        from = *to;
    }
    Ok(())
}

/// What one catch-up takes.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// The server's processor time.
    cpu: Duration,
    /// The part of it that the operating system took.
    system: Duration,
    /// Until the answer was there.
    took: Duration,
}

/// Lets phones catch up one after another, at each server in turn.
fn by_turns(servers: &[(&Server, &Vec<Away>)]) -> Result<Vec<Cost>> {
    let counted = CREWS - WARMING;
    let mut took = vec![Duration::ZERO; servers.len()];
    for (server, phones) in servers {
        crowd::catch_up(server.port, &phones[..WARMING], 1)?;
        quiet(server.process())?;
    }
    let all = || servers.iter().map(|(server, _)| server.process().cpu_parts()).collect::<Result<Vec<_>>>();
    let before = all()?;
    for turn in WARMING..CREWS {
        for ((server, phones), took) in servers.iter().zip(&mut took) {
            *took += crowd::catch_up(server.port, phones.get(turn..=turn).unwrap_or_default(), 1)?;
        }
    }
    let each = |time: Duration| time / u32::try_from(counted).unwrap_or(1);
    let mut costs = Vec::new();
    for ((before, after), took) in before.into_iter().zip(all()?).zip(took) {
        let (user, system) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
        costs.push(Cost { cpu: each(user + system), system: each(system), took: each(took) });
    }
    Ok(costs)
}

/// The cost at the largest size against that at the smallest, side by side; and what the ones before it were by themselves.
fn compared(fewest: &Cost, most: &Cost, alone: &[Cost], sizes: &[u64]) -> Value {
    let mut against = serde_json::Map::new();
    for (name, cost) in [("fewest", fewest), ("most", most)] {
        against.insert(format!("{name}_cpu_ms"), json!(millis(cost.cpu)));
        against.insert(format!("{name}_system_ms"), json!(millis(cost.system)));
    }
    against.extend(
        sizes.iter().zip(alone).map(|(size, cost)| (format!("alone_cpu_ms_at_{size}"), json!(millis(cost.cpu)))),
    );
    let value = (most.cpu.as_secs_f64() / fewest.cpu.as_secs_f64() * 100.0).round() / 100.0;
    json!({"figure": "server CPU for a catch-up, most against fewest", "value": value, "unit": "x", "goal": 1.2, "against": against})
}

/// Memory while a thousand phones listen, all of them ask what is new, and one of each crew starts over.
fn memory(app: &App, server: &Server, stored: u64) -> Result<Value> {
    let (mut live, mut phones) = (Vec::new(), Vec::new());
    for number in 0..LIVE {
        let crew = town::crew(30 + number % LIVE_CREWS);
        let who = Person::of_crew(&crew, number / LIVE_CREWS);
        let (session, token) = town::enroll(app, &who, who.device)?;
        let mut connection = Connection::open(server.port)?;
        connection.live(&token)?;
        live.push(connection);
        phones.push((session, token));
    }
    // All of them were poked when they came, and ask; eight at a time.
    crowd::catch_up(server.port, &crowd::up_to_date(app, &phones)?, 8)?;
    let newcomers = crowd::newcomers(phones.iter().take(LIVE_CREWS).map(|(_, token)| token.as_str()))?;
    crowd::catch_up(server.port, &newcomers, 8)?;
    Ok(json!({
        "figure": "server memory with live phones", "value": megabytes(server.process().most_resident()?), "unit": "MB",
        "goal": 600, "against": {
            "work_orders": stored, "live_phones": live.len(), "resident_now_mb": megabytes(server.process().resident()?),
        },
    }))
}

/// Waits until a process does nothing.
fn quiet(process: Process) -> Result<()> {
    loop {
        let before = process.cpu()?;
        std::thread::sleep(Duration::from_millis(500));
        if process.cpu()? == before {
            return Ok(());
        }
    }
}

fn gigabytes(data: &Path) -> Result<f64> {
    let bytes = std::fs::metadata(data.join("coldpatch.sqlite3"))?.len();
    Ok((bytes / 1_000_000) as f64 / 1_000.0)
}

fn megabytes(bytes: u64) -> f64 {
    (bytes / 100_000) as f64 / 10.0
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}
