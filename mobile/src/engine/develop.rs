//! The slow part of taking in a photo: reading it, decoding it, making what people are shown. Where it runs is the
//! platform's business ([`crate::platform::Host::develop`]); what comes out is the same everywhere.

use super::api::EngineError;
use coldpatch_shared::photo::{self, Made, PhotoProblem, Reading};

/// What the slow part makes of a file.
#[derive(Debug)]
pub struct Developed {
    /// The file itself, unless it was developed from where it is kept.
    pub original: Option<Vec<u8>>,
    /// What it says about itself.
    pub reading: Reading,
    /// What people are shown; nothing where this device has no decoder for it.
    pub made: Option<Made>,
    /// What the person should know about it.
    pub remark: Option<String>,
    /// It did not come to an end: what made it died, or said nothing any more.
    pub given_up: bool,
}

/// Said of a photo that kills what makes it.
pub(crate) const COULD_NOT_SHOW: &str =
    "This phone could not prepare this photo for lists. It is kept and will be sent as it is; the city prepares it.";

/// Reads a file and makes its renditions. A whole picture that nothing here can decode is kept all the same. `sha256` is
/// the file's, where it is known already.
///
/// # Errors
/// [`EngineError`] in words for the person, when it is no photo that can be used.
pub fn develop(original: Vec<u8>, sha256: Option<String>) -> Result<Developed, EngineError> {
    let reading = match sha256 {
        Some(sha256) => photo::read_named(&original, sha256)?,
        None => photo::read(&original)?,
    };
    let made = photo::make(&original, &reading);
    Developed::of(Some(original), reading, made)
}

impl Developed {
    /// What came of making the renditions.
    ///
    /// # Errors
    /// [`EngineError`] when nothing of it can be shown anywhere.
    pub(crate) fn of(
        original: Option<Vec<u8>>,
        reading: Reading,
        made: Result<Made, PhotoProblem>,
    ) -> Result<Self, EngineError> {
        let (made, remark) = match made {
            Ok(made) => {
                let remark = made.damage.as_ref().map(|damage| format!("{damage} The photo is kept as it is."));
                (Some(made), remark)
            }
            Err(PhotoProblem::CannotDecodeHere(format)) => {
                let name = format.name();
                (
                    None,
                    Some(format!("This phone cannot show {name} photos. The photo is kept and will be sent as it is.")),
                )
            }
            Err(problem) => return Err(problem.into()),
        };
        Ok(Self { original, reading, made, remark, given_up: false })
    }

    /// Of a photo that kills what makes it, only what it says about itself. The file itself is whole.
    #[must_use]
    pub fn given_up(reading: Reading) -> Self {
        Self { original: None, reading, made: None, remark: Some(COULD_NOT_SHOW.to_owned()), given_up: true }
    }
}
