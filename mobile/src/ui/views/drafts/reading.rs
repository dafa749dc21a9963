//! Photos on their way into drafts: looked at, put in order and together, handed to the engine, which keeps and makes them.
//!
//! The engine knows how far they are, so that is said on every screen that asks, after a reload too.

use crate::engine::api::{Ask, DraftIds, EngineError, ErrorKind, LeftOut, Pick, PickFailure};
use crate::engine::{fresh_action, fresh_id};
use crate::platform::now_ms;
use crate::ui::components::button::Button;
use crate::ui::components::notice::Notice;
use crate::ui::components::photo::Progress;
use crate::ui::platform::{Choice, Chosen, Handle};
use crate::ui::state::Device;
use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::ids::{ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::PlaceFix;
use coldpatch_shared::photo::{Glance, Grouped, HEAD, Shot, glance, grouped, head_is_enough};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use futures_channel::oneshot;
use futures_util::future::{Either, join, select};
use futures_util::{StreamExt, stream};
use std::rc::Rc;
use uuid::Uuid;

/// How long photos wait for the phone's own place, ms. Counts also while the person is asked whether the app may know it,
/// which the platform's own limit does not.
const PLACE_TIMEOUT_MS: i64 = 30_000;
/// The beginnings of so many files are read together.
const TOGETHER: usize = 50;
/// So many files are handed over at once: while one is kept, the next is fetched. More would only keep the engine, which is to show
/// the first draft, busy.
const AT_ONCE: usize = 2;

/// Takes photos in. It goes on when the screen is left; then only nobody watches. `looking` counts those that are looked at.
pub(super) fn take_in(mut looking: Signal<usize>, device: Device, platform: Handle, files: Choice) {
    let count = files.len();
    looking += count;
    let (looked, done) = oneshot::channel();
    spawn_forever(async move {
        let batch = fresh_id();
        let (known, told) = oneshot::channel();
        let here = platform.clone();
        let taking = async move {
            let (picks, files, left_out) = in_order(&here, files).await;
            if let Err(error) = device.ask(Ask::Picked { batch, picks: picks.clone(), left_out }).await {
                return device.trouble(error);
            }
            let _ = looked.send(());
            let _ = known.send(());
            let handing = picks.iter().zip(&files).map(|(pick, file)| hand_over(device, pick.id, file.clone()));
            stream::iter(handing).buffered(AT_ONCE).for_each(|()| std::future::ready(())).await;
        };
        // The phone's own place, for photos that do not know theirs. The person is where the photo is only when it was
        // just taken, which the draft's source says. No photo waits for it.
        let placing = async move {
            let place = place_in_time(platform, PLACE_TIMEOUT_MS).await;
            if let (Some(place), Ok(())) = (place, told.await) {
                place_all(device, batch, place).await;
            }
        };
        join(taking, placing).await;
    });
    spawn(async move {
        let _ = done.await;
        looking -= count;
    });
}

/// The photos in the order taken, each with its draft, their files beside them, and what was left out.
async fn in_order(platform: &Handle, files: Choice) -> (Vec<Pick>, Choice, Option<LeftOut>) {
    let mut shots = Vec::with_capacity(files.len());
    for together in files.chunks(TOGETHER) {
        let heads = platform.0.heads(together, HEAD).await;
        let looking = together
            .iter()
            .zip(heads)
            .map(|(file, head)| async move { Shot { name: file.name(), glance: look(file.as_ref(), head).await } });
        shots.extend(stream::iter(looking).buffered(AT_ONCE).collect::<Vec<_>>().await);
    }
    let Grouped { drafts, same_moment } = grouped(&shots);
    let names: Vec<String> = same_moment.iter().map(|(left_out, _)| shots[*left_out].name.clone()).collect();
    let left_out = (!names.is_empty()).then(|| LeftOut { id: fresh_id(), names });
    let began = now_ms();
    let (mut picks, mut ordered) = (Vec::new(), Vec::new());
    for (photos, begun_at) in drafts.into_iter().zip(began..) {
        let draft = DraftIds {
            work_order: WorkOrderId(fresh_id()),
            request: ServiceRequestId(fresh_id()),
            action: fresh_action(),
        };
        for at in photos {
            picks.push(Pick { id: fresh_id(), name: shots[at].name.clone(), draft, begun_at });
            ordered.push(files[at].clone());
        }
    }
    (picks, ordered, left_out)
}

async fn look(file: &dyn Chosen, head: Option<Vec<u8>>) -> Glance {
    let Some(mut head) = head else { return Glance::default() };
    if !head_is_enough(&head) {
        head = file.head(usize::MAX).await.unwrap_or(head);
    }
    glance(&head)
}

async fn hand_over(device: Device, id: Uuid, file: Rc<dyn Chosen>) {
    let Some(handed) = file.hand_over().await else {
        let message = words::draft::not_taken_in(&file.name(), words::draft::UNREADABLE);
        return device.trouble(EngineError { kind: ErrorKind::Photo, message });
    };
    let kept = device.ask(Ask::PickedBytes { id, file: handed.clone() }).await;
    file.let_go(&handed);
    if let Err(error) = kept {
        let message = words::draft::not_taken_in(&file.name(), &error.message);
        device.trouble(EngineError { message, ..error });
    }
}

async fn place_all(device: Device, batch: Uuid, place: PlaceFix) {
    if let Err(error) = device.ask(Ask::PickedPlace { batch, place }).await {
        device.trouble(error);
    }
}

/// Where the phone is, if it says so within so many ms.
pub(crate) async fn place_in_time(platform: Handle, ms: i64) -> Option<PlaceFix> {
    match select(platform.0.locate(), platform.0.sleep(ms)).await {
        Either::Left((place, _)) => place.ok(),
        Either::Right(((), late)) => {
            // The platform may call back at any time, so whoever listens must stay.
            spawn_forever(async move { drop(late.await) });
            None
        }
    }
}

/// The progress, and every photo that could not be taken in or was left out, until it has been read.
#[component]
pub(super) fn Reading(device: Device, looking: usize) -> Element {
    let now = device.picking.read().clone();
    rsx! {
        if !now.idle() {
            Progress { text: words::draft::taking_in(now.done, now.all), done: now.done, all: now.all,
                Button { testid: "stop-picking", onclick: move |()| device.send(Ask::StopPicking), {words::draft::STOP} }
            }
        } else if looking > 0 {
            Progress { text: words::draft::looking(looking), done: 0, all: 0 }
        }
        for (message, failures) in by_message(now.failures) {
            if let [one] = failures.as_slice() {
                Notice {
                    key: "{message}",
                    text: words::draft::not_taken_in(&one.name, &message),
                    onclose: {
                        let id = one.id;
                        move |()| device.send(Ask::ForgetPick(id))
                    },
                }
            } else {
                NotTakenIn { key: "{message}", device, message, failures }
            }
        }
        for left_out in now.left_out {
            Notice {
                key: "{left_out.id}",
                tone: Tone::Quiet,
                text: words::draft::same_moment(&left_out.names),
                onclose: move |()| device.send(Ask::ForgetPick(left_out.id)),
            }
        }
    }
}

/// What happened to many at once is one thing to read. In the order in which they were picked.
fn by_message(failures: Vec<PickFailure>) -> Vec<(String, Vec<PickFailure>)> {
    let mut groups: Vec<(String, Vec<PickFailure>)> = Vec::new();
    for failure in failures {
        match groups.iter_mut().find(|(message, _)| *message == failure.message) {
            Some((_, known)) => known.push(failure),
            None => groups.push((failure.message.clone(), vec![failure])),
        }
    }
    groups
}

/// Photos that could not be taken in for the same reason.
#[component]
fn NotTakenIn(device: Device, message: String, failures: Vec<PickFailure>) -> Element {
    let ids: Vec<Uuid> = failures.iter().map(|failure| failure.id).collect();
    rsx! {
        Notice {
            title: words::draft::not_taken_in_all(failures.len()),
            text: words::draft::for_each(&message),
            onclose: move |()| ids.iter().for_each(|id| device.send(Ask::ForgetPick(*id))),
            details { "data-testid": "not-taken-in",
                summary { {words::draft::WHICH} }
                ul { class: "names small",
                    for failure in failures {
                        li { key: "{failure.id}", "data-testid": "not-taken-in-name", "{failure.name}" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_that_failed_for_one_reason_are_one_thing_to_read_and_none_is_left_out() {
        let failed = [("1.jpg", "closed"), ("2.jpg", "no picture"), ("3.jpg", "closed")];
        let failures = failed.iter().zip(0_u128..).map(|((name, message), n)| PickFailure {
            id: Uuid::from_u128(n),
            name: (*name).to_owned(),
            message: (*message).to_owned(),
        });
        let groups = by_message(failures.collect());
        let names: Vec<_> = groups
            .iter()
            .map(|(message, each)| (message.as_str(), each.iter().map(|one| one.name.as_str()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(names, [("closed", vec!["1.jpg", "3.jpg"]), ("no picture", vec!["2.jpg"])]);
    }
}
