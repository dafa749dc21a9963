//! One-time codes and enrolled devices.

use super::uuid;
use crate::storage::{Adopt, DeviceRecord, Hash, NewCode, Redeem, Redeemed, Stored, Whose};
use coldpatch_shared::ids::{DeviceId, UserId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub(super) fn add_code(connection: &Connection, code: &NewCode) -> Stored<()> {
    connection
        .prepare_cached("INSERT INTO codes (hash, person, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![code.hash, code.person.as_str(), code.created_at, code.expires_at])?;
    Ok(())
}

pub(super) fn person_of_code(connection: &Connection, code: &Hash) -> Stored<Option<UserId>> {
    let found = connection
        .prepare_cached("SELECT person FROM codes WHERE hash = ?1")?
        .query_row([code], |row| row.get(0).map(UserId))
        .optional()?;
    Ok(found)
}

struct Code {
    person: String,
    expires_at: i64,
    used: Option<(Vec<u8>, i64)>,
    created_at: i64,
}

pub(super) fn redeem(connection: &mut Connection, ask: &Redeem<'_>) -> Stored<Redeemed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let code = transaction
        .prepare_cached("SELECT person, expires_at, used_by, used_at, created_at FROM codes WHERE hash = ?1")?
        .query_row([ask.code], |row| {
            let used: (Option<Vec<u8>>, Option<i64>) = (row.get(2)?, row.get(3)?);
            let used = used.0.zip(used.1);
            Ok(Code { person: row.get(0)?, expires_at: row.get(1)?, used, created_at: row.get(4)? })
        })
        .optional()?;
    let Some(code) = code else { return Ok(Redeemed::Unknown) };
    let device = ask.device.0.as_bytes();
    match &code.used {
        Some((by, at)) if by != device || ask.now > at.saturating_add(ask.grace) => return Ok(Redeemed::Used),
        // Signed out since: the same code does not sign it in again.
        Some((_, at))
            if revoked(&transaction, ask.device, &UserId(code.person.clone()))?.is_some_and(|until| *at <= until) =>
        {
            return Ok(Redeemed::Used);
        }
        // Made before the person was signed out: whoever has it may be whom that was meant for.
        None if revoked(&transaction, ask.device, &UserId(code.person.clone()))?
            .is_some_and(|until| code.created_at <= until) =>
        {
            return Ok(Redeemed::Expired);
        }
        None if ask.now > code.expires_at => return Ok(Redeemed::Expired),
        _ => {}
    }
    let owner: Option<String> = transaction
        .prepare_cached("SELECT person FROM devices WHERE device = ?1")?
        .query_row([device], |row| row.get(0))
        .optional()?;
    if owner.is_some_and(|owner| owner != code.person) {
        return Ok(Redeemed::DeviceTaken);
    }
    transaction
        .prepare_cached("UPDATE codes SET used_by = ?2, used_at = COALESCE(used_at, ?3) WHERE hash = ?1")?
        .execute(params![ask.code, device, ask.now])?;
    transaction
        .prepare_cached(
            "INSERT INTO devices (device, token, person, name, enrolled_at, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT (device) DO UPDATE SET token = ?2, name = ?4, enrolled_at = ?5, last_seen = ?5",
        )?
        .execute(params![device, ask.token, code.person, ask.device_name, ask.now])?;
    transaction.commit()?;
    Ok(Redeemed::SignedIn(UserId(code.person)))
}

/// A younger enrollment, and anybody else's, stays: its token came in the place of this one.
pub(super) fn adopt(connection: &mut Connection, ask: &Adopt<'_>) -> Stored<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let written = transaction
        .prepare_cached(
            "INSERT INTO devices (device, token, person, name, enrolled_at, last_seen) VALUES (?1, ?2, ?3, '', ?4, ?5)
             ON CONFLICT (device) DO UPDATE SET token = ?2, enrolled_at = ?4, last_seen = ?5
             WHERE person = ?3 AND enrolled_at < ?4",
        )?
        .execute(params![ask.device.0.as_bytes(), ask.token, ask.person.as_str(), ask.issued, ask.now])?;
    transaction.commit()?;
    Ok(written > 0)
}

pub(super) fn device(connection: &Connection, token: &Hash) -> Stored<Option<DeviceRecord>> {
    let found: Option<(Vec<u8>, String, i64, i64)> = connection
        .prepare_cached("SELECT device, person, enrolled_at, last_seen FROM devices WHERE token = ?1")?
        .query_row([token], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    found
        .map(|(device, person, enrolled_at, last_seen)| {
            Ok(DeviceRecord { device: DeviceId(uuid(&device)?), person: UserId(person), enrolled_at, last_seen })
        })
        .transpose()
}

pub(super) fn revoke(connection: &Connection, whose: &Whose, at: i64) -> Stored<()> {
    connection
        .prepare_cached(
            "INSERT INTO revoked (whose, at) VALUES (?1, ?2) ON CONFLICT (whose) DO UPDATE SET at = MAX(at, ?2)",
        )?
        .execute(params![whose.to_string(), at])?;
    Ok(())
}

pub(super) fn revoked(connection: &Connection, device: DeviceId, person: &UserId) -> Stored<Option<i64>> {
    let whose = [Whose::Device(device).to_string(), Whose::Person(person.clone()).to_string()];
    Ok(connection
        .prepare_cached("SELECT MAX(at) FROM revoked WHERE whose IN (?1, ?2)")?
        .query_row(whose, |row| row.get(0))?)
}

pub(super) fn seen(connection: &Connection, device: DeviceId, now: i64) -> Stored<()> {
    connection
        .prepare_cached("UPDATE devices SET last_seen = MAX(last_seen, ?2) WHERE device = ?1")?
        .execute(params![device.0.as_bytes(), now])?;
    Ok(())
}

pub(super) fn person(connection: &Connection, device: DeviceId) -> Stored<Option<UserId>> {
    let found: Option<String> = connection
        .prepare_cached("SELECT person FROM devices WHERE device = ?1")?
        .query_row([device.0.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found.map(UserId))
}
