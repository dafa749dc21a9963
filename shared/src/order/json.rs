//! JSON into Automerge: an entry is written as a map of scalars, maps and lists, which `content` reads back the same.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value as AmValue};
use serde_json::Value;

/// Writes `value` under `key` of the map `parent`. The key must be new: nobody puts over an existing key.
pub(super) fn put(doc: &mut AutoCommit, parent: &ObjId, key: &str, value: &Value) -> Result<(), AutomergeError> {
    match value {
        Value::Object(fields) => {
            let object = doc.put_object(parent, key, ObjType::Map)?;
            fields.iter().try_for_each(|(key, value)| put(doc, &object, key, value))
        }
        Value::Array(items) => {
            let list = doc.put_object(parent, key, ObjType::List)?;
            items.iter().enumerate().try_for_each(|(at, item)| insert(doc, &list, at, item))
        }
        scalar => doc.put(parent, key, to_scalar(scalar)),
    }
}

fn insert(doc: &mut AutoCommit, list: &ObjId, at: usize, value: &Value) -> Result<(), AutomergeError> {
    match value {
        Value::Object(fields) => {
            let object = doc.insert_object(list, at, ObjType::Map)?;
            fields.iter().try_for_each(|(key, value)| put(doc, &object, key, value))
        }
        Value::Array(items) => {
            let inner = doc.insert_object(list, at, ObjType::List)?;
            items.iter().enumerate().try_for_each(|(at, item)| insert(doc, &inner, at, item))
        }
        scalar => doc.insert(list, at, to_scalar(scalar)),
    }
}

fn to_scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Bool(flag) => ScalarValue::Boolean(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => ScalarValue::Int(whole),
            (None, Some(real)) => ScalarValue::F64(real),
            (None, None) => ScalarValue::Null,
        },
        Value::String(text) => ScalarValue::Str(text.as_str().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => ScalarValue::Null,
    }
}

/// One value as it stands.
pub(super) fn get<'a>(
    doc: &'a impl ReadDoc,
    object: &ObjId,
    at: impl Into<automerge::Prop>,
) -> Option<(AmValue<'a>, ObjId)> {
    doc.get(object, at).ok().flatten()
}
