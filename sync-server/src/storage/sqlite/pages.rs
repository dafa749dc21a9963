//! What is new for a phone, scope by scope: work orders that entered, changed or left, in the order in which they moved
//! last, each as it is now.
//!
//! Cost follows what is new, not what is stored: one index says what moved after a position, and documents and changes
//! are loaded until the budget is used up. [`Position`] tells how a catching up goes on over several pages.

use super::{int, log, scopes, uint, uuid};
use crate::storage::{Page, PageAsk, Position, Positions, StorageError, Stored};
use automerge::ChangeHash;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{ChangeBytes, Entered, Left, MAX_BODY, OrderChanges};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// The most work orders that one page looks at in one scope. More than share a number ([`crate::storage::MOST_MOVED`]).
const LIST: usize = 2_000;
/// One more row tells that the list was cut.
const LIMIT: i64 = LIST as i64 + 1;
/// The most that are counted as still to come.
const MOST_COUNTED: i64 = 100_000;
/// About what an entry in an answer costs beside its document or changes, in bytes.
const ENTRY: usize = 32;
/// A document that no answer can carry. None can grow to that; see `ledger::MAX_DOCUMENT`.
const UNSENDABLE: usize = MAX_BODY - (1 << 20);

/// A work order that moved in a scope.
struct Moved {
    id: WorkOrderId,
    first_entered: u64,
    entered: u64,
    left: Option<u64>,
    moved: u64,
}

/// What a moved work order adds to the answer.
enum New {
    Nothing,
    Left,
    /// It entered; the phone has it.
    Known,
    /// It comes whole.
    Whole {
        bytes: Vec<u8>,
        heads: Vec<ChangeHash>,
    },
    /// Its changes, by number.
    Changes {
        entered: bool,
        changes: Vec<(u64, ChangeHash, Vec<u8>)>,
    },
}

impl New {
    fn size(&self) -> usize {
        ENTRY
            + match self {
                Self::Nothing | Self::Left | Self::Known => 0,
                Self::Whole { bytes, .. } => bytes.len(),
                Self::Changes { changes, .. } => changes.iter().map(|(_, _, bytes)| bytes.len() + 4).sum(),
            }
    }
}

pub(super) fn page(connection: &Connection, ask: &PageAsk<'_>) -> Stored<Page> {
    let state = log::state(connection)?;
    let mut answer = Answer::default();
    let mut positions = Positions::new();
    let mut remaining = 0;
    for (bit, scope) in ask.scopes.iter().enumerate() {
        let at = Position::read(ask.positions, scope, state.sequence);
        match answer.fill(connection, ask, bit, at)? {
            None => {
                positions.insert(scope.clone(), state.sequence);
            }
            Some(through) => {
                Position { through, ..at }.write(&mut positions, scope);
                remaining += still_to_come(connection, scope, through)?;
            }
        }
    }
    let more = answer.cut;
    let digests = if more { Vec::new() } else { sums(connection, ask.scopes)? };
    let (bytes, remaining) = (answer.used, u32::try_from(remaining).unwrap_or(u32::MAX));
    let (entered, changes, left, hashes) = answer.finish();
    Ok(Page { state, entered, changes, left, hashes, positions, more, remaining, bytes, digests })
}

fn sums(connection: &Connection, scopes: &[String]) -> Stored<Vec<[u8; 16]>> {
    scopes.iter().map(|scope| Ok(scopes::sum(connection, scope)?.to_bytes())).collect()
}

#[derive(Default)]
struct Answer {
    used: usize,
    cut: bool,
    entered: BTreeMap<WorkOrderId, (u32, Option<Vec<u8>>)>,
    changes: BTreeMap<WorkOrderId, BTreeMap<u64, (ChangeHash, Vec<u8>)>>,
    left: BTreeMap<WorkOrderId, u32>,
    heads: Vec<ChangeHash>,
}

