//! Which photo files are on this device, what uses them, and which of them wait to be sent.
//!
//! The bytes lie beside the database ([`crate::platform::Files`]) and are durable before their row is written. Files of
//! a draft do not wait: they are sent once it is filed, and removed when it is thrown away. Nor do those of a photo that is not yet
//! added to its job (`held`). It is the uses that count: one file may be in a draft and wait for a job at once.

use super::StoreError;
use super::values::name_of;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Photo, RenditionKind};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Files that wait to be sent.
const SENDABLE: &str = "f.state = 'waiting' AND EXISTS (
    SELECT 1 FROM file_uses u WHERE u.sha256 = f.sha256 AND NOT u.held
    AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.work_order = u.work_order))";

/// Of these, the ones that are tried: neither in trouble nor, when `?1` says so, originals.
const TRIED: &str = "f.trouble IS NULL AND NOT (?1 AND f.kind = 'original')";

/// Why a file that waits is not tried until the person says so.
pub(crate) use crate::engine::api::FileTrouble as Trouble;

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }

    fn named(name: &str) -> Self {
        if name == Self::Gone.name() { Self::Gone } else { Self::Refused }
    }

    /// For the person.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Gone => {
                "A photo file is lost: it is damaged or no longer on this phone, so it cannot be sent. If you still have the photo, add it \
                 to the job again. Everything else of the job is kept."
            }
            Self::Refused => {
                "The city's server did not take a photo file. It is safe on this phone. Try again, and tell your supervisor if \
                 it stays."
            }
        }
    }
}

/// A file that waits, for the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsent {
    pub(crate) work_order: WorkOrderId,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) trouble: Option<Trouble>,
}

/// A file that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaitingFile {
    /// Its name and its check.
    pub sha256: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Whether the server may have a part of it.
    pub(crate) begun: bool,
}

/// What waits to be sent in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WaitingTotal {
    /// Files.
    pub(crate) files: u32,
    /// Their size.
    pub(crate) bytes: u64,
    /// Photos of which a file is in trouble.
    pub(crate) in_trouble: u32,
    /// Originals among the files that are not in trouble, and their size.
    pub(crate) originals: u32,
    pub(crate) originals_bytes: u64,
    /// Photos whose own action the server has already: each is one thing that only this phone has.
    pub(crate) photos_alone: u32,
}

/// Notes the files of a photo, which are on this device now, as used by a work order or draft.
pub(crate) fn add(
    db: &Connection,
    photo: &Photo,
    owner: WorkOrderId,
    action: Option<ActionId>,
    now: i64,
) -> Result<(), StoreError> {
    add_in(db, photo, owner, action, false, now)
}

/// As [`add`], for a photo that is not to be sent before [`let_go_out`] says so.
pub(crate) fn hold(db: &Connection, photo: &Photo, owner: WorkOrderId, now: i64) -> Result<(), StoreError> {
    add_in(db, photo, owner, None, true, now)
}

/// From now on the files that were held for `owner` wait to be sent.
pub(crate) fn let_go_out(db: &Connection, owner: WorkOrderId) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE file_uses SET held = 0 WHERE work_order = ?1")?.execute([owner.0])?;
    Ok(())
}

fn add_in(
    db: &Connection,
    photo: &Photo,
    owner: WorkOrderId,
    action: Option<ActionId>,
    held: bool,
    now: i64,
) -> Result<(), StoreError> {
    let mut file = db.prepare_cached(
        "INSERT INTO files (sha256, media_type, bytes, kind, state, created_at) VALUES (?1, ?2, ?3, ?4, 'waiting', ?5)
         ON CONFLICT (sha256) DO UPDATE SET trouble = NULL",
    )?;
    let mut uses = db.prepare_cached(
        "INSERT INTO file_uses (sha256, work_order, photo, action_id, held) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (sha256, work_order) DO NOTHING",
    )?;
    let name = photo_name(photo);
    for rendition in &photo.renditions {
        let size = i64::try_from(rendition.bytes).unwrap_or(i64::MAX);
        file.execute(params![rendition.sha256, rendition.media_type, size, name_of(&rendition.kind), now])?;
        uses.execute(params![rendition.sha256, owner.0, name, action.map(|action| action.0), held])?;
    }
    Ok(())
}

/// What a photo's files have in common: the original's SHA-256.
fn photo_name(photo: &Photo) -> &str {
    let first = photo.rendition(RenditionKind::Original).or_else(|| photo.renditions.first());
    first.map_or("", |rendition| rendition.sha256.as_str())
}

/// A draft became (part of) a work order: its files are that one's from now on.
pub(crate) fn hand_over(
    db: &Connection,
    draft: WorkOrderId,
    to: WorkOrderId,
    action: ActionId,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE OR REPLACE file_uses SET work_order = ?2, action_id = ?3 WHERE work_order = ?1")?
        .execute(params![draft.0, to.0, action.0])?;
    Ok(())
}

