//! The photos of a draft that has several, and the way out of it for one that shows something else.

use crate::engine::api::{Ask, Draft, DraftIds};
use crate::engine::{fresh_action, fresh_id};
use crate::ui::components::button::Button;
use crate::ui::components::dialog::Dialog;
use crate::ui::state::Device;
use crate::ui::views::picture::{LivePhoto, large, small};
use crate::ui::words;
use coldpatch_shared::ids::{ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::Photo;
use dioxus::prelude::*;

/// What tells a photo from the others of its draft; pictures of one thing may well have one thumbnail.
fn original(photo: &Photo) -> String {
    photo.renditions.first().map(|rendition| rendition.sha256.clone()).unwrap_or_default()
}

/// All photos of a draft, small; each opens large.
#[component]
pub(super) fn Strip(device: Device, draft: Draft) -> Element {
    let mut open = use_signal(|| None::<Photo>);
    if draft.photos.len() < 2 {
        return rsx! {};
    }
    let from = draft.ids.work_order;
    let count = draft.photos.len();
    rsx! {
        div { class: "draft-part draft-strip", "data-scrolls": "true", "data-testid": "strip",
            for (index, photo) in draft.photos.iter().enumerate() {
                button {
                    key: "{original(photo)}",
                    class: "photo-open",
                    r#type: "button",
                    aria_label: words::draft::photo_of(index + 1, count),
                    "data-testid": "strip-photo",
                    onclick: {
                        let photo = photo.clone();
                        move |_| open.set(Some(photo.clone()))
                    },
                    LivePhoto { device, sha256: small(photo), blur: photo.blur.clone(), alt: "" }
                }
            }
        }
        if let Some(photo) = open() {
            Dialog { title: words::draft::ONE_PHOTO, testid: "strip-dialog", onclose: move |()| open.set(None),
                div { class: "draft-large", LivePhoto { device, sha256: large(&photo), blur: photo.blur.clone(), alt: words::draft::ONE_PHOTO } }
                if let Some(taken) = photo.taken_at.as_deref().and_then(words::draft::taken) {
                    p { class: "small num", "{taken}" }
                }
                Button {
                    testid: "part-draft",
                    onclick: move |()| {
                        let Some(photo) = open.write().take() else { return };
                        let ids = DraftIds {
                            work_order: WorkOrderId(fresh_id()),
                            request: ServiceRequestId(fresh_id()),
                            action: fresh_action(),
                        };
                        device.send(Ask::PartDraft { from, photo: original(&photo), ids });
                    },
                    {words::draft::PART}
                }
            }
        }
    }
}
