//! What is there once: who is signed in, the city, how far the phone has read, the clock.

use super::StoreError;
use super::values::{from_json, to_json};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::CityFiles;
use coldpatch_shared::sync::wire::Cursor;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Who is signed in, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    /// Whose device it is.
    pub(crate) session: Session,
    /// Sent with every request.
    pub(crate) token: String,
}

/// How the device's clock stands to the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clock {
    /// Server minus device, ms.
    pub(crate) offset_ms: i64,
    /// When that was measured, by the device's clock, ms since the Unix epoch.
    pub(crate) measured_at: i64,
}

/// Who is signed in.
pub(crate) fn signed_in(db: &Connection) -> Result<Option<SignedIn>, StoreError> {
    get(db, "signed_in")
}

/// Notes who is signed in.
pub(crate) fn set_signed_in(db: &Connection, signed_in: &SignedIn) -> Result<(), StoreError> {
    set(db, "signed_in", signed_in)
}

/// The city's files.
pub(crate) fn city(db: &Connection) -> Result<Option<CityFiles>, StoreError> {
    get(db, "city")
}

/// Keeps the city's files.
pub(crate) fn set_city(db: &Connection, city: &CityFiles) -> Result<(), StoreError> {
    set(db, "city", city)
}

/// How far the phone has read.
pub(crate) fn cursor(db: &Connection) -> Result<Option<Cursor>, StoreError> {
    get(db, "cursor")
}

pub(super) fn set_cursor(db: &Connection, cursor: &Cursor) -> Result<(), StoreError> {
    set(db, "cursor", cursor)
}

/// The next sync starts over: everything comes again, and what waits is kept.
pub(super) fn start_over(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM meta WHERE key = 'cursor'", [])?;
    Ok(())
}

/// The device's clock against the server's, once they have met.
pub(crate) fn clock(db: &Connection) -> Result<Option<Clock>, StoreError> {
    get(db, "clock")
}

pub(super) fn set_clock(db: &Connection, clock: Clock) -> Result<(), StoreError> {
    set(db, "clock", &clock)
}

/// When the phone last started over because a change did not fit, ms since the Unix epoch.
pub(super) fn started_over(db: &Connection) -> Result<Option<i64>, StoreError> {
    get(db, "started_over")
}

pub(super) fn set_started_over(db: &Connection, at: i64) -> Result<(), StoreError> {
    set(db, "started_over", &at)
}

fn get<T: DeserializeOwned>(db: &Connection, key: &'static str) -> Result<Option<T>, StoreError> {
    let text: Option<String> =
        db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?;
    text.as_deref().map(|text| from_json(key, text)).transpose()
}

fn set<T: Serialize>(db: &Connection, key: &'static str, value: &T) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, to_json(key, value)?])?;
    Ok(())
}
