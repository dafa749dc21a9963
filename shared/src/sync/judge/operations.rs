//! A change is judged by its operations, not by a difference of merged states: a concurrent write that loses shows only
//! as a conflict there, and a put and a delete in one change show nothing.
//!
//! What an honest change does: it makes a new map under a new key of a container, and fills what it made. The genesis
//! also makes the containers. Nothing is ever put over, deleted, or incremented.

use super::refused;
use crate::ids::EntryId;
use crate::order::facts::{CONTAINERS, Made};
use crate::sync::wire::{RefusalCode, Verdict};
use automerge::legacy::{Change as Expanded, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, ObjType};
use std::collections::{HashMap, HashSet};

/// A container, with the operation that made it.
pub(super) type Container = (&'static str, (u64, ActorId));

/// Checks every operation. `containers` are those of the document, `taken` says whether it has an entry of that name.
/// → the entries that the change makes.
///
/// # Errors
/// A refusal when it does anything else than adding entries.
pub(super) fn only_add_entries(
    containers: &[Container],
    taken: impl Fn(&str) -> bool,
    expanded: &Expanded,
    creates: bool,
) -> Result<Vec<Made>, Verdict> {
    let not_an_edit =
        || refused(RefusalCode::NotAnEdit, "This change does more than adding something to a work order.");
    let action = expanded.message.as_deref().unwrap_or_default();
    let mut containers: HashMap<OpId, &'static str> =
        containers.iter().map(|(name, (counter, actor))| (OpId::new(*counter, actor), *name)).collect();
    let mut entries = Vec::new();
    let mut made: HashSet<OpId> = HashSet::new();
    let mut written: HashSet<(&ObjectId, &Key)> = HashSet::new();
    let mut root: Vec<&str> = Vec::new();
    let start = expanded.start_op.get();
    for (op, counter) in expanded.operations.iter().zip(start..) {
        let own = OpId::new(counter, &expanded.actor_id);
        if !op.pred.is_empty() {
            return Err(not_an_edit());
        }
        // Two values under one key of one map would be a conflict, of which each reader sees one.
        if !op.insert && !written.insert((&op.obj, &op.key)) {
            return Err(not_an_edit());
        }
        let makes = match &op.action {
            OpType::Make(ObjType::Map | ObjType::List) => true,
            OpType::Put(_) => false,
            _ => return Err(not_an_edit()),
        };
        match (&op.obj, &op.key) {
            (ObjectId::Root, Key::Map(key)) if creates => {
                let map = op.action == OpType::Make(ObjType::Map);
                if let Some(name) = CONTAINERS.iter().find(|name| map && key == **name) {
                    containers.insert(own, name);
                } else if makes || !matches!(key.as_str(), "schema" | "id") {
                    return Err(not_an_edit());
                }
                root.push(key.as_str());
            }
            // An entry: named after its action, so that nobody takes another's place.
            (ObjectId::Id(parent), Key::Map(key)) if containers.contains_key(parent) => {
                let (of, n) = key.split_once(':').unwrap_or_default();
                let map = op.action == OpType::Make(ObjType::Map);
                if !map || of != action || n.parse::<u16>().is_err() || taken(key) {
                    return Err(not_an_edit());
                }
                if let Some(container) = containers.get(parent) {
                    entries.push(Made { container, id: EntryId::from(key.as_str()) });
                }
                made.insert(own);
            }
            (ObjectId::Id(parent), _) if made.contains(parent) => {
                if makes {
                    made.insert(own);
                }
            }
            _ => return Err(not_an_edit()),
        }
    }
    // A genesis that leaves a container out would leave everybody without it for good.
    if creates && root.len() != CONTAINERS.len() + 2 {
        return Err(not_an_edit());
    }
    Ok(entries)
}
