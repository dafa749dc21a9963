//! A window of the operating system: the engine in a thread, data in a folder of the person's.

use super::{LocateError, Platform};
use crate::engine::accounts::Accounts;
use crate::engine::api::EngineError;
use crate::engine::{Door, open_native};
use crate::platform::http::Cable;
use crate::ui::words;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::PlaceFix;
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::path::PathBuf;
use std::time::Duration;

/// Where the demo's server listens.
const DEFAULT_SERVER: &str = "http://localhost:3110";

/// A desktop window.
#[derive(Debug, Clone)]
pub struct Window {
    dir: PathBuf,
    server: String,
    cable: Cable,
}

impl Window {
    /// Data in `dir`, the city's server at `server`.
    #[must_use]
    pub fn new(dir: PathBuf, server: String) -> Self {
        Self { dir, server, cable: Cable::default() }
    }

    /// By `COLDPATCH_APP_DATA` and `COLDPATCH_SERVER`, else the person's own data folder and the demo's server.
    #[must_use]
    pub fn from_environment() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = || set("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        let data = || set("XDG_DATA_HOME").or_else(|| set("LOCALAPPDATA")).map(PathBuf::from).or_else(home);
        let dir = set("COLDPATCH_APP_DATA").map(PathBuf::from).or_else(|| data().map(|data| data.join("coldpatch")));
        let server = std::env::var("COLDPATCH_SERVER").unwrap_or_else(|_| DEFAULT_SERVER.to_owned());
        Self::new(dir.unwrap_or_else(|| PathBuf::from("coldpatch-data")), server)
    }

    fn preference_file(&self, key: &str) -> PathBuf {
        let safe = key.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
        self.dir.join("preferences").join(safe.collect::<String>())
    }
}

impl Platform for Window {
    fn open(&self, device: DeviceId) -> Result<Door, EngineError> {
        open_native(&self.dir.join(device.to_string()), device, &self.server, self.cable.clone())
    }

    fn accounts(&self) -> Accounts {
        Accounts::in_folder(&self.dir)
    }

    fn preference(&self, key: &str) -> Option<String> {
        std::fs::read_to_string(self.preference_file(key)).ok()
    }

    fn set_preference(&self, key: &str, value: &str) {
        let file = self.preference_file(key);
        let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| std::fs::write(&file, value)) {
            tracing::warn!(%error, "a setting was not kept");
        }
    }

    fn wear(&self, theme: &str) {
        // `{:?}` of a theme's name is a string of JavaScript, too.
        let root = "document.documentElement";
        dioxus::document::eval(&if theme.is_empty() {
            format!("delete {root}.dataset.theme")
        } else {
            format!("{root}.dataset.theme = {theme:?}")
        });
    }

    fn name(&self, title: &str) {
        dioxus::document::eval(&format!("document.title = {title:?}"));
    }

    fn locate(&self) -> LocalBoxFuture<'static, Result<PlaceFix, LocateError>> {
        async { Err(LocateError::Unsupported) }.boxed_local()
    }

    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).boxed_local()
    }

    /// The system does not tell; the engine finds out by trying.
    fn network(&self) -> UnboundedReceiver<bool> {
        unbounded().1
    }

    /// A window is mostly in sight, and its engine's own thread never sleeps: nothing is missed.
    fn resumed(&self) -> UnboundedReceiver<()> {
        unbounded().1
    }

    /// The page is in another process, which is not asked.
    fn scrolled(&self) -> f64 {
        0.0
    }

    fn scroll_to(&self, _down: f64) {}

    fn device_name(&self) -> String {
        match std::env::consts::OS {
            "linux" => "Linux computer".to_owned(),
            "macos" => "Mac".to_owned(),
            "windows" => "Windows computer".to_owned(),
            _ => words::account::THIS_DEVICE.to_owned(),
        }
    }
}
