//! `/app/?bench`: the engine on the page, over a database in memory, for `cargo xtask bench app` and `bench sync`. Only in
//! builds with feature `bench`, which no phone gets.
//!
//! A browser that is slowed down for a measurement slows its pages, never its Workers: this is how slow the Worker's part
//! would be. It leaves `globalThis.coldpatchBench = { fill, round, begin, act, hear }` and draws nothing.

use crate::engine::api::EngineError;
use crate::engine::bench;
use crate::engine::replay::Replay;
use crate::engine::store::{Store, StoreError};
use coldpatch_shared::action::Deed;
use coldpatch_shared::city::CityFiles;
use rusqlite::Connection;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Without a pool installed, SQLite's files on wasm are in memory and end with the page.
const FILE: &str = "bench.sqlite3";
const REPLAYED: &str = "replay.sqlite3";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Whether the page was asked for this instead of the app.
pub(super) fn wanted() -> bool {
    web_sys::window().and_then(|window| window.location().search().ok()).is_some_and(|search| search == "?bench")
}

/// Offers the functions. `fill(count, city)` takes the city's files as JSON; `round(n)` promises a round's times as JSON.
pub(super) fn start() {
    let fill = Closure::<dyn Fn(u32, String) -> Result<(), JsValue>>::new(|count, city: String| {
        let city: CityFiles = serde_json::from_str(&city).map_err(|error| thrown(&error))?;
        let db = Connection::open(FILE).map_err(|error| thrown(&error))?;
        bench::fill(db, Some(&city), count).map_err(|error| thrown(&error))
    });
    let round = Closure::<dyn Fn(u32) -> js_sys::Promise>::new(|n| {
        wasm_bindgen_futures::future_to_promise(async move {
            let round = bench::round(open, now, n).await.map_err(|error| thrown(&error))?;
            serde_json::to_string(&round).map(JsValue::from).map_err(|error| thrown(&error))
        })
    });
    let [begin, act, hear] = replaying();
    let offered = js_sys::Object::new();
    let functions = [("fill", fill.into_js_value()), ("round", round.into_js_value())];
    for (name, function) in functions.into_iter().chain([("begin", begin), ("act", act), ("hear", hear)]) {
        // Setting a plain object's property cannot fail.
        let _ = js_sys::Reflect::set(&offered, &name.into(), &function);
    }
    let _ = js_sys::Reflect::set(&js_sys::global(), &"coldpatchBench".into(), &offered);
}

/// `begin(session, incarnation)` and `act(deeds)` take JSON; `hear(answer)` takes an answer's bytes and returns the time in
/// ms that the round took on this side.
fn replaying() -> [JsValue; 3] {
    let phone: Rc<RefCell<Option<Replay>>> = Rc::default();
    let beginning = Rc::clone(&phone);
    let begin = Closure::<dyn Fn(String, String) -> Result<(), JsValue>>::new(
        move |session: String, incarnation: String| -> Result<(), JsValue> {
            let session = serde_json::from_str(&session).map_err(|error| thrown(&error))?;
            let incarnation = serde_json::from_str(&incarnation).map_err(|error| thrown(&error))?;
            let db = Connection::open(REPLAYED).map_err(|error| thrown(&error))?;
            let replay = Replay::begin(db, session, incarnation).map_err(|error| thrown(&error))?;
            *beginning.borrow_mut() = Some(replay);
            Ok(())
        },
    );
    let acting = Rc::clone(&phone);
    let act = Closure::<dyn Fn(String) -> Result<(), JsValue>>::new(move |deeds: String| -> Result<(), JsValue> {
        let deeds: Vec<Deed> = serde_json::from_str(&deeds).map_err(|error| thrown(&error))?;
        acting.borrow_mut().as_mut().ok_or_else(nobody)?.act(&deeds).map_err(|error| thrown(&error))
    });
    let hear =
        Closure::<dyn Fn(Vec<u8>) -> Result<f64, JsValue>>::new(move |answer: Vec<u8>| -> Result<f64, JsValue> {
            let began = now();
            let mut phone = phone.borrow_mut();
            let replay = phone.as_mut().ok_or_else(nobody)?;
            match replay.round(&answer, crate::platform::now_ms()).map_err(|error| thrown(&error))? {
                0 => Ok(now() - began),
                waiting => Err(js_sys::Error::new(&format!("{waiting} changes still wait")).into()),
            }
        });
    [begin.into_js_value(), act.into_js_value(), hear.into_js_value()]
}

fn open() -> Result<Store, EngineError> {
    let db = Connection::open(FILE).map_err(StoreError::from)?;
    Ok(Store::open(db, "", bench::device(), [2; 8])?)
}

fn nobody() -> JsValue {
    js_sys::Error::new("begin comes first").into()
}

fn thrown(error: &dyn std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}
