//! Starts the app. In the browser one wasm file serves two globals: the page, and the Worker that owns the database.

#[cfg(all(feature = "web", target_family = "wasm"))]
fn main() {
    coldpatch_mobile::web::start();
}

#[cfg(all(feature = "desktop", not(target_family = "wasm")))]
fn main() {
    dioxus::launch(coldpatch_mobile::ui::App);
}

#[cfg(not(any(all(feature = "web", target_family = "wasm"), all(feature = "desktop", not(target_family = "wasm")))))]
fn main() -> std::process::ExitCode {
    eprintln!("This build has no platform: use the default feature `desktop`, or `cargo xtask web` for browsers.");
    std::process::ExitCode::FAILURE
}
