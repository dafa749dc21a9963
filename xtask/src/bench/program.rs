//! A bench that is a program of its own, and prints JSON lines: rows of its tables, and figures.

use super::figure::Figure;
use crate::{command, paths};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// What the tables show, as the program prints it.
    pub(crate) rows: Vec<Value>,
    /// Ours, against the goals.
    pub(crate) figures: Vec<Figure>,
}

impl Measured {
    fn add(&mut self, line: &str) -> Result<()> {
        let value: Value = serde_json::from_str(line).with_context(|| format!("not a line of the bench: {line}"))?;
        if value["figure"].is_string() {
            self.figures.push(Figure::parse(line)?);
        } else {
            self.rows.push(value);
        }
        Ok(())
    }

    /// The rows, as JSON lines or by `table`.
    pub(crate) fn print_rows(&self, json: bool, table: impl FnOnce(&[Value])) {
        if json {
            self.rows.iter().for_each(|row| println!("{row}"));
        } else {
            table(&self.rows);
        }
    }
}

/// Builds programs for measuring: `packages` of ours, whose programs have their names.
pub(crate) fn build(packages: &[&str]) -> Result<()> {
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let mut build = command::cargo();
    command::run(build.args(["build", "--release", "--quiet"]).args(packages).stdout(std::io::stderr()))
}

/// Such a program.
pub(crate) fn released(program: &str) -> PathBuf {
    paths::target().join("release").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// What a bench prints, line by line as it comes.
pub(crate) fn printed_by(bench: &mut Command) -> Result<Measured> {
    let mut running = bench.stdout(Stdio::piped()).spawn().context("cannot start the bench")?;
    let mut measured = Measured::default();
    if let Some(output) = running.stdout.take() {
        for line in BufReader::new(output).lines() {
            measured.add(&line?)?;
        }
    }
    if !running.wait()?.success() {
        bail!("the bench failed");
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_figures_are_told_apart_and_anything_else_is_an_error() -> Result<()> {
        let mut measured = Measured::default();
        measured.add(r#"{"contender":"a","task":"t","link":"l","time_s":1.5}"#)?;
        measured.add(r#"{"figure":"x","value":1,"unit":"s","goal":2,"against":{}}"#)?;
        assert_eq!((measured.rows.len(), measured.figures.len()), (1, 1));
        assert!(measured.figures[0].holds);
        assert!(measured.add("compiling…").is_err());
        Ok(())
    }
}
