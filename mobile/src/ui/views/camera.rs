//! The camera, full screen: what was taken is kept at once, and stays in the strip until it is added or becomes a report.

mod gone;
mod keep;
mod place;
mod session;
mod strip;

pub(crate) use keep::{keep_files, place_later, read_in_turn};
pub(crate) use strip::{DraftPhotos, Held};

use crate::engine::api::{Ask, DraftIds, EngineError, ErrorKind};
use crate::engine::{fresh_action, fresh_id};
use crate::platform::now_ms;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::camera::{GhostControl, NoCamera, Thirds, fitted};
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::modal::use_modal;
use crate::ui::components::photo::{PhotoInput, PhotoInputLook, Picture};
use crate::ui::state::{Devices, Here, use_picture};
use crate::ui::views::picture::large;
use crate::ui::words;
use coldpatch_shared::ids::{ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Photo, PhotoSlot};
use dioxus::core::spawn_forever;
use dioxus::html::FileData;
use dioxus::prelude::*;
use futures_channel::oneshot;
use futures_util::future::{OptionFuture, join};
use keep::kept_as;
use session::{Look, Session, use_session};
use strip::{RetouchTaken, Strip, add_shots, use_taken};

/// How strongly the photo from before shows at first, percent.
const GHOST: u32 = 35;

/// What the photos are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// A job's photos of one kind; they wait until they are added.
    Job(WorkOrderId, PhotoSlot),
    /// New reports; each photo is a draft's at once.
    Reports,
}

/// Whether the camera can be offered here. Nobody is asked for it by asking that.
pub(crate) fn use_has_camera() -> bool {
    let platform = use_context::<Devices>().platform();
    let there = use_resource(move || platform.0.has_camera());
    there().unwrap_or(false)
}

