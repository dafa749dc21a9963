//! What a crew's day is made of: a few columns of every job that is open or was finished lately.

use super::values::{named, ranked};
use super::{StoreError, find};
use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{CrewId, ServiceCode, WorkOrderId};
use coldpatch_shared::order::Status;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use uuid::Uuid;

/// A job, as far as its place in a day depends on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    pub(crate) id: WorkOrderId,
    pub(crate) kind: ServiceCode,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) place: Option<LatLon>,
    pub(crate) due: Option<i64>,
    pub(crate) assignment: Option<CrewId>,
    /// The crew of whoever put it into its state.
    pub(crate) status_crew: Option<CrewId>,
    /// When that was, or when it last changed, ms since the Unix epoch.
    pub(crate) since: i64,
    /// Whether a merge left something that a person must decide.
    pub(crate) undecided: bool,
    /// How well it fits the words, 0 the best; `None` where there are words and it does not.
    pub(crate) fits: Option<usize>,
}

/// Every job that is open, or was closed after `since` (ms since the Unix epoch), or has the words that `matched` asks for.
pub(crate) fn outlines(db: &Connection, since: i64, matched: Option<&str>) -> Result<Vec<Outline>, StoreError> {
    let hits = matched.map(|matched| hits(db, matched)).transpose()?;
    // A lost photo is nothing that a job waits for.
    let mut statement = db.prepare_cached(
        "SELECT work_order, service_code, status, priority, lat, lon, due, assignment, status_crew,
            coalesce(status_at, updated_at), flags NOT IN ('[]', '[\"photo_lost\"]') OR done_in_group, updated_at
         FROM jobs WHERE NOT closed OR updated_at > ?1 OR ?2",
    )?;
    let mut rows = statement.query(params![since, hits.is_some()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id: Uuid = row.get(0)?;
        let (lat, lon): (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
        let status = named("status", row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
        let closed = matches!(status, Status::Completed | Status::Cancelled);
        found.push(Outline {
            id: WorkOrderId(id),
            kind: ServiceCode(row.get(1)?),
            status,
            priority: ranked(row.get(3)?),
            place: lat.zip(lon).map(|(lat, lon)| LatLon { lat, lon }),
            due: row.get(6)?,
            assignment: row.get::<_, Option<String>>(7)?.map(CrewId),
            status_crew: row.get::<_, Option<String>>(8)?.map(CrewId),
            since: if closed { row.get(11)? } else { row.get(9)? },
            undecided: row.get(10)?,
            fits: hits.as_ref().map_or(Some(0), |hits| hits.get(&id).copied()),
        });
    }
    Ok(found)
}

/// Where each job that has the words stands among them.
fn hits(db: &Connection, matched: &str) -> Result<HashMap<Uuid, usize>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT work_order FROM {} ORDER BY score", find::HITS))?;
    let ids = statement.query_map([matched], |row| row.get(0))?;
    ids.enumerate().map(|(at, id)| Ok((id?, at))).collect()
}
