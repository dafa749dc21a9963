//! `/app/?bench`: the engine on the page, over a database in memory, for `cargo xtask bench app`.
//!
//! A browser that is slowed down for a measurement slows its pages, never its Workers: this is how slow the Worker's part
//! would be. It leaves `globalThis.coldpatchBench = { fill, round }` and draws nothing.

use crate::engine::api::EngineError;
use crate::engine::bench;
use crate::engine::store::Store;
use coldpatch_shared::city::CityFiles;
use rusqlite::Connection;
use wasm_bindgen::prelude::*;

/// Without a pool installed, SQLite's files on wasm are in memory and end with the page.
const FILE: &str = "bench.sqlite3";

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
    let offered = js_sys::Object::new();
    for (name, function) in [("fill", fill.into_js_value()), ("round", round.into_js_value())] {
        // Setting a plain object's property cannot fail.
        let _ = js_sys::Reflect::set(&offered, &name.into(), &function);
    }
    let _ = js_sys::Reflect::set(&js_sys::global(), &"coldpatchBench".into(), &offered);
}

fn open() -> Result<Store, EngineError> {
    let db = Connection::open(FILE).map_err(crate::engine::store::StoreError::from)?;
    Ok(Store::open(db, "", bench::device(), [2; 8])?)
}

fn thrown(error: &dyn std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}
