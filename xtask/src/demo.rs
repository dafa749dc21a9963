//! `cargo xtask demo`: a small fictional city on this machine, from nothing to sign-in links in one command.

use crate::{command, paths, server, web};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Options of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port on localhost.
    #[arg(long, default_value_t = 3110)]
    port: u16,
    /// Where the demo keeps its data [default: target/demo].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Begin with a new city; everything in the data folder is deleted.
    #[arg(long)]
    reset: bool,
}

/// Builds, seeds, serves until Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    let data = match &options.data {
        // Relative to where the person is, not to the repository.
        Some(folder) => std::path::absolute(folder)?,
        None => paths::target().join("demo"),
    };
    if options.reset && data.exists() {
        delete(&data)?;
    }
    web::run(&web::Options::default())?;
    println!("server: compiling");
    server::debug()?;

    // Idempotent: it seeds a new city, and gives new sign-in links for one that is there.
    let mut seed = program();
    seed.arg("seed-demo").arg("--data").arg(&data).arg("--city").arg(paths::city());
    seed.arg("--url").arg(format!("http://localhost:{}", options.port));
    let links = seed.stderr(Stdio::inherit()).output().context("cannot start the server to seed the city")?;
    if !links.status.success() {
        bail!("the demo city could not be seeded; what the server said is above");
    }
    println!("\n{}", what_to_open(&links.stdout)?);

    let mut serve = program();
    serve.arg("serve").arg("--data").arg(&data).arg("--city").arg(paths::city());
    serve.arg("--port").arg(options.port.to_string()).arg("--pwa").arg(paths::pwa());
    println!("Ctrl-C ends the demo; its data stays in {}", data.display());
    become_program(&mut serve)
}

/// What `seed-demo` printed, for people.
fn what_to_open(printed: &[u8]) -> Result<String> {
    let printed: serde_json::Value = serde_json::from_slice(printed).context("seed-demo printed no JSON")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec!["Open, side by side in one browser if you like:".to_owned(), String::new()];
    lines.push(format!("  {:<28} {}", "resident: report a problem", text(&printed["resident"])));
    for link in printed["links"].as_array().into_iter().flatten() {
        let who = format!("{}: {}", text(&link["role"]), text(&link["name"]));
        lines.push(format!("  {who:<28} {}", text(&link["url"])));
    }
    lines.push(String::new());
    lines.push("Each sign-in link works once; the next start prints new ones.".to_owned());
    Ok(lines.join("\n"))
}

fn program() -> Command {
    let mut command = Command::new(paths::debug_server());
    command::forget_cargo(&mut command);
    command
}

/// Only what is plainly ours: a mistyped `--data ~` must not cost anybody their home.
fn delete(data: &Path) -> Result<()> {
    if !data.join("coldpatch.sqlite3").exists() && std::fs::read_dir(data)?.next().is_some() {
        bail!("{} holds no Coldpatch data (no coldpatch.sqlite3), so --reset does not delete it", data.display());
    }
    std::fs::remove_dir_all(data).with_context(|| format!("cannot delete {}", data.display()))
}

/// The server takes our place, so that Ctrl-C and every other signal reach it and nothing else.
#[cfg(unix)]
fn become_program(serve: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(serve.exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn become_program(serve: &mut Command) -> Result<()> {
    command::run(serve)
}
