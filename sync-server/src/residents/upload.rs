//! Reads a report as it arrives: a multipart form, from a page without script or from the outbox.
//!
//! A photo that is too large is not kept, but read to its end, so that the fields after it arrive and nothing that was
//! typed is lost.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use coldpatch_mobile::ui::resident::model::Typed;

/// The largest photo, in bytes. Form and script say the same.
pub(super) const LARGEST_PHOTO: usize = 25_000_000;
/// What is read in all before giving up, in bytes: a video, say, picked by mistake.
const LARGEST_BODY: usize = 200_000_000;
/// The longest text field, in bytes; what each field takes is checked elsewhere.
const LARGEST_TEXT: usize = 32 << 10;
/// The most fields.
const MOST_FIELDS: usize = 100;

/// A photo as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Upload {
    /// None was picked.
    #[default]
    None,
    /// These bytes; whether they are a photo is not known yet.
    Here(Vec<u8>),
    /// Larger than [`LARGEST_PHOTO`].
    TooLarge,
}

/// A form as it came.
#[derive(Debug, Default)]
pub(super) struct Submission {
    /// The code of the service type.
    pub(super) kind: String,
    /// The request's UUID.
    pub(super) request: String,
    /// The secret of its tracking link.
    pub(super) secret: String,
    /// What was typed.
    pub(super) typed: Typed,
    /// The photo.
    pub(super) photo: Upload,
    /// The form says that its photo is here from an earlier try.
    pub(super) photo_kept: bool,
}

/// Why a form could not be read. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The connection broke, or it is not a form.
    #[error("the form did not arrive whole: {0}")]
    Broken(#[from] MultipartError),
    /// Far more than a report.
    #[error("the form is too large")]
    TooLarge,
}

/// Reads the form to its end.
pub(super) async fn read(mut form: Multipart) -> Result<Submission, ReadError> {
    let mut submission = Submission::default();
    let (mut total, mut fields) = (0, 0);
    while let Some(field) = form.next_field().await? {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(ReadError::TooLarge);
        }
        let name = field.name().unwrap_or_default().to_owned();
        if name == "photo" {
            let photo = bytes(field, LARGEST_PHOTO, &mut total).await?;
            // A form without a photo sends an empty one. Of several, the first counts.
            if submission.photo == Upload::None && photo.as_ref().is_none_or(|bytes| !bytes.is_empty()) {
                submission.photo = photo.map_or(Upload::TooLarge, Upload::Here);
            }
            continue;
        }
        let text = bytes(field, LARGEST_TEXT, &mut total).await?.ok_or(ReadError::TooLarge)?;
        take(&mut submission, &name, clean(&text));
    }
    Ok(submission)
}

/// A field's content, or `None` when it is larger than `limit`.
async fn bytes(mut field: Field<'_>, limit: usize, total: &mut usize) -> Result<Option<Vec<u8>>, ReadError> {
    let mut content = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.chunk().await? {
        *total += chunk.len();
        if *total > LARGEST_BODY {
            return Err(ReadError::TooLarge);
        }
        fits = fits && content.len() + chunk.len() <= limit;
        if fits {
            content.extend_from_slice(&chunk);
        } else {
            content = Vec::new();
        }
    }
    Ok(fits.then_some(content))
}

/// Text without what nobody types: control characters, and the carriage returns that forms add.
fn clean(bytes: &[u8]) -> String {
    let text: String =
        String::from_utf8_lossy(bytes).chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    text.trim().to_owned()
}

fn take(submission: &mut Submission, name: &str, text: String) {
    let typed = &mut submission.typed;
    let field = match name {
        "type" => &mut submission.kind,
        "request" => &mut submission.request,
        "secret" => &mut submission.secret,
        "description" => &mut typed.description,
        "address" => &mut typed.address,
        "lat" => &mut typed.lat,
        "lon" => &mut typed.lon,
        "accuracy" => &mut typed.accuracy,
        "source" => &mut typed.source,
        "name" => &mut typed.name,
        "email" => &mut typed.email,
        "phone" => &mut typed.phone,
        "photo_kept" => {
            submission.photo_kept = text == "1";
            return;
        }
        "address_as_is" => {
            typed.address_as_is = text == "1";
            return;
        }
        question => {
            if let (Some(code), false) = (question.strip_prefix("q_"), text.is_empty()) {
                typed.answers.entry(code.to_owned()).or_default().push(text);
            }
            return;
        }
    };
    *field = text;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_spaces_around_are_not_kept() {
        assert_eq!(clean(b"  a\r\nb\0\x1b  "), "a\nb");
        assert_eq!(clean(b"\xff"), "\u{fffd}");
    }
}
