//! The journal: every action that was done on this device, as it was typed, and what became of it.

use super::StoreError;
use super::values::{from_json, name_of, named, to_json};
use coldpatch_shared::action::Deed;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::sync::wire::RefusalCode;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// For how long accepted actions stay in the journal: 60 days, ms.
const KEEP_ACCEPTED_MS: i64 = 60 * 24 * 60 * 60 * 1000;

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Only here.
    Pending,
    /// The server has it.
    Accepted,
    /// The server, or what it built on, said no; waits for the person.
    Refused,
    /// Refused, and put away by the person.
    LetGo,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::LetGo => "let_go",
        }
    }

    fn named(name: &str) -> Result<Self, StoreError> {
        [Self::Pending, Self::Accepted, Self::Refused, Self::LetGo]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| StoreError::Damaged { what: "journal entry", why: format!("state {name:?}") })
    }
}

/// A refused action, for the person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    /// What was done.
    pub(crate) deed: Deed,
    /// Why it was refused, for programs.
    pub(crate) code: RefusalCode,
    /// Why, for the person.
    pub(crate) message: String,
}

/// Writes an action down.
pub(super) fn add(db: &Connection, deed: &Deed, state: State) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO journal (action_id, work_order, deed, state, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![deed.id.0, deed.work_order.0, to_json("action", deed)?, state.name(), deed.stamp.at])?;
    Ok(())
}

/// What became of an action; `None` when it was never done here.
pub(crate) fn state(db: &Connection, id: ActionId) -> Result<Option<State>, StoreError> {
    let name: Option<String> = db
        .prepare_cached("SELECT state FROM journal WHERE action_id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    name.as_deref().map(State::named).transpose()
}

/// An action as it was done.
pub(crate) fn deed(db: &Connection, id: ActionId) -> Result<Option<Deed>, StoreError> {
    let text: Option<String> = db
        .prepare_cached("SELECT deed FROM journal WHERE action_id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    text.as_deref().map(|text| from_json("action", text)).transpose()
}

/// Notes that the server has it.
pub(super) fn accept(db: &Connection, id: ActionId) -> Result<(), StoreError> {
    set(db, id, State::Accepted, None, None)
}

/// Notes that it waits once more: the server lost it.
pub(super) fn wait_again(db: &Connection, id: ActionId) -> Result<(), StoreError> {
    set(db, id, State::Pending, None, None)
}

/// Notes that it was refused, and why.
pub(super) fn refuse(db: &Connection, id: ActionId, code: RefusalCode, message: &str) -> Result<(), StoreError> {
    set(db, id, State::Refused, Some(&name_of(&code)), Some(message))
}

/// Puts a refused action away. One that is not refused stays as it is.
pub(crate) fn let_go(db: &Connection, id: ActionId) -> Result<(), StoreError> {
    if state(db, id)? == Some(State::Refused) {
        db.prepare_cached("UPDATE journal SET state = 'let_go' WHERE action_id = ?1")?.execute([id.0])?;
    }
    Ok(())
}

fn set(
    db: &Connection,
    id: ActionId,
    state: State,
    code: Option<&str>,
    message: Option<&str>,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE journal SET state = ?2, code = ?3, message = ?4 WHERE action_id = ?1")?
        .execute(params![id.0, state.name(), code, message])?;
    Ok(())
}

/// Drops accepted actions that were done long before `now` (device's clock, ms): their documents tell the same.
pub(super) fn compact(db: &Connection, now: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM journal WHERE state = 'accepted' AND at < ?1")?.execute([now - KEEP_ACCEPTED_MS])?;
    Ok(())
}

/// What waits for the person, oldest first.
pub(crate) fn refused(db: &Connection) -> Result<Vec<Refused>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT deed, code, message FROM journal WHERE state = 'refused' ORDER BY at")?;
    let mut rows = statement.query([])?;
    let mut refused = Vec::new();
    while let Some(row) = rows.next()? {
        let (deed, code, message): (String, Option<String>, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        refused.push(Refused {
            deed: from_json("action", &deed)?,
            code: code.map_or(Ok(RefusalCode::Other), |code| named("refusal", &code))?,
            message: message.unwrap_or_default(),
        });
    }
    Ok(refused)
}

/// All refused actions that wait for the person.
pub(crate) fn all_refused(db: &Connection) -> Result<BTreeSet<ActionId>, StoreError> {
    let mut statement = db.prepare_cached("SELECT action_id FROM journal WHERE state = 'refused'")?;
    let rows = statement.query_map([], |row| Ok(ActionId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The refused actions of one work order.
pub(super) fn refused_of(db: &Connection, id: WorkOrderId) -> Result<Vec<ActionId>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT action_id FROM journal WHERE work_order = ?1 AND state = 'refused'")?;
    let rows = statement.query_map([id.0], |row| Ok(ActionId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many wait for the person.
pub(crate) fn count_refused(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row("SELECT count(*) FROM journal WHERE state = 'refused'", [], |row| row.get(0))?)
}