/// A draft no longer uses these files. → those that nothing uses any more; their rows are gone, the bytes are to follow.
pub(crate) fn release(
    db: &Connection,
    draft: WorkOrderId,
    sha256s: &BTreeSet<String>,
) -> Result<Vec<String>, StoreError> {
    let mut orphans = Vec::new();
    for sha256 in sha256s {
        db.prepare_cached("DELETE FROM file_uses WHERE sha256 = ?1 AND work_order = ?2")?
            .execute(params![sha256, draft.0])?;
        let gone = db
            .prepare_cached(
                "DELETE FROM files WHERE sha256 = ?1
                 AND NOT EXISTS (SELECT 1 FROM file_uses u WHERE u.sha256 = files.sha256)",
            )?
            .execute([sha256])?;
        if gone > 0 {
            orphans.push(sha256.clone());
        }
    }
    Ok(orphans)
}

/// The files that a draft or work order uses.
pub(crate) fn used_by(db: &Connection, owner: WorkOrderId) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT sha256 FROM file_uses WHERE work_order = ?1")?;
    let rows = statement.query_map([owner.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes a file that came from the server.
pub(crate) fn add_cached(
    db: &Connection,
    sha256: &str,
    media_type: &str,
    bytes: usize,
    now: i64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO files (sha256, media_type, bytes, kind, state, created_at) VALUES (?1, ?2, ?3, ?4, 'cached', ?5)
         ON CONFLICT (sha256) DO NOTHING",
    )?
    .execute(params![
        sha256,
        media_type,
        i64::try_from(bytes).unwrap_or(i64::MAX),
        name_of(&RenditionKind::Display),
        now
    ])?;
    Ok(())
}

/// The media type of a file that is on this device.
pub(crate) fn media_type(db: &Connection, sha256: &str) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT media_type FROM files WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?)
}

/// The row of a file whose bytes have gone missing.
pub(crate) fn forget(db: &Connection, sha256: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM files WHERE sha256 = ?1 AND state = 'cached'")?.execute([sha256])?;
    Ok(())
}

/// What to send: thumbnails first, then what is shown, originals last unless they are held back; each newest first, since
/// what was just done is looked at soonest.
pub(crate) fn to_send(db: &Connection, hold_originals: bool) -> Result<Vec<WaitingFile>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT sha256, bytes, begun FROM files f WHERE {SENDABLE} AND {TRIED}
         ORDER BY CASE kind WHEN 'thumbnail' THEN 0 WHEN 'display' THEN 1 ELSE 2 END, created_at DESC, sha256"
    ))?;
    let rows = statement.query_map([hold_originals], |row| {
        Ok(WaitingFile { sha256: row.get(0)?, bytes: row.get::<_, i64>(1)?.unsigned_abs(), begun: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// From now on the server may have a part of this file.
pub(crate) fn set_begun(db: &Connection, sha256: &str) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET begun = 1 WHERE sha256 = ?1")?.execute([sha256])?;
    Ok(())
}

/// A file will not go soon.
pub(crate) fn set_trouble(db: &Connection, sha256: &str, trouble: Trouble) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET trouble = ?2 WHERE sha256 = ?1")?.execute([sha256, trouble.name()])?;
    Ok(())
}

/// A file that is gone no longer waits. One whose bytes are here stays.
pub(crate) fn let_go(db: &Connection, sha256: &str) -> Result<(), StoreError> {
    let gone = db
        .prepare_cached("DELETE FROM files WHERE sha256 = ?1 AND state = 'waiting' AND trouble = ?2")?
        .execute([sha256, Trouble::Gone.name()])?;
    if gone > 0 {
        db.prepare_cached("DELETE FROM file_uses WHERE sha256 = ?1")?.execute([sha256])?;
    }
    Ok(())
}

/// The work orders that lose a whole photo with a file that is gone: nothing else of that photo is here or was ever sent.
pub(crate) fn lost_with(db: &Connection, sha256: &str) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    let mut lost = db.prepare_cached(
        "SELECT u.work_order FROM file_uses u JOIN files f USING (sha256)
         WHERE u.sha256 = ?1 AND f.trouble = ?2 AND NOT EXISTS (
             SELECT 1 FROM file_uses o WHERE o.work_order = u.work_order AND o.photo = u.photo AND o.sha256 <> u.sha256)",
    )?;
    let rows = lost.query_map([sha256, Trouble::Gone.name()], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The person says to try again: this file, or all. One that is gone does not come back by that.
pub(crate) fn try_again(db: &Connection, sha256: Option<&str>) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET trouble = NULL WHERE trouble = ?2 AND sha256 = coalesce(?1, sha256)")?
        .execute(params![sha256, Trouble::Refused.name()])?;
    Ok(())
}

/// The server has it since `at` (its clock, ms since the Unix epoch). → the work orders that use it.
pub(crate) fn sent(db: &Connection, sha256: &str, at: i64) -> Result<BTreeSet<WorkOrderId>, StoreError> {
    db.prepare_cached("UPDATE files SET state = 'sent', sent_at = ?2 WHERE sha256 = ?1")?
        .execute(params![sha256, at])?;
    let mut statement = db.prepare_cached("SELECT work_order FROM file_uses WHERE sha256 = ?1")?;
    let rows = statement.query_map([sha256], |row| Ok(WorkOrderId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The server was restored from a backup: what it received since then is to be sent again. `backed_up_through` is the instant
/// (its clock, ms since the Unix epoch) before which everything is in a backup, if it ever said so.
pub(super) fn send_again(db: &Connection, backed_up_through: Option<i64>) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE files SET state = 'waiting', sent_at = NULL, begun = 0
         WHERE state = 'sent' AND coalesce(sent_at >= ?1, 1)",
    )?
    .execute([backed_up_through])?;
    Ok(())
}

/// A file that may leave this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removable {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// What the server can give back, full-size photos first, then oldest first. Without a backup all of that stays, else what it
/// took after the last one: were it
/// restored, only this device would have that.
pub(crate) fn removable(db: &Connection, backed_up_through: Option<i64>) -> Result<Vec<Removable>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT sha256, bytes FROM files
         WHERE state = 'cached' OR (state = 'sent' AND sent_at < ?1)
         ORDER BY CASE kind WHEN 'original' THEN 0 WHEN 'display' THEN 1 ELSE 2 END, created_at, sha256",
    )?;
    let rows = statement.query_map([backed_up_through], |row| {
        Ok(Removable { sha256: row.get(0)?, bytes: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A file that leaves this device; the bytes are to follow.
pub(crate) fn removed(db: &Connection, sha256: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM files WHERE sha256 = ?1 AND state <> 'waiting'")?.execute([sha256])?;
    Ok(())
}

/// How many photo files the city has not, whatever they wait for: being sent, being filed, being looked at.
pub(crate) fn only_here(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.prepare_cached("SELECT count(*) FROM files WHERE state = 'waiting'")?.query_row([], |row| row.get(0))?)
}

/// How many photo files are on this device, and their size in bytes.
pub(crate) fn on_device(db: &Connection) -> Result<(u32, u64), StoreError> {
    let mut statement = db.prepare_cached("SELECT count(*), coalesce(sum(bytes), 0) FROM files")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0))))?)
}

