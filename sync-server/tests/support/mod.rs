//! A real server on a port of its own over a temporary folder, and phones that talk to it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

#[cfg(feature = "s3")]
pub mod s3;

use automerge::Change;
use coldpatch_server::app::{App, OpenError};
use coldpatch_server::config::{Config, Settings};
use coldpatch_server::{clock, enrollment, entropy, serve};
use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::api::{EnrollRequest, EnrollResponse, Problem, Session};
use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceCode, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{OrderDoc, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp, WorkOrder};
use coldpatch_shared::sync::digest::{self, Sum};
use coldpatch_shared::sync::receipt;
use coldpatch_shared::sync::wire::{
    self, Cursor, Held, KeptReceipt, OrderChanges, PROTOCOL, ScopeBuckets, SentChange, SyncRequest, SyncResponse,
    Verdict,
};
use std::collections::{BTreeMap, BTreeSet};
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
        Self::start_opened(folder, pwa, App::open).await
    }

    /// Over a bucket.
    #[cfg(feature = "s3")]
    pub async fn start_over(s3: &s3::S3) -> Self {
        let open = |config: Config| {
            let files = s3.store(&config.data.join("files"));
            App::open_over(config, Arc::new(files))
        };
        Self::start_opened(tempfile::tempdir().unwrap(), None, open).await
    }

    async fn start_opened(
        folder: TempDir,
        pwa: Option<PathBuf>,
        open: impl FnOnce(Config) -> Result<Arc<App>, OpenError>,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            data: Some(folder.path().join("data")),
            public_url: Some(url.clone()),
            pwa,
            ..Settings::default()
        };
        let app = open(Config::load(settings).unwrap()).unwrap();
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

    /// Loses its machine, and starts on another one with an older database and its key.
    pub async fn restore_and_restart(self, backup: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (lost, data) = (self.folder.path().join("data"), folder.path().join("data"));
        std::fs::create_dir(&data).unwrap();
        std::fs::copy(backup, data.join("coldpatch.sqlite3")).unwrap();
        std::fs::copy(lost.join("server.key"), data.join("server.key")).unwrap();
        self.task.abort();
        Self::start_in(folder).await
    }

    /// A copy of the database as it is now.
    pub fn backup(&self) -> PathBuf {
        let path = self.folder.path().join(format!("backup-{}", new_uuid()));
        coldpatch_server::backup::run(&self.app, &path, None, clock::now()).unwrap();
        path
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
    let ask = EnrollRequest { code: code.to_owned(), device, device_name: "a test".to_owned(), beside: Vec::new() };
    http.post(format!("{url}/api/enroll")).json(&ask).send().await.unwrap()
}

