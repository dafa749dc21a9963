//! How much one entry may hold. Generous to people, narrow to nonsense; the phone asks before it writes, the server
//! again before it accepts, so nobody's words are first kept and then refused.

use super::Action;
use crate::order::{
    Decision, Equipment, Event, FieldValue, Labor, Mark, Material, Note, Photo, PlaceFix, RenditionKind,
    ServiceRequest, Shape, Tick,
};
use crate::photo::Blur;

/// The longest text that one field may hold, in characters.
pub const LONGEST_TEXT: usize = 10_000;
/// The most people that one record of labor may count.
const MOST_PEOPLE: u32 = 1_000;
/// The most minutes that one record may count: a week.
const MOST_MINUTES: u32 = 7 * 24 * 60;
const MOST_UNITS: f64 = 1_000_000.0;
const MOST_LISTED: usize = 200;
/// The most marks that one photo may bear.
pub const MOST_MARKS: usize = 40;
/// The longest text of a mark, in characters: more belongs into a note.
pub const LONGEST_MARK: usize = 80;
/// The most bytes of a mark that a newer version drew.
const MOST_MARK_BYTES: usize = 2_000;
const MORE_TO_TAKE_BACK: &str = "There is more to take back here than one action can.";

/// An entry holds more than it may; the sentence is for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TooMuch(pub String);

type Checked = Result<(), TooMuch>;

fn ensure(fits: bool, message: &str) -> Checked {
    if fits { Ok(()) } else { Err(TooMuch(message.to_owned())) }
}

fn text<'a>(texts: impl IntoIterator<Item = &'a str>) -> Checked {
    let fits = texts.into_iter().all(|text| text.chars().count() <= LONGEST_TEXT);
    ensure(fits, "A text here has more than 10,000 characters. Please shorten it.")
}

fn place(place: &PlaceFix) -> Checked {
    ensure(place.at.checked().is_ok(), "This place is not on the earth. Please set it again.")
}

fn minutes(minutes: u32) -> Checked {
    ensure(minutes <= MOST_MINUTES, "More than a week of minutes in one record. Please check the number.")
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn request(request: &ServiceRequest) -> Checked {
    request.place.as_ref().map_or(Ok(()), place)?;
    ensure(
        request.answers.len() <= MOST_LISTED && request.answers.values().all(|answers| answers.len() <= MOST_LISTED),
        "There are more answers here than questions.",
    )?;
    text(
        [request.description.as_str(), request.service_code.as_str()]
            .into_iter()
            .chain(request.address.as_deref())
            .chain(request.answers.values().flatten().map(String::as_str)),
    )
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn photo(photo: &Photo) -> Checked {
    photo.place.as_ref().map_or(Ok(()), place)?;
    let blur = photo.blur.as_ref().map_or(0, String::len);
    ensure(blur <= Blur::MOST_TEXT, "This photo's preview is too long.")?;
    ensure(photo.renditions.len() <= MOST_LISTED, "This photo has too many versions.")?;
    ensure(photo.marks.len() <= MOST_MARKS, "This photo has more than 40 marks. Please take some away.")?;
    let original = photo.rendition(RenditionKind::Original);
    ensure(!(photo.covered && original.is_some()), "This photo is covered, and its original is not.")?;
    photo.marks.iter().try_for_each(mark)
}

fn mark(mark: &Mark) -> Checked {
    ensure(mark.weight() <= MOST_MARK_BYTES, "A mark on this photo is too large.")?;
    let Some(shape) = mark.shape() else { return Ok(()) };
    if let Shape::Text { text, .. } = &shape {
        let length = text.chars().count();
        ensure(length <= LONGEST_MARK, "A text on this photo has more than 80 characters. Please shorten it.")?;
    }
    ensure(shape.is_on_the_picture(), "A mark is not on its photo. Please draw it again.")
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn note(note: &Note) -> Checked {
    text([note.text.as_str()])
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn labor(labor: &Labor) -> Checked {
    ensure(labor.people <= MOST_PEOPLE, "More than 1,000 people in one record. Please check the number.")?;
    minutes(labor.minutes)
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn material(material: &Material) -> Checked {
    ensure(
        (0.0..=MOST_UNITS).contains(&material.quantity),
        "This is not a quantity that one job uses. Please check the number.",
    )?;
    text([material.name.as_str(), &material.unit, &material.material])
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn equipment(equipment: &Equipment) -> Checked {
    minutes(equipment.minutes)?;
    text([equipment.name.as_str(), &equipment.equipment])
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn tick(tick: &Tick) -> Checked {
    text([tick.item.as_str()])
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn decision(decision: &Decision) -> Checked {
    field(&decision.value)
}

fn field(value: &FieldValue) -> Checked {
    match value {
        FieldValue::Location(fix) => place(fix),
        FieldValue::Address(words) | FieldValue::Description(words) => text([words.as_str()]),
        FieldValue::ServiceCode(code) => text([code.as_str()]),
        FieldValue::Priority(_) | FieldValue::Assignment(_) | FieldValue::Due(_) => Ok(()),
    }
}

/// See the module.
///
/// # Errors
/// [`TooMuch`].
pub fn event(event: &Event) -> Checked {
    ensure(event.settles.len() <= MOST_LISTED, "There is more to settle here than one review can.")?;
    ensure(event.names.len() <= MOST_LISTED, MORE_TO_TAKE_BACK)?;
    text(event.reason.as_deref().into_iter().chain(event.note.as_deref()))
}

/// Whether what an action will write is within limits.
///
/// # Errors
/// [`TooMuch`].
pub fn action(action: &Action) -> Checked {
    match action {
        Action::File { request: filed, photos, .. } | Action::Join { request: filed, photos } => {
            request(filed)?;
            photos.iter().try_for_each(photo)
        }
        Action::AddPhoto { photo: added } => photo(added),
        Action::AddNote { note: added } => note(added),
        Action::RecordLabor { labor: record } => labor(record),
        Action::RecordMaterial { material: record } => material(record),
        Action::RecordEquipment { equipment: record } => equipment(record),
        Action::Tick { item, .. } => text([item.as_str()]),
        Action::Decide { value } => field(value),
        Action::Complete { note } | Action::Transfer { note, .. } => text(note.as_deref()),
        Action::CannotComplete { reason, note } => text([reason.as_str()].into_iter().chain(note.as_deref())),
        Action::Cancel { reason } | Action::Reopen { reason } => text([reason.as_str()]),
        Action::Review { settles, note } => {
            ensure(settles.len() <= MOST_LISTED, "There is more to settle here than one review can.")?;
            text(note.as_deref())
        }
        Action::Withdraw { names, note } | Action::WithdrawLink { links: names, note, .. } => {
            ensure(names.len() <= MOST_LISTED, MORE_TO_TAKE_BACK)?;
            text(note.as_deref())
        }
        Action::LosePhoto { note, .. } => text(note.as_deref()),
        Action::Start | Action::Pause | Action::MarkDuplicate { .. } | Action::Acknowledge { .. } => Ok(()),
    }
}
