//! A list stays where it was: *Back* from a job leads to the row that was tapped.

use super::{Device, Devices};
use dioxus::prelude::*;

/// What a list's box calls, so that the next time that the list is shown it is as far down as now.
#[derive(Clone, Copy, PartialEq)]
pub struct Scroll {
    /// When a press begins: the router scrolls to the top before a tap on a row is heard here.
    pub note: Callback<()>,
    /// When the press was one.
    pub keep: Callback<()>,
}

/// Keeps how far down `list` is; goes there again once its rows are `drawn`, because only then is the page long enough.
pub fn use_scroll(device: Device, list: &'static str, drawn: bool) -> Scroll {
    let platform = use_context::<Devices>().platform();
    let mut noted = use_hook(|| CopyValue::new(0.0));
    // Taken once: whoever comes from elsewhere later begins at the top.
    let mut to = use_hook(|| CopyValue::new(device.take_scrolled(list)));
    let goes = platform.clone();
    use_effect(use_reactive(&drawn, move |drawn| {
        let down = if drawn { to.write().take() } else { None };
        if let Some(down) = down {
            goes.0.scroll_to(down);
        }
    }));
    Scroll {
        note: use_callback(move |()| noted.set(platform.0.scrolled())),
        keep: use_callback(move |()| device.keep_scrolled(list, *noted.peek())),
    }
}
