//! Cargo for `wasm32-unknown-unknown`, by whichever toolchain this machine can have.
//!
//! rustup's own target where it can be had. Where not, Debian's `rustc-web` under the rustup name `debweb`, which
//! builds the standard library from Debian's sources: the ready-made one has no bitcode, so no link-time optimization.

use crate::{command, paths, web};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which rustup knows Debian's compiler.
pub(crate) const DEBIAN: &str = "debweb";

/// Debian's packages for the second way; clippy brings Debian's cargo with it.
pub(crate) const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src", "rust-web-clippy"];

/// How this machine compiles for browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The default toolchain has the target.
    Rustup,
    /// Debian's compiler, through rustup.
    Debian,
}

impl Toolchain {
    /// What is there now; `None` if nothing is.
    pub(crate) fn find() -> Option<Self> {
        if rustup_has_target() {
            Some(Self::Rustup)
        } else if debian_is_linked() && debian_is_complete() {
            Some(Self::Debian)
        } else {
            None
        }
    }
}

fn rustup_has_target() -> bool {
    command::program("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .is_some_and(|folder| Path::new(folder.trim()).join("self-contained").is_dir() || has_std(folder.trim()))
}

fn has_std(folder: &str) -> bool {
    let Ok(files) = std::fs::read_dir(folder) else {
        return false;
    };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Whether rustup knows the name. Reads rustup's folder: asking rustup itself costs a tenth of a second at every start.
pub(crate) fn debian_is_linked() -> bool {
    let home = std::env::var_os("RUSTUP_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".rustup")));
    home.is_some_and(|home| home.join("toolchains").join(DEBIAN).exists())
}

/// Whether Debian's compiler, its sources and its clippy are installed.
pub(crate) fn debian_is_complete() -> bool {
    ["/usr/bin/rustc", "/usr/bin/cargo", "/usr/bin/clippy-driver", "/usr/lib/rustlib/src/rust/library/std/Cargo.toml"]
        .iter()
        .all(|file| Path::new(file).exists())
}

/// Cargo with this subcommand (`build`, `clippy`), set up for wasm.
///
/// # Errors
/// If no toolchain for wasm is installed.
pub(crate) fn cargo(subcommand: &str) -> Result<Command> {
    let Some(toolchain) = Toolchain::find() else {
        bail!("no Rust toolchain for {TARGET}; run `cargo xtask setup`");
    };
    let mut command = command::cargo();
    if toolchain == Toolchain::Debian {
        // rustup's proxy honors the name only where no toolchain has been chosen yet.
        command.arg(format!("+{DEBIAN}")).env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").env_remove("RUSTDOC");
    }
    command.args([subcommand, "--target", TARGET]);
    // Optimized, Dioxus' router has the base path from here; only in debug builds does it look at the page's meta element.
    command.env("DIOXUS_ASSET_ROOT", web::BASE);
    // SQLite is C.
    command.env("CC_wasm32_unknown_unknown", "clang").env("CARGO_TARGET_DIR", paths::web_target());
    if toolchain == Toolchain::Debian {
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    }
    Ok(command)
}

/// Where cargo puts the app's wasm file for a profile.
pub(crate) fn artifact(profile: &str) -> std::path::PathBuf {
    let folder = if profile == "dev" { "debug" } else { profile };
    paths::web_target().join(TARGET).join(folder).join("coldpatch-mobile.wasm")
}
