//! What a running server does by itself, once at its start and then every hour: work orders leave scopes, old changes leave
//! the log to their documents.

use crate::app::App;
use crate::clock;
use crate::ledger::LedgerError;
use crate::uploads::KEPT_FOR;
use std::sync::Weak;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Goes on until the server closes, and keeps it from nothing until then.
pub(crate) async fn every_hour(app: Weak<App>, mut closing: watch::Receiver<bool>) {
    loop {
        let Some(working) = app.upgrade() else { return };
        match tokio::task::spawn_blocking(move || once(&working, clock::now())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the hourly upkeep failed; it is tried again in an hour"),
            Err(error) => tracing::error!(%error, "the hourly upkeep broke off; it is tried again in an hour"),
        }
        tokio::select! {
            () = tokio::time::sleep(HOUR) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

/// Does it once, as of `now` (ms since the Unix epoch). Blocks.
///
/// # Errors
/// [`LedgerError`]; what was done until then stays done.
pub fn once(app: &App, now: i64) -> Result<(), LedgerError> {
    let ledger = &app.sync.ledger;
    ledger.rescope(now)?;
    ledger.sweep(now)?;
    let compacted = ledger.compact(now.saturating_sub(i64::from(app.config.log_days).saturating_mul(DAY)))?;
    if compacted > 0 {
        tracing::info!(compacted, "old changes are now only in their documents");
    }
    let swept = SystemTime::now().checked_sub(KEPT_FOR).map(|before| app.uploads.sweep(before));
    match swept {
        Some(Ok(swept)) if swept > 0 => tracing::info!(swept, "uploads that nobody went on with are gone"),
        Some(Err(error)) => tracing::error!(%error, "old uploads could not be removed; it is tried again in an hour"),
        _ => {}
    }
    Ok(())
}
