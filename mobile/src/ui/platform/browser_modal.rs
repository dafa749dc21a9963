//! Where the focus is. What comes before everything else on the page: all but the topmost modal is inert, the focus is in it, and
//! goes back to where it was. Dialogs stand in the page where they belong, so what is inert is found by walking up from them. And
//! what was pressed may be gone by that, *Start* for example: the focus stays near where it was.

use super::browser_back;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit};

/// Elements that no modal makes inert: messages lie over everything, and styles are no content.
const NEVER_INERT: &str = "[data-over-all], style, script";

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

#[derive(Default)]
struct Page {
    /// Open modals, the topmost last, each with where the focus was before.
    open: Vec<(Element, Trail)>,
    /// Made inert here, and by nobody else.
    inert: Vec<Element>,
    /// Where the focus goes when no other modal opens in the place of the one that closed.
    back: Option<Trail>,
    /// Where it went last.
    given: Trail,
    /// What comes into the page while a modal is open is behind it, too; what goes may have had the focus.
    watch: Option<Watch>,
}

/// An element and those around it: what opened a modal may be gone when the modal is.
type Trail = Vec<Element>;

/// What the page tells, for as long as it lives.
struct Watch {
    _changes: (MutationObserver, Closure<dyn FnMut()>),
    _focus: Closure<dyn FnMut(Event)>,
}

/// Keeps a modal open until it is dropped.
struct Held(Element);

impl Drop for Held {
    fn drop(&mut self) {
        PAGE.with_borrow_mut(|page| page.close(&self.0));
        // Not while the page is being drawn: a focus that moves is an event.
        wasm_bindgen_futures::spawn_local(async { give_back() });
    }
}

pub(super) fn open(element: &Element) -> Rc<dyn Any> {
    PAGE.with_borrow_mut(|page| page.open(element));
    let (modals, _) = topmost();
    browser_back::opened(modals, topmost);
    let (element, first) = (element.clone(), first_in(element));
    wasm_bindgen_futures::spawn_local(async move { focus(&first) });
    Rc::new(Held(element))
}

/// How many are open, and the one before all others.
fn topmost() -> (u32, Option<Element>) {
    PAGE.with_borrow(|page| {
        let top = page.open.last().map(|(element, _)| element.clone());
        (u32::try_from(page.open.len()).unwrap_or(u32::MAX), top)
    })
}

/// Where the focus goes at first: what asks for it, else the dialog itself, which is read out then.
fn first_in(modal: &Element) -> Element {
    let asked = modal.query_selector("[autofocus]").ok().flatten();
    asked
        .or_else(|| modal.matches("[role=dialog]").unwrap_or(false).then(|| modal.clone()))
        .or_else(|| modal.query_selector("[role=dialog]").ok().flatten())
        .unwrap_or_else(|| modal.clone())
}

impl Page {
    fn open(&mut self, element: &Element) {
        let before = self.back.take().unwrap_or_else(|| trail(document().and_then(|page| page.active_element())));
        self.open.push((element.clone(), before));
        self.settle();
    }

    fn close(&mut self, element: &Element) {
        let Some(at) = self.open.iter().rposition(|(open, _)| open == element) else { return };
        let (_, before) = self.open.remove(at);
        self.back = Some(before);
        self.settle();
    }

    /// Only the topmost counts.
    fn settle(&mut self) {
        for element in self.inert.drain(..) {
            // Removing what is there does not fail.
            let _ = element.remove_attribute("inert");
        }
        self.cover();
    }

    fn cover(&mut self) {
        let Some((top, _)) = self.open.last() else { return };
        let mut at = top.clone();
        while let Some(around) = at.parent_element() {
            let beside = around.children();
            for one in (0..beside.length()).filter_map(|n| beside.item(n)) {
                if one != at && !one.has_attribute("inert") && !one.matches(NEVER_INERT).unwrap_or(true) {
                    let _ = one.set_attribute("inert", "");
                    self.inert.push(one);
                }
            }
            at = around;
        }
    }
}

/// From now on the focus is looked after. Once is enough.
pub(super) fn look_after() {
    PAGE.with_borrow_mut(|page| {
        if page.watch.is_none() {
            page.watch = watch();
        }
    });
}

fn watch() -> Option<Watch> {
    let told = Closure::<dyn FnMut()>::new(|| {
        let lost = PAGE.with_borrow_mut(|page| {
            page.cover();
            let lost = page.given.first().is_some_and(|there| !there.is_connected());
            if lost {
                let given = std::mem::take(&mut page.given);
                // A modal that has just closed knows better.
                page.back.get_or_insert(given);
            }
            lost
        });
        if lost {
            give_back();
        }
    });
    let observer = MutationObserver::new(told.as_ref().unchecked_ref()).ok()?;
    let what = MutationObserverInit::new();
    what.set_child_list(true);
    what.set_subtree(true);
    let page = document()?;
    observer.observe_with_options(page.body()?.as_ref(), &what).ok()?;
    let focused = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        // One that we move ourselves is noted where we do.
        PAGE.with(|page| {
            if let Ok(mut page) = page.try_borrow_mut() {
                page.given = trail(target);
            }
        });
    });
    page.add_event_listener_with_callback("focusin", focused.as_ref().unchecked_ref()).ok()?;
    Some(Watch { _changes: (observer, told), _focus: focused })
}

/// The focus returns to what opened the modal; if that is gone, to the nearest around it that is there. Somebody who has put it
/// elsewhere meanwhile keeps it there.
fn give_back() {
    let (back, top) =
        PAGE.with_borrow_mut(|page| (page.back.take(), page.open.last().map(|(element, _)| element.clone())));
    let Some(back) = back else { return };
    let Some(page) = document() else { return };
    let now = page.active_element();
    if now.is_some_and(|now| now.tag_name() != "BODY" && now.is_connected()) {
        return;
    }
    let Some(there) = back.iter().find(|element| element.is_connected()).cloned() else { return };
    let inside = top.as_ref().is_none_or(|top| top.contains(Some(&there)));
    // Of another screen there is nothing to go back to.
    if !there.closest("main, [role=dialog]").is_ok_and(|within| within.is_some()) {
        return;
    }
    let target = if inside { there } else { top.map_or(there, |top| first_in(&top)) };
    focus(&target);
    if page.active_element().as_ref() != Some(&target) {
        let _ = target.set_attribute("tabindex", "-1");
        focus(&target);
    }
    PAGE.with_borrow_mut(|page| page.given = trail(Some(target)));
}

fn trail(element: Option<Element>) -> Trail {
    std::iter::successors(element, |element| element.parent_element()).collect()
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // What cannot have it leaves it where it is.
        let _ = element.focus_with_options(&options);
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}
