//! Coldpatch as a contender: the real server's process over a real data folder, the real phone's store and HTTP client.
//!
//! - [`town`]: the city and who works there; [`stock`]: work orders in the server's storage
//! - [`server`], [`phone`]: the two processes; [`http`]: for asking much at once
//! - [`crowd`]: phones that were away a day, all at once; [`record`]: what a phone hears, for one in a browser

pub mod crowd;
pub mod http;
pub mod phone;
pub mod record;
pub mod server;
pub mod stock;
pub mod town;

use crate::contender::{Case, Contender, DEADLINE, Run, Start, Task};
use crate::figures::OURS;
use crate::files::Files;
use crate::proxy::{Link, Proxy};
use crate::side::{Side, copy};
use anyhow::{Context, Result, ensure};
use automerge::ChangeHash;
use coldpatch_server::clock;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use serde_json::json;
use server::Server;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use stock::Received;

/// How many work orders enter storage in one transaction.
const AT_ONCE: usize = 500;

/// Ours, with its states between runs; see [`crate::peer::Peer`].
pub struct Ours<'a> {
    case: &'a Case,
    files: Files,
    city: PathBuf,
    folder: PathBuf,
    proxy: Proxy,
}

impl<'a> Ours<'a> {
    /// One with nothing yet; its states go into `folder`.
    ///
    /// # Errors
    /// When the folder cannot be written, or no port can be opened.
    pub fn new(case: &'a Case, files: &Files, folder: &Path) -> Result<Self> {
        let city = town::write(folder)?;
        Ok(Self { case, files: files.clone(), city, folder: folder.to_owned(), proxy: Proxy::start(Link::NONE)? })
    }

    /// The state that a task begins with, made if it is not there yet.
    fn prepared(&mut self, task: Task) -> Result<PathBuf> {
        let [new, synced, day] = ["new", "synced", "day"].map(|name| self.folder.join(name));
        if !new.exists() {
            let app = town::open(&self.city, &new.join("server"))?;
            let now = clock::now();
            for some in self.case.orders.chunks(AT_ONCE) {
                let write = |order| stock::write(&app.city, order, &order.changes, 0, Received::Now, now);
                stock::commit(&*app.storage, some.iter().map(write).collect::<Result<_>>()?, now)?;
            }
            app.storage.set_scoped_for(&app.city.version)?;
            let who = &self.case.day.phone_of;
            let (session, token) = town::enroll(&app, who, who.device)?;
            phone::create(&new.join("phone"), session, token)?;
        }
        if task == Task::FirstSync {
            return Ok(new);
        }
        if !synced.exists() {
            self.run(Task::FirstSync, Link::NONE, Start::Warm)?;
        }
        if !day.exists() {
            copy(&synced, &day)?;
            let app = town::open(&self.city, &day.join("server"))?;
            stock::commit_day(&*app.storage, &app.city, &self.case.day.on_server, clock::now())?;
            for edited in &self.case.day.on_phone {
                phone::act(&day.join("phone"), &self.case.day.phone_of, &edited.changes)?;
            }
        }
        Ok(day)
    }

    fn measure(&self, state: &Path, task: Task, link: Link, start: Start) -> Result<Run> {
        let server = Server::start(&self.city, &state.join("server"))?;
        let mut phone = Side::start(Command::new(std::env::current_exe()?).arg("phone").arg(state.join("phone")))?;
        self.proxy.become_link(Link::NONE);
        self.proxy.lead(server.port);
        let connect = json!({"do": "connect", "port": self.proxy.port, "greet": start == Start::Warm});
        self.proxy.reset();
        if start == Start::Warm {
            phone.ask(&connect)?;
            self.proxy.wait_for_quiet(Duration::from_millis(300));
        }
        let handshakes = self.proxy.handshakes();
        self.proxy.become_link(link);
        self.proxy.reset();
        let before = (phone.process().cpu()?, server.process().cpu()?);

        phone.may_take(DEADLINE);
        let began = Instant::now();
        if start == Start::Cold {
            phone.ask(&connect)?;
        }
        phone.tell(&json!({"do": "sync"}))?;
        let ended = phone.hear()?;
        self.proxy.wait_for_quiet(link.round_trip + Duration::from_millis(300));
        let counted = self.proxy.counted();
        let cpu_phone = phone.process().cpu()?.saturating_sub(before.0);
        let cpu_server = server.process().cpu()?.saturating_sub(before.1);

        self.proxy.become_link(Link::NONE);
        let expected = if task == Task::FirstSync { &self.files.base_digest } else { &self.files.merged_digest };
        let held = phone.ask(&json!({"do": "digest", "file": self.files.base_heads}))?["digest"].clone();
        ensure!(
            held == self.digest(&state.join("server"))?,
            "afterwards, phone and server do not have the same content"
        );
        ensure!(held == *expected, "afterwards, phone and server do not have what they should have");
        phone.ask(&json!({"do": "again"}))?;
        phone.quit()?;
        Ok(Run { time: ended.duration_since(began), counted, handshakes, cpu_phone, cpu_server })
    }

    /// Of what is in a server's storage.
    fn digest(&self, data: &Path) -> Result<String> {
        let app = town::open(&self.city, data)?;
        let mut digest = Sha256::new();
        for order in &self.case.orders {
            let stored = app.storage.document(order.id)?.with_context(|| format!("no {}", order.id))?;
            digest.update(digest_line(order.id, &OrderDoc::load(&stored.bytes)?.heads()));
        }
        Ok(hex(&digest.finalize()))
    }
}

impl Contender for Ours<'_> {
    fn name(&self) -> String {
        OURS.to_owned()
    }

    fn has_history(&self) -> bool {
        true
    }

    fn run(&mut self, task: Task, link: Link, start: Start) -> Result<Run> {
        let from = self.prepared(task)?;
        let state = self.folder.join("run");
        if state.exists() {
            fs::remove_dir_all(&state)?;
        }
        copy(&from, &state)?;
        let run = self.measure(&state, task, link, start)?;
        let synced = self.folder.join("synced");
        if task == Task::FirstSync && !synced.exists() {
            fs::rename(&state, synced)?;
        }
        Ok(run)
    }
}

/// As [`Files`] has it.
fn digest_line(id: WorkOrderId, heads: &[ChangeHash]) -> String {
    let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
    format!("{id} {}\n", heads.join(","))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
