//! One photo, to be marked and covered before it leaves the phone. Full screen; the tools are where the thumb is.

mod edit;
mod shape;
mod stage;

use crate::engine::api::Ask;
use crate::ui::components::button::{Button, IconButton, Weight};
use crate::ui::components::dialog::Dialog;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::modal::use_modal;
use crate::ui::components::photo::Picture;
use crate::ui::state::{Device, use_picture};
use crate::ui::views::picture::large;
use crate::ui::words;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Photo, RenditionKind};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use edit::Edit;
use futures_channel::oneshot;
use shape::{At, Tool};
use stage::{Stage, Words};

const TOOLS: [(Tool, Glyph, &str, &str); 4] = [
    (Tool::Arrow, Glyph::Arrow, words::camera::ARROW, "tool-arrow"),
    (Tool::Circle, Glyph::Circle, words::camera::CIRCLE, "tool-circle"),
    (Tool::Text, Glyph::Text, words::camera::TEXT, "tool-text"),
    (Tool::Cover, Glyph::Cover, words::camera::COVER, "tool-cover"),
];

/// How far the work in the editor is, for whoever must know why it closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Work {
    /// The photo is as it was.
    #[default]
    Untouched,
    /// Something is drawn that is not kept.
    Drawn,
    /// The person is done: kept it, left it, or threw the photo away.
    Done,
}

