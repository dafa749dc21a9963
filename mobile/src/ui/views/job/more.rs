//! What ties a job to others, in the hands of whoever may: *the same as another one*, and *something is left to do*.

use super::follow_up::FollowUp;
use super::may;
use super::same_job::SameJob;
use crate::ui::components::button::Button;
use crate::ui::components::card::Section;
use crate::ui::state::Here;
use crate::ui::words;
use coldpatch_shared::action::Edit;
use coldpatch_shared::order::WorkOrder;
use dioxus::prelude::*;

/// Whether this person sorts out duplicates: who may undo others' links may make them here, all others see them.
pub(super) fn sorts_out(here: &Here, order: &WorkOrder) -> bool {
    may(here, order, Edit::MarkDuplicate) && may(here, order, Edit::WithdrawOthersLink)
}

/// Which question is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Same,
    Left,
}

/// Both ways.
#[component]
pub(crate) fn More(here: Here, order: WorkOrder) -> Element {
    let mut asking = use_signal(|| None::<Asking>);
    let same = sorts_out(&here, &order);
    let left = may(&here, &order, Edit::FollowUp);
    if !same && !left {
        return rsx! {};
    }
    rsx! {
        Section { title: words::links::MORE, testid: "more",
            div { class: "two",
                if same {
                    Button { testid: "same-as", onclick: move |()| asking.set(Some(Asking::Same)), {words::links::SAME_AS} }
                }
                if left {
                    Button { testid: "follow-up", onclick: move |()| asking.set(Some(Asking::Left)), {words::links::SOMETHING_LEFT} }
                }
            }
        }
        match asking() {
            None => rsx! {},
            Some(Asking::Same) => rsx! {
                SameJob { here: here.clone(), order, onclose: move |()| asking.set(None) }
            },
            Some(Asking::Left) => rsx! {
                FollowUp { here: here.clone(), order, onclose: move |()| asking.set(None) }
            },
        }
    }
}
