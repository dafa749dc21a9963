//! A work order's history, one sentence for each entry.

use super::people::{assigned, filed_by, who};
use super::{job, status};
use crate::ui::tone::Tone;
use crate::ui::when::Zone;
use coldpatch_shared::city::City;
use coldpatch_shared::ids::{EntryId, UserId};
use coldpatch_shared::order::view::{HistoryItem, HistoryWhat};
use coldpatch_shared::order::{Event, EventKind, FieldValue, PhotoSlot, WorkOrder};

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry that it tells of.
    pub id: EntryId,
    /// What happened, and who did it.
    pub text: String,
    /// Words that went with it.
    pub words: Option<String>,
    /// How it looks.
    pub tone: Tone,
    /// When, ms since the Unix epoch.
    pub at: i64,
}

/// The history as lines, oldest first. What its own author corrected later is left out; the correction is there.
#[must_use]
pub fn lines(order: &WorkOrder, me: &UserId, city: &City, zone: &Zone, now: i64) -> Vec<Line> {
    order
        .history
        .iter()
        .filter(|item| counts(item, order))
        .filter_map(|item| line(item, order, me, city, zone, now))
        .collect()
}

fn counts(item: &HistoryItem, order: &WorkOrder) -> bool {
    match &item.what {
        HistoryWhat::Labor(labor) => labor.minutes > 0 && order.labor.iter().any(|entry| entry.id == item.id),
        HistoryWhat::Material(material) => {
            material.quantity > 0.0 && order.materials.iter().any(|entry| entry.id == item.id)
        }
        HistoryWhat::Equipment(equipment) => {
            equipment.minutes > 0 && order.equipment.iter().any(|entry| entry.id == item.id)
        }
        // An assignment is also an event, which says it.
        HistoryWhat::Decision(FieldValue::Assignment(_)) => false,
        // What a job is filed with is said by "filed".
        HistoryWhat::Decision(_) | HistoryWhat::Request(_) => !item.id.as_str().starts_with(filing(order)),
        _ => true,
    }
}

/// The id of the action that created the work order, as entry ids begin with it.
fn filing(order: &WorkOrder) -> &str {
    let created = order
        .history
        .iter()
        .find(|item| matches!(&item.what, HistoryWhat::Event(event) if event.kind == EventKind::Created));
    created.and_then(|item| item.id.as_str().split(':').next()).unwrap_or("-")
}

fn line(item: &HistoryItem, order: &WorkOrder, me: &UserId, city: &City, zone: &Zone, now: i64) -> Option<Line> {
    let who = who(&item.stamp, me, city);
    let say = |text: String, words: Option<String>, tone| Line {
        id: item.id.clone(),
        text,
        words,
        tone,
        at: item.stamp.time(),
    };
    Some(match &item.what {
        HistoryWhat::Event(event) if event.kind == EventKind::Created => {
            let request = order.requests.first();
            let who = request.map_or(who, |request| filed_by(&request.stamp, request.body.source, me, city));
            let words = request.map(|request| request.body.description.clone()).filter(|words| !words.is_empty());
            say(format!("{who} filed it"), words, Tone::Open)
        }
        HistoryWhat::Event(event) => {
            let (text, words, tone) = happened(event, &who, order, city)?;
            if order.withdrawn.contains(&item.id) {
                say(format!("{text} (taken back)"), words, Tone::Quiet)
            } else {
                say(text, words, tone)
            }
        }
        HistoryWhat::Decision(value) => say(decided(&who, value, city, zone, now), None, Tone::Quiet),
        HistoryWhat::Request(request) => {
            let words = (!request.description.is_empty()).then(|| request.description.clone());
            let who = filed_by(&item.stamp, request.source, me, city);
            say(format!("{who} reported it"), words, Tone::Quiet)
        }
        HistoryWhat::Photo(photo) => {
            let lost = if order.lost_photos.contains(&item.id) { " (the photo was lost)" } else { "" };
            say(format!("{who} added {}{lost}", photo_name(photo.slot)), None, Tone::Quiet)
        }
        HistoryWhat::Note(note) => say(format!("{who} wrote"), Some(note.text.clone()), Tone::Quiet),
        HistoryWhat::Labor(labor) => {
            say(format!("{who} worked: {}", job::labor(labor.people, labor.minutes)), None, Tone::Quiet)
        }
        HistoryWhat::Material(material) => {
            let used = job::quantity(material.quantity, &material.unit);
            say(format!("{who} used {used}: {}", material.name), None, Tone::Quiet)
        }
        HistoryWhat::Equipment(equipment) => {
            say(format!("{who} used the {} for {} min", equipment.name, equipment.minutes), None, Tone::Quiet)
        }
        HistoryWhat::Tick(tick) => {
            let text = city
                .service_type(&order.service_code)
                .and_then(|kind| kind.checklist.iter().find(|item| item.id == tick.item).map(|item| item.text.clone()));
            let text = text.unwrap_or_else(|| tick.item.clone());
            let did = if tick.checked { "ticked" } else { "took back" };
            say(format!("{who} {did} “{text}”"), None, Tone::Quiet)
        }
        HistoryWhat::Unknown(_) => say(job::NEWER.to_owned(), None, Tone::Quiet),
    })
}

