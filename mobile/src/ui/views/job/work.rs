//! The job's state, how long it has been worked on, and what begins or stops the work.

use super::may;
use crate::platform::now_ms;
use crate::ui::components::button::Button;
use crate::ui::components::status::StatusMark;
use crate::ui::state::{Devices, Here};
use crate::ui::when::stopwatch;
use crate::ui::words;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::city::Role;
use coldpatch_shared::order::{Status, WorkOrder};
use dioxus::prelude::*;

#[component]
pub(super) fn Work(here: Here, order: WorkOrder) -> Element {
    let device = here.device;
    let id = order.id;
    let review = !order.flags.is_empty() || !order.disagreements.is_empty();
    let now = device.now();
    let since = order.status_set_by.as_ref().map(|event| {
        let who = words::people::who(&event.stamp, &here.me.user, &here.town);
        words::job::finished_by(&who, &here.town.zone().past(event.stamp.time(), now))
    });
    // A supervisor may, by the policy, but it is the crew who is there.
    let startable = here.me.role != Role::Supervisor
        && matches!(order.status, Status::Open | Status::Paused | Status::CannotComplete | Status::Transferred);
    rsx! {
        div { class: "work",
            div { class: "grow",
                div { class: "work-state",
                    StatusMark { status: order.status }
                    if review {
                        StatusMark { status: order.status, review: true }
                    }
                }
                if order.status != Status::Open {
                    if let Some(since) = since {
                        div { class: "small num", "{since}" }
                    }
                }
            }
            if order.status == Status::Working {
                if let Some(event) = &order.status_set_by {
                    Running { since: event.stamp.at }
                }
                if may(&here, &order, Edit::Pause) {
                    Button { testid: "pause", onclick: move |()| { device.act(id, Action::Pause); }, {words::job::PAUSE} }
                }
            } else if startable && may(&here, &order, Edit::Start) {
                Button { testid: "start", onclick: move |()| { device.act(id, Action::Start); },
                    if order.status == Status::Open { {words::job::START} } else { {words::job::GO_ON} }
                }
            }
        }
    }
}

/// A stopwatch that runs by this device's clock, as the start was stamped by one.
#[component]
fn Running(since: i64) -> Element {
    let platform = use_context::<Devices>().platform();
    let mut now = use_signal(now_ms);
    use_future(move || {
        let platform = platform.clone();
        async move {
            loop {
                platform.0.sleep(1_000).await;
                now.set(now_ms());
            }
        }
    });
    rsx! {
        span { class: "stopwatch num", role: "timer", {stopwatch(now() - since)} }
    }
}
