//! What photos take on this phone, and whether the phone might clear them.

use crate::ui::components::card::Section;
use crate::ui::components::icon::{Glyph, Icon};
use crate::ui::components::notice::Notice;
use crate::ui::state::{Devices, Here};
use crate::ui::words;
use dioxus::prelude::*;

/// The section. Nothing until it is known: it is of no use by half.
#[component]
pub(super) fn Stored(here: Here) -> Element {
    let device = here.device;
    let devices = use_context::<Devices>();
    let stored = use_resource(move || {
        device.sync.read();
        async move { device.stored().await.ok() }
    });
    let kept = use_resource(move || devices.platform().0.keep_storage());
    let Some(stored) = stored.read().flatten() else { return rsx! {} };
    let clears = kept() == Some(false);
    rsx! {
        Section { title: words::stored::TITLE, testid: "stored",
            div { class: "card",
                div { class: "row",
                    span { class: if stored.low { "tone-review" } else { "tone-quiet" },
                        Icon { glyph: if stored.low { Glyph::Warning } else { Glyph::Camera } }
                    }
                    div { class: "grow",
                        div { class: "num", {words::stored::photos(&stored)} }
                        div { class: "small num", {words::stored::room(&stored)} }
                    }
                }
            }
            if stored.low {
                Notice { text: words::stored::LOW }
            }
            if clears && stored.only_here > 0 {
                Notice { text: words::stored::MAY_BE_CLEARED }
            }
        }
    }
}
