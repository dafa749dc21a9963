//! Makes what is missing of photos: an original that its phone could not decode (HEIC, mostly) gets a display rendition and a
//! thumbnail here, and so everybody sees it.
//!
//! What was made is an entry of the work order, by the server, which completes the photo (`coldpatch_shared::order`): it travels to
//! phones like everything else, and is shown wherever renditions are.

use crate::app::App;
use crate::clock;
use crate::intake::{self, IntakeError};
use crate::ledger::{LedgerError, server_stamp};
use crate::storage::{StorageError, Undeveloped};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::order::{Photo, RenditionKind};
use coldpatch_shared::photo::{self, Blur, Made, PhotoProblem};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// What could not be stored is tried again after this time, if nothing arrives before.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// How many are looked up at once.
const LOOK: u32 = 50;

/// What is known of photos that wait.
#[derive(Debug, Default)]
pub struct Developing {
    wake: Arc<Notify>,
    /// Originals of which nothing can be made here. The next start tries again: there may be another libheif then.
    hopeless: Mutex<HashSet<String>>,
}

impl Developing {
    /// Says that an original, or a work order with one, may have arrived.
    pub fn wake(&self) {
        self.wake.notify_one();
    }
}

/// Why it has to wait.
#[derive(Debug, thiserror::Error)]
pub enum DevelopError {
    /// The database does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The files cannot be read.
    #[error("photos cannot be read: {0}")]
    Files(#[from] std::io::Error),
    /// The files cannot be written.
    #[error("photos cannot be written: {0}")]
    NotKept(#[from] IntakeError),
    /// The work order takes no entry.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Goes on until the server closes.
pub(crate) async fn whenever_something_arrives(app: Weak<App>, mut closing: watch::Receiver<bool>) {
    loop {
        let Some(working) = app.upgrade() else { return };
        let wake = Arc::clone(&working.developing.wake);
        match tokio::task::spawn_blocking(move || once(&working, clock::now())).await {
            Ok(Ok(0)) => {}
            Ok(Ok(made)) => tracing::info!(made, "photos that their phones could not decode can be seen now"),
            Ok(Err(error)) => tracing::error!(%error, "photos wait to be made visible; it is tried again in an hour"),
            Err(error) => tracing::error!(%error, "making photos visible broke off; it is tried again in an hour"),
        }
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(HOUR) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

/// Makes everything that is missing and can be made, as of `now` (ms since the Unix epoch). → of how many photos. Blocks, for as
/// long as they take to decode.
///
/// # Errors
/// [`DevelopError`] when something cannot be stored; what was made until then stays.
pub fn once(app: &App, now: i64) -> Result<usize, DevelopError> {
    // One at a time: who comes second finds nothing left to do.
    let mut hopeless = app.developing.hopeless.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut made, mut after) = (0, None);
    loop {
        let waiting = app.storage.undeveloped(after.as_ref(), LOOK)?;
        let Some(last) = waiting.last().cloned() else { return Ok(made) };
        for one in &waiting {
            if *app.closing.borrow() {
                return Ok(made);
            }
            if hopeless.contains(&one.original) {
                continue;
            }
            match develop(app, one, now) {
                Ok(true) => made += 1,
                // Else each hour and each arrival would try it again.
                Ok(false) => _ = hopeless.insert(one.original.clone()),
                Err(DevelopError::Ledger(error)) if !matches!(error, LedgerError::Storage(_)) => {
                    tracing::error!(%error, work_order = %one.work_order, "what was made of a photo fits into no work order");
                    hopeless.insert(one.original.clone());
                }
                Err(error) => return Err(error),
            }
        }
        after = Some(last);
    }
}

/// → whether anything could be made of it.
fn develop(app: &App, one: &Undeveloped, now: i64) -> Result<bool, DevelopError> {
    let Some(original) = app.files.read(&one.original)? else {
        tracing::error!(sha256 = one.original, "a file that had arrived is no longer there");
        return Ok(false);
    };
    let made = match photo::read(&original).and_then(|reading| intake::renditions(&original, &reading)) {
        Ok(made) => made,
        Err(problem) => {
            let (sha256, decoder) = (&one.original, matches!(problem, PhotoProblem::CannotDecodeHere(_)));
            tracing::info!(sha256, decoder_missing = decoder, ?problem, "a photo is kept and cannot be shown");
            return Ok(false);
        }
    };
    // The files are durable before the entry that names them.
    for file in [&made.display, &made.thumbnail] {
        intake::keep_file(app, &file.bytes, "image/jpeg", now)?;
    }
    app.sync.ledger.write(None, now, |bench| -> Result<(), LedgerError> {
        let Some(order) = bench.order(one.work_order)? else { return Ok(()) };
        let mut added = HashSet::new();
        for taken in order.photos.iter().map(|entry| &entry.body).filter(|photo| is_of(photo, &one.original)) {
            if added.insert((taken.slot, taken.request)) {
                let action = Action::AddPhoto { photo: completing(taken, &made) };
                let id = bench.action_id(now)?;
                bench.perform(&Deed { id, work_order: one.work_order, stamp: server_stamp(now), action })?;
            }
        }
        Ok(())
    })?;
    Ok(true)
}

fn is_of(photo: &Photo, original: &str) -> bool {
    photo.is_undeveloped() && photo.rendition(RenditionKind::Original).is_some_and(|file| file.sha256 == original)
}

/// The entry that completes a photo: the same original in the same place, and what was made of it.
fn completing(taken: &Photo, made: &Made) -> Photo {
    let mut renditions = taken.renditions.clone();
    renditions.push(made.display.rendition(RenditionKind::Display));
    renditions.push(made.thumbnail.rendition(RenditionKind::Thumbnail));
    Photo {
        slot: taken.slot,
        request: taken.request,
        taken_at: None,
        place: None,
        blur: made.blur.as_ref().map(Blur::to_text),
        renditions,
        marks: Vec::new(),
        covered: false,
    }
}
