//! The installable web app: compile, bind, place, compress.
//!
//! ```text
//! target/pwa/index.html, sw.js, manifest.webmanifest, icons/   under names that never change
//! target/pwa/build/<version>/…                                 everything else; a version's files never change
//! ```
//!
//! The version is a hash of all those files. Inside a version they refer to each other by relative names, so only
//! `index.html` and `sw.js` are templates.

use crate::{command, fingerprint, paths, setup, wasm};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where the server serves the app; the scope of its service worker.
pub(crate) const BASE: &str = "/app";

/// What goes into the app. `Cargo.lock` stands for every dependency, and this file for the way of building.
const INPUTS: &[&str] =
    &["Cargo.toml", "Cargo.lock", "shared", "mobile", "assets", "xtask/src/web.rs", "xtask/src/wasm.rs"];

/// Options of `cargo xtask web`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Compile quickly instead of small, and do not compress.
    #[arg(long)]
    pub(crate) dev: bool,
    /// With what `cargo xtask bench` drives on the page, into a folder of its own, and not compressed.
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

impl Options {
    fn features(&self) -> &'static str {
        if self.bench { "web,bench" } else { "web" }
    }

    fn out(&self) -> PathBuf {
        if self.bench { paths::bench_pwa() } else { paths::pwa() }
    }
}

/// Builds the app, unless it is there and nothing it is made of has changed.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::ensure(setup::Scope::Web)?;
    let profile = if options.dev { "dev" } else { "wasm" };
    let (features, out) = (options.features(), options.out());
    let beside =
        |extension: &str| paths::web_target().join(out.file_name().unwrap_or_default()).with_extension(extension);
    let mark = beside("fingerprint");
    let inputs = format!("{profile} {}", fingerprint::of(&paths::root(), INPUTS)?);
    if fs::read_to_string(&mark).is_ok_and(|last| last == inputs) && out.join("sw.js").exists() {
        println!("web app: up to date");
        return Ok(());
    }

    let start = Instant::now();
    println!("web app: compiling ({profile} profile; minutes when it is the first time)");
    command::run(wasm::cargo("build")?.args(["--package", "coldpatch-mobile", "--bin", "coldpatch-mobile"]).args([
        "--no-default-features",
        "--features",
        features,
        "--profile",
        profile,
    ]))?;

    // Built beside the old one and put in its place whole, so that a running server never serves half of it.
    let new = beside("new");
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    bind(&wasm::artifact(profile), &new.join("build").join("new"), options.dev)?;
    place(&paths::root().join("mobile").join("web"), &new)?;
    if !options.dev && !options.bench {
        compress(&new)?;
    }
    report_sizes(&new)?;
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::rename(&new, &out)?;
    fs::write(&mark, inputs)?;
    println!("web app: {}, {:.0} s", out.display(), start.elapsed().as_secs_f32());
    Ok(())
}

/// wasm-bindgen: the JavaScript glue, and the wasm without what only developers read (`names`: with the names that a
/// panic's stack shows). As a library, and so always of the very version that `Cargo.lock` gives the app.
fn bind(wasm: &Path, out: &Path, names: bool) -> Result<()> {
    fs::create_dir_all(out)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(wasm)
        .out_name("coldpatch")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(!names)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))
}

/// Adds the files of `mobile/web/` and fixes the version.
fn place(sources: &Path, out: &Path) -> Result<()> {
    let build = out.join("build").join("new");
    for name in ["look.js", "boot.js", "worker.js", "maker.js"] {
        fs::copy(sources.join(name), build.join(name)).with_context(|| format!("mobile/web/{name}"))?;
    }
    // 64 bits: it only has to differ from the few versions that phones still hold.
    let version = digest(&build)?[..16].to_owned();
    fs::rename(&build, out.join("build").join(&version))?;

    let mut templates = Vec::new();
    for file in files_below(sources)? {
        match file.to_str() {
            Some("look.js" | "boot.js" | "worker.js" | "maker.js") => {}
            Some("index.html" | "sw.js") => templates.push(file),
            _ => {
                let to = out.join(&file);
                if let Some(folder) = to.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::copy(sources.join(&file), to)?;
            }
        }
    }
    templates.sort();
    for template in templates {
        // `sw.js` sorts last: its list, and its version, cover all others.
        let files: Vec<String> = files_below(out)?.iter().map(|file| format!("{BASE}/{}", file.display())).collect();
        let text = fs::read_to_string(sources.join(&template))?
            .replace("{{base}}", BASE)
            .replace("{{build}}", &format!("{BASE}/build/{version}"))
            .replace("{{files}}", &serde_json::to_string_pretty(&files)?)
            .replace("{{version}}", &digest(out)?[..16]);
        if text.contains("{{") {
            bail!("mobile/web/{} has a placeholder that nothing fills", template.display());
        }
        fs::write(out.join(template), text)?;
    }
    Ok(())
}

/// A `.br` beside each file that gains by it; the server sends it to browsers that accept it.
fn compress(folder: &Path) -> Result<()> {
    for file in files_below(folder)? {
        if !matches!(
            file.extension().and_then(|it| it.to_str()),
            Some("wasm" | "js" | "mjs" | "html" | "css" | "svg" | "json" | "webmanifest")
        ) {
            continue;
        }
        let bytes = fs::read(folder.join(&file))?;
        let mut small = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut small, &parameters)?;
        if small.len() < bytes.len() {
            fs::write(folder.join(format!("{}.br", file.display())), small)?;
        }
    }
    Ok(())
}

fn report_sizes(folder: &Path) -> Result<()> {
    let (mut raw, mut sent) = (0, 0);
    for file in files_below(folder)? {
        if file.extension().is_some_and(|it| it == "br") {
            continue;
        }
        let size = fs::metadata(folder.join(&file))?.len();
        let small = fs::metadata(folder.join(format!("{}.br", file.display()))).map_or(size, |data| data.len());
        raw += size;
        sent += small;
        if size > 50_000 {
            println!("  {:>8.1} kB  {:>8.1} kB as sent  {}", kilo(size), kilo(small), file.display());
        }
    }
    println!("  {:>8.1} kB  {:>8.1} kB as sent  in all", kilo(raw), kilo(sent));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, shown with one decimal")]
fn kilo(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

/// Relative names with `/`, sorted.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    fingerprint::collect(folder, &mut files)?;
    let mut files: Vec<PathBuf> =
        files.iter().filter_map(|file| file.strip_prefix(folder).ok()).map(PathBuf::from).collect();
    files.sort();
    Ok(files)
}

fn digest(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files_below(folder)? {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(fs::read(folder.join(file))?));
    }
    Ok(fingerprint::hex(&hash.finalize()))
}
