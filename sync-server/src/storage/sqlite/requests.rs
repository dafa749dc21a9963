//! The projection of work orders and the index of service requests.

use super::{log, uuid};
use crate::storage::{Contact, Hash, PrivateRequest, RequestFilter, RequestRecord, StorageError, Stored};
use coldpatch_shared::ids::{ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Asset, OrderDoc, RequestSource, WorkOrder};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;

const COLUMNS: &str = "r.request, r.work_order, r.tracking_number, r.secret, r.source, r.service_code, r.requested_at";

/// Writes what a work order says now.
pub(super) fn project(connection: &Connection, order: &WorkOrder) -> Stored<()> {
    let key = order.id.0.as_bytes();
    let place = order.place.as_ref().map(|place| place.at);
    connection
        .prepare_cached(
            "INSERT INTO orders (work_order, status, closed, service_code, priority, lat, lon, created_at, updated_at, due,
                 assignment, view)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (work_order) DO UPDATE SET status = ?2, closed = ?3, service_code = ?4, priority = ?5, lat = ?6,
                 lon = ?7, created_at = ?8, updated_at = ?9, due = ?10, assignment = ?11, view = ?12",
        )?
        .execute(params![
            key,
            word(&order.status)?,
            order.status.is_closed(),
            order.service_code.as_str(),
            word(&order.priority)?,
            place.map(|at| at.lat),
            place.map(|at| at.lon),
            order.created_at,
            order.updated_at,
            order.due,
            order.assignment.as_ref().map(|crew| crew.as_str()),
            serde_json::to_string(order)?,
        ])?;
    // A request's id and its number belong to whoever had them first: a phone cannot take over another's.
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO requests (request, work_order, source, service_code, requested_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut number = connection.prepare_cached(
        "UPDATE OR IGNORE requests SET tracking_number = ?2
         WHERE request = ?1 AND work_order = ?3 AND tracking_number IS NOT ?2",
    )?;
    let mut mirror =
        connection.prepare_cached("INSERT OR IGNORE INTO mirrors (system, id, request) VALUES (?1, ?2, ?3)")?;
    for entry in &order.requests {
        let (request, id) = (&entry.body, *entry.body.request.0.as_bytes());
        let source = word(&request.source)?;
        insert.execute(params![id, key, source, request.service_code.as_str(), entry.stamp.time()])?;
        if let Some(given) = order.tracking_numbers.get(&request.request) {
            number.execute(params![id, given, key])?;
        }
        if let Some(asset) = &request.mirrors {
            mirror.execute(params![asset.system, asset.id, id])?;
        }
    }
    Ok(())
}

/// Writes what is kept of a request outside its document.
pub(super) fn write_private(connection: &Connection, private: &PrivateRequest) -> Stored<()> {
    let id = private.request.0.as_bytes();
    if let Some(secret) = &private.secret {
        connection
            .prepare_cached("UPDATE requests SET secret = ?2 WHERE request = ?1 AND secret IS NULL")?
            .execute(params![id, secret])?;
    }
    if let Some(contact) = private.contact.as_ref().filter(|contact| !contact.is_empty()) {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO contacts (request, name, email, phone, notify) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![id, contact.name, contact.email, contact.phone, contact.notify])?;
    }
    Ok(())
}

pub(super) fn order(connection: &Connection, id: WorkOrderId) -> Stored<Option<WorkOrder>> {
    let view: Option<String> = connection
        .prepare_cached("SELECT view FROM orders WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
        .optional()?;
    view.map(|view| read_view(connection, id, &view)).transpose()
}

/// The projection is from the version that wrote it; where this one cannot read it, the document says the same.
pub(super) fn read_view(connection: &Connection, id: WorkOrderId, view: &str) -> Stored<WorkOrder> {
    if let Ok(order) = serde_json::from_str(view) {
        return Ok(order);
    }
    let stored = log::document(connection, id)?.ok_or_else(|| StorageError::Damaged(format!("no document {id}")))?;
    let document = OrderDoc::load(&stored.bytes).map_err(|error| StorageError::Damaged(error.to_string()))?;
    WorkOrder::derive(id, &document.facts()).ok_or_else(|| StorageError::Damaged(format!("{id} is no work order")))
}

type Columns = (Vec<u8>, Vec<u8>, Option<String>, Option<Hash>, String, String, i64);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn record(
    (request, work_order, tracking_number, secret, source, code, requested_at): Columns,
) -> Stored<RequestRecord> {
    Ok(RequestRecord {
        request: ServiceRequestId(uuid(&request)?),
        work_order: WorkOrderId(uuid(&work_order)?),
        tracking_number,
        secret,
        source: from_word::<RequestSource>(&source)?,
        service_code: ServiceCode(code),
        requested_at,
    })
}

pub(super) fn by_id(connection: &Connection, id: ServiceRequestId) -> Stored<Option<RequestRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM requests r WHERE r.request = ?1");
    connection.prepare_cached(&sql)?.query_row([id.0.as_bytes()], columns).optional()?.map(record).transpose()
}

