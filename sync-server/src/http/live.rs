//! `GET /api/live`: server-sent events. A poke says that there is something new in the device's scopes, and nothing else.

use super::Shared;
use super::auth::Enrolled;
use crate::ledger::{Poke, scopes};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

/// How often a silent connection says that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

struct Listener {
    pokes: broadcast::Receiver<Arc<Poke>>,
    closing: watch::Receiver<bool>,
    scopes: HashSet<String>,
    device: coldpatch_shared::ids::DeviceId,
    greeted: bool,
}

pub(super) async fn live(
    State(app): State<Shared>,
    Enrolled(who): Enrolled,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = Listener {
        pokes: app.sync.ledger.listen(),
        closing: app.closing.subscribe(),
        scopes: scopes::followed(&app.city, &who).into_iter().collect(),
        device: who.device,
        greeted: false,
    };
    let events = stream::unfold(listener, async |mut listener| {
        // An event without data is one that browsers do not dispatch.
        listener.next().await.then(|| (Ok(Event::default().event("poke").data("sync")), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"))
}

impl Listener {
    /// Waits for something new; `false` when the server closes.
    async fn next(&mut self) -> bool {
        // Something may have been committed between the phone's last sync and this connection.
        if !std::mem::replace(&mut self.greeted, true) {
            return true;
        }
        loop {
            tokio::select! {
                poke = self.pokes.recv() => match poke {
                    Ok(poke) if poke.by == Some(self.device) || poke.scopes.is_disjoint(&self.scopes) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                },
                _ = self.closing.wait_for(|closing| *closing) => return false,
            }
        }
    }
}
