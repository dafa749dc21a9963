//! The real server's process.

use super::http::Connection;
use crate::process::Process;
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A `coldpatch-server serve`, killed when this is dropped: it loses nothing by that.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens, on this machine.
    pub port: u16,
}

impl Server {
    /// Starts it over a data folder; back when it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn start(city: &Path, data: &Path) -> Result<Self> {
        // It is built together with this program.
        let program = std::env::current_exe()?.with_file_name("coldpatch-server");
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new(&program);
        command.arg("serve").arg("--data").arg(data).arg("--city").arg(city).arg("--port").arg(port.to_string());
        command.env("RUST_LOG", "warn").stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, port };
        let since = Instant::now();
        while server.health().is_err() {
            if since.elapsed() > PATIENCE || server.child.try_wait()?.is_some() {
                bail!("the server does not listen");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    fn health(&self) -> Result<()> {
        Connection::open(self.port)?.get("/healthz")
    }

    /// Whose processor time it is.
    #[must_use]
    pub fn process(&self) -> Process {
        Process::Id(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
