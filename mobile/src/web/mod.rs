//! The app in a browser: one wasm module, instantiated once in the page and once in a dedicated Worker.
//!
//! The page draws (`page`), the Worker owns the database (`worker`); Workers of its own make photos (`darkroom`, `maker`). The JavaScript beside them is in `mobile/web/`:
//! `boot.js` compiles the module for the page, `worker.js` receives it in the Worker. Of several tabs over one database
//! one Worker leads (`leader`) and the others speak through it (`tabs`). `roster` keeps the list of who is signed in
//! safe, `log` writes to the console, and `bench` (with the feature of that name) runs the engine on the page.

#[cfg(feature = "bench")]
mod bench;
pub(crate) mod darkroom;
mod leader;
mod log;
mod maker;
pub mod page;
pub(crate) mod roster;
mod tabs;
pub mod worker;

use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

/// Starts whichever half of the app this global is for.
pub fn start() {
    std::panic::set_hook(Box::new(report_panic));
    log::start();
    match js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        Ok(scope) if maker::wanted() => maker::run(scope),
        Ok(scope) => worker::run(scope),
        #[cfg(feature = "bench")]
        Err(_) if bench::wanted() => bench::start(),
        Err(_) => wasm_bindgen_futures::spawn_local(async {
            roster::restore().await;
            dioxus::launch(crate::ui::App);
        }),
    }
}

/// A panic aborts: the console is the only place left to say why. In the Worker its `error` event follows, by which
/// the page knows that it must start another one.
fn report_panic(info: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
}
