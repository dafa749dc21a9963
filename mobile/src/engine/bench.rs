//! A phone full of work orders, and how long the engine takes with it: the engine's part of `cargo xtask bench app`.
//!
//! It runs natively (`examples/engine_memory.rs`) and on a browser's page (`web::bench`), because a browser that is made
//! slow for a measurement does not make its Workers slow. Nothing here touches a person's database.

use super::api::{Ask, Day, DayFilter, EngineError, Ids, Reply};
use super::core::Engine;
use super::errors::error;
use super::store::meta::{self, SignedIn};
use super::store::{Budgets, Clock, Store, StoreError};
use super::{api::ErrorKind, fresh_action};
use crate::platform::{
    ByteStream, FileError, Files, Host, HttpRequest, HttpResponse, Platform, Transport, Unreachable,
};
use coldpatch_shared::action::{Action, ApplyError, Deed, apply};
use coldpatch_shared::api::Session;
use coldpatch_shared::city::{CityFiles, Priority, Role};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{
    FieldValue, Labor, Material, Note, OrderDoc, PlaceFix, PlaceSource, RequestSource, ServiceRequest, Stamp,
};
use coldpatch_shared::sync::wire::{Cursor, Entered, PROTOCOL, SyncResponse};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::rc::Rc;
use uuid::Uuid;

/// The crew whose phone it is.
const CREW: &str = "crew-4";
const CODES: [&str; 4] = ["pothole", "street_light_out", "sign_missing_or_damaged", "sidewalk_litter"];
const HOUR: i64 = 3_600_000;
/// What somebody types letter by letter: the first ones fit nearly every job.
const TYPED: &str = "street light alder";
/// So many rows of a list are drawn at first.
const DRAWN: usize = 16;

/// How long one round of a person's day took, ms.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Round {
    /// From a closed database to the rows of the list, encoded.
    pub start: f64,
    /// From the id of a job that is not in memory to the whole job, encoded.
    pub open: f64,
    /// From a tick to its answer: committed.
    pub save: f64,
    /// From the slowest of a word's letters to the rows that fit what is typed so far, encoded.
    pub search: f64,
}

/// The device whose phone it is.
#[must_use]
pub fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(0xbe7c))
}

/// Fills an empty database: signed in, with `count` work orders of ten changes each, all of one crew.
///
/// # Errors
/// [`EngineError`] of the database.
pub fn fill(db: Connection, city: Option<&CityFiles>, count: u32) -> Result<(), EngineError> {
    let mut store = Store::open(db, "", device(), [0; 8])?;
    let now = crate::platform::now_ms();
    let session = Session {
        device: device(),
        user: "ana-ruiz".into(),
        name: "Ana Ruiz".to_owned(),
        role: Role::Crew,
        crew: Some(CREW.into()),
    };
    store.transact(|db| {
        city.map_or(Ok(()), |city| meta::set_city(db, city))?;
        meta::set_signed_in(db, &SignedIn { session, token: String::new() })
    })?;
    let mut written = 0;
    while written < count {
        let page = (written..count.min(written + 200))
            .map(|n| {
                let document = Some(document(n, now)?.into());
                Ok(Entered { work_order: order_id(n), scopes: 1, document })
            })
            .collect::<Result<Vec<_>, ApplyError>>()
            .map_err(StoreError::from)?;
        written += u32::try_from(page.len()).unwrap_or(u32::MAX);
        let response = SyncResponse {
            protocol: PROTOCOL,
            server_time: now,
            scopes: vec![format!("crew:{CREW}")],
            entered: page,
            cursor: Some(cursor(written)),
            more: written < count,
            city_version: String::new(),
            verdicts: Vec::new(),
            taken_back: Vec::new(),
            changes: Vec::new(),
            left: Vec::new(),
            remaining: count - written,
            digests: Vec::new(),
            differing: Vec::new(),
            compared: Vec::new(),
            receipt: None,
            backed_up_through: None,
        };
        let round = store.begin_round(now, Budgets { send: 0, receive: 0 })?;
        store.take(round, response, Clock { offset_ms: 0, measured_at: now }, [1; 8])?;
    }
    Ok(())
}

