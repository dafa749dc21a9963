//! A real server on a port of its own, and people with phones.

use coldpatch_mobile::engine::api::{Ask, Changed, EngineError, JobRow, JobsFilter, Reply, SyncLine};
use coldpatch_mobile::engine::{Door, fresh_id, open_native};
use coldpatch_mobile::platform::http::Cable;
use coldpatch_server::app::App;
use coldpatch_server::config::{Config, Settings};
use coldpatch_server::storage::Whose;
use coldpatch_server::{backup, clock, enrollment, revocation, serve};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::{ActionId, DeviceId, UserId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, WorkOrder};
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Runs a test's body. The engines have threads of their own.
pub(crate) fn run<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body)
}

/// A running server.
pub(crate) struct Server {
    data: TempDir,
    app: Arc<App>,
    runtime: Option<Runtime>,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Inside a test's own runtime another one may not be waited for.
            runtime.shutdown_background();
        }
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), "127.0.0.1:0".parse().unwrap())
    }

    fn start_on(data: TempDir, address: SocketAddr) -> Self {
        let settings = Settings { data: Some(data.path().to_owned()), listen: Some(address), ..Settings::default() };
        let app = App::open(Config::load(settings).unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = app.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            serve::serve(serving, listener, std::future::pending()).await
        });
        Self { data, app, runtime: Some(runtime), address }
    }

    /// Ends it without notice while something is going on, and starts it again over the same folder and port.
    pub(crate) async fn kill_and_restart_while(mut self, meanwhile: impl Future<Output = ()>) -> Self {
        let runtime = self.runtime.take().unwrap();
        std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(5))).join().unwrap();
        meanwhile.await;
        let address = self.address;
        let data = std::mem::replace(&mut self.data, tempfile::tempdir().unwrap());
        drop(self);
        Self::start_on(data, address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A copy of the database as it is now.
    pub(crate) fn backup(&self) -> PathBuf {
        let path = self.data.path().join("backup");
        backup::run(&self.app, &path, None, clock::now()).unwrap();
        path
    }

    /// Loses its disk, and starts again at the same address with an older database and the key, without any photo.
    pub(crate) async fn restore(mut self, backup: &Path) -> Self {
        let runtime = self.runtime.take().unwrap();
        std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(5))).join().unwrap();
        let (address, fresh) = (self.address, tempfile::tempdir().unwrap());
        std::fs::copy(backup, fresh.path().join("coldpatch.sqlite3")).unwrap();
        std::fs::copy(self.data.path().join("server.key"), fresh.path().join("server.key")).unwrap();
        drop(self);
        Self::start_on(fresh, address)
    }

    /// Whether a photo's file is there.
    pub(crate) fn has_file(&self, sha256: &str) -> bool {
        self.app.storage.file(sha256).unwrap().is_some()
    }

    /// Signs out all devices of a person.
    pub(crate) fn revoke(&self, person: &str) {
        revocation::revoke(&self.app, &Whose::Person(UserId::from(person)), clock::now()).unwrap();
    }

    pub(crate) fn code(&self, person: &str) -> String {
        enrollment::invite(&self.app, &UserId::from(person), 1).unwrap().code
    }
}

/// Somebody with a phone.
pub(crate) struct Person {
    pub(crate) dir: TempDir,
    pub(crate) device: DeviceId,
    url: String,
    cable: Cable,
    pub(crate) door: Door,
    changes: UnboundedReceiver<Changed>,
}

impl Person {
    pub(crate) fn switch_on(server: &Server) -> Self {
        Self::switch_on_at(&server.address)
    }

