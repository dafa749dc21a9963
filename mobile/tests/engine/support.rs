//! Phones for tests: an engine on the test's own thread, over a real database in a folder that goes away.

use coldpatch_mobile::engine::api::{Ask, Changed, EngineError, JobRow, JobsFilter, Reply, Room, SyncLine};
use coldpatch_mobile::engine::store::Store;
use coldpatch_mobile::engine::{Developed, Door, Engine, fresh_id};
use coldpatch_mobile::platform::native::{Folder, TokioHost};
use coldpatch_mobile::platform::{
    ByteStream, Connection, Host, HttpRequest, HttpResponse, Platform, Transport, Unreachable, fill_random,
};
use coldpatch_shared::action::Action;
use coldpatch_shared::api::{EnrollResponse, Session};
use coldpatch_shared::city::{CityFiles, Priority, Role, demo_files};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, CrewId, DeviceId, ServiceCode, ServiceRequestId, UserId, WorkOrderId};
use coldpatch_shared::order::{PlaceFix, PlaceSource, RequestSource, ServiceRequest, WorkOrder};
use coldpatch_shared::photo;
use coldpatch_shared::sync::wire::files::{SmallFile, SmallFiles, SmallFilesAnswer};
use coldpatch_shared::sync::wire::{
    self, Cursor, OrderChanges, PROTOCOL, SentChange, SyncRequest, SyncResponse, Verdict,
};
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use tempfile::TempDir;
use tokio::task::LocalSet;

/// Runs a test's body on one thread, with the engine's tasks beside it.
pub(crate) fn run<F: Future>(body: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, body)
}

/// A phone's folder and identity: what survives when the phone is switched off.
pub(crate) struct Disk {
    pub(crate) dir: TempDir,
    pub(crate) device: DeviceId,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), device: DeviceId(fresh_id()) }
    }

    /// Switches the phone on.
    pub(crate) fn boot(&self, transport: Rc<dyn Transport>) -> Phone {
        self.boot_on(transport, None)
    }

    /// Switches the phone on, on a connection that is metered or not.
    pub(crate) fn boot_on(&self, transport: Rc<dyn Transport>, metered: Option<bool>) -> Phone {
        self.boot_as(
            transport,
            Around { metered, room: Rc::default(), dark: Rc::default(), die: Rc::default(), begun: Rc::default() },
        )
    }

    /// Switches the phone on, and it says that it has so much room.
    pub(crate) fn boot_with(&self, transport: Rc<dyn Transport>, room: Rc<Cell<Option<Room>>>) -> Phone {
        self.boot_as(
            transport,
            Around { metered: None, room, dark: Rc::default(), die: Rc::default(), begun: Rc::default() },
        )
    }

    /// Switches the phone on; while it is `dark`, the making of a photo that is begun never ends.
    pub(crate) fn boot_dark(&self, transport: Rc<dyn Transport>, dark: Rc<Cell<bool>>) -> Phone {
        self.boot_as(
            transport,
            Around { metered: None, room: Rc::default(), dark, die: Rc::default(), begun: Rc::default() },
        )
    }

    /// Switches the phone on; while they `die`, what makes photos does not survive them.
    pub(crate) fn boot_dying(&self, transport: Rc<dyn Transport>, die: Rc<Cell<bool>>) -> Phone {
        self.boot_as(
            transport,
            Around { metered: None, room: Rc::default(), dark: Rc::default(), die, begun: Rc::default() },
        )
    }

    /// The names of the photo files that it has.
    pub(crate) fn photo_files(&self) -> BTreeSet<String> {
        let files = std::fs::read_dir(self.dir.path().join("photos")).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn boot_as(&self, transport: Rc<dyn Transport>, around: Around) -> Phone {
        let mut incarnation = [0; 8];
        fill_random(&mut incarnation);
        let db = rusqlite::Connection::open(self.dir.path().join("coldpatch.sqlite3")).unwrap();
        let store = Store::open(db, "PRAGMA journal_mode = wal; PRAGMA synchronous = full;", self.device, incarnation);
        let store = store.unwrap();
        let actor = store.actor().to_vec();
        let files = Folder::open(self.dir.path().join("photos")).unwrap();
        let begun = around.begun.clone();
        let platform = Platform { host: Rc::new(around), files: Rc::new(files), transport };
        let (door, inbox) = Door::new();
        let task = tokio::task::spawn_local(Engine::new(store, platform).run(inbox));
        let changes = door.changes();
        Phone { door, changes, begun, actor, task }
    }
}

/// A host that says how its connection is, and its room.
struct Around {
    metered: Option<bool>,
    room: Rc<Cell<Option<Room>>>,
    dark: Rc<Cell<bool>>,
    die: Rc<Cell<bool>>,
    begun: Rc<Cell<u32>>,
}

