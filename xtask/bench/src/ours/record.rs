//! What a phone hears from its first sync to the day's catch-up, and what is done on it in between, as files: for a phone
//! in a browser, which does it again (`e2e/bench-sync.mjs`).
//!
//! `phone.json`: `{session, incarnation, deeds}`; `page-0`, `page-1`, …: the answers of the first sync, packed and not compressed;
//! `day`: the answer of the catch-up.

use super::stock::{self, Received};
use super::{AT_ONCE as STORED_AT_ONCE, phone, town};
use crate::contender::Case;
use crate::generate::day::TODAY;
use anyhow::{Result, ensure};
use coldpatch_mobile::engine::AT_ONCE;
use coldpatch_mobile::engine::store::{Clock, Store};
use coldpatch_server::app::App;
use coldpatch_server::clock;
use coldpatch_shared::api::Session;
use coldpatch_shared::sync::wire;
use serde_json::json;
use std::fs;
use std::path::Path;

/// Writes them to a folder.
///
/// # Errors
/// When it cannot be written, or phone and server do not agree in the end.
pub fn write(case: &Case, folder: &Path) -> Result<()> {
    let kept = tempfile::tempdir()?;
    let app = town::open(&town::write(kept.path())?, &kept.path().join("server"))?;
    for some in case.orders.chunks(STORED_AT_ONCE) {
        let write = |order| stock::write(&app.city, order, &order.changes, 0, Received::Now, clock::now());
        stock::commit(&*app.storage, some.iter().map(write).collect::<Result<_>>()?, clock::now())?;
    }
    let who = &case.day.phone_of;
    let (session, _) = town::enroll(&app, who, who.device)?;
    let incarnation = who.incarnation(TODAY);
    let mut store = phone::open(&kept.path().join("phone"), session.device, incarnation)?;
    fs::create_dir_all(folder)?;
    let mut pages = 0;
    loop {
        let (bytes, more) = round(&app, &session, &mut store)?;
        fs::write(folder.join(format!("page-{pages}")), bytes)?;
        pages += 1;
        if !more {
            break;
        }
    }
    stock::commit_day(&*app.storage, &app.city, &case.day.on_server, clock::now())?;
    let made: Vec<_> = case.day.on_phone.iter().flat_map(|edited| &edited.changes).collect();
    let deeds: Vec<_> = made.iter().map(|made| &made.deed).collect();
    for deed in &deeds {
        store.perform(deed, |_| Ok(()))?;
    }
    let (bytes, more) = round(&app, &session, &mut store)?;
    ensure!(!more && store.waiting()?.is_empty(), "the day took more than one answer");
    fs::write(folder.join("day"), bytes)?;
    let about = json!({"session": session, "incarnation": incarnation, "deeds": deeds, "pages": pages});
    Ok(fs::write(folder.join("phone.json"), about.to_string())?)
}

/// One round trip: the answer's bytes, and whether there is more.
fn round(app: &App, who: &Session, store: &mut Store) -> Result<(Vec<u8>, bool)> {
    let now = clock::now();
    let round = store.begin_round(now, AT_ONCE)?;
    let answer = app.sync.round_trip(who, round.request(), now)?;
    let bytes = wire::to_packed(&answer)?;
    let taken = store.take(round, answer, Clock { offset_ms: 0, measured_at: now }, [9; 8])?;
    Ok((bytes, taken.go_on))
}
