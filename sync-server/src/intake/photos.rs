//! The photos of a request: read, made into what people are shown, and stored with the original.
//!
//! A photo that cannot be used costs nothing but itself: the request goes on without it, and the person is told. One that
//! nothing here can decode (HEIC, where libheif's program is missing) is kept as it is.

use crate::app::App;
use crate::files::Arriving;
use crate::heif;
use crate::intake::IntakeError;
use crate::storage::FileRecord;
use coldpatch_shared::ids::ServiceRequestId;
use coldpatch_shared::order::{Photo, PhotoSlot, RenditionKind};
use coldpatch_shared::photo::{self, Blur, Made, PhotoProblem, Reading};

/// A photo that goes with the request.
pub(super) struct Prepared<'a> {
    /// The file as the camera made it.
    original: &'a [u8],
    /// What it says about itself.
    pub(super) reading: Reading,
    /// What people are shown; `None` where nothing here can decode it.
    made: Option<Made>,
}

/// What became of the files.
pub(super) struct Photos<'a> {
    /// Those that can be kept.
    pub(super) photos: Vec<Prepared<'a>>,
    /// To say to the person.
    pub(super) remarks: Vec<String>,
}

/// Reads the files and makes the renditions; stores nothing.
pub(super) fn prepare(files: &[Vec<u8>]) -> Photos<'_> {
    let mut prepared = Photos { photos: Vec::new(), remarks: Vec::new() };
    for original in files {
        match look(original) {
            Ok((photo, remark)) => {
                // The same file twice is one photo.
                if !prepared.photos.iter().any(|known| known.reading.sha256 == photo.reading.sha256) {
                    prepared.photos.push(photo);
                }
                prepared.remarks.extend(remark);
            }
            Err(problem) => prepared.remarks.push(format!("{problem} Your report was received without it.")),
        }
    }
    prepared
}

fn look(original: &[u8]) -> Result<(Prepared<'_>, Option<String>), PhotoProblem> {
    let reading = photo::read(original)?;
    let (made, remark) = match renditions(original, &reading) {
        Ok(made) => {
            let remark = made.damage.as_ref().map(ToString::to_string);
            (Some(made), remark)
        }
        Err(PhotoProblem::CannotDecodeHere(_)) => {
            let kept = "Your photo was kept as it is; the city opens it with another program.";
            (None, Some(kept.to_owned()))
        }
        Err(problem) => return Err(problem),
    };
    Ok((Prepared { original, reading, made }, remark))
}

/// What people are shown of a photo, by whatever this machine has. One that libheif cannot open either counts as one that
/// cannot be decoded here: a newer one may.
///
/// # Errors
/// [`PhotoProblem`].
pub(crate) fn renditions(original: &[u8], reading: &Reading) -> Result<Made, PhotoProblem> {
    photo::make(original, reading).or_else(|problem| match problem {
        PhotoProblem::CannotDecodeHere(_) => heif::renditions(original).and_then(Result::ok).ok_or(problem),
        problem => Err(problem),
    })
}

impl Prepared<'_> {
    /// The photo as an entry of the work order.
    pub(super) fn entry(&self, slot: PhotoSlot, request: ServiceRequestId) -> Photo {
        let mut renditions = vec![self.reading.original()];
        if let Some(made) = &self.made {
            renditions.push(made.display.rendition(RenditionKind::Display));
            renditions.push(made.thumbnail.rendition(RenditionKind::Thumbnail));
        }
        Photo {
            slot,
            request: Some(request),
            taken_at: self.reading.taken_at.clone(),
            place: self.reading.place_fix(),
            blur: self.made.as_ref().and_then(|made| made.blur.as_ref()).map(Blur::to_text),
            renditions,
            marks: Vec::new(),
            covered: false,
        }
    }
}

/// Writes every file; durable when it returns.
pub(super) fn store(app: &App, prepared: &Photos<'_>, now: i64) -> Result<(), IntakeError> {
    for photo in &prepared.photos {
        keep_file(app, photo.original, photo.reading.media_type.as_str(), now)?;
        if let Some(made) = &photo.made {
            keep_file(app, &made.display.bytes, "image/jpeg", now)?;
            keep_file(app, &made.thumbnail.bytes, "image/jpeg", now)?;
        }
    }
    Ok(())
}

/// Keeps a file that was made or checked here; durable when it returns.
pub(crate) fn keep_file(app: &App, bytes: &[u8], media_type: &str, now: i64) -> Result<(), IntakeError> {
    let mut arriving = Arriving::begin(&*app.files)?;
    arriving.write(bytes)?;
    let size = arriving.size();
    let sha256 = arriving.keep(&*app.files)?;
    app.storage.add_file(&FileRecord { sha256, media_type: media_type.to_owned(), size, received_at: now })?;
    Ok(())
}
