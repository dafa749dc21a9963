//! A real server on a port of its own over a temporary folder, and phones that talk to it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

use automerge::Change;
use coldpatch_server::app::App;
use coldpatch_server::config::{Config, Settings};
use coldpatch_server::{clock, enrollment, entropy, serve};
use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::api::{EnrollRequest, EnrollResponse, Problem, Session};
use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceCode, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp, WorkOrder};
use coldpatch_shared::sync::wire::{self, Cursor, PROTOCOL, SentChange, SyncRequest, SyncResponse, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A running server. Dropped, it is gone like after SIGKILL: nothing is flushed by us.
pub struct Server {
    pub app: Arc<App>,
    pub url: String,
    pub http: reqwest::Client,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn start_in(folder: TempDir) -> Self {
        Self::start_with(folder, None).await
    }

    pub async fn start_with(folder: TempDir, pwa: Option<PathBuf>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            data: Some(folder.path().join("data")),
            public_url: Some(url.clone()),
            pwa,
            ..Settings::default()
        };
        let app = App::open(Config::load(settings).unwrap()).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve::serve(Arc::clone(&app), listener, async {
            let _ = stopped.await;
        }));
        Self { app, url, http: reqwest::Client::new(), folder, stop: Some(stop), task }
    }

    /// Ends it without notice, and starts another over the same data.
    pub async fn kill_and_restart(self) -> Self {
        self.task.abort();
        drop(self.app);
        Self::start_in(self.folder).await
    }

    /// Ends it as Ctrl-C does.
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.stop.take().map(|stop| stop.send(()));
        self.task.await.unwrap()
    }

    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A work order as the server has it.
    pub fn order(&self, id: WorkOrderId) -> WorkOrder {
        self.app.storage.order(id).unwrap().unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.path(path)).send().await.unwrap()
    }

    pub fn code(&self, person: &str) -> String {
        enrollment::invite(&self.app, &UserId::from(person), 1).unwrap().code
    }

    pub async fn enroll(&self, code: &str, device: DeviceId) -> reqwest::Response {
        enroll(&self.http, &self.url, code, device).await
    }

    /// Signs in a new phone for this person.
    pub async fn phone(&self, person: &str) -> Phone {
        Phone::enroll(&self.http, &self.url, &self.code(person)).await
    }
}

async fn enroll(http: &reqwest::Client, url: &str, code: &str, device: DeviceId) -> reqwest::Response {
    let ask = EnrollRequest { code: code.to_owned(), device, device_name: "a test".to_owned() };
    http.post(format!("{url}/api/enroll")).json(&ask).send().await.unwrap()
}

/// What came in over the wire since it was last looked at.
#[derive(Debug, Default)]
pub struct Received {
    pub snapshots: usize,
    pub changes: usize,
    pub pages: usize,
}

/// A phone, as thin as one can be: documents in memory, an outbox, a cursor.
pub struct Phone {
    http: reqwest::Client,
    pub url: String,
    pub token: String,
    pub session: Session,
    actor: Vec<u8>,
    pub cursor: Option<Cursor>,
    pub docs: BTreeMap<WorkOrderId, OrderDoc>,
    pub outbox: Vec<SentChange>,
    pub budget: u32,
    pub received: Received,
}

impl Phone {
    /// Signs in a new phone with a code.
    pub async fn enroll(http: &reqwest::Client, url: &str, code: &str) -> Self {
        let device = DeviceId(new_uuid());
        let answer = enroll(http, url, code, device).await;
        assert_eq!(answer.status(), 200);
        let EnrollResponse { token, session } = answer.json().await.unwrap();
        let mut actor = device.0.as_bytes().to_vec();
        actor.extend(entropy::bytes::<8>().unwrap());
        Self {
            http: http.clone(),
            url: url.to_owned(),
            token,
            session,
            actor,
            cursor: None,
            docs: BTreeMap::new(),
            outbox: Vec::new(),
            budget: 1 << 20,
            received: Received::default(),
        }
    }

    /// Does something, now; the change waits in the outbox.
    pub fn act(&mut self, work_order: WorkOrderId, action: Action) -> ActionId {
        let id = ActionId(new_uuid());
        let stamp = Stamp {
            by: self.session.user.clone(),
            role: self.session.role,
            crew: self.session.crew.clone(),
            at: clock::now(),
            offset_ms: Some(0),
            offset_age_s: Some(0),
        };
        let doc = self.docs.entry(work_order).or_insert_with(|| OrderDoc::empty(&self.actor));
        doc.set_actor(&self.actor);
        let change = apply(doc, &Deed { id, work_order, stamp, action }, work_order).unwrap().unwrap();
        self.outbox.push(SentChange { action: id, work_order, bytes: change.raw_bytes().to_vec() });
        id
    }