impl Answer {
    /// Adds what moved in one scope after a position. How far it came, when the budget did not go to the end.
    fn fill(&mut self, connection: &Connection, ask: &PageAsk<'_>, bit: usize, at: Position) -> Stored<Option<u64>> {
        let scope = ask.scopes.get(bit).map_or("", String::as_str);
        let mut rows = moved(connection, scope, at.through)?;
        // What shares a number with a row that is not in the list waits for the next page.
        let end = if rows.len() > LIST { rows.last().map(|row| row.moved) } else { None };
        rows.retain(|row| Some(row.moved) != end);
        let mut through = at.through;
        for (n, row) in rows.iter().enumerate() {
            let within = n > 0 && rows.get(n - 1).is_some_and(|before| before.moved == row.moved);
            if !within && n > 0 {
                through = row.moved - 1;
            }
            let new = self.look(connection, ask, bit, at, row)?;
            if !within && self.used > 0 && self.used + new.size() > ask.budget {
                self.cut = true;
                return Ok(Some(through.max(at.through)));
            }
            self.take(bit, row.id, new);
        }
        if end.is_some() {
            self.cut = true;
            return Ok(Some(rows.last().map_or(at.through, |row| row.moved)));
        }
        Ok(None)
    }

    fn look(&self, connection: &Connection, ask: &PageAsk<'_>, bit: usize, at: Position, row: &Moved) -> Stored<New> {
        if let Some(left) = row.left {
            let had = row.first_entered <= at.from || left > at.until;
            return Ok(if had { New::Left } else { New::Nothing });
        }
        if self.entered.get(&row.id).is_some_and(|(_, document)| document.is_some()) {
            return Ok(New::Known);
        }
        let entered = row.entered > at.from;
        let mut after = at.from;
        if entered && !ask.created.contains(&row.id) {
            match elsewhere(connection, ask, bit, row.id)? {
                Elsewhere::Follows => return Ok(New::Known),
                Elsewhere::Until(number) => after = number,
                Elsewhere::Never => return whole(connection, row.id),
            }
        }
        let Some(changes) = self.changes_after(connection, ask, row.id, after)? else {
            return whole(connection, row.id);
        };
        Ok(New::Changes { entered, changes })
    }

    /// The changes of a document that the phone has, without those that it just sent and those in the answer; `None`
    /// when the whole document says it in fewer bytes, or the log has given some of their bytes up.
    fn changes_after(
        &self,
        connection: &Connection,
        ask: &PageAsk<'_>,
        id: WorkOrderId,
        after: u64,
    ) -> Stored<Option<Vec<(u64, ChangeHash, Vec<u8>)>>> {
        let there = self.changes.get(&id);
        let mut list = connection
            .prepare_cached("SELECT seq, hash, bytes FROM changes WHERE work_order = ?1 AND seq > ?2 ORDER BY seq")?;
        let mut rows = list.query(params![id.0.as_bytes(), int(after)])?;
        let (mut found, mut size) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let (number, hash) = (uint(row.get(0)?), ChangeHash(row.get(1)?));
            if ask.sent.contains(&hash) || there.is_some_and(|there| there.contains_key(&number)) {
                continue;
            }
            let Some(bytes) = row.get::<_, Option<Vec<u8>>>(2)? else { return Ok(None) };
            size += bytes.len();
            found.push((number, hash, bytes));
        }
        if found.len() > 1 && size > document_size(connection, id)? {
            return Ok(None);
        }
        Ok(Some(found))
    }

    fn take(&mut self, bit: usize, id: WorkOrderId, new: New) {
        let mask = 1_u32.checked_shl(u32::try_from(bit).unwrap_or(u32::MAX)).unwrap_or(0);
        if !matches!(new, New::Nothing) {
            self.used += new.size();
        }
        match new {
            New::Nothing => {}
            New::Left => *self.left.entry(id).or_default() |= mask,
            New::Known => self.entered.entry(id).or_default().0 |= mask,
            New::Whole { bytes, heads } => {
                let entered = self.entered.entry(id).or_default();
                entered.0 |= mask;
                entered.1 = Some(bytes);
                self.heads.extend(heads);
            }
            New::Changes { entered, changes } => {
                if entered {
                    self.entered.entry(id).or_default().0 |= mask;
                }
                if !changes.is_empty() {
                    let changes = changes.into_iter().map(|(number, hash, bytes)| (number, (hash, bytes)));
                    self.changes.entry(id).or_default().extend(changes);
                }
            }
        }
    }

    fn finish(mut self) -> (Vec<Entered>, Vec<OrderChanges>, Vec<Left>, Vec<ChangeHash>) {
        // A whole document has its changes.
        self.changes.retain(|id, _| self.entered.get(id).is_none_or(|(_, document)| document.is_none()));
        let mut hashes = self.heads;
        hashes.extend(self.changes.values().flatten().map(|(_, (hash, _))| *hash));
        let entered = self.entered.into_iter().map(|(work_order, (scopes, document))| Entered {
            work_order,
            scopes,
            document: document.map(Into::into),
        });
        let changes = self.changes.into_iter().map(|(work_order, changes)| OrderChanges {
            work_order,
            changes: changes.into_values().map(|(_, bytes)| ChangeBytes::from(bytes)).collect(),
        });
        let left = self.left.into_iter().map(|(work_order, scopes)| Left { work_order, scopes });
        (entered.collect(), changes.collect(), left.collect(), hashes)
    }
}

