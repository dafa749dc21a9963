//! JSON in and out of Automerge: an entry is written as a map of scalars, maps and lists, and read back the same.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue, Value as AmValue};
use serde_json::{Map, Number, Value};

/// How deep an entry may nest; ours use three levels. Deeper parts of a hostile document read as null.
const MAX_DEPTH: usize = 8;

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

/// Reads `object` as JSON, as it stood at `heads` or as it stands.
pub(super) fn read(doc: &impl ReadDoc, object: &ObjId, heads: Option<&[ChangeHash]>) -> Value {
    read_object(doc, object, heads, 0)
}

fn read_object(doc: &impl ReadDoc, object: &ObjId, heads: Option<&[ChangeHash]>, depth: usize) -> Value {
    if depth >= MAX_DEPTH {
        return Value::Null;
    }
    match doc.object_type(object) {
        Ok(ObjType::Map | ObjType::Table) => Value::Object(
            fields(doc, object, heads)
                .map(|(key, value, id)| (key, read_value(doc, (value, id), heads, depth)))
                .collect::<Map<_, _>>(),
        ),
        Ok(ObjType::List) => {
            let items = match heads {
                Some(heads) => doc.list_range_at(object, .., heads),
                None => doc.list_range(object, ..),
            };
            items
                .map(|item| (item.id(), item.value))
                .map(|(id, value)| read_value(doc, (value.into(), id), heads, depth))
                .collect()
        }
        Ok(ObjType::Text) => heads
            .map_or_else(|| doc.text(object), |heads| doc.text_at(object, heads))
            .map_or(Value::Null, Value::String),
        Err(_) => Value::Null,
    }
}

fn read_value(
    doc: &impl ReadDoc,
    (value, id): (AmValue<'_>, ObjId),
    heads: Option<&[ChangeHash]>,
    depth: usize,
) -> Value {
    let AmValue::Scalar(scalar) = value else {
        return read_object(doc, &id, heads, depth + 1);
    };
    match scalar.as_ref() {
        ScalarValue::Str(text) => Value::String(text.to_string()),
        ScalarValue::Int(whole) | ScalarValue::Timestamp(whole) => Value::from(*whole),
        ScalarValue::Uint(whole) => Value::from(*whole),
        ScalarValue::F64(real) => Number::from_f64(*real).map_or(Value::Null, Value::Number),
        ScalarValue::Boolean(flag) => Value::Bool(*flag),
        ScalarValue::Counter(counter) => Value::from(i64::from(counter)),
        ScalarValue::Bytes(_) | ScalarValue::Unknown { .. } | ScalarValue::Null => Value::Null,
    }
}

/// The keys and values of a map, as it stood at `heads` or as it stands. Asking for one key after the other takes more than
/// twice as long: Automerge looks each up anew.
pub(super) fn fields(
    doc: &impl ReadDoc,
    object: &ObjId,
    heads: Option<&[ChangeHash]>,
) -> impl Iterator<Item = (String, AmValue<'static>, ObjId)> {
    let fields = match heads {
        Some(heads) => doc.map_range_at(object, .., heads),
        None => doc.map_range(object, ..),
    };
    fields.map(|field| (field.id(), field)).map(|(id, field)| (field.key.into_owned(), field.value.into(), id))
}

/// One value, as it stood at `heads` or as it stands.
pub(super) fn get<'a>(
    doc: &'a impl ReadDoc,
    object: &ObjId,
    at: impl Into<automerge::Prop>,
    heads: Option<&[ChangeHash]>,
) -> Option<(AmValue<'a>, ObjId)> {
    match heads {
        Some(heads) => doc.get_at(object, at, heads),
        None => doc.get(object, at),
    }
    .ok()
    .flatten()
}
