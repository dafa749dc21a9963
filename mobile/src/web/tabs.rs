//! What passes between a page, its Worker, and the Workers of other tabs over the same database.
//!
//! One Worker leads: it holds the Web Lock and the database. The others send what their pages ask through a
//! `BroadcastChannel` and pass on the answers. When the leader goes, another gets the lock, says [`TabMessage::Leading`],
//! and everybody asks again what was not answered; ids make that harmless. All of it is CBOR.

use crate::engine::api::{Ask, Changed, EngineError, Reply};
use coldpatch_shared::sync::wire;
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

/// From a page to its Worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PageAsk {
    /// The page's own count.
    pub(super) id: u64,
    /// What it asks.
    pub(super) ask: Ask,
}

/// From a Worker to its page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToPage {
    /// The answer to [`PageAsk`].
    Reply {
        /// Of which.
        id: u64,
        /// The answer.
        result: Result<Reply, EngineError>,
    },
    /// Something changed.
    Changed(Changed),
}

/// From one tab's Worker to the others'.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum TabMessage {
    /// I lead now: ask again what you have no answer for.
    Leading,
    /// For whoever leads.
    Ask {
        /// The Worker that asks.
        tab: u64,
        /// Its page's count.
        id: u64,
        /// What its page asks.
        ask: Ask,
    },
    /// From who leads.
    Reply {
        /// The Worker that asked.
        tab: u64,
        /// Its page's count.
        id: u64,
        /// The answer.
        result: Result<Reply, EngineError>,
    },
    /// From who leads, to all.
    Changed(Changed),
}

/// A message as it is posted.
pub(super) fn encode<T: Serialize>(message: &T) -> Option<Uint8Array> {
    match wire::encode(message) {
        Ok(bytes) => Some(Uint8Array::from(bytes.as_slice())),
        Err(error) => {
            tracing::error!(%error, "a message between page and engine");
            None
        }
    }
}

/// A message as it was posted. Anything else (an older tab may speak differently) is `None`.
pub(super) fn decode<T: DeserializeOwned>(message: &JsValue) -> Option<T> {
    let bytes = message.dyn_ref::<Uint8Array>()?.to_vec();
    // Not `wire::decode`: a photo may be larger than what the network's limit allows.
    match ciborium::from_reader(bytes.as_slice()) {
        Ok(message) => Some(message),
        Err(error) => {
            tracing::warn!(%error, "a message that this version does not understand");
            None
        }
    }
}
