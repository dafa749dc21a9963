//! How other people's programs get the data: files of JSON lines.
//!
//! Those that sync Automerge documents get the very same documents as ours (`doc`, `changes`, `heads`); PouchDB gets the same
//! content as plain JSON (`json`), one revision for each change.

use crate::contender::Case;
use crate::generate::Order;
use crate::generate::day::Edited;
use crate::generate::flat::flat;
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::OrderDoc;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where the files are, and what comes out when everybody has everything.
#[derive(Debug, Clone)]
pub struct Files {
    /// What the server has before the day: `id`, `doc`, `json`.
    pub base: PathBuf,
    /// Every document's heads before the day: `id`, `heads`.
    pub base_heads: PathBuf,
    /// The day on the server, a line for each change: `id`, `changes`, `json`.
    pub on_server: PathBuf,
    /// The day on the phone, likewise.
    pub on_phone: PathBuf,
    /// The heads that the server's documents must come to: those that changed on the phone.
    pub for_server: PathBuf,
    /// The heads that the phone's documents must come to: those that changed on the server.
    pub for_phone: PathBuf,
    /// The digest over all documents before the day.
    pub base_digest: String,
    /// The digest over all documents when both sides have everything.
    pub merged_digest: String,
}

impl Files {
    /// Writes them to a folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(case: &Case, folder: &Path) -> Result<Self> {
        let mut base_heads = Vec::new();
        let mut base = Vec::new();
        let mut digests = [Sha256::new(), Sha256::new()];
        for order in &case.orders {
            let mut doc = order.doc.clone();
            base_heads.push(json!({"id": order.id, "heads": heads(&mut doc)}));
            let json = flat(&order.view()?)?;
            base.push(json!({"id": order.id, "doc": BASE64.encode(doc.save()), "json": json}));
            let mut merged = case.day.merged.get(&order.id).map_or(doc.clone(), |merged| merged.doc.clone());
            for (digest, doc) in digests.iter_mut().zip([&mut doc, &mut merged]) {
                digest.update(format!("{} {}\n", order.id, heads(doc).join(",")));
            }
        }
        let [base_digest, merged_digest] = digests.map(|digest| hex(&digest.finalize()));
        let file = |name: &str, lines: &[Value]| write(&folder.join(name), lines);
        let day = |side: &[Edited]| side.iter().map(|edited| day(&case.orders, edited)).collect::<Result<Vec<_>>>();
        Ok(Self {
            base: file("base.jsonl", &base)?,
            base_heads: file("base-heads.jsonl", &base_heads)?,
            on_server: file("on-server.jsonl", &day(&case.day.on_server)?.concat())?,
            on_phone: file("on-phone.jsonl", &day(&case.day.on_phone)?.concat())?,
            for_server: file("for-server.jsonl", &expected(&case.day.merged, &case.day.on_phone)?)?,
            for_phone: file("for-phone.jsonl", &expected(&case.day.merged, &case.day.on_server)?)?,
            base_digest,
            merged_digest,
        })
    }
}

fn day(orders: &[Order], edited: &Edited) -> Result<Vec<Value>> {
    let before = orders.iter().find(|order| order.id == edited.id).context("the day changed an unknown document")?;
    let mut order = before.clone();
    let mut lines = Vec::new();
    for made in &edited.changes {
        order.doc.apply([made.change.clone()])?;
        let change = BASE64.encode(made.change.raw_bytes());
        lines.push(json!({"id": order.id, "changes": [change], "json": flat(&order.view()?)?}));
    }
    Ok(lines)
}

fn expected(merged: &BTreeMap<WorkOrderId, Order>, edited: &[Edited]) -> Result<Vec<Value>> {
    let line = |edited: &Edited| {
        let order = merged.get(&edited.id).context("a changed document was not merged")?;
        Ok(json!({"id": edited.id, "heads": heads(&mut order.doc.clone())}))
    };
    edited.iter().map(line).collect()
}

fn heads(doc: &mut OrderDoc) -> Vec<String> {
    doc.heads().iter().map(ToString::to_string).collect()
}

fn write(path: &Path, lines: &[Value]) -> Result<PathBuf> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    file.flush()?;
    Ok(path.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
