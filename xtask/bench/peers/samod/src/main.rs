//! samod on one side of the bench: `coldpatch-bench-samod server|phone <storage folder>`.
//!
//! Reads one JSON command a line from stdin and answers each with one JSON line on stdout; `bench/src/contender.rs`
//! says what they mean. Used as its documentation has it: file storage, WebSockets, a server that announces nothing by
//! itself, a phone that announces everything. Its WebSockets have no compression.

use automerge::{Automerge, Change, ChangeHash};
use axum::extract::ws::WebSocketUpgrade;
use axum::serve::ListenerExt;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures::future::join_all;
use futures::{StreamExt, stream};
use samod::storage::{Storage, StorageKey, TokioFilesystemStorage};
use samod::{BackoffConfig, DocHandle, DocumentId, PeerId, Repo, ShareConfig};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, BufReader as AsyncReader};
use tokio::sync::watch;
use uuid::Uuid;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A line of a file that the harness wrote.
#[derive(Deserialize)]
struct Line {
    id: Uuid,
    #[serde(default)]
    doc: Option<String>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    heads: Vec<String>,
}

struct Side {
    is_server: bool,
    folder: PathBuf,
    repo: Option<Repo>,
    handles: BTreeMap<Uuid, DocHandle>,
    /// Closed until the sync may begin, so that opening and connecting are not part of it.
    gate: watch::Sender<bool>,
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, role, folder] = arguments.as_slice() else { return Err("usage: server|phone <storage folder>".into()) };
    std::fs::create_dir_all(folder)?;
    let mut side = Side {
        is_server: role == "server",
        folder: folder.into(),
        repo: None,
        handles: BTreeMap::new(),
        gate: watch::Sender::new(false),
    };
    let mut lines = AsyncReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let command: Value = serde_json::from_str(&line)?;
        if command["do"] == "quit" {
            break;
        }
        let answer = side.obey(&command).await.unwrap_or_else(|error| json!({"error": error.to_string()}));
        println!("{answer}");
    }
    if let Some(repo) = side.repo {
        repo.stop().await;
    }
    Ok(())
}

impl Side {
    async fn obey(&mut self, command: &Value) -> Fallible<Value> {
        let file = command["file"].as_str().unwrap_or_default();
        match command["do"].as_str().unwrap_or_default() {
            "take" => self.take(Path::new(file)).await,
            "serve" => self.serve().await,
            "open" => self.open(Path::new(file)).await,
            "connect" => self.connect(command["port"].as_u64().unwrap_or_default()).await,
            "sync" => self.sync(Path::new(file)).await,
            "expect" => self.expect(Path::new(file)).await,
            // It writes nothing down for the network, and syncs by itself while it is connected.
            "settle" | "again" => Ok(json!({"done": true})),
            "digest" => self.digest(Path::new(file)).await,
            other => Err(format!("unknown command {other}").into()),
        }
    }

    async fn repo(&mut self) -> Repo {
        if let Some(repo) = &self.repo {
            return repo.clone();
        }
        let (is_server, gate) = (self.is_server, self.gate.subscribe());
        let repo = Repo::build_tokio()
            .with_storage(TokioFilesystemStorage::new(&self.folder))
            .with_peer_id(PeerId::from(if is_server { "server" } else { "phone" }))
            .with_share_policy(move |_: DocumentId, _: PeerId| {
                let mut gate = gate.clone();
                stream::once(async move {
                    if is_server {
                        return ShareConfig::read_write().with_announce(false);
                    }
                    // An error means that the process ends.
                    let _ = gate.wait_for(|open| *open).await;
                    ShareConfig::read_write()
                })
            })
            .load()
            .await;
        self.repo = Some(repo.clone());
        repo
    }

