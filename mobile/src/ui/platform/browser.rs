//! The page in a browser.

use super::chosen::Read;
use super::files::OnDisk;
use super::{Camera, CameraError, Choice, Chosen, Listening, LocateError, Platform, browser_camera, browser_modal};
use crate::engine::accounts::Accounts;
use crate::engine::api::EngineError;
use crate::engine::{Door, open_web};
use crate::platform::now_ms;
use crate::ui::words;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::{PlaceFix, PlaceSource};
use dioxus::html::{FileData, MountedData};
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Position, PositionError, PositionOptions, Storage, Window};

/// How long a fix may take, ms.
const LOCATE_TIMEOUT_MS: u32 = 12_000;
/// How old a fix may be, ms: an inspector walks.
const LOCATE_MAX_AGE_MS: u32 = 5_000;
/// A fix that is said to be older than this, or to come from so far ahead, has its time from another clock, ms.
const BELIEVABLE_AGE_MS: i64 = 3_600_000;
/// Coming back is told at most once in this time, ms.
const RESUMED_ONCE_MS: f64 = 1_000.0;

/// The page.
#[derive(Debug, Clone, Copy)]
pub struct Browser;

fn window() -> Option<Window> {
    web_sys::window()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// By which attribute the token sheet tells its themes apart.
const THEME: &str = "data-theme";

fn key(name: &str) -> String {
    format!("coldpatch.{name}")
}

impl Platform for Browser {
    fn open(&self, device: DeviceId) -> Result<Door, EngineError> {
        open_web(device)
    }

    fn accounts(&self) -> Accounts {
        Accounts::in_browser()
    }

    fn preference(&self, name: &str) -> Option<String> {
        storage()?.get_item(&key(name)).ok().flatten()
    }

    fn set_preference(&self, name: &str, value: &str) {
        // A browser that keeps nothing shows the default next time.
        if let Some(storage) = storage() {
            let _ = storage.set_item(&key(name), value);
        }
    }

    fn wear(&self, theme: &str) {
        // On the root: the ground behind the app, scroll bars and the browser's own controls follow, too.
        let Some(root) = window().and_then(|window| window.document()).and_then(|page| page.document_element()) else {
            return;
        };
        // An attribute of this name can always be set.
        let _ = if theme.is_empty() { root.remove_attribute(THEME) } else { root.set_attribute(THEME, theme) };
    }

    fn name(&self, title: &str) {
        if let Some(page) = window().and_then(|window| window.document()) {
            page.set_title(title);
        }
    }

    fn keep_storage(&self) -> LocalBoxFuture<'static, bool> {
        async {
            let asked = window().and_then(|window| window.navigator().storage().persist().ok());
            let Some(asked) = asked else { return false };
            wasm_bindgen_futures::JsFuture::from(asked).await.is_ok_and(|granted| granted.is_truthy())
        }
        .boxed_local()
    }

    fn locate(&self) -> LocalBoxFuture<'static, Result<PlaceFix, LocateError>> {
        async move {
            let geolocation =
                window().and_then(|window| window.navigator().geolocation().ok()).ok_or(LocateError::Unsupported)?;
            let (sender, receiver) = oneshot::channel();
            let sender = Rc::new(RefCell::new(Some(sender)));
            let answer = move |sender: &Rc<RefCell<Option<oneshot::Sender<_>>>>, result| {
                if let Some(sender) = sender.borrow_mut().take() {
                    // Nobody waits any more when the screen was left.
                    let _ = sender.send(result);
                }
            };
            let found = Closure::once({
                let sender = Rc::clone(&sender);
                move |position: Position| answer(&sender, place_of(&position))
            });
            let failed = Closure::once(move |error: PositionError| {
                let why = if error.code() == PositionError::PERMISSION_DENIED {
                    LocateError::Denied
                } else {
                    LocateError::NoFix
                };
                answer(&sender, Err(why));
            });
            let options = PositionOptions::new();
            options.set_enable_high_accuracy(true);
            options.set_timeout(LOCATE_TIMEOUT_MS);
            options.set_maximum_age(LOCATE_MAX_AGE_MS);
            geolocation
                .get_current_position_with_error_callback_and_options(
                    found.as_ref().unchecked_ref(),
                    Some(failed.as_ref().unchecked_ref()),
                    &options,
                )
                .map_err(|_| LocateError::Unsupported)?;
            receiver.await.unwrap_or(Err(LocateError::NoFix))
        }
        .boxed_local()
    }

    fn locate_if_allowed(&self) -> LocalBoxFuture<'static, Option<PlaceFix>> {
        async {
            // By reflection: the typed interface would be another kilobyte, and old browsers do not have it.
            let navigator = window()?.navigator();
            let permissions = js_sys::Reflect::get(&navigator, &"permissions".into()).ok()?;
            let query = js_sys::Reflect::get(&permissions, &"query".into()).ok()?;
            let wanted = js_sys::Object::new();
            js_sys::Reflect::set(&wanted, &"name".into(), &"geolocation".into()).ok()?;
            let asked = query.dyn_ref::<js_sys::Function>()?.call1(&permissions, &wanted).ok()?;
            let status = wasm_bindgen_futures::JsFuture::from(asked.dyn_into::<js_sys::Promise>().ok()?).await.ok()?;
            let state = js_sys::Reflect::get(&status, &"state".into()).ok()?.as_string()?;
            if state == "granted" { Browser.locate().await.ok() } else { None }
        }
        .boxed_local()
    }

    fn has_camera(&self) -> LocalBoxFuture<'static, bool> {
        browser_camera::exists().boxed_local()
    }

    fn open_camera(&self) -> LocalBoxFuture<'static, Result<Rc<dyn Camera>, CameraError>> {
        async { Ok(Rc::new(browser_camera::open().await?) as Rc<dyn Camera>) }.boxed_local()
    }

    fn in_sight(&self) -> bool {
        window().and_then(|window| window.document()).is_none_or(|page| !page.hidden())
    }

    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        async move {
            let (sender, receiver) = oneshot::channel();
            let done = Closure::once_into_js(move || {
                let _ = sender.send(());
            });
            let ms = i32::try_from(ms).unwrap_or(i32::MAX);
            let set = window().and_then(|window| {
                window.set_timeout_with_callback_and_timeout_and_arguments_0(done.unchecked_ref(), ms).ok()
            });
            if set.is_some() {
                let _ = receiver.await;
            } else {
                // Without a timer, never is better than a loop at full speed.
                futures_util::future::pending::<()>().await;
            }
        }
        .boxed_local()
    }

    fn chosen(&self, file: FileData) -> Rc<dyn Chosen> {
        match file.inner().downcast_ref::<web_sys::File>() {
            Some(file) => Rc::new(OnDisk(file.clone())),
            None => Rc::new(Read(file)),
        }
    }

    fn heads(&self, files: &[Rc<dyn Chosen>], bytes: usize) -> LocalBoxFuture<'static, Vec<Option<Vec<u8>>>> {
        super::files::heads(files, bytes)
    }

    fn pasted(&self) -> Option<Listening<Choice>> {
        Some(super::files::pasted())
    }

    fn alone(&self, element: &MountedData) -> Option<Rc<dyn Any>> {
        element.downcast::<web_sys::Element>().map(browser_modal::open)
    }

    fn keep_focus(&self) {
        browser_modal::look_after();
    }

    fn network(&self) -> UnboundedReceiver<bool> {
        let (sender, receiver) = unbounded();
        let Some(window) = window() else { return receiver };
        let _ = sender.unbounded_send(window.navigator().on_line());
        for (name, online) in [("online", true), ("offline", false)] {
            let sender = sender.clone();
            let told = Closure::<dyn FnMut()>::new(move || {
                let _ = sender.unbounded_send(online);
            });
            // The page listens for as long as it lives.
            let _ = window.add_event_listener_with_callback(name, told.as_ref().unchecked_ref());
            told.forget();
        }
        receiver
    }

    fn resumed(&self) -> UnboundedReceiver<()> {
        let (sender, receiver) = unbounded();
        let Some(window) = window() else { return receiver };
        let Some(document) = window.document() else { return receiver };
        let last = Rc::new(Cell::new(f64::NEG_INFINITY));
        let told = Closure::<dyn FnMut()>::new({
            let document = document.clone();
            move || {
                // Several events tell of one coming back. Without a network there is nothing to fetch, and `online` will tell.
                let now = js_sys::Date::now();
                let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
                if !document.hidden() && online && (now - last.get()).abs() > RESUMED_ONCE_MS {
                    last.set(now);
                    let _ = sender.unbounded_send(());
                }
            }
        });
        // The page listens for as long as it lives.
        let listener = told.as_ref().unchecked_ref();
        let _ = document.add_event_listener_with_callback("visibilitychange", listener);
        let _ = window.add_event_listener_with_callback("pageshow", listener);
        let _ = window.add_event_listener_with_callback("focus", listener);
        told.forget();
        receiver
    }

    fn scrolled(&self) -> f64 {
        window().and_then(|window| window.scroll_y().ok()).unwrap_or(0.0)
    }

    fn scroll_to(&self, down: f64) {
        if let Some(window) = window() {
            window.scroll_to_with_x_and_y(0.0, down);
        }
    }

    fn device_name(&self) -> String {
        let agent = window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default();
        let first = |names: &[(&str, &str)]| {
            names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| (*name).to_owned())
        };
        let browser = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
        let system = first(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS", "Mac"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => words::account::THIS_DEVICE.to_owned(),
        }
    }
}

fn place_of(position: &Position) -> Result<PlaceFix, LocateError> {
    let coords = position.coords();
    let at = LatLon::new(coords.latitude(), coords.longitude()).map_err(|_| LocateError::NoFix)?;
    Ok(PlaceFix {
        at,
        source: PlaceSource::Device,
        accuracy_m: Some(coords.accuracy()),
        age_s: age_s(position.timestamp()),
    })
}

/// How old a fix is of which the browser says that it was made at this instant, ms since the Unix epoch. Browsers have counted from other
/// years, too; what is far from what was asked for says nothing.
fn age_s(made_at: f64) -> Option<u32> {
    #[allow(clippy::cast_possible_truncation, reason = "an instant")]
    let age_ms = now_ms().saturating_sub(made_at as i64);
    if !(-BELIEVABLE_AGE_MS..BELIEVABLE_AGE_MS).contains(&age_ms) {
        return None;
    }
    u32::try_from(age_ms.max(0) / 1000).ok()
}
