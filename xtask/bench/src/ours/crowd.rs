//! Phones of several crews that were away a day and come back all at once. Each crew has 250 work orders and one such phone.

use super::http::Connection;
use super::stock;
use super::town;
use crate::generate::day::{Edited, day};
use crate::generate::people::Person;
use crate::generate::{Order, World};
use anyhow::{Context, Result, bail, ensure};
use automerge::Change;
use coldpatch_mobile::engine::AT_ONCE;
use coldpatch_server::app::App;
use coldpatch_server::clock;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::{CrewId, WorkOrderId};
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::wire::{self, ChangeBytes, Cursor, OrderChanges, PROTOCOL, SyncRequest};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Work orders of one crew.
pub const EACH: usize = 250;

/// Which of its crew's phones it is. The first ones are those of colleagues, who did most of the work before.
const PHONE: usize = 7;

/// One phone's catch-up, ready to be sent.
#[derive(Debug, Clone)]
pub struct Away {
    token: String,
    /// The request as it travels.
    body: Vec<u8>,
    /// What was done on the phone.
    pub did: Vec<Edited>,
}

/// Makes a phone for each crew, whose work orders are stored, and its day.
///
/// # Errors
/// When there are too few work orders, or the server does not take them.
pub fn prepare(app: &App, world: &World, crews: &[(CrewId, Vec<Order>)]) -> Result<Vec<Away>> {
    let mut phones = Vec::new();
    for (crew, orders) in crews {
        let who = Person::of_crew(crew, PHONE);
        let (session, token) = town::enroll(app, &who, who.device)?;
        phones.push((session, token, day(world, orders, crew, PHONE)?));
    }
    let mut away = Vec::new();
    let cursors: Vec<Cursor> = phones.iter().map(|(session, ..)| first_sync(app, session)).collect::<Result<_>>()?;
    for (_, _, day) in &phones {
        stock::commit_day(&*app.storage, &app.city, &day.on_server, clock::now())?;
    }
    for ((_, token, day), cursor) in phones.into_iter().zip(cursors) {
        let changes = day.on_phone.iter().map(|edited| OrderChanges {
            work_order: edited.id,
            changes: edited.changes.iter().map(|made| ChangeBytes::from(made.change.raw_bytes().to_vec())).collect(),
        });
        let request = SyncRequest { changes: changes.collect(), ..ask(Some(cursor)) };
        away.push(Away { token, body: compressed(&request)?, did: day.on_phone });
    }
    Ok(away)
}

/// Phones that have nothing and did nothing, with these tokens.
///
/// # Errors
/// None that such a request causes.
pub fn newcomers<'a>(tokens: impl Iterator<Item = &'a str>) -> Result<Vec<Away>> {
    let body = compressed(&ask(None))?;
    Ok(tokens.map(|token| Away { token: token.to_owned(), body: body.clone(), did: Vec::new() }).collect())
}

/// Crews' phones that have everything and did nothing, with these tokens.
///
/// # Errors
/// When the server cannot be asked.
pub fn up_to_date(app: &App, phones: &[(Session, String)]) -> Result<Vec<Away>> {
    let mut bodies: BTreeMap<Option<CrewId>, Vec<u8>> = BTreeMap::new();
    let mut asking = Vec::new();
    for (session, token) in phones {
        // A crew's phones follow the same, but for their own device's scope, in which little is.
        if !bodies.contains_key(&session.crew) {
            bodies.insert(session.crew.clone(), compressed(&ask(Some(first_sync(app, session)?)))?);
        }
        let body = bodies.get(&session.crew).cloned().unwrap_or_default();
        asking.push(Away { token: token.clone(), body, did: Vec::new() });
    }
    Ok(asking)
}

fn compressed(request: &SyncRequest) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&wire::to_packed(request)?)?;
    Ok(encoder.finish()?)
}

pub(super) fn ask(cursor: Option<Cursor>) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        device_time: clock::now(),
        budget: AT_ONCE.receive,
        cursor,
        changes: Vec::new(),
        buckets: None,
        compare: Vec::new(),
        given_back: Vec::new(),
        receipts: Vec::new(),
    }
}

/// The cursor of a phone that has everything.
fn first_sync(app: &App, who: &Session) -> Result<Cursor> {
    let mut cursor = None;
    loop {
        let answer = app.sync.round_trip(who, &ask(cursor), clock::now())?;
        if !answer.more {
            return answer.cursor.context("no cursor");
        }
        cursor = answer.cursor;
    }
}

/// Lets them all catch up, `at_once` at a time; the time that it took.
///
/// # Errors
/// When the server does not take one.
pub fn catch_up(port: u16, phones: &[Away], at_once: usize) -> Result<Duration> {
    let connections: Vec<Connection> = (0..at_once).map(|_| Connection::open(port)).collect::<Result<_>>()?;
    let waiting = Mutex::new(phones.iter().collect::<VecDeque<_>>());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let began = Instant::now();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for mut connection in connections {
            threads.push(scope.spawn(move || -> Result<()> {
                while let Some(phone) = next() {
                    connection.sync(&phone.token, &phone.body)?;
                }
                Ok(())
            }));
        }
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(done) => done,
            Err(_) => bail!("a thread of the bench panicked"),
        })
    })?;
    Ok(began.elapsed())
}

/// Whether the server has all that the phones did.
///
/// # Errors
/// When it does not.
pub fn check(app: &App, phones: &[Away]) -> Result<()> {
    for edited in phones.iter().flat_map(|phone| &phone.did) {
        let stored = app.storage.document(edited.id)?.with_context(|| format!("no {}", edited.id))?;
        let mut doc = OrderDoc::load(&stored.bytes)?;
        let has = edited.changes.iter().all(|made| doc.has(&made.change.hash()));
        ensure!(has, "the server did not take what a phone did to {}", edited.id);
    }
    Ok(())
}

/// The same changes for [`crate::bare::Bare`].
#[must_use]
pub fn changes(phones: &[Away]) -> Vec<Vec<(WorkOrderId, Vec<Change>)>> {
    let of = |edited: &Edited| (edited.id, edited.changes.iter().map(|made| made.change.clone()).collect());
    phones.iter().map(|phone| phone.did.iter().map(of).collect()).collect()
}