fn moved(connection: &Connection, scope: &str, after: u64) -> Stored<Vec<Moved>> {
    let mut list = connection.prepare_cached(
        "SELECT work_order, first_entered, entered, left_at, moved FROM scopes WHERE scope = ?1 AND moved > ?2
         ORDER BY moved LIMIT ?3",
    )?;
    let rows = list.query_map(params![scope, int(after), LIMIT], |row| {
        let left: Option<i64> = row.get(3)?;
        Ok((row.get::<_, Vec<u8>>(0)?, uint(row.get(1)?), uint(row.get(2)?), left.map(uint), uint(row.get(4)?)))
    })?;
    rows.map(|row| {
        let (id, first_entered, entered, left, moved) = row?;
        Ok(Moved { id: WorkOrderId(uuid(&id)?), first_entered, entered, left, moved })
    })
    .collect()
}

/// What the phone has of a work order for another scope that it follows.
enum Elsewhere {
    /// All, or that scope brings it.
    Follows,
    /// Everything up to a number; then it left that scope.
    Until(u64),
    Never,
}

fn elsewhere(connection: &Connection, ask: &PageAsk<'_>, bit: usize, id: WorkOrderId) -> Stored<Elsewhere> {
    let mut find =
        connection.prepare_cached("SELECT entered, left_at, moved FROM scopes WHERE scope = ?1 AND work_order = ?2")?;
    let mut until = None;
    for (_, scope) in ask.scopes.iter().enumerate().filter(|(other, _)| *other != bit) {
        let at = Position::read(ask.positions, scope, 0);
        let row = find
            .query_row(params![scope, id.0.as_bytes()], |row| {
                Ok((uint(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(uint), uint(row.get(2)?)))
            })
            .optional()?;
        match row {
            Some((entered, None, moved)) if moved <= at.through || entered <= at.from => return Ok(Elsewhere::Follows),
            Some((entered, Some(left), _)) if entered <= at.from && left > at.through => {
                until = until.max(Some(at.from));
            }
            _ => {}
        }
    }
    Ok(until.map_or(Elsewhere::Never, Elsewhere::Until))
}

fn document_size(connection: &Connection, id: WorkOrderId) -> Stored<usize> {
    let size: i64 = connection
        .prepare_cached("SELECT length(bytes) FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))?;
    usize::try_from(size).map_err(|error| StorageError::Damaged(error.to_string()))
}

fn whole(connection: &Connection, id: WorkOrderId) -> Stored<New> {
    let (heads, bytes): (Vec<u8>, Vec<u8>) = connection
        .prepare_cached("SELECT heads, bytes FROM documents WHERE work_order = ?1")?
        .query_row([id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if bytes.len() > UNSENDABLE {
        tracing::error!(work_order = %id, bytes = bytes.len(), "a document is larger than any answer; it is left out");
        return Ok(New::Known);
    }
    let heads = receipt::from_bytes(&heads).ok_or_else(|| StorageError::Damaged(format!("the heads of {id}")))?;
    Ok(New::Whole { bytes, heads })
}

fn still_to_come(connection: &Connection, scope: &str, after: u64) -> Stored<i64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM scopes WHERE scope = ?1 AND moved > ?2 LIMIT ?3)")?
        .query_row(params![scope, int(after), MOST_COUNTED], |row| row.get(0))?)
}
