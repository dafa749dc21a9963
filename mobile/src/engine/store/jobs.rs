//! The projection of work orders for lists, maps and search.

use super::values::{from_json, name_of, named, rank, ranked, to_json};
use super::{StoreError, documents, find, ties};
use crate::engine::api::{JobRow, JobsFilter};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{CrewId, DepartmentId, ServiceCode, WorkOrderId};
use coldpatch_shared::order::{Entry, FlagKind, OrderDoc, Photo, RenditionKind, WorkOrder};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

const COLUMNS: &str = "work_order, service_code, status, priority, lat, lon, address, due, assignment, requests,
    tracking_number, flags, disagreements, thumbnail, created_at, updated_at,
    EXISTS (SELECT 1 FROM outbox o WHERE o.work_order = jobs.work_order)
    OR EXISTS (SELECT 1 FROM file_uses u JOIN files f USING (sha256)
        WHERE u.work_order = jobs.work_order AND f.state = 'waiting'), done_in_group, blur, status_crew, status_at, status_why";

/// Open before closed; what is urgent or overdue first; then by due time. Closed ones: the last change first.
const ORDER: &str = "closed, CASE WHEN closed THEN -updated_at END,
    (priority = 3 OR coalesce(due < ?, 0)) DESC, due IS NULL, due, priority DESC, work_order";

/// Projects the current document. A document that is no work order leaves no row.
pub(super) fn project(db: &Connection, id: WorkOrderId, doc: &OrderDoc) -> Result<(), StoreError> {
    match WorkOrder::derive(id, &doc.facts()) {
        Some(order) => write(db, &order),
        None => {
            db.prepare_cached("DELETE FROM jobs WHERE work_order = ?1")?.execute([id.0])?;
            ties::forget(db, id)
        }
    }
}

/// Projects a work order from the database, for one that is not at hand.
pub(super) fn project_again(db: &Connection, id: WorkOrderId) -> Result<(), StoreError> {
    let doc = documents::current(db, id)?.unwrap_or_else(|| OrderDoc::empty(&[0]));
    project(db, id, &doc)
}

/// Projects every work order again. One that cannot be read stays as it was.
pub(super) fn project_all(db: &Connection) -> Result<(), StoreError> {
    let mut statement = db.prepare("SELECT work_order FROM documents UNION SELECT work_order FROM outbox")?;
    let ids: Vec<WorkOrderId> =
        statement.query_map([], |row| Ok(WorkOrderId(row.get(0)?)))?.collect::<Result<_, _>>()?;
    for id in ids {
        match documents::contained(|| project_again(db, id)) {
            Err(error) if !error.is_about_one_document() => return Err(error),
            Err(error) => tracing::error!(work_order = %id, %error, "a job cannot be listed again"),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn write(db: &Connection, order: &WorkOrder) -> Result<(), StoreError> {
    let place = order.place.as_ref().and_then(|place| place.at.checked().ok());
    let flags: Vec<_> = order.flags.iter().map(|flag| flag.kind).collect();
    let with_thumbnail = |photo: &&Entry<Photo>| photo.body.rendition(RenditionKind::Thumbnail).is_some();
    let shown = order.photos.iter().find(with_thumbnail).map(|photo| &photo.body);
    let thumbnail = shown.and_then(|photo| photo.rendition(RenditionKind::Thumbnail));
    let set_by = order.status_set_by.as_ref();
    let why = set_by.and_then(|event| match (&event.body.reason, &event.body.department) {
        (Some(reason), _) => Some(reason.as_str()),
        (None, department) => department.as_ref().map(DepartmentId::as_str),
    });
    // The same row goes on: what hangs on its being removed must not happen.
    db.prepare_cached(
        "INSERT INTO jobs (work_order, service_code, status, closed, priority, lat, lon, address, due,
            assignment, requests, tracking_number, flags, disagreements, thumbnail, created_at, updated_at, blur,
            status_crew, status_at, status_why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
         ON CONFLICT (work_order) DO UPDATE SET service_code = ?2, status = ?3, closed = ?4, priority = ?5, lat = ?6,
            lon = ?7, address = ?8, due = ?9, assignment = ?10, requests = ?11, tracking_number = ?12, flags = ?13,
            disagreements = ?14, thumbnail = ?15, created_at = ?16, updated_at = ?17, blur = ?18, status_crew = ?19,
            status_at = ?20, status_why = ?21, done_in_group = 0",
    )?
    .execute(params![
        order.id.0,
        order.service_code.as_str(),
        name_of(&order.status),
        order.status.is_closed(),
        rank(order.priority),
        place.map(|place| place.lat),
        place.map(|place| place.lon),
        order.address,
        order.due,
        order.assignment.as_ref().map(CrewId::as_str),
        i64::try_from(order.requests.len()).unwrap_or(i64::MAX),
        order.tracking_number(),
        to_json("flags", &flags)?,
        !order.disagreements.is_empty(),
        thumbnail.map(|rendition| rendition.sha256.as_str()),
        order.created_at,
        order.updated_at,
        shown.and_then(|photo| photo.blur.as_deref()),
        set_by.and_then(|event| event.stamp.crew.as_ref()).map(CrewId::as_str),
        set_by.map(|event| event.stamp.time()),
        why,
    ])?;
    find::index(db, order)?;
    ties::keep(db, order)
}

fn read(row: &Row<'_>) -> Result<JobRow, StoreError> {
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
    Ok(JobRow {
        id: WorkOrderId(row.get(0)?),
        service_code: ServiceCode(row.get(1)?),
        status: named("status", row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?,
        priority: ranked(row.get(3)?),
        place: lat.zip(lon).map(|(lat, lon)| LatLon { lat, lon }),
        address: row.get(6)?,
        due: row.get(7)?,
        assignment: row.get::<_, Option<String>>(8)?.map(CrewId),
        requests: row.get(9)?,
        tracking_number: row.get(10)?,
        flags: {
            let mut flags = match row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)? {
                "[]" => Vec::new(),
                flags => from_json("flags", flags)?,
            };
            // Of several documents, so it is not among the flags of this one.
            flags.extend(row.get::<_, bool>(17)?.then_some(FlagKind::CompletedInGroup));
            flags
        },
        disagreements: row.get(12)?,
        thumbnail: row.get(13)?,
        created_at: row.get(14)?,
        updated_at: row.get(15)?,
        only_here: row.get(16)?,
        blur: row.get(18)?,
        status_crew: row.get::<_, Option<String>>(19)?.map(CrewId),
        status_at: row.get(20)?,
        status_why: row.get(21)?,
    })
}

/// One row.
pub(crate) fn one(db: &Connection, id: WorkOrderId) -> Result<Option<JobRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE work_order = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read).transpose()
}

/// How many work orders are on this device.
pub(crate) fn count(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0))?)
}