fn cursor(seq: u32) -> Cursor {
    Cursor {
        epoch: "bench".to_owned(),
        seq: seq.into(),
        log: Vec::new(),
        positions: BTreeMap::from([(format!("crew:{CREW}"), seq.into())]),
        mac: Vec::new(),
    }
}

/// One round of a person's day on the database that `open` opens. `clock` counts ms; each `n` looks at other jobs.
///
/// # Errors
/// [`EngineError`] of the engine.
pub async fn round(
    open: impl FnOnce() -> Result<Store, EngineError>,
    clock: impl Fn() -> f64,
    n: u32,
) -> Result<Round, EngineError> {
    let began = clock();
    let engine = Engine::new(open()?, alone());
    encoded(&engine.answer(Ask::Session).await?)?;
    encoded(&engine.answer(Ask::City).await?)?;
    looked_at(&engine, today()).await?;
    let started = clock();
    let id = order_id(n * 17 + 3);
    encoded(&engine.answer(Ask::Job(id)).await?)?;
    let opened = clock();
    let tick = Action::Tick { item: format!("bench-{n}"), checked: true };
    engine.answer(Ask::Do { action_id: fresh_action(), work_order: id, action: tick }).await?;
    let saved = clock();
    let mut search = 0.0_f64;
    for end in 1..=TYPED.len() {
        let letter = clock();
        looked_at(&engine, DayFilter { text: TYPED[..end].to_owned(), ..today() }).await?;
        search = search.max(clock() - letter);
    }
    Ok(Round { start: started - began, open: opened - started, save: saved - opened, search })
}

/// The day, and the rows that are drawn of it at first.
async fn looked_at(engine: &Rc<Engine>, filter: DayFilter) -> Result<(), EngineError> {
    let reply = engine.answer(Ask::Day(filter)).await?;
    encoded(&reply)?;
    let Reply::Day(day) = reply else { return Ok(()) };
    let Day { next, later, .. } = *day;
    for part in [next, later] {
        let rows = Ids(part.0.into_iter().take(DRAWN).collect());
        encoded(&engine.answer(Ask::JobRows(rows)).await?)?;
    }
    Ok(())
}

/// What the crew's list asks for.
#[must_use]
pub fn today() -> DayFilter {
    let today_ends = crate::platform::now_ms() + 8 * HOUR;
    DayFilter { crew: Some(CREW.into()), today_ends, ..DayFilter::default() }
}

/// The id of the `n`-th work order.
#[must_use]
pub fn order_id(n: u32) -> WorkOrderId {
    WorkOrderId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 | u128::from(n)))
}

/// What crosses from a Worker to the page.
fn encoded(reply: &Reply) -> Result<Vec<u8>, EngineError> {
    coldpatch_shared::sync::wire::encode(reply).map_err(|why| error(ErrorKind::Storage, why.to_string()))
}

/// A document of ten changes by four people.
fn document(n: u32, now: i64) -> Result<Vec<u8>, ApplyError> {
    let mut doc = OrderDoc::empty(&[1]);
    let at = now - i64::from(n) * HOUR / 10 - HOUR;
    let people = [
        ("ines-okafor", Role::Inspector),
        ("server", Role::Server),
        ("sam-lindqvist", Role::Supervisor),
        ("ben-carter", Role::Crew),
    ];
    for (step, (person, action)) in actions(n, at).into_iter().enumerate() {
        let (by, role) = people[person];
        let actor = [device().0.as_bytes().as_slice(), &[u8::try_from(person).unwrap_or(0); 8]].concat();
        doc.set_actor(&actor);
        let deed = Deed {
            id: ActionId(Uuid::from_u128(u128::from(n) << 32 | u128::try_from(step).unwrap_or(0) | 1 << 100)),
            work_order: order_id(n),
            stamp: Stamp {
                by: by.into(),
                role,
                crew: (role == Role::Crew).then(|| CREW.into()),
                at: at + i64::try_from(step).unwrap_or(0) * 60_000,
                offset_ms: Some(40),
                offset_age_s: Some(30),
            },
            action,
        };
        apply(&mut doc, &deed, deed.work_order)?;
    }
    Ok(doc.save_plain())
}