impl Host for Around {
    fn now(&self) -> i64 {
        TokioHost.now()
    }

    fn sleep(&self, ms: i64) -> LocalBoxFuture<'static, ()> {
        TokioHost.sleep(ms)
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        TokioHost.spawn(task);
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> LocalBoxFuture<'static, ()> {
        if self.dark.get() { std::future::pending().boxed_local() } else { TokioHost.aside(work) }
    }

    fn develop(
        &self,
        file: Vec<u8>,
        sha256: Option<String>,
    ) -> LocalBoxFuture<'static, Result<Developed, EngineError>> {
        self.begun.set(self.begun.get() + 1);
        if self.die.get() {
            return std::future::ready(Ok(Developed::given_up(photo::read(&file).unwrap()))).boxed_local();
        }
        if self.dark.get() { std::future::pending().boxed_local() } else { TokioHost.develop(file, sha256) }
    }

    fn connection(&self) -> Connection {
        Connection { metered: self.metered }
    }

    fn room(&self) -> LocalBoxFuture<'static, Option<Room>> {
        std::future::ready(self.room.get()).boxed_local()
    }
}

/// A phone that is on.
pub(crate) struct Phone {
    pub(crate) door: Door,
    changes: UnboundedReceiver<Changed>,
    /// How many photos it has begun to make.
    begun: Rc<Cell<u32>>,
    pub(crate) actor: Vec<u8>,
    task: tokio::task::JoinHandle<()>,
}

impl Phone {
    /// Ends it without notice. Tasks of its own may still be there; they do nothing without their engine's door.
    pub(crate) fn kill(self) {
        self.task.abort();
    }

