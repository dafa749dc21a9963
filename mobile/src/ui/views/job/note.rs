//! A note for whoever opens the job next. Kept at every keystroke, so that a killed app loses nothing of it.

use super::may;
use crate::ui::components::button::Button;
use crate::ui::components::card::Section;
use crate::ui::components::field::TextArea;
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::action::apply::note;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::order::WorkOrder;
use dioxus::prelude::*;

/// The field and its button.
#[component]
pub(crate) fn NoteField(here: Here, order: WorkOrder) -> Element {
    let device = here.device;
    let id = order.id;
    let key = format!("job/{id}/note");
    let mut text = use_signal(|| None::<String>);
    {
        let key = key.clone();
        use_future(move || {
            let key = key.clone();
            async move {
                let kept = device.form(key).await.ok().flatten();
                // Typing may have begun before the answer came.
                if text.peek().is_none() {
                    text.set(Some(kept.unwrap_or_default()));
                }
            }
        });
    }
    if !may(&here, &order, Edit::AddNote) {
        return rsx! {};
    }
    let typed = text().unwrap_or_default();
    let empty = typed.trim().is_empty();
    rsx! {
        Section { title: words::job::NOTE,
            div { class: "card pad stack",
                TextArea {
                    label: words::job::NOTE,
                    hide_label: true,
                    placeholder: words::job::NOTE_HINT,
                    value: typed,
                    testid: "note",
                    oninput: {
                        let key = key.clone();
                        move |typed: String| {
                            device.save_form(key.clone(), &typed);
                            text.set(Some(typed));
                        }
                    },
                }
                if !empty {
                    div { class: "draft-end",
                        span { class: "small grow", {words::job::NOTE_KEPT} }
                        Button {
                            testid: "add-note",
                            onclick: move |()| {
                                let typed = text.peek().clone().unwrap_or_default();
                                if let Some(note) = note(&typed) {
                                    device.act(id, Action::AddNote { note });
                                    device.save_form(key.clone(), "");
                                    text.set(Some(String::new()));
                                }
                            },
                            {words::job::ADD_NOTE}
                        }
                    }
                }
            }
        }
    }
}
