//! Which devices are enrolled here: each is a database of its own, and one browser profile can hold several.
//!
//! In a browser the list lives in the page's `localStorage` (and, because that is lost when a browser is killed, once more
//! beside the databases: `web::roster`); natively it is a file.

use super::api::{EngineError, ErrorKind};
use super::errors::error;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::DeviceId;
use serde::{Deserialize, Serialize};

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose database it is.
    pub device: DeviceId,
    /// The person's name.
    pub name: String,
    /// The role that the person acts in.
    pub role: Role,
}

/// Where the list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    #[cfg(not(target_family = "wasm"))]
    file: std::path::PathBuf,
}

impl Accounts {
    /// The list of the app whose data is in `dir`.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn in_folder(dir: &std::path::Path) -> Self {
        Self { file: dir.join("accounts.json") }
    }

    /// The list of this browser profile. Only on the page: a Worker has no `localStorage`.
    #[cfg(target_family = "wasm")]
    #[must_use]
    pub fn in_browser() -> Self {
        Self {}
    }

    /// Everybody who signed in here, the first first.
    ///
    /// # Errors
    /// [`EngineError`] when the list cannot be read; it is not the same as an empty one.
    pub fn list(&self) -> Result<Vec<Account>, EngineError> {
        match self.read()? {
            None => Ok(Vec::new()),
            Some(text) => serde_json::from_str(&text).map_err(|why| unusable(&why)),
        }
    }

    /// Adds an account, or renews what is known about it.
    ///
    /// # Errors
    /// [`EngineError`] when the list cannot be read or written.
    pub fn keep(&self, account: Account) -> Result<(), EngineError> {
        let mut accounts = self.list()?;
        match accounts.iter_mut().find(|known| known.device == account.device) {
            Some(known) => *known = account,
            None => accounts.push(account),
        }
        self.save(&accounts)
    }

    /// Takes an account off the list. Its database stays.
    ///
    /// # Errors
    /// [`EngineError`] when the list cannot be read or written.
    pub fn forget(&self, device: DeviceId) -> Result<(), EngineError> {
        let mut accounts = self.list()?;
        accounts.retain(|account| account.device != device);
        #[cfg(all(feature = "web", target_family = "wasm"))]
        crate::web::roster::remove(device);
        self.save(&accounts)
    }

    fn save(&self, accounts: &[Account]) -> Result<(), EngineError> {
        let text = serde_json::to_string_pretty(accounts).map_err(|why| unusable(&why))?;
        self.write(&text)
    }
}

#[cfg(not(target_family = "wasm"))]
impl Accounts {
    fn read(&self) -> Result<Option<String>, EngineError> {
        match std::fs::read_to_string(&self.file) {
            Ok(text) => Ok(Some(text)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(unusable(&why)),
        }
    }

    /// Written beside and renamed, so that the list is never half there.
    fn write(&self, text: &str) -> Result<(), EngineError> {
        let beside = self.file.with_extension("part");
        let folder = self.file.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder
            .and_then(|()| std::fs::write(&beside, text))
            .and_then(|()| std::fs::rename(&beside, &self.file))
            .map_err(|why| unusable(&why))
    }
}

#[cfg(target_family = "wasm")]
impl Accounts {
    const KEY: &'static str = "coldpatch.accounts";

    fn storage() -> Result<web_sys::Storage, EngineError> {
        web_sys::window()
            .and_then(|window| window.local_storage().ok().flatten())
            .ok_or_else(|| unusable(&"this browser keeps no data for this page"))
    }

    fn read(&self) -> Result<Option<String>, EngineError> {
        Self::storage()?.get_item(Self::KEY).map_err(|why| unusable(&format!("{why:?}")))
    }

    fn write(&self, text: &str) -> Result<(), EngineError> {
        Self::storage()?.set_item(Self::KEY, text).map_err(|why| unusable(&format!("{why:?}")))
    }
}

fn unusable(why: &dyn std::fmt::Display) -> EngineError {
    tracing::error!(%why, "accounts");
    error(
        ErrorKind::Storage,
        "The list of who is signed in on this device cannot be read or written. Nothing was removed. Allow this site to keep \
         data (a private window does not), then try again.",
    )
}
