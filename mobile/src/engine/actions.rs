//! What a person does to a job.

use super::api::{EngineError, ErrorKind, Reply};
use super::core::Engine;
use super::errors::error;
use super::store::{StoreError, journal, meta};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{EventKind, FieldValue, Note, Status, WorkOrder};
use coldpatch_shared::sync::phone::Event;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::rc::Rc;

impl Engine {
    pub(super) fn act(
        self: &Rc<Self>,
        action_id: ActionId,
        work_order: WorkOrderId,
        action: Action,
    ) -> Result<Reply, EngineError> {
        if self.says_it_again(work_order, &action)? {
            return Ok(Reply::Done);
        }
        self.perform(action_id, work_order, action, |_| Ok(()))
    }

    /// Whether the same person just said the same: a second tap on a button that had not changed yet.
    fn says_it_again(&self, id: WorkOrderId, action: &Action) -> Result<bool, EngineError> {
        if !matches!(action, Action::Start | Action::Decide { value: FieldValue::Priority(_) }) {
            return Ok(false);
        }
        let Some(signed_in) = meta::signed_in(self.store().db())? else { return Ok(false) };
        let mut store = self.store_mut();
        let Some(doc) = store.document(id)? else { return Ok(false) };
        let Some(order) = WorkOrder::derive(id, &doc.facts()) else { return Ok(false) };
        let last = order.history.last().filter(|last| last.stamp.by == signed_in.session.user);
        Ok(last.is_some_and(|last| match (&last.what, action) {
            (HistoryWhat::Event(event), Action::Start) => {
                event.kind == EventKind::Started && order.status == Status::Working
            }
            (HistoryWhat::Decision(decided), Action::Decide { value }) => decided == value,
            _ => false,
        }))
    }

    /// Does an action, with what belongs to it in the same transaction, and tells everybody.
    pub(super) fn perform(
        self: &Rc<Self>,
        id: ActionId,
        work_order: WorkOrderId,
        action: Action,
        and: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Reply, EngineError> {
        let deed = Deed { id, work_order, stamp: self.stamp()?, action };
        if self.store_mut().perform(&deed, and)? {
            self.tell_jobs(BTreeSet::from([work_order]));
            self.happened(Event::LocalChange);
        }
        Ok(Reply::Done)
    }

    pub(super) fn let_go(&self, id: ActionId) -> Result<Reply, EngineError> {
        self.store_mut().transact(|db| journal::let_go(db, id))?;
        self.tell_sync();
        Ok(Reply::Done)
    }

    /// The words of a refused action as a note, so that whoever opens the job next reads them.
    pub(super) fn send_as_note(self: &Rc<Self>, refused: ActionId, action_id: ActionId) -> Result<Reply, EngineError> {
        let deed = journal::deed(self.store().db(), refused)?
            .ok_or_else(|| error(ErrorKind::NotHere, "This action is not on this phone. Nothing was changed."))?;
        let mut text = in_words(&deed.action);
        let me = meta::signed_in(self.store().db())?;
        if me.is_some_and(|me| me.session.user != deed.stamp.by) {
            text = format!("From {}, lost by the city’s server. {text}", deed.stamp.by);
        }
        let note = Note { text };
        self.perform(action_id, deed.work_order, Action::AddNote { note }, |db| journal::let_go(db, refused))?;
        self.tell_sync();
        Ok(Reply::Done)
    }
}

/// What an action says, as a note that somebody else understands.
fn in_words(action: &Action) -> String {
    let with_note = |what: &str, note: &Option<String>| match note {
        Some(note) => format!("Tried to report: {what}. {note}"),
        None => format!("Tried to report: {what}."),
    };
    match action {
        Action::File { request, .. } | Action::Join { request, .. } => {
            format!("Tried to file a request. {}", request.description)
        }
        Action::AddPhoto { .. } => "Tried to add a photo.".to_owned(),
        Action::AddNote { note } => note.text.clone(),
        Action::RecordLabor { labor } => {
            format!("Tried to record labor: {} × {} minutes.", labor.people, labor.minutes)
        }
        Action::RecordMaterial { material } => {
            format!("Tried to record material: {} × {} ({}).", material.quantity, material.name, material.unit)
        }
        Action::RecordEquipment { equipment } => {
            format!("Tried to record equipment: {}, {} minutes.", equipment.name, equipment.minutes)
        }
        Action::Tick { item, checked: true } => format!("Tried to tick: {item}."),
        Action::Tick { item, checked: false } => format!("Tried to take back the tick: {item}."),
        Action::Decide { value } => format!("Tried to set {}.", field_in_words(value)),
        Action::Start => "Tried to report: work has begun.".to_owned(),
        Action::Pause => "Tried to report: work is paused.".to_owned(),
        Action::Complete { note } => with_note("done", note),
        Action::CannotComplete { reason, note } => with_note(&format!("cannot be completed ({reason})"), note),
        Action::Transfer { department, note } => match department {
            Some(department) => with_note(&format!("not ours, hand over to {department}"), note),
            None => with_note("not ours, hand over", note),
        },
        Action::Cancel { reason } => format!("Tried to cancel: {reason}"),
        Action::Reopen { reason } => format!("Tried to reopen: {reason}"),
        Action::Review { note, .. } => with_note("looked at what a merge left", note),
        Action::Withdraw { note, .. } => with_note("what was reported before is taken back", note),
        Action::MarkDuplicate { .. } => "Tried to mark it as a duplicate of another job.".to_owned(),
        Action::WithdrawLink { note, .. } => with_note("it is no duplicate of the other job", note),
        Action::LosePhoto { note, .. } => with_note("a photo is lost", note),
        Action::Acknowledge { tracking_number, .. } => format!("Tried to give the number {tracking_number}."),
    }
}

fn field_in_words(value: &FieldValue) -> String {
    match value {
        FieldValue::ServiceCode(code) => format!("the type to {code}"),
        FieldValue::Priority(priority) => format!("the priority to {priority:?}").to_lowercase(),
        FieldValue::Location(place) => format!("the place to {}", place.at),
        FieldValue::Address(address) => format!("the address to {address}"),
        FieldValue::Assignment(Some(crew)) => format!("the crew to {crew}"),
        FieldValue::Assignment(None) => "the crew to nobody".to_owned(),
        FieldValue::Due(due) => match jiff::Timestamp::from_millisecond(*due) {
            Ok(due) => format!("the due time to {due}"),
            Err(_) => "the due time".to_owned(),
        },
        FieldValue::Description(text) => format!("the description to: {text}"),
    }
}