fn happened(event: &Event, who: &str, order: &WorkOrder, city: &City) -> Option<(String, Option<String>, Tone)> {
    let note = event.note.clone();
    Some(match &event.kind {
        EventKind::Created => (format!("{who} filed it"), note, Tone::Open),
        EventKind::Acknowledged => {
            let number = event.tracking_number.as_deref()?;
            (format!("The city has it, number {number}"), note, Tone::Quiet)
        }
        EventKind::Assigned => match &event.assigned_to {
            Some(_) => (format!("{who} gave it to {}", assigned(event.assigned_to.as_ref(), city)), note, Tone::Quiet),
            None => (format!("{who} took it from its crew"), note, Tone::Quiet),
        },
        EventKind::Started => (format!("{who} started"), note, Tone::Work),
        EventKind::Paused => (format!("{who} paused"), note, Tone::Work),
        EventKind::Completed => (format!("{who} finished it"), note, Tone::Done),
        EventKind::CannotComplete => {
            let key = event.reason.as_deref().unwrap_or_default();
            (format!("{who} could not do it: {}", reason(key, order, city)), note, Tone::Stop)
        }
        EventKind::Transferred => {
            let department = event.department.as_ref().and_then(|id| city.department(id));
            let text = match department {
                Some(department) => format!("{who} handed it over: for {}", department.name),
                None => format!("{who} handed it over: not ours"),
            };
            (text, note, Tone::Stop)
        }
        EventKind::Cancelled => (format!("{who} cancelled it"), event.reason.clone(), Tone::Stop),
        EventKind::Reopened => (format!("{who} reopened it"), event.reason.clone(), Tone::Open),
        EventKind::Reviewed => (format!("{who} looked at it and kept it as it is"), note, Tone::Review),
        EventKind::Withdrawn if event.other.is_some() => {
            (format!("{who} took back the link with another job"), note, Tone::Quiet)
        }
        EventKind::Withdrawn => (format!("{who} took back: {}", named(event, order)), note, Tone::Quiet),
        EventKind::DuplicateOf => (format!("{who} marked it as a duplicate of another job"), note, Tone::Quiet),
        EventKind::HasDuplicate => (format!("{who} marked another job as a duplicate of this one"), note, Tone::Quiet),
        EventKind::FollowedUp => (format!("{who} filed a follow-up job"), note, Tone::Quiet),
        EventKind::PhotoLost => {
            let photo = order.photos.iter().find(|photo| Some(&photo.id) == event.photo.as_ref());
            let name = photo.map_or("a photo", |photo| photo_name(photo.body.slot));
            (format!("{who} reported {name} lost"), note, Tone::Review)
        }
        EventKind::Unknown(_) => (job::NEWER.to_owned(), note, Tone::Quiet),
    })
}

/// What a withdrawal took back, in a few words.
fn named(event: &Event, order: &WorkOrder) -> String {
    let kinds =
        order.history.iter().filter(|item| event.names.contains(&item.id)).filter_map(|item| match &item.what {
            HistoryWhat::Event(event) => Some(match event.kind {
                EventKind::Started => "started",
                EventKind::Paused => "paused",
                EventKind::Completed => "finished",
                EventKind::CannotComplete => "could not do it",
                EventKind::Transferred => "handed over",
                EventKind::Cancelled => "cancelled",
                EventKind::Reopened => "reopened",
                EventKind::Reviewed => "looked at",
                EventKind::PhotoLost => "photo lost",
                _ => "a change",
            }),
            _ => None,
        });
    let kinds: Vec<&str> = kinds.collect();
    if kinds.is_empty() { "a change".to_owned() } else { kinds.join(", ") }
}

/// A reason's words in the catalog, else the key as it is.
#[must_use]
pub fn reason(key: &str, order: &WorkOrder, city: &City) -> String {
    city.service_type(&order.service_code)
        .and_then(|kind| kind.cannot_complete.iter().find(|choice| choice.key == key))
        .map_or_else(|| key.to_owned(), |choice| choice.name.clone())
}

fn decided(who: &str, value: &FieldValue, city: &City, zone: &Zone, now: i64) -> String {
    match value {
        FieldValue::ServiceCode(code) => format!("{who} changed the type to {}", job::type_name(code, city)),
        FieldValue::Priority(priority) => format!("{who} set the priority to {}", status::priority(*priority)),
        FieldValue::Location(_) => format!("{who} moved the pin"),
        FieldValue::Address(address) => format!("{who} set the address to {address}"),
        FieldValue::Assignment(crew) => format!("{who} gave it to {}", assigned(crew.as_ref(), city)),
        FieldValue::Due(due) => format!("{who} set the due time to {}", zone.future(*due, now)),
        FieldValue::Description(text) => format!("{who} described it: {text}"),
    }
}

fn photo_name(slot: PhotoSlot) -> &'static str {
    match slot {
        PhotoSlot::Before => "the before photo",
        PhotoSlot::After => "the after photo",
        PhotoSlot::Report | PhotoSlot::Other => "a photo",
    }
}
