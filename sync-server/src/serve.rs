//! Runs the server until it is told to stop, and stops without cutting anybody off.

use crate::app::App;
use crate::{developing, http, upkeep};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a request that is under way may take once the server closes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves on `listener` until `stop` comes true, then finishes what is under way.
///
/// # Errors
/// What the system says about the listener.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (closing, router) = (app.closing.clone(), http::router(Arc::clone(&app)));
    tokio::spawn(upkeep::every_hour(Arc::downgrade(&app), app.closing.subscribe()));
    let files = developing::whenever_something_arrives(Arc::downgrade(&app), app.closing.subscribe());
    tokio::spawn(files);
    let mut closed = app.closing.subscribe();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("closing: finishing what is under way");
        closing.send_replace(true);
    });
    let patience = async move {
        // The sender lives in the app, which outlives this.
        if closed.wait_for(|closing| *closing).await.is_ok() {
            tokio::time::sleep(PATIENCE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        result = server => result,
        () = patience => {
            tracing::warn!("closing although requests are still under way");
            Ok(())
        }
    }
}

/// Comes true at Ctrl-C, and when the system asks the process to end.
pub async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
