//! Other jobs that a job is tied to, and jobs that may be the same.

use super::button::{Button, Weight};
use super::icon::{Glyph, Icon};
use super::photo::{PhotoView, Picture};
use super::status::StatusMark;
use crate::ui::words;
use coldpatch_shared::order::Status;
use dioxus::prelude::*;

/// The inside of a link's row; the view makes it a link where the other job can be opened.
#[component]
pub fn LinkRow(
    #[props(into)] says: String,
    #[props(into)] what: String,
    /// The other job's; `None` when it is not on this device.
    status: Option<Status>,
) -> Element {
    rsx! {
        span { class: "grow",
            span { class: "strong block num", "{says}" }
            span { class: "small block", "{what}" }
        }
        if let Some(status) = status {
            StatusMark { status }
            Icon { glyph: Glyph::Forward }
        }
    }
}

/// A job that may be the same, to be chosen.
#[component]
pub fn Candidate(
    picture: Option<Picture>,
    #[props(into)] title: String,
    #[props(into)] place: String,
    #[props(into)] facts: String,
    status: Status,
) -> Element {
    rsx! {
        if let Some(picture) = picture {
            span { class: "nearby-photo", PhotoView { picture, alt: title.clone() } }
        }
        span { class: "grow",
            span { class: "strong block", "{title}" }
            if !place.is_empty() {
                span { class: "small block", "{place}" }
            }
            span { class: "small block num", "{facts}" }
            span { class: "block", StatusMark { status } }
        }
    }
}

/// A line at the foot after something was done, with the way back for a moment, and what may come next.
#[component]
pub fn JustDone(
    #[props(into)] text: String,
    #[props(into)] back: String,
    onback: EventHandler<()>,
    children: Element,
) -> Element {
    rsx! {
        div { class: "foot just-done", "data-testid": "just-done",
            div { class: "just-done-line", role: "status",
                span { class: "tone-done", Icon { glyph: Glyph::Check } }
                span { class: "strong grow", "{text}" }
                Button { weight: Weight::Plain, testid: "take-back-done", onclick: move |()| onback.call(()), "{back}" }
            }
            {children}
            // The finger is where the main button was: the second tap of a double tap must not take back the first.
            div { class: "dialog-shield", aria_hidden: "true", onclick: move |event| event.stop_propagation() }
        }
    }
}

/// The question before something is taken back, and its two answers.
#[component]
pub fn TakeBack(#[props(into)] text: String, onyes: EventHandler<()>, onno: EventHandler<()>) -> Element {
    rsx! {
        p { "{text}" }
        div { class: "two",
            Button { testid: "leave-it", onclick: move |()| onno.call(()), {words::undo::LEAVE_IT} }
            Button { testid: "take-back-yes", weight: Weight::Danger, onclick: move |()| onyes.call(()), {words::undo::TAKE_BACK} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    #[test]
    fn a_link_shows_the_other_jobs_state_in_words_and_nothing_to_open_when_it_is_not_here() {
        let here = drawn(|| {
            rsx! {
                LinkRow { says: "Same as 26-000123", what: "Pothole, Alder St 214", status: Status::Completed }
            }
        });
        assert!(here.contains("Same as 26-000123") && here.contains(">Done<"), "{here}");
        let elsewhere = drawn(|| {
            rsx! {
                LinkRow { says: "Same as another job", what: words::links::ELSEWHERE }
            }
        });
        assert!(elsewhere.contains("not on this phone") && !elsewhere.contains("<svg"), "{elsewhere}");
    }

    #[test]
    fn after_done_there_is_a_way_back_that_a_double_tap_cannot_take() {
        let html = drawn(|| {
            rsx! {
                JustDone { text: words::undo::DONE, back: words::undo::TAKE_BACK, onback: move |()| () }
            }
        });
        assert!(html.contains("Done.") && html.contains("Take back") && html.contains("dialog-shield"), "{html}");
    }
}
