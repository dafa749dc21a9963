//! The list of devices, for a person at the terminal: it reads them all, which answering phones never does.

use super::{people, uuid};
use crate::storage::{DeviceListing, Stored};
use coldpatch_shared::ids::{DeviceId, UserId};
use rusqlite::Connection;

pub(super) fn list(connection: &Connection) -> Stored<Vec<DeviceListing>> {
    let mut list = connection.prepare_cached(
        "SELECT device, person, name, enrolled_at, last_seen FROM devices ORDER BY person, last_seen DESC, device",
    )?;
    let rows = list.query_map([], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?, row.get(4)?))
    })?;
    rows.map(|row| {
        let (device, person, name, enrolled_at, last_seen) = row?;
        let (device, person) = (DeviceId(uuid(&device)?), UserId(person));
        let revoked = people::revoked(connection, device, &person)?.is_some_and(|at| enrolled_at <= at);
        Ok(DeviceListing { device, person, name, enrolled_at, last_seen, revoked })
    })
    .collect()
}
