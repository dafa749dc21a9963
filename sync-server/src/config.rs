//! How the server is set up: flags, then environment, then one TOML file, then what this says.

use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The port of the demo and of the default address.
const PORT: u16 = 3110;
/// Longer than phones are usually away, so that they still get single changes.
const LOG_DAYS: u32 = 30;

/// How logs are written, on stderr.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line of text for each event.
    #[default]
    Human,
    /// One JSON object for each event.
    Json,
}

/// Settings as flags or environment give them.
#[derive(Debug, Clone, Default, Args)]
pub struct Settings {
    /// A TOML file with the same settings (data, files, files_endpoint, listen, public_url, city, pwa, log_days, log); flags and environment win
    #[arg(long, global = true, env = "COLDPATCH_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where everything is kept: the database and photos [default: coldpatch-data]
    #[arg(long, global = true, env = "COLDPATCH_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where photos' files are: a folder, or s3://BUCKET/PREFIX with keys in the environment [default: files in the data folder]
    #[arg(long, global = true, env = "COLDPATCH_FILES", value_name = "DIR|s3://…")]
    pub files: Option<String>,
    /// The object store's address, for one that is not Amazon's [default: AWS_ENDPOINT_URL, or Amazon's]
    #[arg(long, global = true, env = "COLDPATCH_FILES_ENDPOINT", value_name = "URL")]
    pub files_endpoint: Option<String>,
    /// The address to listen on [default: 127.0.0.1:3110]
    #[arg(long, global = true, env = "COLDPATCH_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Only the port: the same as --listen 127.0.0.1:PORT
    #[arg(long, global = true, env = "COLDPATCH_PORT", value_name = "PORT", conflicts_with = "listen")]
    pub port: Option<u16>,
    /// The address under which people reach the server, for links [default: http://localhost:<port>]
    #[arg(long = "url", alias = "public-url", global = true, env = "COLDPATCH_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// A folder with the city's files (city.json, catalog.json, …) [default: the built-in demo city]
    #[arg(long, global = true, env = "COLDPATCH_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// A folder with the app's files, instead of those in the program
    #[arg(long, global = true, env = "COLDPATCH_PWA", value_name = "DIR")]
    pub pwa: Option<PathBuf>,
    /// After how many days the log leaves a change to its document, where its whole history stays [default: 30]
    #[arg(long, global = true, env = "COLDPATCH_LOG_DAYS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub log_days: Option<u32>,
    /// Go on with another server.key, or a new one where it is missing: what the old one signed then counts for nothing
    #[arg(long, global = true)]
    pub new_key: bool,
    /// How logs are written, on stderr [default: human]
    #[arg(long, global = true, env = "COLDPATCH_LOG", value_name = "FORMAT")]
    pub log: Option<LogFormat>,
}

/// The TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    files: Option<String>,
    files_endpoint: Option<String>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    city: Option<PathBuf>,
    pwa: Option<PathBuf>,
    log_days: Option<u32>,
    log: Option<LogFormat>,
}

/// Settings, complete.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// Where photos' files are, a folder or `s3://bucket/prefix`; `None` is `files` in the data folder.
    pub files: Option<String>,
    /// The object store's address; `None` is what the environment says, else Amazon's.
    pub files_endpoint: Option<String>,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address under which people reach the server, without a slash at its end.
    pub public_url: String,
    /// The city's folder; `None` is the demo city.
    pub city: Option<PathBuf>,
    /// The app's files; `None` are those in the program.
    pub pwa: Option<PathBuf>,
    /// After how many days the log leaves a change to its document.
    pub log_days: u32,
    /// How logs are written.
    pub log: LogFormat,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not right.
    #[error("the configuration file {path} is not right: {source}")]
    Wrong {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Completes the settings from the file and the defaults. Paths in the file are relative to the current folder, as
    /// those on the command line are.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read or says something unknown.
    pub fn load(settings: Settings) -> Result<Self, ConfigError> {
        let file = settings.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let asked = settings.listen.or(settings.port.map(local));
        let listen = asked.or(file.listen).unwrap_or_else(|| local(PORT));
        let public_url = settings.public_url.or(file.public_url);
        let public_url = public_url.unwrap_or_else(|| format!("http://localhost:{}", listen.port()));
        Ok(Self {
            data: settings.data.or(file.data).unwrap_or_else(|| PathBuf::from("coldpatch-data")),
            files: settings.files.or(file.files),
            files_endpoint: settings.files_endpoint.or(file.files_endpoint),
            listen,
            public_url: public_url.trim_end_matches('/').to_owned(),
            city: settings.city.or(file.city),
            pwa: settings.pwa.or(file.pwa),
            log_days: settings.log_days.or(file.log_days).unwrap_or(LOG_DAYS),
            log: settings.log.or(file.log).unwrap_or_default(),
        })
    }
}

fn read(path: &std::path::Path) -> Result<File, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|source| ConfigError::Wrong { path: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coldpatch.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:4000\"\npublic_url = \"https://311.example/\"\nlog = \"json\"")
            .unwrap();
        let config = Config::load(Settings {
            config: Some(path),
            listen: Some(([127, 0, 0, 1], 5000).into()),
            ..Settings::default()
        })
        .unwrap();
        assert_eq!(config.listen.port(), 5000);
        assert_eq!(config.public_url, "https://311.example");
        assert_eq!(config.log, LogFormat::Json);
        assert_eq!(config.data, PathBuf::from("coldpatch-data"));
    }

    #[test]
    fn a_setting_that_nobody_knows_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coldpatch.toml");
        std::fs::write(&path, "lissten = \"127.0.0.1:4000\"").unwrap();
        let error = Config::load(Settings { config: Some(path), ..Settings::default() }).unwrap_err();
        assert!(error.to_string().contains("lissten"), "{error}");
    }
}
