//! The entries that a change makes, read from its operations.
//!
//! What they say in the document is the same where every operation that fills an entry writes a plain value under a new key
//! of a map, or behind the last item of a list, as ours do. Anything else is left to those who look into the document.

use crate::order::Lamport;
use crate::order::content::MAX_DEPTH;
use crate::order::facts::{Facts, Made, MadeValue};
use automerge::legacy::{Change as Expanded, ElementId, Key, ObjectId, OpId, OpType};
use automerge::{ObjType, ScalarValue};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// What an operation made.
enum Node {
    Scalar(Value),
    Map(Vec<(String, usize)>),
    /// Its items, and the operation of the last of them.
    List(Vec<usize>, ElementId),
}

/// Reads `entries` of a change that [adds nothing else](super::operations); `None` where one is not as this version writes
/// them, or is not plain.
pub(super) fn facts(change: &Expanded, entries: &[Made]) -> Option<Facts> {
    let mut nodes: Vec<Node> = Vec::with_capacity(change.operations.len());
    let mut objects: HashMap<OpId, usize> = HashMap::new();
    let mut tops: Vec<usize> = Vec::with_capacity(entries.len());
    for (op, counter) in change.operations.iter().zip(change.start_op.get()..) {
        let at = nodes.len();
        nodes.push(match &op.action {
            OpType::Make(ObjType::Map) => Node::Map(Vec::new()),
            OpType::Make(ObjType::List) => Node::List(Vec::new(), ElementId::Head),
            OpType::Put(value) => Node::Scalar(plain(value)?),
            _ => return None,
        });
        let own = OpId::new(counter, &change.actor_id);
        let ObjectId::Id(parent) = &op.obj else { return None };
        match (objects.get(parent).and_then(|parent| nodes.get_mut(*parent)), &op.key) {
            (Some(Node::Map(fields)), Key::Map(key)) if !op.insert => fields.push((key.to_string(), at)),
            (Some(Node::List(items, last)), Key::Seq(after)) if op.insert && after == last => {
                items.push(at);
                *last = ElementId::Id(own.clone());
            }
            // An entry, in a container. They are in `entries` in the same order.
            (None, Key::Map(_)) if !op.insert => tops.push(at),
            _ => return None,
        }
        if matches!(op.action, OpType::Make(_)) {
            objects.insert(own, at);
        }
    }
    let actor = change.actor_id.to_hex_string();
    let mut tops = tops.into_iter();
    let made = Facts::made_of(entries, |_| {
        let at = tops.next()?;
        let counter = change.start_op.get() + u64::try_from(at).ok()?;
        Some(MadeValue { lamport: Lamport { counter, actor: actor.clone() }, value: json(&nodes, at, 0)? })
    })?;
    tops.next().is_none().then_some(made)
}

fn plain(value: &ScalarValue) -> Option<Value> {
    Some(match value {
        ScalarValue::Str(text) => Value::String(text.to_string()),
        ScalarValue::Int(whole) => Value::from(*whole),
        ScalarValue::Uint(whole) => Value::from(*whole),
        ScalarValue::F64(real) => Number::from_f64(*real).map_or(Value::Null, Value::Number),
        ScalarValue::Boolean(flag) => Value::Bool(*flag),
        ScalarValue::Null => Value::Null,
        _ => return None,
    })
}

fn json(nodes: &[Node], at: usize, depth: usize) -> Option<Value> {
    if depth >= MAX_DEPTH {
        return None;
    }
    Some(match nodes.get(at)? {
        Node::Scalar(value) => value.clone(),
        Node::Map(fields) => {
            let mut map = Map::new();
            for (key, field) in fields {
                map.insert(key.clone(), json(nodes, *field, depth + 1)?);
            }
            Value::Object(map)
        }
        Node::List(items, _) => {
            Value::Array(items.iter().map(|item| json(nodes, *item, depth + 1)).collect::<Option<_>>()?)
        }
    })
}
