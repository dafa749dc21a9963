//! The front page: what is wrong? One tap on a type leads to its form.

use super::model::{CityFace, FrontView};
use crate::ui::components::icon::{Glyph, Icon};
use dioxus::prelude::*;

#[component]
pub(super) fn Front(city: CityFace, view: FrontView) -> Element {
    let error = view.follow_error;
    rsx! {
        h1 { "What is wrong?" }
        p { class: "lead", "Pick one. A photo and a place are enough; it takes a minute and needs no account." }
        ul { class: "types",
            for kind in view.types {
                li { key: "{kind.code}",
                    a {
                        class: "type",
                        href: "/report?type={kind.code}",
                        "data-testid": "report-type-{kind.code}",
                        Icon { glyph: Glyph::named(&kind.icon) }
                        span { class: "type-text",
                            b { "{kind.name}" }
                            span { class: "hint", "{kind.description}" }
                        }
                    }
                }
            }
        }
        p { class: "hint",
            "Something else? Call "
            a { href: city.tel(), "{city.phone}" }
            "."
        }
        section { class: "card pad", aria_labelledby: "mine-title", id: "mine", hidden: true,
            h2 { id: "mine-title", "Your reports on this phone" }
            ul { id: "mine-list", class: "plain" }
        }
        section { class: "card pad", aria_labelledby: "follow-title",
            h2 { id: "follow-title", "Follow a report" }
            form { method: "post", action: "/follow",
                div { class: "sub-field",
                    label { r#for: "link", "Your tracking link" }
                    p { class: "hint", id: "link-hint",
                        "The page that you saw after sending. The number alone is not enough: reports are nobody else’s business."
                    }
                    if let Some(error) = &error {
                        p { class: "error", id: "link-error", "{error}" }
                    }
                    input {
                        id: "link",
                        name: "link",
                        r#type: "text",
                        inputmode: "url",
                        autocomplete: "off",
                        spellcheck: "false",
                        required: true,
                        aria_describedby: if error.is_some() { "link-error link-hint" } else { "link-hint" },
                        aria_invalid: error.is_some().then_some("true"),
                        autofocus: error.is_some(),
                    }
                }
                button { class: "button ghost", r#type: "submit", "Show how it is doing" }
            }
        }
    }
}
