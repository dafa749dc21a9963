//! Everything that a running server, or a command beside it, has open.

use crate::clock;
use crate::config::Config;
use crate::developing::Developing;
use crate::entropy::{self, EntropyError};
use crate::files::{self, FileStore, FilesError};
use crate::keys::{KeyError, Keys};
use crate::ledger::LedgerError;
use crate::limiter::{Limiter, OneEach};
use crate::revocation::{self, RevokeError};
use crate::storage::{Sqlite, Storage, StorageError};
use crate::sync::SyncServer;
use crate::uploads::Uploads;
use coldpatch_shared::city::{City, CityError, CityFiles, FILE_NAMES, demo_files};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use tokio::sync::{Semaphore, watch};

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made or read.
    #[error(
        "the data folder {path} cannot be used: {source}. Give another with --data, or its permissions to this user"
    )]
    Data {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Photos' files cannot be kept where the settings say.
    #[error("photos cannot be kept in {at}: {source}")]
    Files {
        /// Where.
        at: String,
        /// Why.
        source: FilesError,
    },
    /// Nothing was ever kept there.
    #[error(
        "there is no Coldpatch data in {path}. Give the server's own folder with --data; `serve` and `seed-demo` make a \
         new one"
    )]
    NoData {
        /// Which folder.
        path: PathBuf,
    },
    /// The database cannot be opened.
    #[error("the database {path} cannot be opened: {source}")]
    Storage {
        /// Which.
        path: PathBuf,
        /// What it says.
        source: StorageError,
    },
    /// The server's key cannot be read or made.
    #[error("the server's key {path} cannot be used: {source}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The key that signed until now is gone, or another one is in its place.
    #[error(
        "the server's key {path} is {what}. Without the right one, phones cannot give back what others wrote, and nothing \
         of what the server signed until now counts. Nothing was changed. Put server.key back from its backup; or, when \
         it is lost for good, run this once with --new-key to go on without it"
    )]
    OtherKey {
        /// Where it should be.
        path: PathBuf,
        /// What is the matter with it.
        what: &'static str,
    },
    /// A city file is missing.
    #[error("the city's file {path} cannot be read: {source}. A city folder holds {names}", names = FILE_NAMES.join(", "))]
    CityFile {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A city file is wrong.
    #[error("the city cannot be used: {0}")]
    City(#[from] CityError),
    /// The city's time zone is none.
    #[error("the city's time_zone {0} is not an IANA time zone, like America/Los_Angeles")]
    TimeZone(String),
    /// The writer cannot be opened.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It cannot be told who was signed out.
    #[error(transparent)]
    Revoked(#[from] RevokeError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// The database's file in the data folder.
const DATABASE: &str = "coldpatch.sqlite3";
/// The server's key, beside it.
const KEY: &str = "server.key";
/// How many round trips are under way at once, for each core: each has documents and a part of the database in memory.
const TURNS: usize = 4;

/// The parts of the server.
pub struct App {
    /// How it was started.
    pub config: Config,
    /// The city, parsed.
    pub city: Arc<City>,
    /// The city's files as phones get them.
    pub city_files: CityFiles,
    /// The city's time.
    pub zone: TimeZone,
    /// What is kept.
    pub storage: Arc<dyn Storage>,
    /// Photos' bytes.
    pub files: Arc<dyn FileStore>,
    /// Those of which a part has come.
    pub uploads: Uploads,
    /// Photos of which renditions are to be made.
    pub developing: Developing,
    /// What answers phones, with the one writer of work orders.
    pub sync: SyncServer,
    /// Lets as many phones sync at once as the machine bears.
    pub turns: Arc<Semaphore>,
    /// Lets each phone sync once at a time.
    pub one_each: OneEach,
    /// Slows down guessing of codes.
    pub guesses: Limiter,
    /// Becomes `true` when the server shuts down: what lasts for ever (live connections) ends then.
    pub closing: watch::Sender<bool>,
}

impl App {
    /// The same as [`App::open_with_key`] over a data folder that is there already. What a command does to a new one, by a mistyped
    /// path, would be lost on the server that it was meant for.
    ///
    /// # Errors
    /// [`OpenError::NoData`], and those of [`App::open`].
    pub fn open_existing(config: Config, new_key: bool) -> Result<Arc<Self>, OpenError> {
        if !config.data.join(DATABASE).is_file() {
            return Err(OpenError::NoData { path: config.data });
        }
        Self::open_with_key(config, new_key)
    }

    /// Opens the data folder, makes it where it is not there, and reads the city.
    ///
    /// # Errors
    /// [`OpenError`], which says what to do.
    pub fn open(config: Config) -> Result<Arc<Self>, OpenError> {
        Self::open_with_key(config, false)
    }

    /// The same; with `new_key` another key than the one that signed until now is taken, or made where there is none.
    ///
    /// # Errors
    /// [`OpenError`], which says what to do.
    pub fn open_with_key(config: Config, new_key: bool) -> Result<Arc<Self>, OpenError> {
        // Before what is in it, so that the right one is blamed.
        std::fs::create_dir_all(&config.data)
            .map_err(|source| OpenError::Data { path: config.data.clone(), source })?;
        let files = files::open(config.files.as_deref(), config.files_endpoint.as_deref(), &config.data)?;
        Self::open_with(config, files, new_key)
    }

    /// As [`App::open`], with photos' files in a store that is open already.
    ///
    /// # Errors
    /// [`OpenError`], which says what to do.
    pub fn open_over(config: Config, files: Arc<dyn FileStore>) -> Result<Arc<Self>, OpenError> {
        Self::open_with(config, files, false)
    }

    fn open_with(config: Config, files: Arc<dyn FileStore>, new_key: bool) -> Result<Arc<Self>, OpenError> {
        let data = |source| OpenError::Data { path: config.data.clone(), source };
        std::fs::create_dir_all(&config.data).map_err(data)?;
        let city_files = config.city.as_deref().map_or_else(|| Ok(demo_files()), read_city)?;
        let city = Arc::new(City::parse(&city_files)?);
        let zone = TimeZone::get(&city.time_zone).map_err(|_| OpenError::TimeZone(city.time_zone.clone()))?;
        let path = config.data.join(DATABASE);
        let storage = Sqlite::open(&path, entropy::uuid(clock::now())?)
            .map_err(|source| OpenError::Storage { path: path.clone(), source })?;
        let storage: Arc<dyn Storage> = Arc::new(storage);
        revocation::remember(&config.data, &*storage)?;
        let uploads = Uploads::open(config.data.join("uploads")).map_err(data)?;
        let path = config.data.join(KEY);
        let keys = open_key(path, &*storage, new_key)?;
        let entropy = Arc::new(entropy::System);
        let sync = SyncServer::open(Arc::clone(&storage), Arc::clone(&city), zone.clone(), keys, entropy)?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Ok(Arc::new(Self {
            config,
            city,
            city_files,
            zone,
            storage,
            files,
            uploads,
            developing: Developing::default(),
            sync,
            turns: Arc::new(Semaphore::new(cores * TURNS)),
            one_each: OneEach::default(),
            guesses: Limiter::per_minute(30),
            closing: watch::Sender::new(false),
        }))
    }

    /// An address under the public one, for links that leave the server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.public_url)
    }
}

/// The key beside the database. Where the log has something in it, only the one that signed it, unless `new` says that it
/// is lost.
fn open_key(path: PathBuf, storage: &dyn Storage, new: bool) -> Result<Keys, OpenError> {
    let kept = |source| OpenError::Storage { path: path.clone(), source };
    let known = storage.key_fingerprint().map_err(kept)?;
    let guarded = !new && storage.state().map_err(kept)?.sequence > 0;
    if guarded && !path.exists() {
        return Err(OpenError::OtherKey { path, what: "missing" });
    }
    let keys = Keys::open(&path, &entropy::System).map_err(|source| OpenError::Key { path: path.clone(), source })?;
    let fingerprint = keys.fingerprint();
    if known.as_ref() != Some(&fingerprint) {
        if guarded && known.is_some() {
            return Err(OpenError::OtherKey { path, what: "not the one with which this database was written" });
        }
        storage.set_key_fingerprint(&fingerprint).map_err(kept)?;
    }
    Ok(keys)
}

fn read_city(folder: &Path) -> Result<CityFiles, OpenError> {
    let mut files = BTreeMap::new();
    for name in FILE_NAMES {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).map_err(|source| OpenError::CityFile { path, source })?;
        files.insert(name.to_owned(), text);
    }
    Ok(CityFiles::new(files))
}
