//! Where things are in the repository. Every path is absolute, so that the current folder does not matter, and is
//! handed on as one argument, so that spaces in it do not either.

use std::path::PathBuf;

/// The repository.
pub(crate) fn root() -> PathBuf {
    // Cargo sets it for `cargo run`; the compiled-in value serves when the binary is started by itself.
    let xtask =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Cargo's output for native code.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// Cargo's output for wasm: apart, so that native and wasm builds do not wait for or evict each other.
pub(crate) fn web_target() -> PathBuf {
    target().join("web")
}

/// The finished web app.
pub(crate) fn pwa() -> PathBuf {
    target().join("pwa")
}

/// The same with what `cargo xtask bench` drives on its page; nobody else gets it.
pub(crate) fn bench_pwa() -> PathBuf {
    target().join("pwa-bench")
}

/// The demo city's data.
pub(crate) fn city() -> PathBuf {
    root().join("assets").join("city")
}

/// The server, as the dev profile builds it.
pub(crate) fn debug_server() -> PathBuf {
    target().join("debug").join(format!("coldpatch-server{}", std::env::consts::EXE_SUFFIX))
}