/// A page of a list, and how many fit the filter in all. `now` is by the server's clock. With words, what fits them best
/// comes first; `matched` is [`find::Words::matched`] of them.
pub(crate) fn list(
    db: &Connection,
    filter: &JobsFilter,
    now: i64,
    matched: Option<&str>,
) -> Result<(Vec<JobRow>, u32), StoreError> {
    let (conditions, fitting) = conditions(filter, now);
    let from =
        if matched.is_some() { format!("jobs JOIN {} USING (work_order)", find::HITS) } else { "jobs".to_owned() };
    let by_words = if matched.is_some() { "closed, score, " } else { "" };
    let mut values: Vec<Value> = matched.map(|matched| Value::from(matched.to_owned())).into_iter().collect();
    values.extend(fitting);
    let total = db
        .prepare_cached(&format!("SELECT count(*) FROM {from} WHERE {conditions}"))?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    values.push(now.into());
    let limit = if filter.limit == 0 { -1 } else { i64::from(filter.limit) };
    values.extend([Value::from(limit), Value::from(i64::from(filter.offset))]);
    let sql = format!("SELECT {COLUMNS} FROM {from} WHERE {conditions} ORDER BY {by_words}{ORDER} LIMIT ? OFFSET ?");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(read(row)?);
    }
    Ok((page, total))
}

fn conditions(filter: &JobsFilter, now: i64) -> (String, Vec<Value>) {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    if let Some(crew) = &filter.crew {
        conditions.push("assignment = ?".to_owned());
        values.push(crew.0.clone().into());
    }
    if filter.unassigned {
        conditions.push("assignment IS NULL".to_owned());
    }
    if !filter.statuses.is_empty() {
        conditions.push(format!("status IN ({})", places(filter.statuses.len())));
        values.extend(filter.statuses.iter().map(|status| Value::from(name_of(status))));
    }
    if filter.overdue {
        conditions.push("NOT closed AND due < ?".to_owned());
        values.push(now.into());
    }
    if filter.flagged {
        conditions.push("(flags <> '[]' OR done_in_group)".to_owned());
    }
    (conditions.join(" AND "), values)
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Open work orders in a box of degrees.
pub(crate) fn open_within(db: &Connection, south_west: LatLon, north_east: LatLon) -> Result<Vec<JobRow>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM jobs WHERE NOT closed AND lat BETWEEN ?1 AND ?2 AND lon BETWEEN ?3 AND ?4");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([south_west.lat, north_east.lat, south_west.lon, north_east.lon])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Whether there is a row at all.
pub(crate) fn known(db: &Connection, id: WorkOrderId) -> Result<bool, StoreError> {
    let found =
        db.prepare_cached("SELECT 1 FROM jobs WHERE work_order = ?1")?.query_row([id.0], |_| Ok(())).optional()?;
    Ok(found.is_some())
}