    pub(crate) fn switch_on_at(address: &SocketAddr) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::boot(dir, DeviceId(fresh_id()), format!("http://{address}"), Cable::default())
    }

    fn boot(dir: TempDir, device: DeviceId, url: String, cable: Cable) -> Self {
        let door = open_native(dir.path(), device, &url, cable.clone()).unwrap();
        let changes = door.changes();
        Self { dir, device, url, cable, door, changes }
    }

    pub(crate) async fn sign_in(server: &Server, person: &str) -> Self {
        let phone = Self::switch_on(server);
        phone.try_sign_in(&server.code(person)).await.unwrap();
        phone
    }

    pub(crate) async fn try_sign_in(&self, code: &str) -> Result<Reply, EngineError> {
        self.door.ask(Ask::Enroll { code: code.to_owned(), device_name: "a test".to_owned(), beside: Vec::new() }).await
    }

    /// With a code, in a place where somebody else signed in before.
    pub(crate) async fn try_sign_in_beside(&self, code: &str, other: &Self) -> Result<Reply, EngineError> {
        let (code, device_name) = (code.to_owned(), "a test".to_owned());
        self.door.ask(Ask::Enroll { code, device_name, beside: vec![other.device] }).await
    }

    /// The phone dies and is switched on again.
    pub(crate) async fn restart(self) -> Self {
        let Self { dir, device, url, cable, door, mut changes } = self;
        drop(door);
        // The engine's end: nothing is flushed by it, only its thread is gone.
        while changes.next().await.is_some() {}
        Self::boot(dir, device, url, cable)
    }

    /// Pulls the cable; the platform says so too.
    pub(crate) async fn cut(&self) {
        self.cable.set(false);
        self.ask(Ask::Network(false)).await;
    }

    pub(crate) async fn plug_in(&self) {
        self.cable.set(true);
        self.ask(Ask::Network(true)).await;
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Reply {
        self.door.ask(ask).await.unwrap()
    }

    pub(crate) async fn act(&self, work_order: WorkOrderId, action: Action) {
        self.ask(Ask::Do { action_id: ActionId(fresh_id()), work_order, action }).await;
    }

    pub(crate) async fn attach(&self, work_order: WorkOrderId, slot: PhotoSlot, name: &str) {
        let action_id = ActionId(fresh_id());
        self.ask(Ask::AttachPhoto { action_id, work_order, slot, file: photo(name), place_follows: false }).await;
    }

    pub(crate) async fn order(&self, id: WorkOrderId) -> WorkOrder {
        self.find(id).await.unwrap()
    }

    async fn find(&self, id: WorkOrderId) -> Option<WorkOrder> {
        match self.ask(Ask::Job(id)).await {
            Reply::Job(job) => job.map(|job| job.order),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn jobs(&self, filter: JobsFilter) -> Vec<JobRow> {
        match self.ask(Ask::Jobs(filter)).await {
            Reply::Jobs(page) => page.rows,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn line(&self) -> SyncLine {
        match self.ask(Ask::SyncLine).await {
            Reply::SyncLine(line) => line,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn change(&mut self) {
        assert!(self.changes.next().await.is_some(), "the engine ended");
    }

    /// Waits, without asking the server, until the job is as wanted.
    pub(crate) async fn until_order(&mut self, id: WorkOrderId, wanted: impl Fn(&WorkOrder) -> bool) {
        while !self.find(id).await.is_some_and(|order| wanted(&order)) {
            self.change().await;
        }
    }

    pub(crate) async fn until_line(&mut self, wanted: impl Fn(&SyncLine) -> bool) {
        while !wanted(&self.line().await) {
            self.change().await;
        }
    }

    pub(crate) async fn until_city(&mut self) {
        while self.ask(Ask::City).await == Reply::City(None) {
            self.change().await;
        }
    }
}

/// A real photo where they lie beside the repository, else a plain picture.
pub(crate) fn photo(name: &str) -> Vec<u8> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos")).join(name);
    std::fs::read(path).unwrap_or_else(|_| plain_jpeg(name.len()))
}

fn plain_jpeg(shade: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels: Vec<u8> =
        (0..640 * 480usize).flat_map(|at| [(at % 640) as u8, (at / 640) as u8, shade as u8]).collect();
    jpeg_encoder::Encoder::new(&mut bytes, 80).encode(&pixels, 640, 480, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}
