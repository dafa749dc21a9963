//! One row: its fields by name, and what it becomes.

use super::report::Refusal;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::ServiceCode;
use csv::StringRecord;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// What a row becomes.
#[derive(Debug)]
pub(super) struct Row {
    /// Its id in the system that it came from.
    pub(super) id: String,
    /// Our service type.
    pub(super) code: ServiceCode,
    /// The column that said so.
    pub(super) type_field: &'static str,
    /// What it is about.
    pub(super) description: String,
    /// Where.
    pub(super) place: Option<LatLon>,
    /// The place in words.
    pub(super) address: Option<String>,
    /// When it was made, ms since the Unix epoch.
    pub(super) opened: i64,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Something that whoever opens the job should know.
    pub(super) note: Option<&'static str>,
}

/// How a request ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It has not.
    Open,
    /// The work was done.
    Completed {
        /// When, ms since the Unix epoch.
        at: i64,
    },
    /// It was closed without work.
    Cancelled {
        /// When, ms since the Unix epoch.
        at: i64,
        /// Why, in words.
        reason: &'static str,
    },
}

/// A row's fields.
pub(super) struct Fields<'a> {
    /// Where the row begins in the file, counted from 1.
    pub(super) line: u64,
    /// Column name → place.
    pub(super) header: &'a HashMap<String, usize>,
    /// The fields.
    pub(super) record: &'a StringRecord,
}

impl<'a> Fields<'a> {
    /// A field without the spaces around it; empty when the column is not there.
    pub(super) fn get(&self, column: &str) -> &'a str {
        self.header.get(column).and_then(|at| self.record.get(*at)).map_or("", str::trim)
    }

    /// A field that says something.
    pub(super) fn required(&self, column: &'static str) -> Result<&'a str, Refusal> {
        match self.get(column) {
            "" => Err(self.refuse(column, "is empty".to_owned())),
            text => Ok(text),
        }
    }

    /// A local time, by `format` in `zone`. Where a clock was set back, the first of both; where it was set forward, the
    /// time as if it had not been.
    pub(super) fn time(&self, column: &'static str, format: &str, zone: &str) -> Result<i64, Refusal> {
        let text = self.required(column)?;
        let local = DateTime::strptime(format, text)
            .map_err(|_| self.refuse(column, format!("“{text}” is not a time of the form {format}")))?;
        let zone = TimeZone::get(zone).map_err(|error| self.refuse(column, error.to_string()))?;
        let zoned = local.to_zoned(zone).map_err(|error| self.refuse(column, error.to_string()))?;
        Ok(zoned.timestamp().as_millisecond())
    }

    /// When it was closed; not before it was opened.
    pub(super) fn closed(&self, column: &'static str, format: &str, zone: &str, opened: i64) -> Result<i64, Refusal> {
        let closed = self.time(column, format, zone)?;
        if closed < opened {
            return Err(self.refuse(column, "is before the time when it was opened".to_owned()));
        }
        Ok(closed)
    }

    /// A position; `None` when both fields are empty.
    pub(super) fn place(&self, lat: &'static str, lon: &'static str) -> Result<Option<LatLon>, Refusal> {
        if self.get(lat).is_empty() && self.get(lon).is_empty() {
            return Ok(None);
        }
        let degrees = |column: &'static str| -> Result<f64, Refusal> {
            let text = self.required(column)?;
            text.parse().map_err(|_| self.refuse(column, format!("“{text}” is not a number of degrees")))
        };
        let place = LatLon::new(degrees(lat)?, degrees(lon)?);
        place.map(Some).map_err(|error| self.refuse(lat, error.to_string()))
    }

    /// A refusal of this row.
    pub(super) fn refuse(&self, field: &str, reason: String) -> Refusal {
        let id = ["Unique Key", "case_enquiry_id", "service_request_number"].iter().map(|column| self.get(column));
        let id = id.into_iter().find(|id| !id.is_empty()).unwrap_or_default().to_owned();
        Refusal { line: self.line, id, field: field.to_owned(), reason }
    }
}
