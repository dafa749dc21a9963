//! What a running server does by itself, once at its start and then every hour: work orders leave scopes, old changes leave
//! the log to their documents.

use crate::app::App;
use crate::clock;
use crate::ledger::LedgerError;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Goes on until the server closes.
pub(crate) async fn every_hour(app: Arc<App>) {
    let mut closing = app.closing.subscribe();
    loop {
        let working = Arc::clone(&app);
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
    Ok(())
}
