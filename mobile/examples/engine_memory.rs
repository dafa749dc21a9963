//! How much memory a phone's engine needs with 2,000 work orders: `cargo xtask bench app` runs it natively.
//!
//! One process fills a database and ends; another one opens it through the engine's door, does what people do all day,
//! and reads from the system how much memory it has had at most.
#![allow(clippy::print_stdout, reason = "it reports to the bench")]

use coldpatch_mobile::engine::api::{Ask, EngineError, JobsFilter, Reply};
use coldpatch_mobile::engine::{Door, bench, fresh_action, open_native};
use coldpatch_mobile::platform::http::Cable;
use coldpatch_shared::action::Action;
use coldpatch_shared::geo::LatLon;
use rusqlite::Connection;
use std::error::Error;
use std::path::Path;
use std::process::Command;

const WORK_ORDERS: u32 = 2_000;
/// MB of peak resident memory.
const GOAL: f64 = 80.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    match (words.next().as_deref(), words.next()) {
        (Some("fill"), Some(dir)) => {
            let files = coldpatch_shared::city::demo_files();
            let db = Connection::open(Path::new(&dir).join("coldpatch.sqlite3"))?;
            Ok(bench::fill(db, Some(&files), WORK_ORDERS)?)
        }
        (Some("use"), Some(dir)) => use_it(Path::new(&dir)),
        _ => measure(),
    }
}

fn measure() -> Result<(), Box<dyn Error>> {
    let dir = std::env::temp_dir().join(format!("coldpatch-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let program = std::env::current_exe()?;
    let mut done = true;
    for task in ["fill", "use"] {
        done = done && Command::new(&program).arg(task).arg(&dir).status()?.success();
    }
    std::fs::remove_dir_all(&dir)?;
    if done { Ok(()) } else { Err("the measuring process failed".into()) }
}

fn use_it(dir: &Path) -> Result<(), Box<dyn Error>> {
    let cable = Cable::default();
    cable.set(false);
    let door = open_native(dir, bench::device(), "http://localhost:9", cable)?;
    let before = memory("VmRSS:")?;
    // The engine has a thread and a runtime of its own; this one only waits for its answers.
    tokio::runtime::Builder::new_current_thread().build()?.block_on(a_day(&door))?;
    let against = serde_json::json!({
        "work_orders": WORK_ORDERS,
        "rss_when_opened_mb": before,
        "rss_at_the_end_mb": memory("VmRSS:")?,
        "calibration_ms": calibration(),
    });
    let figure = serde_json::json!({
        "figure": "native engine, 2,000 work orders, peak",
        "value": memory("VmHWM:")?,
        "unit": "MB",
        "goal": GOAL,
        "against": against,
    });
    println!("{figure}");
    Ok(())
}

/// Every list whole, a search, the map, 300 jobs opened, an action on every third of them.
async fn a_day(door: &Door) -> Result<(), EngineError> {
    door.ask(Ask::Session).await?;
    door.ask(Ask::City).await?;
    let Reply::Jobs(page) = door.ask(Ask::Jobs(JobsFilter::default())).await? else { return Ok(()) };
    assert_eq!(page.total, WORK_ORDERS, "the database that was filled is the one that was opened");
    door.ask(Ask::Day(bench::today())).await?;
    door.ask(Ask::Jobs(JobsFilter { text: "pothole alder".to_owned(), ..JobsFilter::default() })).await?;
    door.ask(Ask::Nearby { place: LatLon { lat: 47.627, lon: -122.337 }, radius_m: 500.0 }).await?;
    for n in 0..300 {
        let id = bench::order_id(n * 6);
        door.ask(Ask::Job(id)).await?;
        if n % 3 == 0 {
            let action = Action::Tick { item: "level".to_owned(), checked: true };
            door.ask(Ask::Do { action_id: fresh_action(), work_order: id, action }).await?;
        }
    }
    door.ask(Ask::SyncSheet).await?;
    Ok(())
}

/// A line of `/proc/self/status`, in MB.
fn memory(line: &str) -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")
        .map_err(|why| format!("only Linux says how much memory a process has had: {why}"))?;
    let text = status.lines().find_map(|each| each.strip_prefix(line)).ok_or("no such line")?;
    let kilobytes: f64 = text.trim().trim_end_matches("kB").trim().parse()?;
    Ok((kilobytes * 1.024).round() / 1000.0)
}

/// A fixed loop, the median of five, ms: how fast this machine was at that time.
fn calibration() -> f64 {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            let mut word = 0x9e37_79b9_u32;
            for _ in 0..20_000_000 {
                word ^= word << 13;
                word ^= word >> 17;
                word ^= word << 5;
            }
            std::hint::black_box(word);
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[2] * 10.0).round() / 10.0
}
