//! The photo in the editor, the finger or the keys on it, and the words that a mark may be.

use super::edit::{Done, Edit};
use super::shape::{At, Item, Tool};
use crate::ui::components::button::{Button, Weight};
use crate::ui::components::camera::fitted;
use crate::ui::components::dialog::Dialog;
use crate::ui::components::marks::{Drawing, MarksLayer};
use crate::ui::words;
use coldpatch_shared::action::limits;
use dioxus::prelude::*;

/// How far an arrow key moves, as a fraction of the picture.
const KEY_STEP: f64 = 0.02;

/// The photo, as large as it fits, and the finger on it.
#[component]
pub(super) fn Stage(
    url: String,
    width: u32,
    height: u32,
    edit: Signal<Edit>,
    tool: Tool,
    onwrite: EventHandler<At>,
) -> Element {
    let mut size = use_signal(|| (0.0, 0.0));
    let ratio = f64::from(height) / f64::from(width.max(1));
    // Nothing can be hit before the picture has a size.
    let place = move |event: &PointerEvent| {
        let (wide, high) = *size.peek();
        let at = event.element_coordinates();
        (wide > 0.0 && high > 0.0).then(|| (at.x / wide, at.y / high))
    };
    let done = move |done: Done| {
        if let Done::Text(at) = done {
            onwrite.call(at);
        }
    };
    let (mut marks, mut covers) = (edit.read().marks(), edit.read().covers());
    match edit.read().preview(tool, ratio) {
        Some(Item::Mark(mark)) => marks.push(mark),
        Some(Item::Cover(area)) => covers.push(area),
        None => {}
    }
    rsx! {
        div { class: "darkroom-stage",
            div { class: "darkroom-picture", style: fitted(width, height),
                img { src: "{url}", alt: "" }
                MarksLayer { drawing: Drawing { marks, width, height }, whole: true, covers, chosen: edit.read().chosen_shown() }
                // Over everything, so that a place on it is a place on the picture.
                div {
                    class: "glass",
                    role: "application",
                    aria_label: words::camera::STAGE,
                    tabindex: "0",
                    "data-testid": "stage",
                    onresize: move |event| {
                        if let Ok(measured) = event.get_border_box_size() {
                            size.set((measured.width, measured.height));
                        }
                    },
                    onpointerdown: move |event| if let Some(at) = place(&event) { edit.write().begin(at) },
                    onpointermove: move |event| {
                        if let Some(at) = place(&event).filter(|_| edit.peek().is_drawing()) {
                            edit.write().draw(at);
                        }
                    },
                    onpointerup: move |_| done(edit.write().end(tool, ratio)),
                    onpointerleave: move |_| if edit.peek().is_drawing() { done(edit.write().end(tool, ratio)) },
                    onpointercancel: move |_| edit.write().cancel(),
                    onkeydown: move |event| {
                        let stretch = event.modifiers().shift();
                        let step = match event.key() {
                            Key::ArrowLeft => (-KEY_STEP, 0.0),
                            Key::ArrowRight => (KEY_STEP, 0.0),
                            Key::ArrowUp => (0.0, -KEY_STEP),
                            Key::ArrowDown => (0.0, KEY_STEP),
                            Key::Enter => {
                                event.prevent_default();
                                return done(edit.write().put_in_the_middle(tool, ratio));
                            }
                            Key::Delete | Key::Backspace => return edit.write().remove(),
                            Key::Character(key) if key == "n" => return edit.write().choose_next(),
                            Key::Character(key) if key == "z" => return edit.write().undo(),
                            _ => return,
                        };
                        event.prevent_default();
                        edit.write().nudge(step, stretch);
                    },
                }
            }
        }
    }
}

/// The words of a mark.
#[component]
pub(super) fn Words(onwrite: EventHandler<String>, onclose: EventHandler<()>) -> Element {
    let mut text = use_signal(String::new);
    rsx! {
        Dialog { title: words::camera::WHAT_TEXT, testid: "text-dialog", onclose,
            input {
                class: "text-field",
                r#type: "text",
                autofocus: true,
                autocomplete: "off",
                maxlength: "{limits::LONGEST_MARK}",
                aria_label: words::camera::WHAT_TEXT,
                "data-testid": "mark-text",
                oninput: move |event| text.set(event.value()),
                onkeydown: move |event| if event.key() == Key::Enter { onwrite.call(text.peek().clone()) },
            }
            Button { weight: Weight::Main, disabled: text.read().trim().is_empty(), testid: "put-text", onclick: move |()| onwrite.call(text.peek().clone()), {words::camera::PUT_TEXT} }
        }
    }
}
