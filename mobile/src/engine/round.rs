//! One round trip: what waits goes up, what is new comes down.

use super::core::Engine;
use super::store::{Budgets, Clock, meta};
use crate::platform::{HttpRequest, Method};
use coldpatch_shared::api::{Problem, REVOKED};
use coldpatch_shared::sync::phone::Failure;
use coldpatch_shared::sync::wire::{self, PACKED_MEDIA_TYPE, PROTOCOL, SyncResponse};
use futures_util::FutureExt;
use std::rc::Rc;

/// About how much is sent at once: a poor connection carries it within seconds, and a broken one loses no more.
const SEND_AT_ONCE: usize = 256 << 10;
/// About how much one answer may bring, before it is compressed: some 500 work orders.
const RECEIVE_AT_ONCE: u32 = 2 << 20;
const TIMEOUT_MS: i64 = 60_000;

/// What travels in one round trip.
pub const AT_ONCE: Budgets = Budgets { send: SEND_AT_ONCE, receive: RECEIVE_AT_ONCE };

impl Engine {
    /// Makes one round trip. → whether to go on at once.
    ///
    /// # Errors
    /// [`Failure`]; nothing has changed then.
    pub(super) async fn round_trip(self: &Rc<Self>) -> Result<bool, Failure> {
        let signed_in = meta::signed_in(self.store().db()).map_err(unusable)?.ok_or(Failure::SignedOut)?;
        let before = self.device_now();
        let round = self.store_mut().begin_round(before, AT_ONCE).map_err(unusable)?;
        let body = wire::to_packed(round.request()).map_err(unusable)?;
        self.sync.borrow_mut().set_sending(round.actions());
        self.tell_sync();

        let response = self
            .platform
            .transport
            .send(HttpRequest {
                method: Method::Post,
                path: "/api/sync".to_owned(),
                token: Some(signed_in.token),
                headers: Vec::new(),
                body: Some((PACKED_MEDIA_TYPE, body)),
                timeout_ms: TIMEOUT_MS,
            })
            .await
            .map_err(|why| {
                tracing::info!(%why, "sync");
                Failure::Unreachable
            })?;
        let after = self.device_now();
        match response.status {
            200 => {}
            401 => return Err(signed_out(&response.body)),
            429 | 500.. => return Err(Failure::ServerTrouble),
            status => {
                tracing::error!(status, body = %String::from_utf8_lossy(&response.body), "sync");
                return Err(Failure::NotUnderstood);
            }
        }
        let received = u64::try_from(response.body.len()).unwrap_or(u64::MAX);
        let response: SyncResponse = match response.media_type.as_str() {
            PACKED_MEDIA_TYPE => wire::from_packed(&response.body),
            _ => wire::decode(&response.body),
        }
        .map_err(unusable)?;
        if response.protocol != PROTOCOL {
            return Err(Failure::NotUnderstood);
        }
        // The server's clock was read somewhere between; half way is the best guess.
        let middle = before + (after - before) / 2;
        let clock = Clock { offset_ms: response.server_time.saturating_sub(middle), measured_at: after };
        let city_version = response.city_version.clone();
        let mut incarnation = [0; 8];
        crate::platform::fill_random(&mut incarnation);
        let taken = self.store_mut().take(round, response, clock, incarnation).map_err(unusable)?;
        if taken.more {
            let mut sync = self.sync.borrow_mut();
            let progress = sync.progress.get_or_insert_default();
            progress.received = progress.received.saturating_add(taken.received);
            progress.remaining = taken.remaining;
            progress.bytes = progress.bytes.saturating_add(received);
        }
        self.tell_jobs(taken.changed);
        if !city_version.is_empty() {
            self.platform.host.spawn(self.clone().refresh_city(city_version).boxed_local());
        }
        Ok(taken.go_on)
    }
}

/// Whether the city has signed the device out, or does not know it.
fn signed_out(body: &[u8]) -> Failure {
    let problem: Option<Problem> = serde_json::from_slice(body).ok();
    if problem.is_some_and(|problem| problem.kind == REVOKED) { Failure::Revoked } else { Failure::SignedOut }
}

/// Trouble that is neither the network's nor the server's: kept, logged, tried again.
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unusable(error: impl std::fmt::Display) -> Failure {
    tracing::error!(%error, "sync");
    Failure::NotUnderstood
}
