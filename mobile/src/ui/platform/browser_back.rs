//! A phone's Back closes what lies on top, one thing after the other: a dialog, the editor, the camera. Each closes as by Escape, and
//! asks first if it asks then.
//!
//! An open modal has an entry in the browser's history above its screen's, which says how many modals are open. The entry of one that was
//! closed otherwise stays, because what closes a modal may open a screen at once; it serves the next modal, and is passed on the
//! way back.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, History, KeyboardEvent, KeyboardEventInit, Window};

/// What an entry says beside Dioxus' own words, which are how far the page was scrolled.
const MODALS: &str = "modals";

/// Where in the history the page is, as far as it knows.
#[derive(Clone, Default)]
struct At {
    /// The screen's address.
    screen: String,
    /// What its entry says.
    modals: u32,
    /// How many entries there were: more now, and another screen has come since.
    entries: u32,
}

thread_local! {
    static AT: RefCell<At> = RefCell::default();
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// So many modals are open now; `open` says that also later, with the topmost.
pub(super) fn opened(modals: u32, open: fn() -> (u32, Option<Element>)) {
    let Some((window, history)) = history() else { return };
    if !LISTENS.replace(true) {
        let left = Closure::<dyn FnMut()>::new(move || {
            let (modals, top) = open();
            left(modals, top.as_ref());
        });
        // For as long as the page lives.
        let _ = window.add_event_listener_with_callback("popstate", left.into_js_value().unchecked_ref());
    }
    if said(&history) < modals {
        push(&window, &history, modals);
    }
}

/// An entry was left. Where one goes back to is the page's entry now.
fn left(open: u32, top: Option<&Element>) {
    let Some((window, history)) = history() else { return };
    let (before, here) = (AT.take(), said(&history));
    let now = |modals| At { screen: screen(&window), modals, entries: history.length().unwrap_or_default() };
    // From the entry of a modal that is long closed: the person means what is before it. Not when they come from another screen, or have
    // gone further than to this one.
    let At { screen, entries, .. } = now(here);
    let means_more = before.modals > here && before.entries == entries && before.screen == screen;
    let pass = |modals| {
        AT.set(now(modals));
        let _ = history.back();
    };
    match here.cmp(&open) {
        Ordering::Less => {
            // It may stay, to ask. If it goes, its entry is one that stayed.
            push(&window, &history, open);
            top.into_iter().for_each(escape);
        }
        Ordering::Greater => pass(if means_more { before.modals } else { open }),
        Ordering::Equal if means_more => pass(here),
        Ordering::Equal => AT.set(now(here)),
    }
}

fn push(window: &Window, history: &History, modals: u32) {
    let state = js_sys::Array::of2(
        &window.scroll_x().unwrap_or_default().into(),
        &window.scroll_y().unwrap_or_default().into(),
    );
    // Setting a plain object's property cannot fail.
    let _ = js_sys::Reflect::set(&state, &MODALS.into(), &modals.into());
    // Browsers refuse a hundred at once: then Back leaves the screen, as it would without this.
    if history.push_state(&state, "").is_ok() {
        AT.set(At { screen: screen(window), modals, entries: history.length().unwrap_or_default() });
    }
}

fn screen(window: &Window) -> String {
    window.location().pathname().unwrap_or_default()
}

/// How many modals the page's entry is for.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of ours")]
fn said(history: &History) -> u32 {
    let state = history.state().unwrap_or(JsValue::NULL);
    let said = js_sys::Reflect::get(&state, &MODALS.into()).ok().and_then(|said| said.as_f64());
    said.unwrap_or_default() as u32
}

fn escape(modal: &Element) {
    let what = KeyboardEventInit::new();
    what.set_key("Escape");
    what.set_bubbles(true);
    what.set_cancelable(true);
    if let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &what) {
        let _ = modal.dispatch_event(&event);
    }
}

fn history() -> Option<(Window, History)> {
    let window = web_sys::window()?;
    let history = window.history().ok()?;
    Some((window, history))
}