/// Marks and covers a photo. `onthrow`, where the photo can be thrown away.
#[component]
pub(crate) fn Retouch(
    device: Device,
    photo: Photo,
    /// The draft that it belongs to, or the job for which it waits.
    work_order: WorkOrderId,
    /// Where there is nothing to show: it could not be prepared. Otherwise it still is being prepared.
    given_up: bool,
    onthrow: Option<EventHandler<()>>,
    onclose: EventHandler<()>,
    /// Follows the work; belongs to whoever opened the editor.
    mut work: CopyValue<Work>,
) -> Element {
    let alone = use_modal();
    let mut edit = use_signal(|| Edit::of(&photo.marks));
    let mut tool = use_signal(|| Tool::Arrow);
    let mut writing = use_signal(|| None::<At>);
    let mut throwing = use_signal(|| false);
    let mut leaving = use_signal(|| false);
    let mut saving = use_signal(|| false);
    let picture = use_picture(device, large(&photo));
    let size = photo.rendition(RenditionKind::Display).map(|display| (display.width, display.height));
    let old: Vec<String> = photo.renditions.iter().map(|file| file.sha256.clone()).collect();
    let covers = !edit.read().covers().is_empty();
    let save = use_callback(move |()| {
        let (marks, cover) = (edit.peek().marks(), edit.peek().covers());
        let old = old.clone();
        let photo = old.first().cloned().unwrap_or_default();
        saving.set(true);
        // From here on a photo that is another one is so because of this.
        work.set(Work::Done);
        let (done, kept) = oneshot::channel();
        spawn_forever(async move {
            let covered = !cover.is_empty();
            let answer = device.ask(Ask::Retouch { work_order, photo, marks, cover }).await;
            if covered && answer.is_ok() {
                device.forget_pictures(&old);
            }
            if let Err(error) = &answer {
                device.trouble(error.clone());
            }
            // The editor may have gone: a covered photo is another one.
            let _ = done.send(answer.is_ok());
        });
        spawn(async move {
            if kept.await == Ok(true) {
                onclose.call(());
            } else {
                work.set(Work::Drawn);
                saving.set(false);
            }
        });
    });
    let original = photo.renditions.first().map(|file| file.sha256.clone()).unwrap_or_default();
    let mut making = use_signal(|| false);
    let make_again = use_callback(move |()| {
        let photo = original.clone();
        making.set(true);
        spawn(async move {
            if let Err(error) = device.ask(Ask::MakeAgain { work_order, photo }).await {
                device.trouble(error);
            }
            making.set(false);
        });
    });
    // Whoever has covered a face must not send it by a slip of the thumb.
    let leave = use_callback(move |()| {
        if saving() {
            return;
        }
        if edit.peek().covers().is_empty() { onclose.call(()) } else { leaving.set(true) }
    });
    use_effect(move || {
        let drawn = if edit.read().can_undo() { Work::Drawn } else { Work::Untouched };
        if *work.peek() != Work::Done {
            work.set(drawn);
        }
    });
    rsx! {
        div { class: "darkroom", role: "dialog", aria_modal: "true", aria_label: words::camera::RETOUCH, "data-testid": "retouch",
            tabindex: "-1",
            onmounted: move |event| alone.call(event),
            onkeydown: move |event| if event.key() == Key::Escape {
                // The camera beneath stays.
                event.stop_propagation();
                leave.call(());
            },
            div { class: "darkroom-top",
                IconButton { glyph: Glyph::Close, label: words::CANCEL, testid: "retouch-close", onclick: move |()| leave.call(()) }
                p { class: "grow strong", role: "status",
                    if covers { {words::camera::COVER_WARNING} }
                    else if size.is_some() { {words::camera::how(TOOLS.iter().find(|entry| entry.0 == tool()).map_or("", |entry| entry.2))} }
                }
                if onthrow.is_some() {
                    IconButton { glyph: Glyph::Trash, label: words::camera::THROW_AWAY, testid: "throw-away", onclick: move |()| throwing.set(true) }
                }
            }
            match (picture, size) {
                (Some(Picture::Here(url)), Some((width, height))) => rsx! {
                    Stage { url, width, height, edit, tool: tool(), onwrite: move |at| writing.set(Some(at)) }
                },
                (Some(Picture::Coming), _) => rsx! { div { class: "darkroom-stage" } },
                _ => rsx! {
                    div { class: "darkroom-stage",
                        p { class: "darkroom-words", role: "status",
                            if making() || !given_up { {words::camera::MAKING} } else { {words::camera::NO_PREVIEW} }
                        }
                    }
                },
            }
            if size.is_none() && given_up {
                div { class: "darkroom-foot",
                    Button { weight: Weight::Main, disabled: making(), testid: "make-again", onclick: move |()| make_again.call(()), {words::camera::MAKE_AGAIN} }
                }
            }
            if size.is_some() {
                div { class: "tools", role: "toolbar", aria_label: words::camera::RETOUCH,
                    for (each, glyph, name, testid) in TOOLS {
                        button {
                            key: "{testid}",
                            class: "tool",
                            r#type: "button",
                            aria_pressed: "{tool() == each}",
                            "data-testid": testid,
                            onclick: move |_| tool.set(each),
                            Icon { glyph }
                            span { {name} }
                        }
                    }
                    button { class: "tool", r#type: "button", disabled: !edit.read().can_undo(), "data-testid": "undo", onclick: move |_| edit.write().undo(),
                        Icon { glyph: Glyph::Undo }
                        span { {words::camera::UNDO} }
                    }
                    button { class: "tool", r#type: "button", disabled: !edit.read().has_chosen(), "data-testid": "remove", onclick: move |_| edit.write().remove(),
                        Icon { glyph: Glyph::Trash }
                        span { {words::camera::REMOVE} }
                    }
                }
                div { class: "darkroom-foot",
                    Button { weight: Weight::Main, disabled: saving(), testid: "keep", onclick: move |()| save.call(()),
                        if saving() { {words::camera::KEEPING} } else { {words::camera::KEEP} }
                    }
                }
            }
            if let Some(at) = writing() {
                Words {
                    onwrite: move |text: String| {
                        edit.write().write(at, &text);
                        writing.set(None);
                    },
                    onclose: move |()| writing.set(None),
                }
            }
            if leaving() {
                Dialog { title: words::camera::UNCOVERED, onclose: move |()| leaving.set(false),
                    p { {words::camera::UNCOVERED_ASK} }
                    div { class: "two",
                        Button { testid: "cover-on", onclick: move |()| leaving.set(false), {words::camera::COVER_ON} }
                        Button { weight: Weight::Danger, testid: "leave-uncovered", onclick: move |()| onclose.call(()), {words::camera::COVER_NOT} }
                    }
                }
            }
            if throwing() {
                Dialog { title: words::camera::THROW_AWAY, onclose: move |()| throwing.set(false),
                    p { {words::camera::THROW_AWAY_ASK} }
                    div { class: "two",
                        Button { onclick: move |()| throwing.set(false), {words::draft::DISCARD_NO} }
                        Button { weight: Weight::Danger, testid: "throw-away-yes", onclick: move |()| if let Some(onthrow) = onthrow { onthrow.call(()) }, {words::draft::DISCARD_YES} }
                    }
                }
            }
        }
    }
}
