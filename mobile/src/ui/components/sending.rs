//! How far a sync is, what waits for wifi, and photos that do not go.

use super::button::Button;
use super::icon::{Glyph, Icon};
use crate::engine::api::{FileTrouble, Progress};
use crate::ui::words;
use dioxus::prelude::*;

/// A sync of several pages: what came, about what is to come, and a bar of just that.
#[component]
pub fn ProgressCard(progress: Progress) -> Element {
    let all = progress.received.saturating_add(progress.remaining).max(1);
    let part = f64::from(progress.received) * 100.0 / f64::from(all);
    let text = words::sending::progress(&progress);
    rsx! {
        div { class: "card pad stack", "data-testid": "progress",
            div { role: "status",
                p { class: "strong flat num", "{text}" }
                p { class: "small flat num", {words::sending::unpacked(&progress)} }
            }
            div {
                class: "bar",
                role: "progressbar",
                aria_label: words::sending::RECEIVING,
                aria_valuemin: "0",
                aria_valuemax: "{all}",
                aria_valuenow: "{progress.received}",
                aria_valuetext: "{text}",
                span { style: "width: {part:.1}%" }
            }
            p { class: "small flat", {words::sending::RECEIVING_WHAT} }
        }
    }
}

/// Full-size photos that wait for wifi, and the way to send them all the same.
#[component]
pub fn HeldBack(#[props(into)] what: String, #[props(into)] why: String, onsend: EventHandler<()>) -> Element {
    rsx! {
        div { class: "pad stack", "data-testid": "originals-held",
            div {
                p { class: "strong flat num", "{what}" }
                p { class: "small flat", "{why}" }
            }
            Button { testid: "send-originals", onclick: move |()| onsend.call(()), {words::sending::SEND_NOW} }
        }
    }
}

/// Photo files that do not go: whose, why, and what helps: another try, or for one that is lost, putting it away.
#[component]
pub fn PhotoTrouble(
    #[props(into)] subject: String,
    #[props(into)] what: String,
    #[props(into)] why: String,
    kind: FileTrouble,
    onanswer: EventHandler<()>,
    /// Leads to the job.
    children: Element,
) -> Element {
    rsx! {
        div { class: "pad stack refused", "data-testid": "photo-trouble",
            div {
                div { class: "said",
                    span { class: "status tone-review",
                        Icon { glyph: Glyph::Warning }
                        span { {words::sending::trouble(kind)} }
                    }
                    span { class: "small num", {words::DOT} "{what}" }
                }
                p { class: "strong", "{subject}" }
            }
            p { class: "well", "{why}" }
            div { class: "two",
                match kind {
                    FileTrouble::Refused => rsx! {
                        Button { testid: "retry-file", onclick: move |()| onanswer.call(()), {words::TRY_AGAIN} }
                    },
                    FileTrouble::Gone => rsx! {
                        Button { testid: "let-file-go", onclick: move |()| onanswer.call(()), {words::sync::LET_IT_GO} }
                    },
                }
                {children}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    #[test]
    fn the_bar_shows_no_more_than_what_the_words_say() {
        let progress = Progress { received: 500, remaining: 1_500, bytes: 1_200_000 };
        let html = dioxus_ssr::render_element(rsx! { ProgressCard { progress } });
        for said in
            ["500 jobs have come, about 1,500 to come", "1.2 MB so far", "width: 25.0%", "aria-valuemax=\"2000\""]
        {
            assert!(html.contains(said), "{said} is not in {html}");
        }
    }

    #[test]
    fn a_photo_in_trouble_says_why_and_offers_another_try() {
        let html = drawn(|| {
            rsx! {
                PhotoTrouble { subject: "Pothole, Alder St 214", what: "1 photo file, 2 KB", why: "Not taken. It is safe here.", kind: FileTrouble::Refused, onanswer: move |()| () }
            }
        });
        for said in ["Photo not sent", "Pothole, Alder St 214", "Not taken. It is safe here.", "Try again"] {
            assert!(html.contains(said), "{said} is not in {html}");
        }
    }

    #[test]
    fn for_a_photo_file_that_is_lost_no_other_try_is_offered() {
        let html = drawn(|| {
            rsx! {
                PhotoTrouble { subject: "Pothole, Alder St 214", what: "1 photo file, 2 KB", why: "It is lost.", kind: FileTrouble::Gone, onanswer: move |()| () }
            }
        });
        assert!(html.contains("Photo lost") && html.contains("Let it go") && !html.contains("Try again"), "{html}");
    }
}
