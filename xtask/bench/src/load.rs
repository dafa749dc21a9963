//! How many catch-ups the server takes in, with all cores, held against the bare loop.

use crate::bare::Bare;
use crate::generate::World;
use crate::ours::server::Server;
use crate::ours::stock::{self, Received};
use crate::ours::{crowd, town};
use crate::process::Process;
use anyhow::{Context, Result};
use coldpatch_server::clock;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How many phones come back at once.
const PHONES: usize = 32;
/// The first ones find everything cold, and do not count.
const WARMING: usize = 8;
/// How many of the others come at once.
const ROUND: usize = 8;
/// The crew of the first one.
const CREW: usize = 5;
/// A catch-up may take so many times as long as the bare loop takes for its changes.
const GOAL: f64 = 2.0;

/// The figure, as a JSON line; see [`crate::figures`]. Works in `folder`.
///
/// # Errors
/// When the server does not take what phones did.
pub fn figure(world: &World, folder: &Path) -> Result<Value> {
    let (city, data) = (town::write(folder)?, folder.join("server"));
    let app = town::open(&city, &data)?;
    let mut crews = Vec::new();
    for phone in 0..PHONES {
        let crew = town::crew(CREW + phone);
        let numbers = (phone * crowd::EACH)..((phone + 1) * crowd::EACH);
        let orders: Vec<_> = numbers.map(|n| world.order(n as u64, &crew)).collect::<Result<_>>()?;
        let write = |order| stock::write(&app.city, order, &order.changes, 0, Received::Now, clock::now());
        stock::commit(&*app.storage, orders.iter().map(write).collect::<Result<_>>()?, clock::now())?;
        crews.push((crew, orders));
    }
    app.storage.set_scoped_for(&app.city.version)?;
    let phones = crowd::prepare(&app, world, &crews)?;
    let touched = phones.iter().flat_map(|phone| &phone.did);
    let mut documents = Vec::new();
    for edited in touched {
        documents.push((edited.id, app.storage.document(edited.id)?.context("a document is not stored")?.bytes));
    }
    let documents = documents.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
    let mut bare = Bare::new(&folder.join("bare.sqlite3"), documents)?;

    let cores = std::thread::available_parallelism()?.get();
    let server = Server::start(&city, &data)?;
    let (first, counted) = phones.split_at(WARMING);
    crowd::catch_up(server.port, first, cores)?;
    bare.take_in(&crowd::changes(first))?;
    let [mut took, mut cpu, mut bare_took, mut bare_cpu] = [Duration::ZERO; 4];
    // By turns, so that whatever else this machine does meets both.
    for round in counted.chunks(ROUND) {
        let before = server.process().cpu()?;
        took += crowd::catch_up(server.port, round, cores * 2)?;
        cpu += server.process().cpu()?.saturating_sub(before);
        let changes = crowd::changes(round);
        let before = Process::This.cpu()?;
        bare_took += bare.take_in(&changes)?;
        bare_cpu += Process::This.cpu()?.saturating_sub(before);
    }
    crowd::check(&app, &phones)?;
    let count = u32::try_from(counted.len())?;
    let rate = |took: Duration| (f64::from(count) / took.as_secs_f64()).round();
    Ok(json!({
        "figure": "catch-up on the server, against a bare loop", "value": rounded(took.as_secs_f64() / bare_took.as_secs_f64()),
        "unit": "x", "goal": GOAL,
        "against": {
            "server_per_s": rate(took), "bare_per_s": rate(bare_took), "cores": cores,
            "server_cpu_ms": rounded(cpu.as_secs_f64() * 1_000.0 / f64::from(count)),
            "bare_cpu_ms": rounded(bare_cpu.as_secs_f64() * 1_000.0 / f64::from(count)),
            "cpu_x": rounded(cpu.as_secs_f64() / bare_cpu.as_secs_f64()),
        },
    }))
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
