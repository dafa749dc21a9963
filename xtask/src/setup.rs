//! What must be on the machine. Says in one line each what it installs and why; what is there is skipped at once.

use crate::{command, paths, wasm};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// For what the machine is being prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Building the web app.
    Web,
    /// The journeys in browsers.
    Browser,
    /// Everything that is tested, the desktop window too.
    Test,
}

/// Installs what the scope needs and the machine lacks.
pub(crate) fn ensure(scope: Scope) -> Result<()> {
    ensure_wasm()?;
    ensure_native()?;
    if scope >= Scope::Browser {
        ensure_browser()?;
    }
    if scope >= Scope::Test {
        if ["heif-dec", "heif-convert"].iter().all(|program| command::find(program).is_none()) {
            apt("libheif-examples", "the server shows iPhones' photos with its program", &["libheif-examples"])?;
        }
        if command::find("exiftool").is_none() {
            let packages = ["libimage-exiftool-perl"];
            apt("exiftool", "what is read of photos is compared with what it reads", &packages)?;
        }
        ensure_rust_tools()?;
        ensure_desktop()?;
    }
    Ok(())
}

/// What libjpeg-turbo, which is C and assembler, is built with; the server has it inside.
pub(crate) fn ensure_native() -> Result<()> {
    if command::find("cmake").is_some() && command::find("nasm").is_some() {
        return Ok(());
    }
    apt("cmake, nasm", "build libjpeg-turbo, which makes photos small", &["cmake", "nasm"])
}

fn ensure_wasm() -> Result<()> {
    if command::find("clang").is_none() {
        apt("clang", "compiles SQLite, which is C, for browsers", &["clang"])?;
    }
    if wasm::Toolchain::find().is_some() {
        return ensure_lld();
    }
    say("wasm32-unknown-unknown", "Rust's standard library for browsers, by rustup");
    if command::succeeds(command::program("rustup").args(["target", "add", "wasm32-unknown-unknown"])).unwrap_or(false)
        && wasm::Toolchain::find().is_some()
    {
        return Ok(());
    }
    if !wasm::debian_is_complete() {
        apt("rustc-web", "rustup has no wasm target here; this is Debian's compiler with one", &wasm::DEBIAN_PACKAGES)?;
    }
    if !wasm::debian_is_linked() {
        say("rustup toolchain `debweb`", "makes Debian's compiler known to cargo");
        command::run(command::program("rustup").args(["toolchain", "link", wasm::DEBIAN, "/usr"]))?;
    }
    if wasm::Toolchain::find().is_none() {
        bail!("installed, but still no Rust compiler for wasm32-unknown-unknown is found");
    }
    ensure_lld()
}

/// rustup's compiler brings its linker; Debian's does not.
fn ensure_lld() -> Result<()> {
    if wasm::Toolchain::find() == Some(wasm::Toolchain::Debian) && command::find("wasm-ld").is_none() {
        apt("lld", "links wasm for Debian's compiler", &["lld"])?;
    }
    Ok(())
}

fn ensure_browser() -> Result<()> {
    if browser().is_none() {
        apt("chromium", "the journeys run in a real browser", &["chromium"])?;
    }
    if command::find("sqlite3").is_none() {
        apt("sqlite3", "a journey lets a sign-in code grow old with it", &["sqlite3"])?;
    }
    // Debian's Python has no `ensurepip` of its own.
    let python = command::find("python3").is_some_and(|_| {
        command::succeeds(command::program("python3").args(["-c", "import ensurepip"])).unwrap_or(false)
    });
    if !python {
        apt("python3-venv", "a client of other people's, written in Python, uploads to the server", &["python3-venv"])?;
    }
    let e2e = paths::root().join("e2e");
    node_modules(&e2e, "Playwright, which drives the browser, and a tus client", &["ci"])
}

/// What the `package-lock.json` in a folder names, by npm's `install` words; once for each lock file.
pub(crate) fn node_modules(folder: &Path, why: &str, install: &[&str]) -> Result<()> {
    let (lock, installed) = (folder.join("package-lock.json"), folder.join("node_modules").join(".coldpatch-lock"));
    if fs::read(&lock).is_ok_and(|lock| fs::read(&installed).is_ok_and(|last| last == lock)) {
        return Ok(());
    }
    if command::find("npm").is_none() {
        bail!("npm is missing: install Node.js 20 or newer with your system's package manager");
    }
    say(&folder.strip_prefix(paths::root()).unwrap_or(folder).join("node_modules").display().to_string(), why);
    let mut npm = command::program("npm");
    npm.args(install).args(["--no-audit", "--no-fund"]).current_dir(folder).stdout(std::io::stderr());
    command::run(&mut npm)?;
    fs::copy(&lock, &installed).with_context(|| format!("cannot mark {} as installed", installed.display()))?;
    Ok(())
}

/// The browser for the journeys.
pub(crate) fn browser() -> Option<PathBuf> {
    std::env::var_os("COLDPATCH_BROWSER")
        .map(PathBuf::from)
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| command::find(name)))
}

fn ensure_rust_tools() -> Result<()> {
    for (tool, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if command::find(tool).is_none() {
            say(component, "part of the checks");
            command::run(command::program("rustup").args(["component", "add", component]))?;
        }
    }
    if command::find("cargo-deny").is_none() {
        say("cargo-deny", "checks licenses and sources of dependencies; compiled here, which takes minutes");
        // Unoptimized: it runs for two seconds either way, and is there in half the time. Its own lock can name
        // versions that a registry which lags behind does not have yet.
        let install = ["install", "cargo-deny", "--debug", "--quiet"];
        let mut locked = command::cargo();
        if !command::succeeds(locked.args(install).arg("--locked"))? {
            command::run(command::cargo().args(install))?;
        }
    }
    Ok(())
}

/// The libraries of the desktop window. Linux only: other systems have theirs.
fn ensure_desktop() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let headers = ["/usr/include/webkitgtk-4.1/webkit2/webkit2.h", "/usr/include/xdo.h", "/usr/include/openssl/ssl.h"];
    if headers.iter().all(|file| Path::new(file).exists()) && command::find("pkg-config").is_some() {
        return Ok(());
    }
    apt(
        "libwebkit2gtk-4.1-dev libxdo-dev libssl-dev pkg-config",
        "the desktop window draws with them",
        &["libwebkit2gtk-4.1-dev", "libxdo-dev", "libssl-dev", "pkg-config"],
    )
}

/// Installs Debian packages. Any other system is told what to install, because guessing names helps nobody.
pub(crate) fn apt(what: &str, why: &str, packages: &[&str]) -> Result<()> {
    say(what, why);
    if command::find("apt-get").is_none() {
        bail!("no apt-get here: install {what} with your system's package manager, then run this again");
    }
    command::run(as_root("apt-get").args(["update", "--quiet=2"]))?;
    command::run(as_root("apt-get").args(["install", "--yes", "--no-install-recommends", "--quiet=2"]).args(packages))
        .with_context(|| format!("{what} could not be installed ({why})"))
}

fn as_root(name: &str) -> Command {
    let mut command = if !is_root() && command::find("sudo").is_some() {
        let mut sudo = command::program("sudo");
        sudo.args(["DEBIAN_FRONTEND=noninteractive", name]);
        sudo
    } else {
        command::program(name)
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of our own process entry is who we are.
    fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    true
}

pub(crate) fn say(what: &str, why: &str) {
    println!("installing {what}: {why}");
}
