//! A note for whoever opens the job next. Kept at every keystroke, so that a killed app loses nothing of it.

use super::may;
use crate::ui::components::button::Button;
use crate::ui::components::card::Section;
use crate::ui::components::field::TextArea;
use crate::ui::state::Here;
use crate::ui::views::kept::Kept;
use crate::ui::words;
use coldpatch_shared::action::apply::note;
use coldpatch_shared::action::{Action, Edit};
use coldpatch_shared::order::WorkOrder;
use dioxus::prelude::*;

/// The field and its button.
#[component]
pub(crate) fn NoteField(here: Here, order: WorkOrder, kept: Kept) -> Element {
    let id = order.id;
    if !may(&here, &order, Edit::AddNote) {
        return rsx! {};
    }
    let typed = kept.typed();
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
                        let kept = kept.clone();
                        move |typed: String| kept.keep(typed)
                    },
                }
                if !empty {
                    div { class: "draft-end",
                        span { class: "small grow", {words::job::NOTE_KEPT} }
                        Button {
                            testid: "add-note",
                            onclick: move |()| {
                                if let Some(note) = note(&kept.peek()) {
                                    kept.act(id, Action::AddNote { note });
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
