//! From what went wrong inside to what a person is told: what happened, what was kept, what to do. Details go to the log.

use super::api::{EngineError, ErrorKind};
use super::store::StoreError;
use crate::platform::{FileError, Unreachable};
use coldpatch_shared::action::policy::Denied;
use coldpatch_shared::photo::PhotoProblem;

/// An error for the person.
pub(super) fn error(kind: ErrorKind, message: impl Into<String>) -> EngineError {
    EngineError { kind, message: message.into() }
}

fn full() -> EngineError {
    error(
        ErrorKind::Full,
        "This phone has no room left, so this could not be kept. Everything from before is safe. Remove some photos or \
         apps from the phone, then try again.",
    )
}

impl From<StoreError> for EngineError {
    fn from(trouble: StoreError) -> Self {
        match trouble {
            StoreError::Denied(denied) => denied_because(denied),
            StoreError::TooMuch(too_much) => {
                error(ErrorKind::Incomplete, format!("{too_much} It is still in the form; nothing was sent."))
            }
            StoreError::NoSuchWorkOrder => {
                error(ErrorKind::NotHere, "This job is not on this phone (any more). Nothing was changed.")
            }
            StoreError::Newer { .. } => error(
                ErrorKind::Storage,
                "A newer version of the app has used this phone's data. Nothing was touched. Reload the app, or update it.",
            ),
            StoreError::Sqlite(rusqlite::Error::SqliteFailure(code, _))
                if code.code == rusqlite::ErrorCode::DiskFull =>
            {
                full()
            }
            other => {
                tracing::error!(error = %other, "storage");
                error(
                    ErrorKind::Storage,
                    "This phone's storage did not do what it should, so this could not be kept. Everything from before is \
                     safe. Close the app, open it again, and try once more.",
                )
            }
        }
    }
}

fn denied_because(denied: Denied) -> EngineError {
    let message = match denied {
        Denied::NotYourRole => "This is not something that your role can do. Nothing was changed.",
        Denied::AlreadyClosed => "This job is closed already, so this can no longer be done. Nothing was changed.",
        Denied::StillOpen => "This job is still open, so this cannot be done yet. Nothing was changed.",
        Denied::NotThereYet => "This job does not exist yet. Nothing was changed.",
        Denied::ThereAlready => "This job exists already. Nothing was changed.",
        Denied::NothingToTakeBack => "There is nothing here that you can take back. Nothing was changed.",
        Denied::NoSuchPhoto => "This photo is not on this job. Nothing was changed.",
        Denied::SameWorkOrder => "A job cannot be linked to itself. Nothing was changed.",
    };
    error(ErrorKind::Denied, message)
}

impl From<FileError> for EngineError {
    fn from(trouble: FileError) -> Self {
        match trouble {
            FileError::Full => full(),
            FileError::Failed(why) => {
                tracing::error!(%why, "files");
                error(
                    ErrorKind::Storage,
                    "The file could not be kept or read on this phone. Everything from before is safe. Try once more.",
                )
            }
        }
    }
}

impl From<Unreachable> for EngineError {
    fn from(why: Unreachable) -> Self {
        tracing::info!(%why, "no answer");
        error(
            ErrorKind::Network,
            "The city's server cannot be reached just now. Everything on this phone is safe. Try again where there is a \
             signal.",
        )
    }
}

impl From<PhotoProblem> for EngineError {
    fn from(problem: PhotoProblem) -> Self {
        tracing::info!(?problem, "photo");
        error(ErrorKind::Photo, format!("{problem} Everything else is kept."))
    }
}

/// Nobody is signed in on this device.
pub(super) fn not_signed_in() -> EngineError {
    error(
        ErrorKind::Denied,
        "Nobody is signed in on this phone. Open your sign-in link, or type its code, and try again.",
    )
}
