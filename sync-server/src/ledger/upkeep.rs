//! What the server adds to a work order by itself: a tracking number for each request, whose job it is, an address.
//!
//! Only where nobody has said anything yet: a supervisor who takes a job away from a crew is not overruled.

use super::{Bench, LedgerError};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{UserId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{Field, FieldValue, Stamp, WorkOrder};

/// The name that the server signs with.
pub(crate) const SERVER: &str = "server";

/// Who signs what the server does by itself.
pub(crate) fn server_stamp(at: i64) -> Stamp {
    Stamp { by: UserId::from(SERVER), role: Role::Server, crew: None, at, offset_ms: Some(0), offset_age_s: Some(0) }
}

pub(super) fn keep_up(bench: &mut Bench<'_>, id: WorkOrderId, at: i64) -> Result<(), LedgerError> {
    let Some(order) = bench.order(id)? else { return Ok(()) };
    let nameless = order.requests.iter().map(|entry| entry.body.request);
    let nameless: Vec<_> = nameless.filter(|request| !order.tracking_numbers.contains_key(request)).collect();
    for request in nameless {
        let tracking_number = bench.tracking_number()?;
        act(bench, id, at, Action::Acknowledge { request, tracking_number })?;
    }
    if order.status.is_closed() {
        return Ok(());
    }
    let city = bench.city();
    if !decided(&order, Field::Assignment) {
        let empty = Default::default();
        let answers = order.requests.first().map_or(&empty, |entry| &entry.body.answers);
        let place = order.place.as_ref().map(|place| place.at);
        if let Some(crew) = city.route(&order.service_code, answers, place) {
            act(bench, id, at, Action::Decide { value: FieldValue::Assignment(Some(crew)) })?;
        }
    }
    if !decided(&order, Field::Address)
        && let Some(address) = order.place.as_ref().and_then(|place| city.address_near(place.at))
    {
        act(bench, id, at, Action::Decide { value: FieldValue::Address(address) })?;
    }
    Ok(())
}

fn decided(order: &WorkOrder, field: Field) -> bool {
    order.history.iter().any(|item| matches!(&item.what, HistoryWhat::Decision(value) if value.field() == field))
}

fn act(bench: &mut Bench<'_>, work_order: WorkOrderId, at: i64, action: Action) -> Result<(), LedgerError> {
    let id = bench.action_id(at)?;
    bench.perform(&Deed { id, work_order, stamp: server_stamp(at), action })
}
