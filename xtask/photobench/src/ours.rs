//! Our own way, as a program of its own, like the others: what starting costs is in everybody's time.

use anyhow::{Context, Result};
use coldpatch_shared::photo;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// Makes both files; the milliseconds that it took within.
pub(crate) fn make_into(photo: &Path, folder: &Path) -> Result<f64> {
    let bytes = fs::read(photo).with_context(|| photo.display().to_string())?;
    let start = Instant::now();
    let reading = photo::read(&bytes)?;
    let made = photo::make(&bytes, &reading)?;
    let inside = start.elapsed().as_secs_f64() * 1_000.0;
    anyhow::ensure!(made.damage.is_none() && made.blur.is_some(), "{} is damaged", photo.display());
    fs::write(folder.join("display.jpg"), &made.display.bytes)?;
    fs::write(folder.join("thumbnail.jpg"), &made.thumbnail.bytes)?;
    Ok(inside)
}

/// Makes `display.jpg` and `thumbnail.jpg`; prints the time within and the most memory that the process had.
pub(crate) fn make(photo: &Path, folder: &Path) -> Result<()> {
    let inside_ms = make_into(photo, folder)?;
    let status = fs::read_to_string("/proc/self/status").context("this bench needs Linux")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim_end().parse()?;
    println!("{}", json!({ "inside_ms": inside_ms, "peak_mb": kilobytes * 1_024.0 / 1e6 }));
    Ok(())
}
