//! Puts the web app's files into the server, so that one binary is the whole installation.
//!
//! From the folder `COLDPATCH_PWA`, or in release builds from `target/pwa` if it is there. A debug build embeds
//! nothing unless it is told to: it reads the files from `--pwa`, and is not built again when the app changes.
//!
//! Writes `pwa.rs`: `FILES`, pairs of name (relative to `/app/`, with `/`; precompressed ones end in `.br`) and
//! content, sorted by name.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=COLDPATCH_PWA");
    println!("cargo::rerun-if-changed=build.rs");

    let mut files = Vec::new();
    if let Some(folder) = folder()? {
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &folder, &mut files)?;
        files.sort();
        if !files.iter().any(|(name, _)| name == "index.html") {
            println!("cargo::error={} holds no built web app; run `cargo xtask web`", folder.display());
        }
    }

    let mut source = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        source.push_str(&format!("    ({name:?}, include_bytes!({path:?})),\n"));
    }
    source.push_str("];\n");
    fs::write(variable("OUT_DIR")?.join("pwa.rs"), source)
}

/// The folder to embed, absolute; `None` for none.
fn folder() -> io::Result<Option<PathBuf>> {
    if let Some(folder) = env::var_os("COLDPATCH_PWA").filter(|value| !value.is_empty()) {
        return Path::new(&folder).canonicalize().map(Some);
    }
    if env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        let built = variable("CARGO_MANIFEST_DIR")?.join("../target/pwa");
        return if built.exists() { built.canonicalize().map(Some) } else { Ok(None) };
    }
    Ok(None)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path.clone()));
        }
    }
    Ok(())
}

fn variable(name: &str) -> io::Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("cargo did not set {name}")))
}
