//! Measures what `cargo xtask bench photos` shows, and prints JSON lines: rows for everybody, figures for us.
//!
//! - `pictures`: 12 and 48 megapixels, made of real photos.
//! - `contender`: who makes a display rendition and a thumbnail of them: we, and other people's programs.
//! - `process`: a program on one core, its time and memory.
//! - `quality`: what is left of the picture at the same number of bytes.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

mod contender;
mod ours;
mod pictures;
mod process;
mod quality;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use contender::Contender;
use process::Spent;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Odd: the median counts.
const ROUNDS: usize = 7;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything.
    Measure {
        /// Real photos.
        #[arg(long)]
        photos: PathBuf,
        /// Where npm has put sharp, beside the script that calls it.
        #[arg(long)]
        js: PathBuf,
    },
    /// Only the pictures: `0.jpg` and so on in a folder.
    Pictures {
        /// Real photos.
        #[arg(long)]
        photos: PathBuf,
        /// Where they go.
        folder: PathBuf,
    },
    /// One photo, as a contender: `display.jpg` and `thumbnail.jpg` in a folder.
    Make {
        /// A photo.
        photo: PathBuf,
        /// Where the two go.
        folder: PathBuf,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Make { photo, folder } => ours::make(&photo, &folder),
        Task::Pictures { photos, folder } => pictures::make(&photos, &folder).map(drop),
        Task::Measure { photos, js } => measure(&photos, &js),
    }
}

fn measure(photos: &Path, js: &Path) -> Result<()> {
    let folder = tempfile::tempdir().context("no room for pictures")?;
    let pictures = pictures::make(photos, folder.path())?;
    let everybody = contender::all(js)?;
    let mut ours = Vec::new();
    for picture in &pictures {
        let rows = rows(&everybody, picture, folder.path());
        for (contender, row) in everybody.iter().zip(&rows) {
            println!("{}", row_json(contender, picture.name, row));
        }
        ours.push(rows);
    }
    for (picture, rows) in pictures.iter().zip(&ours) {
        figures(picture, rows)?;
    }
    quality::compare(&pictures, folder.path())
}

/// What a contender needed, or why it could not.
type Row = Result<Spent, String>;

/// Everybody in turn, so that a busy minute of the machine is everybody's; the median of each.
fn rows(everybody: &[Contender], picture: &pictures::Picture, folder: &Path) -> Vec<Row> {
    let mut runs: Vec<Vec<Spent>> = vec![Vec::new(); everybody.len()];
    let mut failed: Vec<Option<String>> = vec![None; everybody.len()];
    for round in 0..ROUNDS {
        eprintln!("{}, round {} of {ROUNDS}", picture.name, round + 1);
        for (at, contender) in everybody.iter().enumerate() {
            if failed[at].is_some() {
                continue;
            }
            match contender.run(&picture.file, folder) {
                Ok(spent) => runs[at].push(spent),
                Err(error) => failed[at] = Some(format!("{error:#}")),
            }
        }
    }
    runs.into_iter().zip(failed).map(|(runs, failed)| failed.map_or_else(|| Ok(Spent::median(runs)), Err)).collect()
}

fn row_json(contender: &Contender, picture: &str, row: &Row) -> Value {
    match row {
        Ok(spent) => json!({
            "contender": contender.name,
            "picture": picture,
            "cpu_ms": spent.cpu_ms,
            "wall_ms": spent.wall_ms,
            "inside_ms": spent.inside_ms,
            "peak_mb": spent.peak_mb,
        }),
        Err(reason) => json!({ "contender": contender.name, "picture": picture, "failed": reason }),
    }
}

/// Ours is the first row, vipsthumbnail's the second.
fn figures(picture: &pictures::Picture, rows: &[Row]) -> Result<()> {
    let [Ok(ours), Ok(vips), ..] = rows else {
        anyhow::bail!("{}: we or vipsthumbnail failed: {rows:?}", picture.name);
    };
    let name = picture.name;
    let (time, memory) = (ours.cpu_ms / vips.cpu_ms, ours.peak_mb);
    let beside =
        json!({ "ours_cpu_ms": ours.cpu_ms, "vips_cpu_ms": vips.cpu_ms, "wall_ratio": ours.wall_ms / vips.wall_ms });
    if picture.megapixels == 12 {
        println!("{}", figure(&format!("{name}: time of vipsthumbnail's"), time, "", 0.6, &beside));
    }
    let goal = if picture.megapixels == 12 { 60.0 } else { 120.0 };
    let beside = json!({ "vips_mb": vips.peak_mb });
    println!("{}", figure(&format!("{name}: most memory"), memory, "MB", goal, &beside));
    Ok(())
}

/// A line that xtask reads.
fn figure(name: &str, value: f64, unit: &str, goal: f64, against: &Value) -> Value {
    json!({ "figure": name, "value": value, "unit": unit, "goal": goal, "against": against })
}
