//! *Same as another job*: the open jobs around this one, and a question before two are tied together.

use crate::engine::api::NearbyJob;
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::links::Candidate;
use crate::ui::components::notice::{ListLoading, Notice};
use crate::ui::measure;
use crate::ui::state::{Here, use_picture};
use crate::ui::words;
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::WorkOrder;
use dioxus::prelude::*;

/// Looked for around the job, in meters: GPS and a resident's finger on a map are both off by less.
const AROUND_M: f64 = 300.0;
/// So many are shown.
const MOST: usize = 20;

/// The jobs that may be the same: of the same type first, each nearest first; not itself and not what is tied to it.
pub(super) fn candidates(order: &WorkOrder, mut near: Vec<NearbyJob>) -> Vec<NearbyJob> {
    let tied =
        |id: WorkOrderId| order.links.iter().any(|link| link.other == id && link.kind.groups() && !link.withdrawn);
    near.retain(|job| job.row.id != order.id && !tied(job.row.id));
    near.sort_by(|a, b| {
        let other_type = |job: &NearbyJob| job.row.service_code != order.service_code;
        other_type(a).cmp(&other_type(b)).then(a.distance_m.total_cmp(&b.distance_m))
    });
    near.truncate(MOST);
    near
}

/// Chooses one, asks, and ties them.
#[component]
pub(super) fn SameJob(here: Here, order: WorkOrder, onclose: EventHandler<()>) -> Element {
    let device = here.device;
    let id = order.id;
    let place = order.place.as_ref().map(|place| place.at);
    let mut chosen = use_signal(|| None::<NearbyJob>);
    let found = use_resource(move || {
        device.jobs_changed.read();
        async move {
            match place {
                Some(place) => device.nearby(place, AROUND_M).await,
                None => Ok(Vec::new()),
            }
        }
    });
    let found = found.read();
    if let Some(job) = chosen() {
        let of = job.row.id;
        return rsx! {
            Dialog { title: words::links::REALLY, testid: "same-dialog", onclose,
                div { class: "card rows",
                    div { class: "row", CandidateView { here: here.clone(), job } }
                }
                p { {words::links::REALLY_WHAT} }
                Button {
                    weight: Weight::Main,
                    testid: "same-yes",
                    onclick: move |()| {
                        device.act(id, Action::MarkDuplicate { of });
                        onclose.call(());
                    },
                    {words::links::YES_SAME}
                }
                Button { testid: "same-again", onclick: move |()| chosen.set(None), {words::links::CHOOSE_AGAIN} }
            }
        };
    }
    rsx! {
        Dialog { title: words::links::WHICH, testid: "same-dialog", onclose,
            match &*found {
                None => rsx! { ListLoading { text: words::links::LOOKING } },
                Some(Err(error)) => rsx! { Notice { text: "{error}" } },
                Some(Ok(_)) if place.is_none() => rsx! { p { {words::links::NO_PLACE} } },
                Some(Ok(near)) => {
                    let jobs = candidates(&order, near.clone());
                    rsx! {
                        if jobs.is_empty() {
                            p { {words::links::none_near(&measure::distance(AROUND_M, here.town.units))} }
                        } else {
                            div { class: "card rows",
                                for job in jobs {
                                    button {
                                        key: "{job.row.id}",
                                        class: "row",
                                        r#type: "button",
                                        "data-testid": "candidate",
                                        onclick: {
                                            let job = job.clone();
                                            move |_| chosen.set(Some(job.clone()))
                                        },
                                        CandidateView { here: here.clone(), job: job.clone() }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn CandidateView(here: Here, job: NearbyJob) -> Element {
    let picture = use_picture(here.device, job.row.thumbnail.clone());
    let away = measure::distance(job.distance_m, here.town.units);
    rsx! {
        Candidate {
            picture,
            title: words::job::type_name(&job.row.service_code, &here.town),
            place: job.row.address.clone().unwrap_or_default(),
            facts: words::links::candidate(job.row.tracking_number.as_deref(), &away, job.row.requests),
            status: job.row.status,
        }
    }
}