/// Ten actions, each with who does it.
fn actions(n: u32, at: i64) -> [(usize, Action); 10] {
    let request = ServiceRequestId(Uuid::from_u128(u128::from(n) | 1 << 90));
    // A lattice over the middle of the demo city.
    let (east, north) = (f64::from(n % 50), f64::from(n / 50));
    let at_place = LatLon { lat: 47.612 + north * 0.000_7, lon: -122.360 + east * 0.001 };
    let code: ServiceCode = CODES[n as usize % CODES.len()].into();
    let note = |text: &str| Action::AddNote { note: Note { text: text.to_owned() } };
    let tick = |item: &str| Action::Tick { item: item.to_owned(), checked: true };
    let file = ServiceRequest {
        request,
        source: RequestSource::Field,
        service_code: code,
        description: format!("Beside number {n}, where the bikes pass; it is getting larger every day."),
        answers: BTreeMap::from([("size".to_owned(), vec!["tire".to_owned()])]),
        place: Some(PlaceFix { at: at_place, source: PlaceSource::Photo, accuracy_m: Some(5.0), age_s: None }),
        address: Some(format!("Alder St {n}")),
        mirrors: None,
        observed_at: None,
    };
    let labor = Labor { people: 2, minutes: 20, replaces: Vec::new() };
    let material = Material {
        material: "cold-patch".to_owned(),
        name: "Cold patch, 25 kg bag".to_owned(),
        quantity: 2.0,
        unit: "bag".to_owned(),
        replaces: Vec::new(),
    };
    let decide = |value| Action::Decide { value };
    [
        (
            0,
            Action::File {
                request: Box::new(file),
                photos: Vec::new(),
                priority: Priority::Normal,
                due: Some(at + 72 * HOUR),
                assignment: None,
                follows: None,
            },
        ),
        (1, Action::Acknowledge { request, tracking_number: format!("26-{n:06}") }),
        (2, decide(FieldValue::Assignment(Some(CREW.into())))),
        (2, decide(FieldValue::Priority(if n.is_multiple_of(5) { Priority::High } else { Priority::Normal }))),
        (0, note("There is a school around the corner; come before three.")),
        (3, tick("cones")),
        (3, tick("clean")),
        (3, Action::RecordLabor { labor }),
        (3, Action::RecordMaterial { material }),
        (3, note("Ran out of cold patch, back tomorrow.")),
    ]
}

/// A platform without network, photos or tasks of its own: only what is asked is done.
fn alone() -> Platform {
    Platform { host: Rc::new(Alone), files: Rc::new(Alone), transport: Rc::new(Alone) }
}

struct Alone;

impl Host for Alone {
    fn now(&self) -> i64 {
        crate::platform::now_ms()
    }

    fn sleep(&self, _: i64) -> LocalBoxFuture<'static, ()> {
        std::future::pending().boxed_local()
    }

    fn spawn(&self, _: LocalBoxFuture<'static, ()>) {}

    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> LocalBoxFuture<'static, ()> {
        work();
        std::future::ready(()).boxed_local()
    }
}

impl Files for Alone {
    fn put(&self, _: &str, _: Vec<u8>) -> LocalBoxFuture<'static, Result<(), FileError>> {
        std::future::ready(Err(FileError::Full)).boxed_local()
    }

    fn get(&self, _: &str) -> LocalBoxFuture<'static, Result<Option<Vec<u8>>, FileError>> {
        std::future::ready(Ok(None)).boxed_local()
    }

    fn remove(&self, _: &str) -> LocalBoxFuture<'static, Result<(), FileError>> {
        std::future::ready(Ok(())).boxed_local()
    }
}

impl Transport for Alone {
    fn send(&self, _: HttpRequest) -> LocalBoxFuture<'static, Result<HttpResponse, Unreachable>> {
        std::future::ready(Err(Unreachable("this phone is alone".to_owned()))).boxed_local()
    }

    fn listen(&self, _: &str, _: &str) -> LocalBoxFuture<'static, Result<Result<ByteStream, u16>, Unreachable>> {
        std::future::ready(Err(Unreachable("this phone is alone".to_owned()))).boxed_local()
    }
}
