//! A document's content, read in one pass. To look up one object after the other takes several times as long: Automerge
//! seeks each anew.

use automerge::iter::{DocItem, MapRangeItem};
use automerge::{ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, ValueRef};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// How deep an entry may nest; ours use three levels. Deeper parts of a hostile document read as null.
pub(crate) const MAX_DEPTH: usize = 8;

/// An object, by the counter of the operation that made it and the number of its actor in this document.
type Key = (u64, usize);

/// Everything in a document as it stands, or as it stood at some heads.
pub(super) struct Content<'a, D> {
    doc: &'a D,
    heads: Option<&'a [ChangeHash]>,
    objects: HashMap<Key, Vec<DocItem<'a>>>,
}

impl<'a, D: ReadDoc> Content<'a, D> {
    /// What is in `object` and in what that holds.
    pub(super) fn read(doc: &'a D, object: &ObjId, heads: Option<&'a [ChangeHash]>) -> Self {
        let mut objects: HashMap<Key, Vec<DocItem<'a>>> = HashMap::new();
        let mut of = key(object);
        let mut items = Vec::new();
        // What is in one object comes together.
        for found in doc.iter_at(object, heads) {
            let object = key(&found.obj);
            if object != of {
                objects.insert(of, std::mem::take(&mut items));
                of = object;
            }
            items.push(found.item);
        }
        objects.insert(of, items);
        Self { doc, heads, objects }
    }

    /// A field of the document itself.
    pub(super) fn root(&self, name: &str) -> Option<&MapRangeItem<'a>> {
        self.fields(&ROOT).find(|field| field.key == name)
    }

    /// The fields of a map.
    pub(super) fn fields(&self, object: &ObjId) -> impl Iterator<Item = &MapRangeItem<'a>> {
        self.items(object).iter().filter_map(|item| match item {
            DocItem::Map(field) => Some(field),
            _ => None,
        })
    }

    fn items(&self, object: &ObjId) -> &[DocItem<'a>] {
        self.objects.get(&key(object)).map_or(&[], Vec::as_slice)
    }

    /// The object that a field is, as JSON; null where it is none.
    pub(super) fn object(&self, value: &ValueRef<'_>, id: &ObjId) -> Value {
        match value {
            ValueRef::Object(kind) => self.json(*kind, id, 0),
            ValueRef::Scalar(_) => Value::Null,
        }
    }

    fn json(&self, kind: ObjType, id: &ObjId, depth: usize) -> Value {
        if depth >= MAX_DEPTH {
            return Value::Null;
        }
        let inner = |value: &ValueRef<'_>, id: &dyn Fn() -> ObjId| match value {
            ValueRef::Object(kind) => self.json(*kind, &id(), depth + 1),
            ValueRef::Scalar(scalar) => json_of(scalar),
        };
        match kind {
            ObjType::Map | ObjType::Table => Value::Object(
                self.fields(id)
                    .map(|field| (field.key.clone().into_owned(), inner(&field.value, &|| field.id())))
                    .collect::<Map<_, _>>(),
            ),
            ObjType::List => {
                let items = self.items(id).iter().filter_map(|item| match item {
                    DocItem::List(item) => Some(inner(&item.value, &|| item.id())),
                    _ => None,
                });
                items.collect()
            }
            // Nobody writes texts. They would come in spans, which are not quite what they say.
            ObjType::Text => self
                .heads
                .map_or_else(|| self.doc.text(id), |heads| self.doc.text_at(id, heads))
                .map_or(Value::Null, Value::String),
        }
    }
}

/// A scalar as text.
pub(super) fn text<'v>(value: &'v ValueRef<'_>) -> Option<&'v str> {
    match value {
        ValueRef::Scalar(ScalarValueRef::Str(text)) => Some(text),
        _ => None,
    }
}

fn json_of(scalar: &ScalarValueRef<'_>) -> Value {
    match scalar {
        ScalarValueRef::Str(text) => Value::String(text.clone().into_owned()),
        ScalarValueRef::Int(whole) | ScalarValueRef::Timestamp(whole) | ScalarValueRef::Counter(whole) => {
            Value::from(*whole)
        }
        ScalarValueRef::Uint(whole) => Value::from(*whole),
        ScalarValueRef::F64(real) => Number::from_f64(*real).map_or(Value::Null, Value::Number),
        ScalarValueRef::Boolean(flag) => Value::Bool(*flag),
        ScalarValueRef::Bytes(_) | ScalarValueRef::Unknown { .. } | ScalarValueRef::Null => Value::Null,
    }
}

fn key(object: &ObjId) -> Key {
    match object {
        ObjId::Root => (0, 0),
        ObjId::Id(counter, _, actor) => (*counter, *actor),
    }
}