    /// Waits until it has begun to make so many photos.
    pub(crate) async fn until_begun(&self, photos: u32) {
        while self.begun.get() < photos {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Result<Reply, EngineError> {
        self.door.ask(ask).await
    }

    pub(crate) async fn sign_in(&self) -> Session {
        let enroll = Ask::Enroll { code: "K7QM-3XNP".to_owned(), device_name: "test".to_owned(), beside: Vec::new() };
        match self.ask(enroll).await.unwrap() {
            Reply::Session(Some(session)) => session,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn act(&self, work_order: WorkOrderId, action: Action) -> Result<ActionId, EngineError> {
        let action_id = ActionId(fresh_id());
        self.ask(Ask::Do { action_id, work_order, action }).await.map(|_| action_id)
    }

    /// Files a pothole and returns its work order.
    pub(crate) async fn file_pothole(&self, place: LatLon) -> WorkOrderId {
        let work_order = WorkOrderId(fresh_id());
        self.act(work_order, file("pothole", place)).await.unwrap();
        work_order
    }

    pub(crate) async fn order(&self, id: WorkOrderId) -> WorkOrder {
        match self.ask(Ask::Job(id)).await.unwrap() {
            Reply::Job(Some(job)) => job.order,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn jobs(&self, filter: JobsFilter) -> Vec<JobRow> {
        match self.ask(Ask::Jobs(filter)).await.unwrap() {
            Reply::Jobs(page) => page.rows,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn line(&self) -> SyncLine {
        match self.ask(Ask::SyncLine).await.unwrap() {
            Reply::SyncLine(line) => line,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the sync line is as wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&SyncLine) -> bool) -> SyncLine {
        loop {
            // What was told may be old by now; what is asked is not.
            let line = self.line().await;
            if wanted(&line) {
                return line;
            }
            self.changed(|changed| matches!(changed, Changed::Sync(_))).await;
        }
    }

    /// Waits for a change of that kind.
    pub(crate) async fn changed(&mut self, wanted: impl Fn(&Changed) -> bool) {
        while let Some(changed) = self.changes.next().await {
            if wanted(&changed) {
                return;
            }
        }
        panic!("the engine ended");
    }
}

/// A filing of `code` at `place`.
pub(crate) fn file(code: &str, place: LatLon) -> Action {
    Action::File {
        request: Box::new(ServiceRequest {
            request: ServiceRequestId(fresh_id()),
            source: RequestSource::Field,
            service_code: ServiceCode::from(code),
            description: "Deep, beside the curb".to_owned(),
            answers: BTreeMap::new(),
            place: Some(PlaceFix { at: place, source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
            address: Some("Alder St 214".to_owned()),
            mirrors: None,
            observed_at: None,
        }),
        photos: Vec::new(),
        priority: Priority::Normal,
        due: None,
        assignment: None,
        follows: None,
    }
}

pub(crate) fn place(lat: f64, lon: f64) -> LatLon {
    LatLon::new(lat, lon).unwrap()
}

type Say = dyn Fn(&SyncRequest, SyncResponse) -> Option<SyncResponse>;

/// What the other end of the wire says. Everything that is not scripted is answered politely: every change is accepted and
/// there is nothing new.
pub(crate) struct Script {
    role: Role,
    say: RefCell<Box<Say>>,
    /// The status of every answer to a sync, when it is not 200.
    pub(crate) sync_status: Cell<u16>,
    /// The status of the answer to this file.
    pub(crate) file_status: RefCell<Option<(String, u16)>>,
    /// The status of every answer to several files together, when it is not 200.
    pub(crate) together_status: Cell<u16>,
    /// The city's files.
    pub(crate) city: RefCell<CityFiles>,
    pub(crate) requests: RefCell<Vec<HttpRequest>>,
}

impl Script {
    pub(crate) fn new(role: Role) -> Rc<Self> {
        let say: Box<Say> = Box::new(|_, polite| Some(polite));
        Rc::new(Self {
            role,
            say: RefCell::new(say),
            sync_status: Cell::new(200),
            file_status: RefCell::default(),
            together_status: Cell::new(200),
            city: RefCell::new(demo_files()),
            requests: RefCell::default(),
        })
    }

    /// From now on syncs are answered so; `None` is no answer at all.
    pub(crate) fn say(&self, say: impl Fn(&SyncRequest, SyncResponse) -> Option<SyncResponse> + 'static) {
        *self.say.borrow_mut() = Box::new(say);
    }

    /// From now on the network is gone.
    pub(crate) fn hang_up(&self) {
        self.say(|_, _| None);
    }

    /// From now on syncs are answered politely.
    pub(crate) fn be_polite(&self) {
        self.say(|_, polite| Some(polite));
    }

    /// Every change that ever came, in order, repeats included.
    pub(crate) fn sent(&self) -> Vec<SentChange> {
        let requests = self.requests.borrow();
        let syncs = requests.iter().filter(|request| request.path == "/api/sync");
        syncs.flat_map(|request| flat(&sync_request(request).changes)).collect()
    }

    /// The files of every message of files, in the order in which they went.
    pub(crate) fn files_sent(&self) -> Vec<String> {
        let requests = self.requests.borrow();
        let messages = requests.iter().filter(|request| request.path == "/api/files");
        messages.flat_map(|request| small_files(request).files).map(|file| file.sha256).collect()
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, Unreachable> {
        let gone = || Unreachable("scripted".to_owned());
        let json = |body: serde_json::Value| HttpResponse {
            status: 200,
            media_type: "application/json".to_owned(),
            upload_offset: None,
            body: serde_json::to_vec(&body).unwrap(),
        };
        match request.path.as_str() {
            "/api/enroll" => {
                let ask: coldpatch_shared::api::EnrollRequest =
                    serde_json::from_slice(&request.body.as_ref().unwrap().1).unwrap();
                let session = Session {
                    device: ask.device,
                    user: UserId::from("ana-ruiz"),
                    name: "Ana Ruiz".to_owned(),
                    role: self.role,
                    crew: (self.role == Role::Crew).then(|| CrewId::from("crew-4")),
                };
                Ok(json(serde_json::to_value(EnrollResponse { token: "token".to_owned(), session }).unwrap()))
            }
            "/api/city" => Ok(json(serde_json::to_value(&*self.city.borrow()).unwrap())),
            "/api/sync" => {
                let asked = sync_request(request);
                let said = (self.say.borrow())(&asked, polite(&asked)).ok_or_else(gone)?;
                Ok(HttpResponse {
                    status: self.sync_status.get(),
                    media_type: wire::MEDIA_TYPE.to_owned(),
                    upload_offset: None,
                    body: wire::encode(&said).unwrap(),
                })
            }
            "/api/files" if self.together_status.get() != 200 => Ok(HttpResponse {
                status: self.together_status.get(),
                media_type: String::new(),
                upload_offset: None,
                body: Vec::new(),
            }),
            "/api/files" => {
                let (special, message) = (self.file_status.borrow(), small_files(request));
                let status = |file: &SmallFile| {
                    special
                        .as_ref()
                        .filter(|(sha256, _)| file.sha256.ends_with(sha256))
                        .map_or(201, |(_, status)| *status)
                };
                let statuses = message.files.iter().map(status).collect();
                let body = wire::encode(&SmallFilesAnswer { statuses }).unwrap();
                Ok(HttpResponse { status: 200, media_type: String::new(), upload_offset: None, body })
            }
            path if path.starts_with("/api/files/") => {
                let special = self.file_status.borrow();
                let status =
                    special.as_ref().filter(|(sha256, _)| path.ends_with(sha256)).map_or(201, |(_, status)| *status);
                Ok(HttpResponse { status, media_type: String::new(), upload_offset: None, body: Vec::new() })
            }
            _ => Err(gone()),
        }
    }
}

impl Transport for Script {
    fn send(&self, request: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, Unreachable>> {
        let answer = self.answer(&request);
        self.requests.borrow_mut().push(request);
        async move {
            // As a network does, it answers only after others had their turn.
            tokio::task::yield_now().await;
            answer
        }
        .boxed_local()
    }

    fn listen(&self, _: &str, _: &str) -> LocalBoxFuture<'static, Result<Result<ByteStream, u16>, Unreachable>> {
        async { Err(Unreachable("scripted".to_owned())) }.boxed_local()
    }
}

pub(crate) fn small_files(request: &HttpRequest) -> SmallFiles {
    wire::decode(&request.body.as_ref().unwrap().1).unwrap()
}

fn sync_request(request: &HttpRequest) -> SyncRequest {
    wire::from_packed(&request.body.as_ref().unwrap().1).unwrap()
}

/// Every change is accepted, and there is nothing new.
pub(crate) fn polite(asked: &SyncRequest) -> SyncResponse {
    SyncResponse {
        protocol: PROTOCOL,
        server_time: asked.device_time,
        city_version: demo_files().version().to_owned(),
        verdicts: vec![Verdict::Accepted; flat(&asked.changes).len()],
        taken_back: vec![Verdict::Accepted; asked.given_back.len()],
        scopes: vec![MINE.to_owned()],
        entered: Vec::new(),
        changes: Vec::new(),
        left: Vec::new(),
        // More to come, so that what the phone filed and the script does not know stays.
        cursor: Some(cursor(1)),
        more: true,
        remaining: 0,
        digests: Vec::new(),
        differing: Vec::new(),
        compared: Vec::new(),
        receipt: None,
        backed_up_through: None,
    }
}

/// The scope that every scripted phone follows.
pub(crate) const MINE: &str = "device:mine";

/// A cursor at this number of the log.
pub(crate) fn cursor(seq: u64) -> Cursor {
    let positions = BTreeMap::from([(MINE.to_owned(), seq)]);
    Cursor { epoch: "test".to_owned(), seq, log: vec![1], positions, mac: vec![2] }
}

/// Changes one by one, as verdicts count them.
pub(crate) fn flat(changes: &[OrderChanges]) -> Vec<SentChange> {
    let of_one = |order: &OrderChanges| {
        let work_order = order.work_order;
        order.changes.iter().map(move |bytes| SentChange { work_order, bytes: bytes.to_vec() }).collect::<Vec<_>>()
    };
    changes.iter().flat_map(of_one).collect()
}

/// The action that a change says it belongs to.
pub(crate) fn action_of(change: &SentChange) -> ActionId {
    automerge::Change::from_bytes(change.bytes.clone()).unwrap().message().unwrap().parse().unwrap()
}

/// A small JPEG of the demo's kind, without EXIF.
pub(crate) fn plain_jpeg() -> Vec<u8> {
    plain_jpeg_of(90)
}

/// Another one for each shade.
pub(crate) fn plain_jpeg_of(shade: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels: Vec<u8> = (0..480u32 * 640).flat_map(|at| [(at % 640) as u8, (at / 640) as u8, shade]).collect();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
    encoder.encode(&pixels, 640, 480, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

/// A real photo; `None`, and says *skipped*, where they do not lie beside the repository.
pub(crate) fn real_photo(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos")).join(name);
    if !path.exists() {
        println!("skipped: no real photos beside the repository");
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

/// The files in a phone's photo folder.
pub(crate) fn files_on(path: &Path) -> usize {
    std::fs::read_dir(path.join("photos")).unwrap().count()
}

/// A gray PNG, which is not a JPEG; a `damaged` one says all that a whole one does of itself.
pub(crate) fn plain_png(damaged: bool) -> Vec<u8> {
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
        })
    }
    fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
        let named = [name.as_slice(), data].concat();
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(&named);
        png.extend(crc(&named).to_be_bytes());
    }
    let side = 200_u16;
    let pixels = vec![0_u8; usize::from(side) * (usize::from(side) + 1)];
    // Zeros: the checksum's first half stays 1, the second counts.
    let (length, adler) = (u16::try_from(pixels.len()).unwrap(), u32::try_from(pixels.len()).unwrap() << 16 | 1);
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&pixels);
    data.extend(adler.to_be_bytes());
    if damaged {
        data[2] = 7;
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = u32::from(side).to_be_bytes();
    chunk(&mut png, b"IHDR", &[size.as_slice(), &size, &[8, 0, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &data);
    chunk(&mut png, b"IEND", &[]);
    png
}