fn fresh_ids() -> DraftIds {
    DraftIds { work_order: WorkOrderId(fresh_id()), request: ServiceRequestId(fresh_id()), action: fresh_action() }
}
/// The camera. A job's photos wait until they are added, whether they were taken or picked.
#[component]
pub(crate) fn Camera(
    here: Here,
    purpose: Purpose,
    /// The photo from before, to be seen through.
    before: Option<Photo>,
    /// What was picked is still being kept.
    #[props(default)]
    keeping: bool,
    /// Takes what is picked.
    onfiles: EventHandler<Vec<FileData>>,
    onclose: EventHandler<()>,
) -> Element {
    let device = here.device;
    let alone = use_modal();
    use_hook(|| device.send(Ask::ExpectPhotos));
    let session = use_session();
    let mut pending = use_signal(|| 0_u32);
    let mut shots = use_signal(|| 0_u32);
    let mut ids = use_signal(fresh_ids);
    let mut open = use_signal(|| None::<String>);
    let mut strength = use_signal(|| GHOST);
    let taken = use_taken(device, purpose, ids);
    let list = taken();
    let ghost = use_picture(device, before.as_ref().and_then(large));
    let fix = place::use_fix();
    let (units, zone) = (here.town.units, here.town.zone().clone());
    let shoot = use_callback(move |()| {
        let at_ms = now_ms();
        let (picture, place) = (session.shoot(), fix.of(at_ms));
        let later = place.is_none().then(|| fix.comes(at_ms));
        let at = zone.camera(at_ms);
        let ids = *ids.peek();
        pending += 1;
        shots += 1;
        let (done, kept) = oneshot::channel();
        spawn_forever(async move {
            let kept = match picture.await {
                Ok(file) => {
                    let taken = crate::engine::api::Taken { at: Some(at), at_ms: Some(at_ms), place };
                    let shot = fresh_id();
                    let keeping = device.ask(kept_as(purpose, ids, shot, file, taken));
                    let placing = OptionFuture::from(later.map(|later| place_later(device, shot, later)));
                    join(keeping, placing).await.0.map(|_| ())
                }
                Err(error) => {
                    tracing::warn!(%error, "no picture");
                    Err(EngineError { kind: ErrorKind::Photo, message: words::camera::NOT_TAKEN.to_owned() })
                }
            };
            if let Err(error) = kept {
                device.trouble(error);
            }
            // The screen may have been left.
            let _ = done.send(());
        });
        spawn(async move {
            let _ = kept.await;
            pending -= 1;
        });
    });
    let live = *session.look.read();
    let busy = keeping || pending() > 0;
    rsx! {
        div { class: "darkroom", role: "dialog", aria_modal: "true", aria_label: words::camera::VIEWFINDER, "data-testid": "camera",
            tabindex: "-1",
            onmounted: move |event| alone.call(event),
            onkeydown: move |event| if event.key() == Key::Escape { onclose.call(()) },
            div { class: "darkroom-top",
                IconButton { glyph: Glyph::Close, label: words::CLOSE, testid: "camera-close", onclick: move |()| onclose.call(()) }
                p { class: "grow strong", {words::camera::title(match purpose { Purpose::Job(_, slot) => Some(slot), Purpose::Reports => None })} }
                if let Look::Live { torch: Some(on), .. } = live {
                    button {
                        class: "icon-button",
                        r#type: "button",
                        aria_label: words::camera::TORCH,
                        aria_pressed: "{on}",
                        "data-testid": "torch",
                        onclick: move |_| session.set_torch(!on),
                        Icon { glyph: Glyph::Torch }
                    }
                }
            }
            match live {
                Look::Failed(why) => rsx! {
                    NoCamera {
                        why: why.to_string(),
                        onagain: move |()| session.open(),
                        onfiles: move |files| {
                            onfiles.call(files);
                            onclose.call(());
                        },
                    }
                },
                Look::Starting | Look::Paused | Look::Live { .. } => rsx! {
                    Finder { session, ghost: ghost.filter(|_| before.is_some()), strength: strength(), flash: shots(), said: fix.said(units) }
                    if before.is_some() {
                        GhostControl { value: strength(), onchange: move |value| strength.set(value) }
                    }
                    Strip { device, taken: list.clone(), busy, onopen: move |name| open.set(Some(name)) }
                    div { class: "shutter-bar",
                        PhotoInput { look: PhotoInputLook::Plain, label: words::camera::PICK, multiple: true, testid: "camera-pick", onfiles }
                        button {
                            class: "shutter",
                            r#type: "button",
                            aria_label: words::camera::SHOOT,
                            disabled: !matches!(live, Look::Live { .. }),
                            "data-testid": "shutter",
                            onclick: move |_| shoot.call(()),
                        }
                        match purpose {
                            Purpose::Job(id, _) => rsx! {
                                Button {
                                    weight: Weight::Main,
                                    disabled: list.is_empty() || busy,
                                    testid: "add-shots",
                                    onclick: move |()| {
                                        add_shots(device, id);
                                        onclose.call(());
                                    },
                                    if busy { {words::camera::KEEPING} } else { {words::camera::add_short(list.len())} }
                                }
                            },
                            Purpose::Reports => rsx! {
                                Button {
                                    disabled: list.is_empty() || busy,
                                    testid: "next-report",
                                    onclick: move |()| ids.set(fresh_ids()),
                                    if busy { {words::camera::KEEPING} } else { {words::camera::NEXT_REPORT} }
                                }
                            },
                        }
                    }
                },
            }
            if let Some(chosen) = list.into_iter().find(|taken| Some(taken.name()) == open()) {
                RetouchTaken { device, taken: chosen, onclose: move |()| open.set(None) }
            }
        }
    }
}

/// What the camera sees, with what lies over it.
#[component]
fn Finder(session: Session, ghost: Option<Picture>, strength: u32, flash: u32, said: String) -> Element {
    let size = session.size.read().unwrap_or((4, 3));
    rsx! {
        div { class: "darkroom-stage",
            div { class: "darkroom-picture", style: fitted(size.0, size.1),
                video {
                    id: session::VIDEO,
                    autoplay: true,
                    muted: true,
                    "playsinline": "true",
                    aria_label: words::camera::VIEWFINDER,
                    "data-testid": "viewfinder",
                    onloadedmetadata: move |_| session.measure(),
                }
                if let Some(Picture::Here(url)) = ghost {
                    img { class: "ghost", src: "{url}", alt: "", style: "opacity: {strength}%", "data-testid": "ghost" }
                }
                Thirds { width: size.0, height: size.1 }
                for number in [flash] {
                    if number > 0 {
                        span { key: "{number}", class: "flash", aria_hidden: "true" }
                    }
                }
            }
            span { class: "camera-said", role: "status", "data-testid": "camera-said",
                if *session.look.read() == Look::Starting { {words::camera::STARTING} } else { "{said}" }
            }
        }
    }
}