pub(super) fn by_number(connection: &Connection, number: &str) -> Stored<Option<RequestRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM requests r WHERE r.tracking_number = ?1");
    connection.prepare_cached(&sql)?.query_row([number], columns).optional()?.map(record).transpose()
}

pub(super) fn numberless(connection: &Connection, before: i64, limit: u32) -> Stored<Vec<WorkOrderId>> {
    let mut list = connection.prepare_cached(
        "SELECT DISTINCT r.work_order FROM requests r JOIN documents d USING (work_order)
         WHERE r.tracking_number IS NULL AND d.changed_at <= ?1 ORDER BY r.work_order LIMIT ?2",
    )?;
    let rows = list.query_map(params![before, limit], |row| row.get::<_, Vec<u8>>(0))?;
    let mut found = Vec::new();
    for row in rows {
        found.push(WorkOrderId(uuid(&row?)?));
    }
    Ok(found)
}

pub(super) fn by_mirror(connection: &Connection, mirrors: &Asset) -> Stored<Option<ServiceRequestId>> {
    let found: Option<Vec<u8>> = connection
        .prepare_cached("SELECT request FROM mirrors WHERE system = ?1 AND id = ?2")?
        .query_row([&mirrors.system, &mirrors.id], |row| row.get(0))
        .optional()?;
    found.map(|id| Ok(ServiceRequestId(uuid(&id)?))).transpose()
}

pub(super) fn list(connection: &Connection, filter: &RequestFilter) -> Stored<Vec<(RequestRecord, WorkOrder)>> {
    let mut sql = format!("SELECT {COLUMNS}, o.view FROM requests r JOIN orders o USING (work_order) WHERE 1");
    let mut values: Vec<Value> = Vec::new();
    if !filter.service_codes.is_empty() {
        let marks = vec!["?"; filter.service_codes.len()].join(", ");
        sql.push_str(&format!(" AND o.service_code IN ({marks})"));
        values.extend(filter.service_codes.iter().map(|code| Value::from(code.0.clone())));
    }
    if let Some(from) = filter.from {
        sql.push_str(" AND r.requested_at >= ?");
        values.push(from.into());
    }
    if let Some(to) = filter.to {
        sql.push_str(" AND r.requested_at <= ?");
        values.push(to.into());
    }
    if let Some(closed) = filter.closed {
        sql.push_str(" AND o.closed = ?");
        values.push(closed.into());
    }
    sql.push_str(" ORDER BY r.requested_at DESC, r.request LIMIT ?");
    values.push(i64::from(filter.limit).into());
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| Ok((columns(row)?, row.get::<_, String>(7)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (columns, view) = row?;
        let record = record(columns)?;
        let order = read_view(connection, record.work_order, &view)?;
        found.push((record, order));
    }
    Ok(found)
}

pub(super) fn contact(connection: &Connection, id: ServiceRequestId) -> Stored<Option<Contact>> {
    let found = connection
        .prepare_cached("SELECT name, email, phone, notify FROM contacts WHERE request = ?1")?
        .query_row([id.0.as_bytes()], |row| {
            Ok(Contact { name: row.get(0)?, email: row.get(1)?, phone: row.get(2)?, notify: row.get(3)? })
        })
        .optional()?;
    Ok(found)
}

/// An enum without fields, as the word that it is in JSON.
fn word<T: Serialize>(value: &T) -> Stored<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(StorageError::Damaged(format!("{other} is not a word"))),
    }
}

fn from_word<T: DeserializeOwned>(word: &str) -> Stored<T> {
    Ok(serde_json::from_value(serde_json::Value::String(word.to_owned()))?)
}