/// What waits to be sent in all.
pub(crate) fn total(db: &Connection) -> Result<WaitingTotal, StoreError> {
    let mut total = db
        .prepare_cached(&format!(
            "SELECT count(*), coalesce(sum(bytes), 0), count(*) FILTER (WHERE {original}),
                coalesce(sum(bytes) FILTER (WHERE {original}), 0)
             FROM files f WHERE {SENDABLE}",
            original = "kind = 'original' AND trouble IS NULL"
        ))?
        .query_row([], |row| {
            let (bytes, originals_bytes): (i64, i64) = (row.get(1)?, row.get(3)?);
            Ok(WaitingTotal {
                files: row.get(0)?,
                bytes: u64::try_from(bytes).unwrap_or(0),
                originals: row.get(2)?,
                originals_bytes: u64::try_from(originals_bytes).unwrap_or(0),
                ..WaitingTotal::default()
            })
        })?;
    total.in_trouble = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT DISTINCT u.photo, u.work_order FROM files f JOIN file_uses u USING (sha256)
             WHERE f.state = 'waiting' AND f.trouble IS NOT NULL
             AND NOT u.held AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.work_order = u.work_order))",
        )?
        .query_row([], |row| row.get(0))?;
    total.photos_alone = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT DISTINCT u.photo, u.work_order FROM files f JOIN file_uses u USING (sha256)
             WHERE f.state = 'waiting' AND NOT u.held
             AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.work_order = u.work_order)
             AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.action_id = u.action_id))",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(total)
}

/// What waits to be sent, for each work order that uses it.
pub(crate) fn waiting(db: &Connection) -> Result<Vec<Unsent>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT u.work_order, f.sha256, f.bytes, f.trouble
         FROM files f JOIN file_uses u USING (sha256)
         WHERE f.state = 'waiting' AND NOT u.held
         AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.work_order = u.work_order)
         ORDER BY f.created_at",
    )?;
    let rows = statement.query_map([], |row| {
        let (bytes, trouble): (i64, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(Unsent {
            work_order: WorkOrderId(row.get(0)?),
            sha256: row.get(1)?,
            bytes: u64::try_from(bytes).unwrap_or(0),
            trouble: trouble.as_deref().map(Trouble::named),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
