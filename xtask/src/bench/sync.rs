//! `cargo xtask bench sync`: a phone and a server over two links, beside other people's programs.
//!
//! `xtask/bench` measures and prints JSON lines; this builds it and the peers, and prints a table for each link. The peers
//! are no dependency of ours and no part of the tests; one that cannot be built here is shown as such.

use super::app::{printed_by, web};
use super::figure::Figure;
use super::program::{self, Measured, released};
use crate::{command, paths, setup};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Builds and measures: all contenders over both links, then a phone in a browser.
pub(crate) fn measure() -> Result<Measured> {
    setup::ensure(setup::Scope::Browser)?;
    build_peers();
    web(&["--bench"])?;
    eprintln!("everything is built; what follows takes some five minutes");
    let mut measured = printed(&["sync"])?;
    measured.figures.extend(in_the_browser().context("the phone in a browser")?);
    Ok(measured)
}

/// Builds and measures: a server with a million work orders, with a thousand live phones. Beside what is built, where the
/// disk is that has room for it: systems keep their temporary files in memory, or in little room.
pub(crate) fn scale() -> Result<Measured> {
    let folder = paths::target().join("tmp");
    fs::create_dir_all(&folder)?;
    printed(&["scale", "--folder", &folder.to_string_lossy()])
}

/// The bench, with the server that it starts beside it.
fn bench(words: &[&str]) -> Result<Command> {
    program::build(&["coldpatch-bench", "coldpatch-server"])?;
    let mut bench = Command::new(released("coldpatch-bench"));
    bench.args(words);
    Ok(bench)
}

/// What it prints.
fn printed(words: &[&str]) -> Result<Measured> {
    program::printed_by(&mut bench(words)?)
}

/// A phone in Chromium hears what one heard that the bench recorded.
fn in_the_browser() -> Result<Vec<Figure>> {
    let recorded = paths::target().join("tmp").join("bench-sync");
    command::run(bench(&["record"])?.arg(&recorded))?;
    let mut node = command::program("node");
    node.arg("e2e/bench-sync.mjs")
        .env("COLDPATCH_RECORDED", &recorded)
        .env("COLDPATCH_SERVER", released("coldpatch-server"))
        .env("COLDPATCH_PWA", paths::bench_pwa())
        .env("COLDPATCH_CITY", paths::city());
    if let Some(browser) = setup::browser() {
        node.env("COLDPATCH_BROWSER", browser);
    }
    printed_by(&mut node)
}

/// What cannot be built fails when the bench starts it, and is shown there with the reason.
fn build_peers() {
    let peers = paths::root().join("xtask").join("bench").join("peers");
    eprintln!("building the peers; the first time takes some minutes");
    let mut samod = command::cargo();
    samod.args(["build", "--release", "--quiet", "--locked", "--target-dir"]).arg(peers.join("samod").join("target"));
    samod.arg("--manifest-path").arg(peers.join("samod").join("Cargo.toml"));
    if let Err(error) = command::run(samod.stdout(std::io::stderr())) {
        eprintln!("samod: {error:#}");
    }
    let js = peers.join("js");
    // Not `ci`, which wants the packages of all other systems in the lock file, too.
    if let Err(error) = setup::node_modules(&js, "the bench measures beside them", &["install", "--no-save"]) {
        eprintln!("automerge-repo and PouchDB: {error:#}");
    }
}

/// The tables: for each link and task, a row for each contender; or a row for each size. As `xtask/bench/src/{figures,scale}.rs`
/// print them.
pub(crate) fn table(rows: &[Value]) {
    if rows.iter().any(|row| row["scale"].is_u64()) {
        print_sizes(rows);
        return;
    }
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let mut tables: Vec<(String, String)> = Vec::new();
    for row in rows {
        let table = (text(row, "link"), text(row, "task"));
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    for (link, task) in tables {
        println!("\n{task}, {link}");
        println!(
            "{:<20} {:>9} {:>9} {:>6} {:>9} {:>9} {:>10} {:>10}  history",
            "", "time s", "cold s", "trips", "up kB", "down kB", "CPU phone", "CPU server"
        );
        for row in rows.iter().filter(|row| text(row, "link") == link && text(row, "task") == task) {
            println!("{}", table_line(row));
        }
    }
    println!();
}

/// What a catch-up costs a server, by how much it has stored.
fn print_sizes(rows: &[Value]) {
    println!(
        "\n{:>12} {:>14} {:>12} {:>12} {:>12} {:>12} {:>8}",
        "work orders", "CPU ms", "of it system", "time ms", "memory MB", "database GB", "made s"
    );
    for row in rows {
        let number = |key: &str| row[key].as_f64().map_or_else(|| "-".to_owned(), |n| format!("{n:.1}"));
        println!(
            "{:>12} {:>14} {:>12} {:>12} {:>12} {:>12} {:>8}",
            row["scale"].as_u64().unwrap_or_default(),
            number("catch_up_cpu_ms"),
            number("catch_up_system_ms"),
            number("catch_up_ms"),
            number("resident_mb"),
            number("database_gb"),
            number("made_s")
        );
    }
    println!();
}

fn table_line(row: &Value) -> String {
    let name = row["contender"].as_str().unwrap_or_default();
    if let Some(reason) = row["cannot"].as_str() {
        return format!("{name:<20} cannot: {reason}");
    }
    let number =
        |key: &str, scale: f64| row[key].as_f64().map_or_else(|| "-".to_owned(), |n| format!("{:.2}", n / scale));
    let trips = row["round_trips"].as_u64().map_or_else(|| "-".to_owned(), |trips| trips.to_string());
    format!(
        "{name:<20} {:>9} {:>9} {trips:>6} {:>9} {:>9} {:>10} {:>10}  {}",
        number("time_s", 1.0),
        number("cold_s", 1.0),
        number("bytes_up", 1_000.0),
        number("bytes_down", 1_000.0),
        number("cpu_phone_s", 1.0),
        number("cpu_server_s", 1.0),
        if row["history"].as_bool() == Some(true) { "all" } else { "none" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_cannot_is_shown_with_the_reason_and_what_was_not_measured_as_such() {
        let row =
            json!({"contender": "a", "task": "t", "link": "l", "time_s": 1.5, "bytes_up": 2000, "round_trips": 3});
        let line = table_line(&row);
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["a", "1.50", "-", "3", "2.00", "-", "-", "-", "none"]);
        let cannot = table_line(&json!({"contender": "b", "cannot": "no node here"}));
        assert_eq!(cannot, format!("{:<20} cannot: no node here", "b"));
    }
}
