//! Where it is: the phone's own place, an address in words, or a pin on the map. Without the script: the words.

use super::fields::describe;
use super::model::{MapBounds, Typed};
use dioxus::prelude::*;

#[component]
pub(super) fn Place(
    typed: Typed,
    error: Option<String>,
    streets: Vec<String>,
    map: Option<MapBounds>,
    assets: String,
) -> Element {
    let unknown = error.is_some() && !typed.address.is_empty();
    rsx! {
        fieldset { class: "field", id: "place",
            legend { "Where is it?" }
            input { r#type: "hidden", id: "lat", name: "lat", value: "{typed.lat}" }
            input { r#type: "hidden", id: "lon", name: "lon", value: "{typed.lon}" }
            input { r#type: "hidden", id: "accuracy", name: "accuracy", value: "{typed.accuracy}" }
            input { r#type: "hidden", id: "source", name: "source", value: "{typed.source}" }
            // Both need the script, which shows them.
            div { class: "place-ways", id: "place-ways", hidden: true,
                button { r#type: "button", class: "button ghost", id: "use-my-place", "data-testid": "use-my-place",
                    "Use where I am"
                }
                if map.is_some() {
                    button { r#type: "button", class: "button ghost", id: "open-map", aria_expanded: "false", aria_controls: "map",
                        "Show it on the map"
                    }
                }
            }
            p { id: "place-say", class: "place-say", role: "status" }
            if let Some(map) = map {
                div { id: "map", class: "map", hidden: true,
                    div { class: "map-scroll", id: "map-scroll", tabindex: "0", role: "group", aria_label: "Map. Tap the place; with the arrow keys it moves, and Enter sets the pin in the middle.",
                        div { class: "map-sheet", id: "map-sheet",
                            img {
                                id: "map-image",
                                alt: "",
                                "data-src": "{assets}/map.svg",
                                "data-west": "{map.west}",
                                "data-south": "{map.south}",
                                "data-east": "{map.east}",
                                "data-north": "{map.north}",
                            }
                            span { id: "map-pin", class: "map-pin", hidden: true }
                        }
                    }
                    div { class: "map-zoom",
                        button { r#type: "button", class: "button ghost", id: "map-in", "Closer" }
                        button { r#type: "button", class: "button ghost", id: "map-out", "Farther" }
                    }
                }
            }
            div { class: "sub-field",
                label { r#for: "address", "Address or corner" }
                p { class: "hint", id: "address-hint",
                    "Like “Alder St 214” or “Alder St and Fifth Ave”. Leave it empty if your photo knows its place."
                }
                if let Some(error) = &error {
                    p { class: "error", id: "address-error", "{error}" }
                }
                input {
                    id: "address",
                    name: "address",
                    r#type: "text",
                    autocomplete: "street-address",
                    maxlength: "300",
                    list: "streets",
                    value: "{typed.address}",
                    "data-testid": "address",
                    aria_describedby: describe("address", error.is_some(), true),
                    aria_invalid: error.is_some().then_some("true"),
                }
                datalist { id: "streets",
                    for street in streets {
                        option { key: "{street}", value: "{street}" }
                    }
                }
                if unknown || typed.address_as_is {
                    label { class: "choice",
                        input { r#type: "checkbox", name: "address_as_is", value: "1", checked: typed.address_as_is }
                        span { "Send it with these words; the crew will find it." }
                    }
                }
            }
        }
    }
}
