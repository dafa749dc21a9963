//! Where it is, what people reported, and what happened since.

use super::undo::{TakeBackDialog, takeable};
use crate::ui::components::card::Section;
use crate::ui::components::history::Timeline;
use crate::ui::components::map::{Focus, Map, Marker};
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::city::{City, Question};
use coldpatch_shared::order::{Entry, ServiceRequest, WorkOrder};
use dioxus::prelude::*;

/// How much of the map a job shows, in meters across.
const ACROSS: f64 = 600.0;

/// The place on a small map, with where it came from.
#[component]
pub(crate) fn PlaceMap(here: Here, order: WorkOrder) -> Element {
    let Some(place) = order.place.clone() else { return rsx! {} };
    let title = words::job::type_name(&order.service_code, &here.town);
    let marker =
        Marker { id: order.id.to_string(), place: place.at, title, status: order.status, review: false, number: None };
    let address = order.address.clone().unwrap_or_else(|| place.at.to_string());
    rsx! {
        Section { title: words::job::PLACE,
            div { class: "card",
                div { class: "job-map",
                    Map { key: "{place.at}", base: here.town.base(), focus: Focus::Around(place.at, ACROSS), markers: vec![marker], still: true, label: address.clone() }
                }
                div { class: "row",
                    div { class: "grow",
                        div { class: "strong", "{address}" }
                        div { class: "small num", {words::line([words::draft::source(&place, here.town.units), place.at.to_string()])} }
                    }
                }
            }
        }
    }
}

/// Every request: words, answers, number.
#[component]
pub(crate) fn Reports(here: Here, order: WorkOrder) -> Element {
    let now = here.device.now();
    rsx! {
        Section { title: words::sync::section(words::job::WHAT_WAS_REPORTED, order.requests.len()), testid: "reports",
            div { class: "card rows",
                for request in &order.requests {
                    div { key: "{request.id}", class: "pad",
                        p { class: "strong flat",
                            if request.body.description.is_empty() { {words::job::NO_WORDS} } else { "{request.body.description}" }
                        }
                        for (index, answer) in answers(&request.body, &here.town).into_iter().enumerate() {
                            p { key: "{index}", class: "small flat", "{answer}" }
                        }
                        p { class: "small flat num", {reported_by(request, &order, &here, now)} }
                    }
                }
            }
        }
    }
}

fn reported_by(request: &Entry<ServiceRequest>, order: &WorkOrder, here: &Here, now: i64) -> String {
    let who = words::people::filed_by(&request.stamp, request.body.source, &here.me.user, &here.town);
    let number = order.tracking_numbers.get(&request.body.request);
    words::line([
        who,
        here.town.zone().past(request.stamp.time(), now),
        words::draft::filed(number.map(String::as_str)),
    ])
}

/// Answers in the catalog's words: `How big is it? Like a car tire`.
fn answers(request: &ServiceRequest, city: &City) -> Vec<String> {
    let kind = city.service_type(&request.service_code);
    let question = |code: &str| kind.and_then(|kind| kind.questions.iter().find(|question| question.code == code));
    let name = |question: Option<&Question>, key: &String| {
        question
            .and_then(|question| question.options.iter().find(|option| option.key == *key))
            .map_or_else(|| key.clone(), |option| option.name.clone())
    };
    request
        .answers
        .iter()
        .map(|(code, keys)| {
            let question = question(code);
            let given: Vec<String> = keys.iter().map(|key| name(question, key)).collect();
            let asked = question.map_or_else(|| code.clone(), |question| question.text.clone());
            format!("{asked} {}", words::list(&given))
        })
        .collect()
}

/// Everything that happened, in plain words.
#[component]
pub(crate) fn History(here: Here, order: WorkOrder) -> Element {
    let now = here.device.now();
    let zone = here.town.zone();
    let lines = words::history::lines(&order, &here.me.user, &here.town, zone, now);
    let times = lines.iter().map(|line| zone.past(line.at, now)).collect::<Vec<_>>();
    let takes_back = takeable(&here, &order);
    let mut asking = use_signal(|| false);
    rsx! {
        Section { title: words::job::HISTORY,
            div { class: "card",
                Timeline {
                    lines,
                    times,
                    takes_back: takes_back.as_ref().map(|event| event.id.clone()),
                    onback: move |()| asking.set(true),
                }
            }
        }
        if let Some(event) = takes_back.filter(|_| asking()) {
            TakeBackDialog { here: here.clone(), order, event, onclose: move |()| asking.set(false) }
        }
    }
}
