//! The way to [`crate::intake`], off the async threads: looks at a photo before anything is filed, files, finds a repeat.

use super::check::{Checked, Faults};
use super::link::Link;
use crate::app::App;
use crate::clock;
use crate::http::{ApiError, blocking};
use crate::intake::{self, IntakeError, NewRequest, Receipt};
use coldpatch_shared::city::ServiceType;
use coldpatch_shared::order::{PlaceFix, RequestSource};
use coldpatch_shared::photo::{self, PhotoProblem};
use std::sync::Arc;

/// A photo that can be used.
pub(super) struct Photo {
    /// As the camera made it.
    pub(super) bytes: Vec<u8>,
    /// Where it says that it was taken.
    pub(super) place: Option<PlaceFix>,
    /// Only a part of it can be seen.
    pub(super) damaged: bool,
}

/// A report that the city has.
pub(super) struct Filed {
    /// Its number.
    pub(super) number: Option<String>,
    /// It was not there before.
    pub(super) new: bool,
    /// Only a part of its photo can be seen.
    pub(super) photo_damaged: bool,
}

/// Why a report was not filed.
pub(super) enum Refusal {
    /// Something in the form.
    Faults(Faults),
    /// The form's id is another report's.
    Taken,
    /// The server cannot, just now.
    Failed(ApiError),
}

/// Looks at a photo; what is wrong with it is for the person.
pub(super) async fn look(bytes: Vec<u8>) -> Result<Photo, String> {
    let looked = tokio::task::spawn_blocking(move || -> Result<Photo, PhotoProblem> {
        let reading = photo::read(&bytes)?;
        let damaged = match photo::make(&bytes, &reading) {
            Ok(made) => made.damage.is_some(),
            // HEIC, say: kept as it is, and shown once somebody has converted it.
            Err(PhotoProblem::CannotDecodeHere(_)) => false,
            Err(problem) => return Err(problem),
        };
        let place = reading.place_fix();
        Ok(Photo { bytes, place, damaged })
    });
    match looked.await {
        Ok(Ok(photo)) => Ok(photo),
        Ok(Err(problem)) => Err(problem.to_string()),
        Err(error) => {
            tracing::error!(%error, "a photo brought its decoder down");
            Err("This photo cannot be read. Pick another one, or send without it.".to_owned())
        }
    }
}

/// The report, if the city has it already. Somebody else's with the same id is refused.
pub(super) async fn find(app: &Arc<App>, link: &Link) -> Result<Option<Filed>, Refusal> {
    let (app, link) = (Arc::clone(app), link.clone());
    let record = blocking(move || app.storage.request(link.request).map(|record| (record, link.hash())));
    match record.await.map_err(Refusal::Failed)? {
        (Some(record), hash) if record.secret == Some(hash) => {
            Ok(Some(Filed { number: record.tracking_number, new: false, photo_damaged: false }))
        }
        (Some(_), _) => Err(Refusal::Taken),
        (None, _) => Ok(None),
    }
}

/// Files a report; durable when it returns.
pub(super) async fn file(
    app: &Arc<App>,
    link: &Link,
    kind: &ServiceType,
    checked: Checked,
    photo: Option<Photo>,
) -> Result<Filed, Refusal> {
    let photo_damaged = photo.as_ref().is_some_and(|photo| photo.damaged);
    let new = NewRequest {
        request: link.request,
        secret: Some(link.hash()),
        service_code: kind.code.clone(),
        description: checked.description,
        answers: checked.answers,
        place: checked.place,
        address: checked.address,
        photos: photo.map(|photo| photo.bytes).into_iter().collect(),
        contact: checked.contact,
        source: RequestSource::Web,
        mirrors: None,
    };
    let app = Arc::clone(app);
    let filed = tokio::task::spawn_blocking(move || intake::receive(&app, &new, clock::now())).await;
    match filed {
        Ok(Ok(Receipt { tracking_number, repeated, .. })) => {
            let number = Some(tracking_number).filter(|number| !number.is_empty());
            Ok(Filed { number, new: !repeated, photo_damaged })
        }
        Ok(Err(error)) => Err(refusal(error)),
        Err(error) => Err(Refusal::Failed(ApiError::Internal(error.to_string()))),
    }
}

fn refusal(error: IntakeError) -> Refusal {
    let field = match &error {
        IntakeError::IdTaken => return Refusal::Taken,
        IntakeError::Storage(_) | IntakeError::Files(_) => {
            return Refusal::Failed(ApiError::Storage(error.to_string()));
        }
        IntakeError::Internal(_) => return Refusal::Failed(ApiError::Internal(error.to_string())),
        // `check` has looked already; this says the same if the two should ever differ.
        IntakeError::NoPlace | IntakeError::Neighbor { .. } | IntakeError::Outside { .. } => "address",
        IntakeError::TooLong => "description",
        IntakeError::TooManyPhotos => "photo",
        IntakeError::UnknownService(_) => "type",
    };
    let mut faults = Faults::default();
    faults.say(field, error.to_string());
    Refusal::Faults(faults)
}
