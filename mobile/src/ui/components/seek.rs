//! Finding something in a list: a field for words, and a button that opens the filters.

use super::button::IconButton;
use super::field::TextField;
use super::icon::{Glyph, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// The field and the button. `filters` is how many are set, `panel` the id of what the button opens.
#[component]
pub fn SeekBar(
    #[props(into)] label: String,
    text: String,
    filters: usize,
    open: bool,
    panel: &'static str,
    oninput: EventHandler<String>,
    onopen: EventHandler<bool>,
    children: Element,
) -> Element {
    let empty = text.is_empty();
    rsx! {
        div { class: "seek", role: "search",
            div { class: "search",
                TextField { label: label.clone(), hide_label: true, placeholder: label, value: text, testid: "search", oninput: move |typed| oninput.call(typed) }
                Icon { glyph: Glyph::Search }
            }
            if !empty {
                IconButton { glyph: Glyph::Close, label: words::today::CLEAR_WORDS, testid: "clear-words", onclick: move |()| oninput.call(String::new()) }
            }
            {children}
            button {
                class: "icon-button",
                r#type: "button",
                aria_label: words::today::filters(filters),
                aria_expanded: "{open}",
                aria_controls: panel,
                "data-testid": "filter",
                onclick: move |_| onopen.call(!open),
                Icon { glyph: Glyph::Filter }
                if filters > 0 {
                    span { class: "seek-mark num", aria_hidden: "true", "{filters}" }
                }
            }
        }
    }
}
