//! A work order as one plain JSON document, as somebody would keep it in a document database: current values and what
//! people entered, without the history of either.

use coldpatch_shared::order::{Entry, WorkOrder};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// About 25 fields; lists have one small object for each entry.
///
/// # Errors
/// None that a work order of ours causes.
pub fn flat(order: &WorkOrder) -> serde_json::Result<Value> {
    let numbers: Vec<&String> = order.tracking_numbers.values().collect();
    let changed_by = order.history.last().map(|item| item.stamp.by.to_string());
    let fields = json!({
        "type": "work_order",
        "status": order.status,
        "round": order.round,
        "service_code": order.service_code,
        "priority": order.priority,
        "lat": order.place.as_ref().map(|place| place.at.lat),
        "lon": order.place.as_ref().map(|place| place.at.lon),
        "place_source": order.place.as_ref().map(|place| place.source),
        "accuracy_m": order.place.as_ref().and_then(|place| place.accuracy_m),
        "address": order.address,
        "description": order.description,
        "due": order.due,
        "assignment": order.assignment,
        "tracking_numbers": numbers,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "updated_by": changed_by,
        "requests": entries(&order.requests)?,
        "photos": entries(&order.photos)?,
        "notes": entries(&order.notes)?,
        "labor": entries(&order.labor)?,
        "materials": entries(&order.materials)?,
        "equipment": entries(&order.equipment)?,
        "ticked": entries(&order.ticked)?,
        "closing_note": order.status_set_by.as_ref().and_then(|event| event.body.note.clone()),
    });
    Ok(without_nothing(fields))
}

/// Who, when, what.
fn entries<T: Serialize>(entries: &[Entry<T>]) -> serde_json::Result<Vec<Value>> {
    let one = |entry: &Entry<T>| {
        let mut value = serde_json::to_value(&entry.body)?;
        if let Value::Object(fields) = &mut value {
            fields.insert("by".to_owned(), json!(entry.stamp.by));
            fields.insert("at".to_owned(), json!(entry.stamp.time()));
            fields.remove("replaces");
        }
        Ok(value)
    };
    entries.iter().map(one).collect()
}

fn without_nothing(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    Value::Object(fields.into_iter().filter(|(_, value)| !empty(value)).collect::<Map<_, _>>())
}
