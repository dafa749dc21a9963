//! The `coldpatch-server` program: reads the command line and calls the library.

use clap::Parser as _;
use coldpatch_server::app::App;
use coldpatch_server::cli::{Cli, Command};
use coldpatch_server::config::{Config, LogFormat};
use coldpatch_server::storage::Whose;
use coldpatch_server::{backup, clock, enrollment, import, revocation, seed, serve};
use coldpatch_shared::sync::judge;
use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The person at the terminal wants the sentence, not the type.
            eprintln!("coldpatch-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
    let new_key = cli.settings.new_key;
    let config = Config::load(cli.settings)?;
    log_to_stderr(config.log);
    judge::quiet_contained_panics();
    let app = match &cli.command {
        Command::Serve | Command::SeedDemo => App::open_with_key(config, new_key)?,
        Command::Enroll(_)
        | Command::Import(_)
        | Command::Backup(_)
        | Command::Devices
        | Command::Revoke(_)
        | Command::NewEpoch(_) => App::open_existing(config, new_key)?,
    };
    let mut out = std::io::stdout().lock();
    match cli.command {
        Command::Serve => {
            drop(out);
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async {
                let address = app.config.listen;
                let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
                    format!("cannot listen on {address}: {error}. Give another address with --listen or --port")
                })?;
                tracing::info!(
                    address = %listener.local_addr()?, url = app.config.public_url, city = app.city.name,
                    data = %app.config.data.display(), epoch = app.storage.state()?.epoch, "listening"
                );
                let files = std::sync::Arc::clone(&app.files);
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = files.probe() {
                        let error: &dyn Error = &error;
                        tracing::error!(
                            error,
                            "photos cannot be stored: phones keep them until they can; all else goes on"
                        );
                    }
                });
                serve::serve(app, listener, serve::told_to_stop()).await?;
                tracing::info!("closed");
                Ok::<_, Box<dyn Error>>(())
            })?;
        }
        Command::Enroll(ask) => {
            let invitation = enrollment::invite(&app, &ask.person, ask.hours)?;
            writeln!(out, "code  {}\nlink  {}", invitation.code, invitation.url)?;
            writeln!(out, "It works once, on one device, for {} hours.", ask.hours)?;
        }
        Command::Import(ask) => {
            let report = import::run(&app, ask.format, &ask.file, ask.limit)?;
            for refusal in &report.refusals {
                writeln!(out, "{refusal}")?;
            }
            writeln!(out, "{report}")?;
            if let Some(path) = &ask.report {
                let json = serde_json::to_string_pretty(&report)?;
                std::fs::write(path, json).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            }
        }
        Command::Backup(ask) => {
            let done = backup::run(&app, &ask.to, ask.photos.as_deref(), clock::now())?;
            writeln!(out, "The database up to number {} of its log is in {}.", done.sequence, ask.to.display())?;
            writeln!(out, "server.key is not in it: keep a copy of it in another place.")?;
            match ask.photos {
                Some(folder) => writeln!(out, "{} new photo files are in {}.", done.photos, folder.display())?,
                None => writeln!(
                    out,
                    "No photo is backed up: give a folder with --photos. Until then phones go on keeping what they sent."
                )?,
            }
        }
        Command::Devices => write!(out, "{}", revocation::listing(&app.storage.devices()?))?,
        Command::Revoke(ask) => {
            let whose = ask.device.map(Whose::Device).or(ask.person.map(Whose::Person));
            let Some(whose) = whose else { return Err("say whose: --device or --person".into()) };
            if let Whose::Person(person) = &whose
                && !app.city.people.iter().any(|known| known.id == *person)
                && !app.storage.devices()?.iter().any(|device| device.person == *person)
            {
                return Err(format!(
                    "nobody called {person} is in the city's staff file or has a device; nothing was changed"
                )
                .into());
            }
            let known = revocation::revoke(&app, &whose, clock::now())?;
            write!(out, "{}", revocation::listing(&known))?;
            match known.len() {
                0 => writeln!(
                    out,
                    "No such device is known here; should one come back after a restore, it is signed out."
                )?,
                1 => writeln!(out, "This device is signed out. Nothing on it was deleted.")?,
                many => writeln!(out, "These {many} devices are signed out. Nothing on them was deleted.")?,
            }
        }
        Command::NewEpoch(ask) => {
            let ended = app.storage.state()?;
            // People count the first life as 1.
            let begun = app.sync.ledger.begin_epoch_after(&ended.epoch, ask.at_least - 1, None, clock::now())?;
            let number = begun.epoch_number + 1;
            writeln!(out, "A new life of the log has begun, number {number}: {}", begun.epoch)?;
            writeln!(out, "Tracking numbers tell from now on in which minute it began, so that none comes again.")?;
        }
        Command::SeedDemo => {
            let seeded = seed::run(&app)?;
            writeln!(out, "{}", serde_json::to_string(&seeded)?)?;
        }
    }
    Ok(())
}

/// Logs go to stderr, so that stdout is a command's answer. `RUST_LOG` says how much.
fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Human => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
