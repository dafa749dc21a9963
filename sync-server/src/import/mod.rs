//! Takes in a city's published export: one work order for each row, or a refusal that says line, field and reason.
//!
//! A row mirrors the record that it came from, so that the same row again creates nothing. Times are those of the record,
//! read in the exporting city's zone. Rows go in by the hundred, each batch in one transaction.
//!
//! - [`rows`]: from bytes to rows, so that a broken one does not take its neighbors along
//! - [`record`]: one row's fields, and what a row becomes; [`formats`]: what each city's columns mean
//! - [`types`]: which of their types is which of ours; [`report`]: what became of everything

mod formats;
mod record;
mod report;
mod rows;
mod types;

pub use report::{Refusal, Report};

use crate::app::App;
use crate::intake;
use crate::ledger::{Bench, LedgerError};
use crate::{clock, entropy};
use clap::ValueEnum;
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{Asset, Note, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp};
use record::{Fields, Outcome, Row};
use rows::{Read, Rows};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// Rows that go in with one transaction.
const BATCH: usize = 100;

/// Whose export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// New York's 311 service requests, 41 columns
    Nyc311,
    /// Boston's 311 service requests
    Boston311,
    /// Chicago's potholes reported
    Chicago311,
}

/// Why a file could not be read at all, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened or read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Its columns are others.
    #[error("{path} is not an export of this format: the header lacks {missing}. Is it the right --format?")]
    OtherColumns {
        /// Which.
        path: PathBuf,
        /// What is not there.
        missing: String,
    },
    /// Nothing more could be stored. What went in before stays, and a second run goes on from there.
    #[error("after {done} rows nothing more could be stored: {source}")]
    Ledger {
        /// How many rows are in.
        done: usize,
        /// Why.
        source: LedgerError,
    },
}

/// Imports a file, at most `limit` rows of it. Blocks.
///
/// # Errors
/// [`ImportError`]; a bad row is no error but a [`Refusal`].
pub fn run(app: &App, format: Format, path: &Path, limit: Option<usize>) -> Result<Report, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
    let layout = format.layout();
    let mut rows = Rows::open(BufReader::new(File::open(path).map_err(unreadable)?)).map_err(unreadable)?;
    let missing: Vec<_> =
        layout.columns.iter().filter(|column| !rows.header().contains_key(**column)).copied().collect();
    if !missing.is_empty() {
        return Err(ImportError::OtherColumns { path: path.to_owned(), missing: missing.join(", ") });
    }
    let mut report = Report::new(layout.system);
    let mut batch = Vec::with_capacity(BATCH);
    while limit.is_none_or(|limit| report.rows < limit) {
        let Some(read) = rows.next().map_err(unreadable)? else { break };
        report.rows += 1;
        let row = match read {
            Read::Row { line, record } => {
                let fields = Fields { line, header: rows.header(), record: &record };
                (layout.read)(&fields).and_then(|row| known_here(app, &fields, row))
            }
            Read::Broken { line, reason } => Err(Refusal { line, id: String::new(), field: String::new(), reason }),
        };
        match row {
            Ok(row) => batch.push(row),
            Err(refusal) => report.refusals.push(refusal),
        }
        if batch.len() == BATCH {
            store(app, layout.system, &batch, &mut report)?;
            batch.clear();
        }
    }
    store(app, layout.system, &batch, &mut report)?;
    Ok(report)
}

/// The type must be one of the city that imports, not only one of ours.
fn known_here(app: &App, fields: &Fields<'_>, row: Row) -> Result<Row, Refusal> {
    if app.city.service_type(&row.code).is_some() {
        return Ok(row);
    }
    Err(fields.refuse(row.type_field, format!("this city's catalog has no service type `{}`", row.code)))
}

fn store(app: &App, system: &str, batch: &[Row], report: &mut Report) -> Result<(), ImportError> {
    let counts = app.sync.ledger.write(None, clock::now(), |bench| -> Result<_, LedgerError> {
        let (mut accepted, mut there, mut closed) = (0, 0, 0);
        let mut seen = HashSet::new();
        for row in batch {
            let mirrors = Asset { system: system.to_owned(), id: row.id.clone() };
            if !seen.insert(&row.id) || bench.storage().request_by_mirror(&mirrors)?.is_some() {
                there += 1;
                continue;
            }
            take_in(bench, row, mirrors)?;
            accepted += 1;
            closed += usize::from(!matches!(row.outcome, Outcome::Open));
        }
        Ok((accepted, there, closed))
    });
    let done = report.accepted + report.there_already;
    let (accepted, there, closed) = counts.map_err(|source| ImportError::Ledger { done, source })?;
    report.accepted += accepted;
    report.there_already += there;
    report.closed += closed;
    Ok(())
}

fn take_in(bench: &mut Bench<'_>, row: &Row, mirrors: Asset) -> Result<(), LedgerError> {
    let Some(kind) = bench.city().service_type(&row.code) else { return Ok(()) };
    let by = UserId(format!("import:{}", mirrors.system));
    let stamp = |at| Stamp { by: by.clone(), role: Role::Server, crew: None, at, offset_ms: None, offset_age_s: None };
    let work_order = WorkOrderId(entropy::uuid(row.opened)?);
    let request = ServiceRequest {
        request: ServiceRequestId(entropy::uuid(row.opened)?),
        source: RequestSource::Import,
        service_code: row.code.clone(),
        description: row.description.clone(),
        answers: Default::default(),
        place: row.place.map(|at| PlaceFix { at, source: PlaceSource::Import, accuracy_m: None, age_s: None }),
        address: row.address.clone(),
        mirrors: Some(mirrors),
        observed_at: None,
    };
    intake::file(bench, kind, work_order, request, Vec::new(), stamp(row.opened))?;
    bench.keep_up(work_order, row.opened)?;
    let mut act = |at, action| -> Result<(), LedgerError> {
        bench.perform(&Deed { id: ActionId(entropy::uuid(at)?), work_order, stamp: stamp(at), action })
    };
    if let Some(note) = row.note {
        act(row.opened, Action::AddNote { note: Note { text: note.to_owned() } })?;
    }
    match &row.outcome {
        Outcome::Open => Ok(()),
        Outcome::Completed { at } => act(*at, Action::Complete { note: None }),
        Outcome::Cancelled { at, reason } => act(*at, Action::Cancel { reason: (*reason).to_owned() }),
    }
}
