//! What became of an import's rows.

use serde::Serialize;
use std::fmt;

/// What became of everything. `rows` = `accepted` + `there_already` + `refusals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The system that the rows come from.
    pub system: String,
    /// Rows that were read, the header not counted.
    pub rows: usize,
    /// Became work orders.
    pub accepted: usize,
    /// Of these, how many were closed already.
    pub closed: usize,
    /// Were there from an earlier run, or earlier in the same file.
    pub there_already: usize,
    /// Refused, in the file's order.
    pub refusals: Vec<Refusal>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Where the row begins in the file, counted from 1.
    pub line: u64,
    /// Its id, where it could be read.
    pub id: String,
    /// The column; empty when the row as a whole is broken.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl Report {
    pub(super) fn new(system: &str) -> Self {
        Self { system: system.to_owned(), rows: 0, accepted: 0, closed: 0, there_already: 0, refusals: Vec::new() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, rows, accepted, closed, there_already, refusals } = self;
        let (open, refused) = (accepted - closed, refusals.len());
        write!(
            f,
            "{system}: {rows} rows read, {accepted} accepted ({open} open, {closed} closed), {there_already} there \
             already, {refused} refused"
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.id.is_empty() {
            write!(f, " ({})", self.id)?;
        }
        match self.field.is_empty() {
            true => write!(f, ": {}", self.reason),
            false => write!(f, ": {}: {}", self.field, self.reason),
        }
    }
}
