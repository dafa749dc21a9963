//! What a merge left on this job: everybody sees it, a supervisor settles it.

use super::may;
use crate::ui::components::flag::{Disagreement, FlagCard, Opinion};
use crate::ui::state::Here;
use crate::ui::words;
use crate::ui::words::flag::Deed;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::ids::{CrewId, EntryId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{Decision, Entry, Field, FieldValue, Flag, Status, WorkOrder};
use dioxus::prelude::*;

/// One of a flag's two events in words, and the crew that it was given to or done by.
fn deed(order: &WorkOrder, id: &EntryId, here: &Here, now: i64) -> (Deed, Option<CrewId>) {
    let found = order.history.iter().find_map(|item| match &item.what {
        HistoryWhat::Event(event) if item.id == *id => Some((item, event)),
        _ => None,
    });
    let Some((item, event)) = found else {
        return (Deed { who: words::sync::A_JOB.to_owned(), when: String::new(), to: None }, None);
    };
    let crew = event.assigned_to.clone().or_else(|| item.stamp.crew.clone());
    let deed = Deed {
        who: words::people::who_within(&item.stamp, &here.me.user, &here.town),
        when: here.town.zone().past(item.stamp.time(), now),
        to: event.assigned_to.as_ref().map(|crew| words::people::crew_name(crew, &here.town)),
    };
    (deed, crew)
}

/// Every flag of the job.
#[component]
pub(crate) fn Flags(here: Here, order: WorkOrder) -> Element {
    rsx! {
        for flag in order.flags.clone() {
            FlagView { key: "{flag.id}", here: here.clone(), order: order.clone(), flag }
        }
    }
}

#[component]
fn FlagView(here: Here, order: WorkOrder, flag: Flag) -> Element {
    let device = here.device;
    let id = order.id;
    let now = device.now();
    let (stands, _) = deed(&order, &flag.stands, &here, now);
    let (overtaken, crew) = deed(&order, &flag.overtaken, &here, now);
    let heading = words::flag::heading(flag.kind, &stands, &overtaken);
    let settles = may(&here, &order, Edit::Review);
    let reopen = crew.filter(|_| settles && may(&here, &order, Edit::Reopen));
    let crew_name = reopen.as_ref().map(|crew| words::people::crew_name(crew, &here.town));
    let reason = words::flag::reopened_because(&heading);
    let settled = flag.id.clone();
    rsx! {
        FlagCard {
            heading,
            text: words::flag::explanation(flag.kind, &stands, &overtaken),
            keep: if order.status == Status::Completed { words::flag::KEEP_AS_DONE } else { words::flag::KEEP },
            reopen_for: crew_name,
            onkeep: settles.then(|| EventHandler::new(move |()| {
                device.act(id, Action::Review { settles: vec![settled.clone()], note: None });
            })),
            onreopen: reopen.map(|crew| {
                let settles = flag.id.clone();
                EventHandler::new(move |()| {
                    device.act(id, Action::Review { settles: vec![settles.clone()], note: None });
                    device.act(id, Action::Reopen { reason: reason.clone() });
                    device.act(id, Action::Decide { value: FieldValue::Assignment(Some(crew.clone())) });
                })
            }),
        }
    }
}

/// Fields on which people disagree.
#[component]
pub(crate) fn Disagreements(here: Here, order: WorkOrder) -> Element {
    let device = here.device;
    let id = order.id;
    let now = device.now();
    let parts: Vec<(Field, Vec<Entry<Decision>>)> = order
        .disagreements
        .iter()
        .map(|(field, decided)| {
            (*field, std::iter::once(decided.value.clone()).chain(decided.others.clone()).collect())
        })
        .collect();
    rsx! {
        for (field, decisions) in parts {
            Disagreement {
                key: "{field:?}",
                field: field_name(field),
                opinions: decisions.iter().map(|decision| Opinion {
                    value: words::capital(&words::sync::decision(&decision.body.value, &here.town)),
                    by: words::line([
                        words::people::who(&decision.stamp, &here.me.user, &here.town),
                        here.town.zone().past(decision.stamp.time(), now),
                    ]),
                }).collect::<Vec<_>>(),
                onchoose: decisions.first().filter(|first| may(&here, &order, Edit::deciding(&first.body.value))).map(|_| {
                    let decisions = decisions.clone();
                    EventHandler::new(move |index: usize| {
                        if let Some(decision) = decisions.get(index) {
                            device.act(id, Action::Decide { value: decision.body.value.clone() });
                        }
                    })
                }),
            }
        }
    }
}

fn field_name(field: Field) -> &'static str {
    match field {
        Field::ServiceCode => words::job::TYPE,
        Field::Priority => words::job::PRIORITY,
        Field::Location | Field::Address => words::job::PLACE,
        Field::Assignment => words::job::CREW,
        Field::Due => words::job::DUE,
        Field::Description => words::job::DESCRIPTION,
    }
}