    /// Puts documents, or changes to them, into this side's storage while it is connected to nobody.
    async fn take(&mut self, file: &Path) -> Fallible<Value> {
        let storage = TokioFilesystemStorage::new(&self.folder);
        let lines = read(file)?;
        let taken = lines.len();
        for line in lines {
            let id = document(line.id)?;
            if let Some(doc) = line.doc {
                let bytes = BASE64.decode(doc)?;
                let hash = hex(&Sha256::digest(&bytes));
                let key = StorageKey::from_parts([id.to_string(), "snapshot".to_owned(), hash])?;
                storage.put(key, bytes).await;
            }
            if !line.changes.is_empty() {
                let handle = self.repo().await.find(id).await?.ok_or("a document to change is not in storage")?;
                let changes = line.changes.iter().map(|change| Ok(Change::from_bytes(BASE64.decode(change)?)?));
                let changes = changes.collect::<Fallible<Vec<Change>>>()?;
                handle.with_document(|doc| doc.apply_changes(changes))?;
            }
        }
        if let Some(repo) = self.repo.take() {
            repo.stop().await;
        }
        Ok(json!({"taken": taken}))
    }

    async fn serve(&mut self) -> Fallible<Value> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let acceptor = self.repo().await.make_acceptor(format!("ws://127.0.0.1:{port}").parse()?)?;
        let upgrade = move |upgrade: WebSocketUpgrade| async move {
            upgrade.on_upgrade(move |socket| async move {
                if let Err(error) = acceptor.accept_axum(socket, None) {
                    eprintln!("samod server: {error}");
                }
            })
        };
        let app = axum::Router::new().route("/", axum::routing::get(upgrade));
        let listener = listener.tap_io(|socket| {
            let _ = socket.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(json!({"port": port}))
    }

    /// Loads documents into memory, as a phone that was just opened.
    async fn open(&mut self, file: &Path) -> Fallible<Value> {
        let repo = self.repo().await;
        for line in read(file)? {
            let handle = repo.find(document(line.id)?).await?.ok_or("a document to open is not in storage")?;
            self.handles.insert(line.id, handle);
        }
        Ok(json!({"opened": self.handles.len()}))
    }

    async fn connect(&mut self, port: u64) -> Fallible<Value> {
        let repo = self.repo().await;
        let dialer = repo.dial_websocket(format!("ws://127.0.0.1:{port}/").parse()?, BackoffConfig::default())?;
        dialer.established().await?;
        Ok(json!({"connected": true}))
    }

    /// Begins, and returns when every document of the file has its final heads here.
    async fn sync(&mut self, file: &Path) -> Fallible<Value> {
        self.gate.send_replace(true);
        self.expect(file).await
    }

    async fn expect(&mut self, file: &Path) -> Fallible<Value> {
        let repo = self.repo().await;
        let waiting = read(file)?.into_iter().map(|line| {
            let (repo, handle) = (repo.clone(), self.handles.get(&line.id).cloned());
            tokio::spawn(async move {
                let heads = line.heads.iter().map(|head| head.parse()).collect::<Result<Vec<ChangeHash>, _>>()?;
                let handle = match handle {
                    Some(handle) => handle,
                    None => repo.find(document(line.id)?).await?.ok_or("the other side does not have a document")?,
                };
                let mut changes = std::pin::pin!(handle.changes());
                while handle.with_document(|doc| sorted(doc)) != heads {
                    changes.next().await.ok_or("the repo stopped")?;
                }
                Fallible::Ok((line.id, handle))
            })
        });
        for done in join_all(waiting).await {
            let (id, handle) = done??;
            self.handles.insert(id, handle);
        }
        Ok(json!({"converged": true}))
    }

    /// Over the ids and heads of the file's documents, in the file's order.
    async fn digest(&mut self, file: &Path) -> Fallible<Value> {
        let repo = self.repo().await;
        let mut hash = Sha256::new();
        for line in read(file)? {
            let handle = match self.handles.get(&line.id) {
                Some(handle) => handle.clone(),
                None => repo.find(document(line.id)?).await?.ok_or("a document is missing")?,
            };
            let heads: Vec<String> = handle.with_document(|doc| sorted(doc)).iter().map(ToString::to_string).collect();
            hash.update(format!("{} {}\n", line.id, heads.join(",")));
        }
        Ok(json!({"digest": hex(&hash.finalize())}))
    }
}

fn read(file: &Path) -> Fallible<Vec<Line>> {
    BufReader::new(File::open(file)?).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn document(id: Uuid) -> Fallible<DocumentId> {
    Ok(DocumentId::try_from(id.as_bytes().to_vec())?)
}

fn sorted(doc: &mut Automerge) -> Vec<ChangeHash> {
    let mut heads = doc.get_heads();
    heads.sort();
    heads
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