/// What came in over the wire since it was last looked at.
#[derive(Debug, Default)]
pub struct Received {
    pub documents: usize,
    pub changes: usize,
    pub left: usize,
    pub pages: usize,
    pub bytes: usize,
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
    /// By scope.
    pub members: BTreeMap<String, BTreeSet<WorkOrderId>>,
    pub receipts: Vec<KeptReceipt>,
    /// It holds what the server refused, so that nothing is the same any more.
    pub diverged: bool,
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
            members: BTreeMap::new(),
            receipts: Vec::new(),
            diverged: false,
            outbox: Vec::new(),
            budget: 1 << 20,
            received: Received::default(),
        }
    }

    /// Does something, now; the change waits in the outbox.
    pub fn act(&mut self, work_order: WorkOrderId, action: Action) -> ActionId {
        let id = ActionId(new_uuid());
        self.act_as(id, work_order, action);
        id
    }

    /// The same, as (a part of) an action that has an id.
    pub fn act_as(&mut self, id: ActionId, work_order: WorkOrderId, action: Action) {
        let stamp = Stamp {
            by: self.session.user.clone(),
            role: self.session.role,
            crew: self.session.crew.clone(),
            at: clock::now(),
            offset_ms: Some(0),
            offset_age_s: Some(0),
        };
        let deed = Deed { id, work_order, stamp, action };
        for part in deed.parts() {
            let doc = self.docs.entry(part).or_insert_with(|| OrderDoc::empty(&self.actor));
            doc.set_actor(&self.actor);
            let change = apply(doc, &deed, part).unwrap().unwrap();
            self.outbox.push(SentChange { work_order: part, bytes: change.raw_bytes().to_vec() });
        }
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
            place: Some(PlaceFix { at: CENTER, source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
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

    pub fn http(&self) -> &reqwest::Client {
        &self.http
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
        self.try_exchange(&self.ask()).await
    }

    /// What goes out with the outbox as it is.
    pub fn ask(&self) -> SyncRequest {
        let changes = self
            .outbox
            .iter()
            .map(|sent| OrderChanges { work_order: sent.work_order, changes: vec![sent.bytes.clone().into()] });
        SyncRequest { cursor: self.cursor.clone(), changes: changes.collect(), ..empty(self.budget) }
    }

    /// Sends any request.
    pub async fn exchange(&mut self, request: &SyncRequest) -> SyncResponse {
        self.try_exchange(request).await.expect("the server answers")
    }

    async fn try_exchange(&mut self, request: &SyncRequest) -> Option<SyncResponse> {
        let answer = self.try_post(wire::encode(request).unwrap()).await.ok()?;
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.ok()?;
        self.received.bytes += bytes.len();
        Some(wire::decode(&bytes).unwrap())
    }

    /// Takes in an answer to what was sent, all of which it must have accepted to be kept.
    pub fn take(&mut self, response: &SyncResponse) {
        self.received.pages += 1;
        let mut hashes = Vec::new();
        for (sent, verdict) in self.outbox.iter().zip(&response.verdicts) {
            if *verdict == Verdict::Accepted {
                hashes.push(Change::from_bytes(sent.bytes.clone()).unwrap().hash());
            }
        }
        let named = |mask: u32| {
            let scopes = response.scopes.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
            scopes.map(|(_, scope)| scope.clone()).collect::<Vec<_>>()
        };
        for entered in &response.entered {
            if let Some(document) = &entered.document {
                self.received.documents += 1;
                let mut theirs = OrderDoc::load(document).unwrap();
                hashes.extend(theirs.heads());
                let mine = self.docs.entry(entered.work_order).or_insert_with(|| OrderDoc::empty(&self.actor));
                mine.apply(theirs.changes_since(&[])).unwrap();
            }
            for scope in named(entered.scopes) {
                self.members.entry(scope).or_default().insert(entered.work_order);
            }
            assert!(self.docs.contains_key(&entered.work_order), "who entered is here, or came whole");
        }
        let compared = response.compared.iter().map(|compared| (compared.work_order, &compared.changes));
        let changes = response.changes.iter().map(|order| (order.work_order, &order.changes));
        for (id, changes) in changes.chain(compared) {
            for change in changes {
                self.received.changes += 1;
                let doc = self.docs.entry(id).or_insert_with(|| OrderDoc::empty(&self.actor));
                let change = Change::from_bytes(change.to_vec()).unwrap();
                hashes.push(change.hash());
                doc.apply([change]).expect("a change after those it depends on");
            }
        }
        for left in &response.left {
            self.received.left += 1;
            for scope in named(left.scopes) {
                self.members.entry(scope).or_default().remove(&left.work_order);
            }
        }
        if let Some(receipt) = &response.receipt {
            self.receipts.push(KeptReceipt { receipt: receipt.clone(), hashes: receipt::to_bytes(&hashes) });
        }
        self.cursor.clone_from(&response.cursor);
        if self.cursor.is_some() {
            self.members.retain(|scope, _| response.scopes.contains(scope));
        }
        self.diverged |= response.verdicts.iter().any(|verdict| *verdict != Verdict::Accepted);
        if !response.digests.is_empty() && !self.diverged {
            for (scope, digest) in response.scopes.iter().zip(&response.digests) {
                assert_eq!(self.sum(scope).to_bytes()[..], digest[..], "{scope}: phone and server hold the same");
            }
        }
    }

    /// The sum of what the phone holds of a scope.
    pub fn sum(&mut self, scope: &str) -> Sum {
        let mut sum = Sum::default();
        self.digests(scope).into_iter().for_each(|(_, digest)| sum.add(digest));
        sum
    }

    fn digests(&mut self, scope: &str) -> Vec<(WorkOrderId, [u8; 16])> {
        let members = self.members.get(scope).cloned().unwrap_or_default();
        members.into_iter().map(|id| (id, digest::document(id, &self.docs.get_mut(&id).unwrap().heads()))).collect()
    }

    /// What a phone says that holds documents and has no cursor.
    pub fn buckets(&mut self) -> Vec<ScopeBuckets> {
        let scopes: Vec<String> = self.members.keys().cloned().collect();
        let sums = |phone: &mut Self, scope: String| {
            let digests = phone.digests(&scope);
            let count = digest::bucket_count(digests.len());
            ScopeBuckets { sums: digest::buckets(digests, count), scope }
        };
        scopes.into_iter().map(|scope| sums(self, scope)).collect()
    }

    /// The heads of what the phone holds.
    pub fn held(&mut self, id: WorkOrderId) -> Held {
        let heads = self.docs.get_mut(&id).map_or_else(Vec::new, OrderDoc::heads);
        Held { work_order: id, heads: receipt::to_bytes(&heads) }
    }

    /// Everything of a document, to give it back.
    pub fn all_of(&mut self, id: WorkOrderId) -> OrderChanges {
        let changes = self.docs.get_mut(&id).unwrap().changes_since(&[]);
        OrderChanges { work_order: id, changes: changes.iter().map(|c| c.raw_bytes().to_vec().into()).collect() }
    }

    /// Syncs until there is no more; the verdicts come back in the outbox's order.
    pub async fn sync(&mut self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        loop {
            let response = self.round_trip().await;
            self.take(&response);
            self.outbox.clear();
            verdicts.extend(response.verdicts);
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

/// A request that asks for what is new.
pub fn empty(budget: u32) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        device_time: clock::now(),
        budget,
        cursor: None,
        changes: Vec::new(),
        buckets: None,
        compare: Vec::new(),
        given_back: Vec::new(),
        receipts: Vec::new(),
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
