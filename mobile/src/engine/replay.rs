//! A phone that hears again what another one heard: the engine's part of `cargo xtask bench sync` in a browser, run on the
//! page for the same reason as [`super::bench`]. Nothing here touches a person's database.

use super::AT_ONCE;
use super::api::{EngineError, ErrorKind};
use super::errors::error;
use super::store::{Clock, Store};
use coldpatch_shared::action::Deed;
use coldpatch_shared::api::Session;
use coldpatch_shared::sync::wire::{self, SyncResponse};
use rusqlite::Connection;

/// The phone.
#[derive(Debug)]
pub struct Replay {
    store: Store,
}

impl Replay {
    /// An empty one whose changes will be those of the phone that had this session and incarnation.
    ///
    /// # Errors
    /// [`EngineError`] of the database.
    pub fn begin(db: Connection, session: Session, incarnation: [u8; 8]) -> Result<Self, EngineError> {
        let mut store = Store::open(db, "", session.device, incarnation)?;
        store.sign_in(session, String::new())?;
        Ok(Self { store })
    }

    /// Does what was done on it.
    ///
    /// # Errors
    /// [`EngineError`] when one does not fit.
    pub fn act(&mut self, deeds: &[Deed]) -> Result<(), EngineError> {
        for deed in deeds {
            self.store.perform(deed, |_| Ok(()))?;
        }
        Ok(())
    }

    /// A round trip that has this answer (packed, not compressed): makes the request, reads the answer, takes it in. → how
    /// many changes still wait.
    ///
    /// # Errors
    /// [`EngineError`] of the database, or when the answer cannot be read.
    pub fn round(&mut self, answer: &[u8], now: i64) -> Result<usize, EngineError> {
        let unusable = |why: wire::WireError| error(ErrorKind::Storage, why.to_string());
        let round = self.store.begin_round(now, AT_ONCE)?;
        wire::to_packed(round.request()).map_err(unusable)?;
        let response: SyncResponse = wire::from_packed(answer).map_err(unusable)?;
        self.store.take(round, response, Clock { offset_ms: 0, measured_at: now }, [9; 8])?;
        Ok(self.store.waiting()?.len())
    }
}
