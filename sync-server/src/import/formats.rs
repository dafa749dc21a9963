//! What the columns of each city's export mean.

use super::Format;
use super::record::{Fields, Outcome, Row};
use super::report::Refusal;
use super::types;

/// One city's export.
pub(super) struct Layout {
    /// The system's name in [`coldpatch_shared::order::Asset`].
    pub(super) system: &'static str,
    /// Columns without which it is not this export.
    pub(super) columns: &'static [&'static str],
    /// Reads a row.
    pub(super) read: fn(&Fields<'_>) -> Result<Row, Refusal>,
}

impl Format {
    pub(super) fn layout(self) -> Layout {
        match self {
            Self::Nyc311 => Layout {
                system: "nyc311",
                columns: &[
                    "Unique Key",
                    "Created Date",
                    "Closed Date",
                    "Complaint Type",
                    "Descriptor",
                    "Status",
                    "Latitude",
                ],
                read: nyc,
            },
            Self::Boston311 => Layout {
                system: "boston311",
                columns: &[
                    "case_enquiry_id",
                    "open_dt",
                    "closed_dt",
                    "case_status",
                    "closure_reason",
                    "type",
                    "latitude",
                ],
                read: boston,
            },
            Self::Chicago311 => Layout {
                system: "chicago311",
                columns: &["service_request_number", "creation_date", "completion_date", "status", "latitude"],
                read: chicago,
            },
        }
    }
}

/// New York: <https://data.cityofnewyork.us/Social-Services/311-Service-Requests/erm2-nwe9>.
fn nyc(fields: &Fields<'_>) -> Result<Row, Refusal> {
    const TIME: &str = "%m/%d/%Y %I:%M:%S %p";
    const ZONE: &str = "America/New_York";
    let id = fields.required("Unique Key")?.to_owned();
    let (kind, detail) = (fields.required("Complaint Type")?, fields.get("Descriptor"));
    let code = types::nyc(kind, detail).ok_or_else(|| no_such_type(fields, "Complaint Type", kind, detail))?;
    let opened = fields.time("Created Date", TIME, ZONE)?;
    let closed = || fields.closed("Closed Date", TIME, ZONE, opened);
    let outcome = match fields.required("Status")? {
        "Open" | "In Progress" | "Assigned" | "Started" | "Pending" => Outcome::Open,
        "Closed" => Outcome::Completed { at: closed()? },
        "Cancel" => Outcome::Cancelled { at: closed()?, reason: "Cancelled in the city’s own system" },
        other => return Err(unknown_status(fields, "Status", other)),
    };
    let street = fields.get("Incident Address");
    let address = joined(&[street, fields.get("Borough")]).filter(|_| !street.is_empty());
    let description = joined(&[kind, detail]).unwrap_or_default();
    finish(
        fields,
        Row {
            id,
            code,
            type_field: "Complaint Type",
            description,
            place: fields.place("Latitude", "Longitude")?,
            address,
            opened,
            outcome,
            note: None,
        },
    )
}

/// Boston: <https://data.boston.gov/dataset/311-service-requests>.
fn boston(fields: &Fields<'_>) -> Result<Row, Refusal> {
    const TIME: &str = "%Y-%m-%d %H:%M:%S";
    const ZONE: &str = "America/New_York";
    let id = fields.required("case_enquiry_id")?.to_owned();
    let kind = fields.required("type")?;
    let code = types::boston(kind).ok_or_else(|| no_such_type(fields, "type", kind, ""))?;
    let opened = fields.time("open_dt", TIME, ZONE)?;
    let closed = || fields.closed("closed_dt", TIME, ZONE, opened);
    let outcome = match fields.required("case_status")? {
        "Open" => Outcome::Open,
        // The first word after the date says how it ended: Resolved, Noted, Invalid, Duplicate.
        "Closed" => match fields.get("closure_reason") {
            why if why.contains("Duplicate") => {
                Outcome::Cancelled { at: closed()?, reason: "Duplicate of another case" }
            }
            why if why.contains("Invalid") => Outcome::Cancelled { at: closed()?, reason: "Not a valid case" },
            why if why.contains(" Noted") => Outcome::Cancelled { at: closed()?, reason: "Noted, without work" },
            _ => Outcome::Completed { at: closed()? },
        },
        other => return Err(unknown_status(fields, "case_status", other)),
    };
    let address = joined(&[fields.get("location")]);
    let description = kind.to_owned();
    finish(
        fields,
        Row {
            id,
            code,
            type_field: "type",
            description,
            place: fields.place("latitude", "longitude")?,
            address,
            opened,
            outcome,
            note: None,
        },
    )
}

/// Chicago: <https://data.cityofchicago.org/Service-Requests/311-Service-Requests-Pot-Holes-Reported/7as2-ds3y>.
fn chicago(fields: &Fields<'_>) -> Result<Row, Refusal> {
    const TIME: &str = "%Y-%m-%dT%H:%M:%S%.f";
    const ZONE: &str = "America/Chicago";
    let id = fields.required("service_request_number")?.to_owned();
    let kind = fields.required("type_of_service_request")?;
    let code = types::chicago(kind).ok_or_else(|| no_such_type(fields, "type_of_service_request", kind, ""))?;
    let opened = fields.time("creation_date", TIME, ZONE)?;
    let closed = || fields.closed("completion_date", TIME, ZONE, opened);
    let status = fields.required("status")?;
    let (status, duplicate) = status.strip_suffix(" - Dup").map_or((status, false), |status| (status, true));
    let outcome = match (status, fields.get("most_recent_action")) {
        ("Open", _) => Outcome::Open,
        ("Completed", "No Potholes Found") => Outcome::Cancelled { at: closed()?, reason: "No potholes found" },
        ("Completed", _) => Outcome::Completed { at: closed()? },
        (other, _) => return Err(unknown_status(fields, "status", other)),
    };
    let note = duplicate.then_some("The city marked this as a duplicate, and did not say of which request.");
    let address = joined(&[fields.get("street_address")]);
    let description = kind.to_owned();
    finish(
        fields,
        Row {
            id,
            code,
            type_field: "type_of_service_request",
            description,
            place: fields.place("latitude", "longitude")?,
            address,
            opened,
            outcome,
            note,
        },
    )
}

/// Nobody finds what has neither a position nor an address.
fn finish(fields: &Fields<'_>, row: Row) -> Result<Row, Refusal> {
    if row.place.is_none() && row.address.is_none() {
        return Err(fields.refuse("latitude", "is empty, and so is the address: nobody could find it".to_owned()));
    }
    Ok(row)
}

fn joined(parts: &[&str]) -> Option<String> {
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).copied().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn no_such_type(fields: &Fields<'_>, field: &str, kind: &str, detail: &str) -> Refusal {
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    fields.refuse(field, format!("“{kind}”{detail} is none of the service types that are imported"))
}

fn unknown_status(fields: &Fields<'_>, field: &str, status: &str) -> Refusal {
    fields.refuse(field, format!("“{status}” is not a status that this format has"))
}
