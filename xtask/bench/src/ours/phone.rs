//! The real phone's store and HTTP client in a process of their own: what the engine does in a round trip, when told to.
//!
//! It takes the commands of [`crate::peer`]: `connect {port, greet}`, `sync`, `again`, `settle`, `digest {file}`, `quit`.

use crate::generate::Made;
use crate::generate::day::TODAY;
use crate::generate::people::Person;
use anyhow::{Context, Result, bail, ensure};
use coldpatch_mobile::engine::AT_ONCE;
use coldpatch_mobile::engine::store::{Clock, Store};
use coldpatch_mobile::platform::http::{Cable, Http};
use coldpatch_mobile::platform::{HttpRequest, Method, Transport, fill_random, now_ms};
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::sync::wire::{self, PACKED_MEDIA_TYPE, SyncResponse};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};
use std::path::Path;

/// As the engine opens its database natively.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = wal; PRAGMA synchronous = full;";
const TIMEOUT_MS: i64 = 120_000;

pub(super) fn open(folder: &Path, device: DeviceId, incarnation: [u8; 8]) -> Result<Store> {
    std::fs::create_dir_all(folder)?;
    let db = Connection::open(folder.join("coldpatch.sqlite3"))?;
    Ok(Store::open(db, PRAGMAS, device, incarnation)?)
}

/// A new phone, signed in.
///
/// # Errors
/// When the folder cannot be written.
pub fn create(folder: &Path, session: Session, token: String) -> Result<()> {
    let mut store = open(folder, session.device, [0; 8])?;
    store.sign_in(session, token)?;
    Ok(())
}

/// Does on the phone what was done that day; its changes are then the same as the generator's.
///
/// # Errors
/// When one does not fit.
pub fn act(folder: &Path, who: &Person, made: &[Made]) -> Result<()> {
    let mut store = open(folder, who.device, who.incarnation(TODAY))?;
    for one in made {
        ensure!(store.perform(&one.deed, |_| Ok(()))?, "an action was done before");
    }
    Ok(())
}

/// A phone over the database in `folder`, told on stdin what to do until it is told to quit.
///
/// # Errors
/// When stdin or stdout break.
pub fn obey(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let device = {
        let store = open(folder, DeviceId(uuid::Uuid::nil()), [0; 8])?;
        store.signed_in()?.context("nobody is signed in")?.0.device
    };
    let mut incarnation = [0; 8];
    fill_random(&mut incarnation);
    let mut phone = Phone { store: open(folder, device, incarnation)?, http: None };
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        if command["do"] == "quit" {
            return Ok(());
        }
        let answer =
            runtime.block_on(phone.does(&command)).unwrap_or_else(|error| json!({"error": format!("{error:#}")}));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

struct Phone {
    store: Store,
    http: Option<Http>,
}

impl Phone {
    async fn does(&mut self, command: &Value) -> Result<Value> {
        match command["do"].as_str().unwrap_or_default() {
            "connect" => {
                let port = command["port"].as_u64().context("no port")?;
                let http = Http::new(&format!("http://127.0.0.1:{port}"), Cable::default())?;
                self.http = Some(http);
                // A phone in use has a connection; one that was just started makes it with its first request.
                if command["greet"] == true {
                    self.ask(Method::Get, "/healthz", None).await?;
                }
                Ok(json!({}))
            }
            "sync" | "again" => {
                let mut rounds = 1;
                while self.round().await? {
                    rounds += 1;
                }
                ensure!(self.store.waiting()?.is_empty(), "something still waits");
                ensure!(self.store.needs_attention()?.is_empty(), "something was refused");
                ensure!(self.store.cursor()?.is_some(), "phone and server differ");
                Ok(json!({"rounds": rounds}))
            }
            "open" | "settle" => Ok(json!({})),
            "digest" => {
                let mut digest = Sha256::new();
                for line in std::fs::read_to_string(command["file"].as_str().context("no file")?)?.lines() {
                    let line: Value = serde_json::from_str(line)?;
                    let id = serde_json::from_value(line["id"].clone())?;
                    let doc = self.store.document(id)?.with_context(|| format!("no {id}"))?;
                    digest.update(super::digest_line(id, &doc.heads()));
                }
                Ok(json!({"digest": super::hex(&digest.finalize())}))
            }
            other => bail!("a phone does not know how to {other}"),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let http = self.http.as_ref().context("not connected")?;
        let token = self.store.signed_in()?.map(|(_, token)| token);
        let body = body.map(|body| (PACKED_MEDIA_TYPE, body));
        let request =
            HttpRequest { method, path: path.to_owned(), token, headers: Vec::new(), body, timeout_ms: TIMEOUT_MS };
        let answer = http.send(request).await?;
        ensure!(answer.status == 200, "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(answer.body)
    }

    /// One round trip; whether the engine would go on at once.
    async fn round(&mut self) -> Result<bool> {
        let before = now_ms();
        let round = self.store.begin_round(before, AT_ONCE)?;
        let body = wire::to_packed(round.request())?;
        let answer = self.ask(Method::Post, "/api/sync", Some(body)).await?;
        let after = now_ms();
        let response: SyncResponse = wire::from_packed(&answer)?;
        let clock = Clock { offset_ms: response.server_time - (before + after) / 2, measured_at: after };
        let mut incarnation = [0; 8];
        fill_random(&mut incarnation);
        Ok(self.store.take(round, response, clock, incarnation)?.go_on)
    }
}
