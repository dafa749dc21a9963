//! *Something is left to do*: a new job that goes on where this one ended. The same place and type, and words of its own.

use crate::engine::fresh_id;
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::field::TextArea;
use crate::ui::state::Here;
use crate::ui::views::drafts::KindPicker;
use crate::ui::views::kept::use_kept;
use crate::ui::when::HOUR;
use crate::ui::words;
use coldpatch_shared::action::Action;
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::{ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{RequestSource, ServiceRequest, WorkOrder};
use dioxus::prelude::*;

/// The action that files it.
fn filing(here: &Here, order: &WorkOrder, service_code: ServiceCode, description: String) -> Action {
    let kind = here.town.service_type(&service_code);
    let due = kind.map(|kind| here.device.now().saturating_add(i64::from(kind.hours_to_complete).saturating_mul(HOUR)));
    // Answers belong to a type's questions.
    let first = order.requests.first().filter(|_| order.service_code == service_code);
    let answers = first.map(|first| first.body.answers.clone()).unwrap_or_default();
    Action::File {
        priority: kind.map_or(Priority::Normal, |kind| kind.priority),
        due,
        request: Box::new(ServiceRequest {
            request: ServiceRequestId(fresh_id()),
            source: RequestSource::Field,
            service_code,
            description,
            answers,
            place: order.place.clone(),
            address: order.address.clone(),
            mirrors: None,
            observed_at: None,
        }),
        photos: Vec::new(),
        assignment: None,
        follows: Some(order.id),
    }
}

/// The dialog.
#[component]
pub(super) fn FollowUp(here: Here, order: WorkOrder, onclose: EventHandler<()>) -> Element {
    let device = here.device;
    let kept = use_kept(device, format!("job/{}/follow-up", order.id));
    let mut chosen = use_signal(|| order.service_code.clone());
    let typed = kept.typed();
    let empty = typed.trim().is_empty();
    let place = order.address.clone().unwrap_or_else(|| words::today::NO_ADDRESS.to_owned());
    rsx! {
        Dialog { title: words::links::FOLLOW_UP, testid: "follow-up-dialog", onclose,
            p { {words::links::FOLLOW_UP_WHAT} }
            KindPicker { here: here.clone(), chosen: chosen(), onchoose: move |code| chosen.set(code) }
            p { class: "small", {words::line([words::job::PLACE.to_owned(), place])} }
            TextArea {
                label: words::links::FOLLOW_UP,
                hide_label: true,
                placeholder: words::links::LEFT_HINT,
                value: typed,
                testid: "follow-up-words",
                oninput: {
                    let kept = kept.clone();
                    move |typed: String| kept.keep(typed)
                },
            }
            Button {
                weight: Weight::Main,
                disabled: empty,
                testid: "file-follow-up",
                onclick: {
                    let here = here.clone();
                    move |()| {
                        let action = filing(&here, &order, chosen.peek().clone(), kept.peek());
                        kept.act_and_say(WorkOrderId(fresh_id()), action, words::links::FILED);
                        onclose.call(());
                    }
                },
                {words::links::FILE_FOLLOW_UP}
            }
        }
    }
}
