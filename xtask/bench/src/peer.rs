//! Other people's programs as contenders: one process for each side, each with a storage folder of its own, spoken to over
//! stdin and stdout ([`Side`]). `peers/` has them.
//!
//! Commands are JSON, one a line, and each is answered with one JSON line, `{"error"}` if it failed:
//!
//! | command | side | |
//! |---|---|---|
//! | `take {file}` | both | puts documents, or changes to them, into storage, connected to nobody |
//! | `serve` | server | answers `{port}` |
//! | `open {file}` | phone | opens the documents, as an app that was just started |
//! | `connect {port}` | phone | answers when all handshakes are done |
//! | `sync {file}` | phone | begins; answers when the documents of the file have come to their state there |
//! | `expect {file}` | server | answers when the documents of the file have come to their state there |
//! | `settle` | phone | answers when it has written down what it wants to |
//! | `again` | phone | syncs once more, with nothing new, as a phone in use does all day |
//! | `digest {file}` | both | over all the documents of the file |
//! | `quit` | both | writes everything and ends |

use crate::contender::{Contender, DEADLINE, Run, Start, Task};
use crate::files::Files;
use crate::proxy::{Link, Proxy};
use crate::side::{Side, copy};
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Rust on both sides.
    Samod,
    /// JavaScript on both sides.
    AutomergeRepo,
    /// JavaScript on both sides; no Automerge.
    PouchDb,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Samod, Self::AutomergeRepo, Self::PouchDb];

    /// Name and version as its lock file has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Samod => "samod 0.16",
            Self::AutomergeRepo => "automerge-repo 2.5",
            Self::PouchDb => "PouchDB 9",
        }
    }

    fn command(self, peers: &Path) -> Command {
        let script = |name: &str| {
            let mut node = Command::new("node");
            node.arg(peers.join("js").join(name));
            node
        };
        match self {
            Self::Samod => Command::new(peers.join("samod/target/release/coldpatch-bench-samod")),
            Self::AutomergeRepo => script("automerge-repo.mjs"),
            Self::PouchDb => script("pouchdb.mjs"),
        }
    }
}

/// A program and its states between runs.
#[derive(Debug)]
pub struct Peer {
    program: Program,
    /// Where `peers/` is.
    peers: PathBuf,
    files: Files,
    /// `new`: a full server and an empty phone. `synced`: after a first sync. `day`: after a day apart. `run`: being used.
    folder: PathBuf,
    /// Why its first sync failed over a quicker link: it is not tried again.
    failed: Option<String>,
    /// One for all runs: PouchDB knows a server again by its address.
    proxy: Proxy,
}

impl Peer {
    /// One with nothing yet; its states go into `folder`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn new(program: Program, peers: &Path, files: &Files, folder: &Path) -> Result<Self> {
        let proxy = Proxy::start(Link::NONE)?;
        Ok(Self {
            program,
            peers: peers.to_owned(),
            files: files.clone(),
            folder: folder.to_owned(),
            failed: None,
            proxy,
        })
    }

    fn state(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn side(&self, role: &str, state: &Path) -> Result<Side> {
        Side::start(self.program.command(&self.peers).arg(role).arg(state.join(role)))
    }

    /// The state that a task begins with, made if it is not there yet.
    fn prepared(&mut self, task: Task) -> Result<PathBuf> {
        let (new, synced, day) = (self.state("new"), self.state("synced"), self.state("day"));
        if !new.exists() {
            let mut server = self.side("server", &new)?;
            server.ask(&json!({"do": "take", "file": self.files.base}))?;
            server.quit()?;
        }
        if task == Task::FirstSync {
            return Ok(new);
        }
        ensure!(synced.exists(), "the day begins with a first sync");
        if !day.exists() {
            copy(&synced, &day)?;
            for (role, file) in [("server", &self.files.on_server), ("phone", &self.files.on_phone)] {
                let mut side = self.side(role, &day)?;
                side.ask(&json!({"do": "take", "file": file}))?;
                side.quit()?;
            }
        }
        Ok(day)
    }

    fn measure(&self, state: &Path, task: Task, link: Link, start: Start) -> Result<Run> {
        let (mut server, mut phone) = (self.side("server", state)?, self.side("phone", state)?);
        self.proxy.become_link(Link::NONE);
        let port = server.ask(&json!({"do": "serve"}))?["port"].as_u64().context("the server opened no port")?;
        self.proxy.lead(u16::try_from(port)?);
        let (for_phone, for_server, digest) = match task {
            Task::FirstSync => (&self.files.base_heads, None, &self.files.base_digest),
            Task::CatchUp => (&self.files.for_phone, Some(&self.files.for_server), &self.files.merged_digest),
        };
        if task == Task::CatchUp {
            phone.ask(&json!({"do": "open", "file": self.files.base_heads}))?;
        }
        let connect = json!({"do": "connect", "port": self.proxy.port});
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
        server.may_take(DEADLINE);
        let began = Instant::now();
        if let Some(file) = for_server {
            server.tell(&json!({"do": "expect", "file": file}))?;
        }
        if start == Start::Cold {
            phone.ask(&connect)?;
        }
        phone.tell(&json!({"do": "sync", "file": for_phone}))?;
        let mut ended = phone.hear()?;
        let mut counted = self.proxy.counted();
        if for_server.is_some() {
            ended = ended.max(server.hear()?);
            counted = self.proxy.counted();
        }
        phone.ask(&json!({"do": "settle"}))?;
        // Longer than a round trip and what both sides make of it.
        self.proxy.wait_for_quiet(link.round_trip + Duration::from_millis(700));
        let round_trips = counted.round_trips;
        counted = self.proxy.counted();
        counted.round_trips = round_trips;
        let cpu_phone = phone.process().cpu()?.saturating_sub(before.0);
        let cpu_server = server.process().cpu()?.saturating_sub(before.1);

        self.proxy.become_link(Link::NONE);
        self.same(&mut phone, &mut server, digest)?;
        phone.ask(&json!({"do": "again"}))?;
        phone.quit()?;
        server.quit()?;
        Ok(Run { time: ended.duration_since(began), counted, handshakes, cpu_phone, cpu_server })
    }

    /// Whether both sides have the same content, and the content that they should have.
    fn same(&self, phone: &mut Side, server: &mut Side, digest: &str) -> Result<()> {
        let ask = json!({"do": "digest", "file": self.files.base_heads});
        let (phone, server) = (phone.ask(&ask)?["digest"].clone(), server.ask(&ask)?["digest"].clone());
        ensure!(phone == server, "afterwards, phone and server do not have the same content");
        let known = self.has_history();
        ensure!(!known || phone == digest, "afterwards, phone and server do not have what they should have");
        Ok(())
    }
}

impl Contender for Peer {
    fn name(&self) -> String {
        self.program.name().to_owned()
    }

    fn has_history(&self) -> bool {
        self.program != Program::PouchDb
    }

    fn run(&mut self, task: Task, link: Link, start: Start) -> Result<Run> {
        if let Some(why) = &self.failed {
            bail!("over the fast link, its first sync {why}");
        }
        let state = self.state("run");
        let from = self.prepared(task)?;
        if state.exists() {
            fs::remove_dir_all(&state)?;
        }
        copy(&from, &state)?;
        let run = self.measure(&state, task, link, start);
        if task == Task::FirstSync {
            self.failed = run.as_ref().err().map(|error| format!("{error:#}"));
        }
        let run = run?;
        let synced = self.state("synced");
        if task == Task::FirstSync && !synced.exists() {
            fs::rename(&state, synced)?;
        }
        Ok(run)
    }
}
