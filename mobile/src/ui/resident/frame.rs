//! The document around every page: head, the city's name, the number to call, the script.

use super::form::Form;
use super::front::Front;
use super::message::Message;
use super::model::{CityFace, Page, TrackingView};
use super::tracking::{Report, Tracking};
use dioxus::prelude::*;

/// What goes before a rendered page: Dioxus has no element for it.
pub const BEFORE: &str = "<!doctype html><html lang=\"en\">";
/// What goes after it.
pub const AFTER: &str = "</html>";

/// A page as a virtual document, head and body, ready for `dioxus-ssr`; it goes between [`BEFORE`] and [`AFTER`].
#[must_use]
pub fn render(city: CityFace, page: Page) -> VirtualDom {
    built(VirtualDom::new_with_props(Document, DocumentProps { city, page }))
}

/// The part of the tracking page that changes, for the script that keeps it fresh.
#[must_use]
pub fn render_report(city: CityFace, view: TrackingView) -> VirtualDom {
    built(VirtualDom::new_with_props(Report, super::tracking::ReportProps { city, view }))
}

fn built(mut dom: VirtualDom) -> VirtualDom {
    dom.rebuild_in_place();
    dom
}

#[component]
fn Document(city: CityFace, page: Page) -> Element {
    let (title, follows) = match &page {
        Page::Front(_) => ("Report a problem".to_owned(), false),
        Page::Form(form) => (form.kind.name.clone(), false),
        Page::Tracking(view) => (view.headline.clone(), !view.closed),
        Page::Message(message) => (message.title.clone(), false),
    };
    let assets = &city.assets;
    let front = matches!(page, Page::Front(_));
    rsx! {
        head {
            meta { charset: "utf-8" }
            meta { name: "viewport", content: "width=device-width, initial-scale=1" }
            meta { name: "color-scheme", content: "light dark" }
            title { "{title} · City of {city.name}" }
            link { rel: "stylesheet", href: "{assets}/style.css" }
            link { rel: "icon", r#type: "image/svg+xml", href: "{assets}/icon.svg" }
            script { src: "{assets}/outbox.js", r#type: "module" }
            // With the script the page asks in the background; without it, it loads itself again.
            if follows {
                noscript {
                    meta { http_equiv: "refresh", content: "60" }
                }
            }
        }
        body {
            a { class: "skip", href: "#main", "Skip to the page" }
            header { class: "top",
                a { class: "home", href: "/", "City of {city.name}" }
                if !front {
                    a { class: "top-link", href: "/", "Report a problem" }
                }
            }
            main { id: "main", tabindex: "-1",
                // What waits on this phone: filled by the script, shown on every page.
                section { id: "outbox", class: "outbox", hidden: true, aria_labelledby: "outbox-title",
                    h2 { id: "outbox-title", "On this phone" }
                    p { id: "outbox-say", role: "status" }
                    ul { id: "outbox-list", class: "outbox-list" }
                    button { r#type: "button", id: "outbox-try", class: "button ghost", hidden: true, "Try now" }
                    p { id: "outbox-evict", class: "hint", hidden: true,
                        "Safari may delete what waits after seven days without a visit. Open this page again when there is a signal."
                    }
                }
                match page {
                    Page::Front(view) => rsx! { Front { city: city.clone(), view } },
                    Page::Form(view) => rsx! { Form { city: city.clone(), view: *view } },
                    Page::Tracking(view) => rsx! { Tracking { city: city.clone(), view: *view } },
                    Page::Message(view) => rsx! { Message { city: city.clone(), view } },
                }
            }
            footer { class: "foot",
                p {
                    "Rather talk to somebody? Call "
                    a { href: city.tel(), "{city.phone}" }
                    "."
                }
                p {
                    a { class: "quiet", href: "/app/", "City staff: sign in" }
                }
            }
        }
    }
}