    /// Files a pothole in the middle of the demo city.
    pub fn file_pothole(&mut self, description: &str) -> WorkOrderId {
        let work_order = WorkOrderId(new_uuid());
        let request = ServiceRequest {
            request: ServiceRequestId(new_uuid()),
            source: RequestSource::Field,
            service_code: ServiceCode::from("pothole"),
            description: description.to_owned(),
            answers: BTreeMap::new(),
            place: Some(PlaceFix { at: CENTER, source: PlaceSource::Pin, accuracy_m: None }),
            address: None,
            mirrors: None,
            observed_at: None,
        };
        let request = Box::new(request);
        let file = Action::File {
            request,
            photos: Vec::new(),
            priority: Priority::Normal,
            due: None,
            assignment: None,
            follows: None,
        };
        self.act(work_order, file);
        work_order
    }

    pub async fn post(&self, body: Vec<u8>) -> reqwest::Response {
        self.try_post(body).await.unwrap()
    }

    async fn try_post(&self, body: Vec<u8>) -> reqwest::Result<reqwest::Response> {
        let post = self.http.post(format!("{}/api/sync", self.url)).bearer_auth(&self.token);
        post.header("content-type", wire::MEDIA_TYPE).body(body).send().await
    }

    /// One round trip with what is in the outbox, which stays there.
    pub async fn round_trip(&mut self) -> SyncResponse {
        self.try_round_trip().await.expect("the server answers")
    }

    /// The same; `None` when the connection breaks.
    pub async fn try_round_trip(&mut self) -> Option<SyncResponse> {
        let request = SyncRequest {
            protocol: PROTOCOL,
            device_time: clock::now(),
            cursor: self.cursor.clone(),
            changes: self.outbox.clone(),
            budget: self.budget,
        };
        let answer = self.try_post(wire::encode(&request).unwrap()).await.ok()?;
        assert_eq!(answer.status(), 200);
        Some(wire::decode(&answer.bytes().await.ok()?).unwrap())
    }

    /// Takes an answer in, as a phone does.
    pub fn take(&mut self, response: &SyncResponse) {
        self.received.pages += 1;
        self.received.snapshots += response.snapshots.len();
        self.received.changes += response.changes.len();
        for snapshot in &response.snapshots {
            let mut theirs = OrderDoc::load(&snapshot.bytes).unwrap();
            let mine = self.docs.entry(snapshot.work_order).or_insert_with(|| OrderDoc::empty(&self.actor));
            mine.apply(theirs.changes_since(&[])).unwrap();
        }
        for change in &response.changes {
            let doc = self.docs.get_mut(&change.work_order).expect("a change of a document that the phone has");
            doc.apply([Change::from_bytes(change.bytes.clone()).unwrap()]).expect("a change after those it depends on");
        }
        self.cursor = Some(response.cursor.clone());
    }

    /// Syncs until there is no more; the verdicts come back in the outbox's order.
    pub async fn sync(&mut self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        loop {
            let response = self.round_trip().await;
            self.take(&response);
            self.outbox.clear();
            verdicts.extend(response.answers.into_iter().map(|answer| answer.verdict));
            if !response.more {
                return verdicts;
            }
        }
    }

    pub fn order(&self, id: WorkOrderId) -> WorkOrder {
        WorkOrder::derive(id, &self.docs[&id].facts()).unwrap()
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }
}

/// What a work order says, wherever it was derived.
pub fn told(order: &WorkOrder) -> serde_json::Value {
    serde_json::to_value(order).unwrap()
}

pub const CENTER: LatLon = LatLon { lat: 47.627_167, lon: -122.337_333 };

pub fn new_uuid() -> Uuid {
    entropy::uuid(clock::now()).unwrap()
}

/// The problem that an answer is.
pub async fn problem(answer: reqwest::Response) -> Problem {
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, "application/problem+json");
    let status = answer.status().as_u16();
    let problem: Problem = answer.json().await.unwrap();
    assert_eq!(problem.status, status);
    assert!(!problem.detail.is_empty(), "{problem:?} says what to do");
    problem
}

/// A folder of real data, where it is there.
pub fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}
