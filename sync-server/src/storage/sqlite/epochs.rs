//! The lives of the log: a new one begins after a restore, and no number of one is ever that of another.

use super::{log, meta, optional_meta, set_meta};
use crate::storage::{LogState, NewEpoch, Stored, number_of_epoch};
use rusqlite::{Connection, TransactionBehavior};
use uuid::Uuid;

/// Where the lives are that are over, by name, with spaces between them.
const PAST: &str = "past_epochs";

/// The name of a life. It carries the number, so that a cursor tells it to a database that was restored since.
pub(super) fn name(number: u32, id: Uuid) -> String {
    format!("{number}/{}", id.hyphenated())
}

/// The minute, counted from 2026, in which an id was made.
fn minute(id: Uuid) -> u32 {
    const Y2026: u64 = 1_767_225_600;
    let seconds = id.get_timestamp().map_or(0, |made| made.to_unix().0);
    u32::try_from(seconds.saturating_sub(Y2026) / 60).unwrap_or(u32::MAX)
}

pub(super) fn begin(connection: &mut Connection, ended: &str, new: NewEpoch<'_>) -> Stored<LogState> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let state = log::state(&transaction)?;
    if state.epoch == ended {
        let proven = new.proof.and_then(number_of_epoch).unwrap_or(0);
        let number = state.epoch_number.max(proven).saturating_add(1).max(new.at_least);
        let mut past = optional_meta(&transaction, PAST)?.unwrap_or_default();
        for name in [Some(ended), new.proof].into_iter().flatten() {
            past.push(' ');
            past.push_str(name);
        }
        set_meta(&transaction, PAST, past.trim_start())?;
        set_meta(&transaction, "epoch", &name(number, new.id))?;
        set_meta(&transaction, "epoch_number", &number.to_string())?;
        set_meta(&transaction, log::BEGAN_MINUTE, &minute(new.id).to_string())?;
    }
    let state = log::state(&transaction)?;
    transaction.commit()?;
    Ok(state)
}

pub(super) fn knows(connection: &Connection, epoch: &str) -> Stored<bool> {
    let past = optional_meta(connection, PAST)?.unwrap_or_default();
    Ok(meta(connection, "epoch")? == epoch || past.split(' ').any(|name| name == epoch))
}
