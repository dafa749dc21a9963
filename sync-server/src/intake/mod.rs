//! How a request comes in from somebody who has no phone of ours: the residents' pages and Open311.
//!
//! [`receive`] may be called again with the same request id: it answers what it answered before. The photos' files are
//! durable before the work order that names them, so a request that was answered for has its photos.
//!
//! What is wrong with a request in the eyes of a form (an answer left out, a text too long) is the caller's to say; this
//! refuses only what can never become a work order.

mod photos;

pub(crate) use photos::{keep_file, renditions};

use crate::app::App;
use crate::entropy::{self, EntropyError};
use crate::ledger::{Bench, LedgerError, server_stamp};
use crate::storage::{Contact, Hash, PrivateRequest, StorageError};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::{Answers, City, ContactRule, Jurisdiction, ServiceType};
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Asset, Photo, PhotoSlot, PlaceFix, RequestSource, ServiceRequest, Stamp};

/// The most photos of one request.
pub const MOST_PHOTOS: usize = 5;
/// The longest description, in letters; Open311's limit.
pub const LONGEST_DESCRIPTION: usize = 4_000;

/// A request as it comes in.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Made by whoever files; the same id again is the same request.
    pub request: ServiceRequestId,
    /// The hash of the secret that opens its tracking page.
    pub secret: Option<Hash>,
    /// What it is about.
    pub service_code: ServiceCode,
    /// In the person's words.
    pub description: String,
    /// Answers to the type's questions.
    pub answers: Answers,
    /// Where; when it is missing, the first photo that knows its place says it.
    pub place: Option<PlaceFix>,
    /// The place in words.
    pub address: Option<String>,
    /// Files as a camera made them.
    pub photos: Vec<Vec<u8>>,
    /// How to reach the person. Dropped where the catalog does not ask for it.
    pub contact: Option<Contact>,
    /// How it came in.
    pub source: RequestSource,
    /// The record in another system that it mirrors.
    pub mirrors: Option<Asset>,
}

/// A request that is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The work order that it is an entry of.
    pub work_order: WorkOrderId,
    /// The number that people are given.
    pub tracking_number: String,
    /// Whether it was in already.
    pub repeated: bool,
    /// To say to the person: what became of a photo that could not be used, or not wholly.
    pub remarks: Vec<String>,
}

/// Why a request was not taken in. The text is for the person who files.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such type in the catalog.
    #[error("The city has no service type “{0}”. Pick another one.")]
    UnknownService(ServiceCode),
    /// Neither a position nor an address.
    #[error("The city cannot tell where this is. Set a pin on the map, or write an address.")]
    NoPlace,
    /// Somebody else's street.
    #[error("This place belongs to {name}, which fixes its own streets. Call {phone}{}", web(.url))]
    Neighbor {
        /// Whose.
        name: String,
        /// Whom to call.
        phone: String,
        /// Where requests are filed there; may be empty.
        url: String,
    },
    /// Beyond everything that this city knows.
    #[error("This place is outside {city}. If you think that it is not, call {phone}.")]
    Outside {
        /// This city.
        city: String,
        /// Its number.
        phone: String,
    },
    /// More than anybody reads.
    #[error("The description is longer than {LONGEST_DESCRIPTION} letters. Shorten it.")]
    TooLong,
    /// More than anybody looks at.
    #[error("At most {MOST_PHOTOS} photos go with one report. Leave some out.")]
    TooManyPhotos,
    /// The id is another request's, whose secret this one does not know.
    #[error("This report's number is taken by another one. Open the form again and send it from there.")]
    IdTaken,
    /// The disk or the database says no.
    #[error("The city's server cannot store anything just now. Keep your report and try again later.")]
    Storage(#[from] StorageError),
    /// A photo's file cannot be written.
    #[error("The city's server cannot store photos just now. Keep your report and try again later.")]
    Files(#[from] std::io::Error),
    /// A fault of ours.
    #[error("Something went wrong on the city's server. Keep your report and try again later.")]
    Internal(#[source] LedgerError),
}

fn web(url: &str) -> String {
    if url.is_empty() { ".".to_owned() } else { format!(", or report it at {url} .") }
}

impl From<LedgerError> for IntakeError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Storage(error) => Self::Storage(error),
            other => Self::Internal(other),
        }
    }
}

impl From<EntropyError> for IntakeError {
    fn from(error: EntropyError) -> Self {
        Self::Internal(error.into())
    }
}

/// Takes in a request; it is durable when this returns. Blocks, for as long as its photos take to decode.
///
/// # Errors
/// [`IntakeError`]; nothing of the request was kept then.
pub fn receive(app: &App, new: &NewRequest, now: i64) -> Result<Receipt, IntakeError> {
    // Asked again inside the write; here it saves decoding the photos of a repeat.
    if let Some(receipt) = known(app.storage.request(new.request)?, new)? {
        return Ok(receipt);
    }
    let kind = app.city.service_type(&new.service_code);
    let kind = kind.ok_or_else(|| IntakeError::UnknownService(new.service_code.clone()))?;
    if new.description.chars().count() > LONGEST_DESCRIPTION {
        return Err(IntakeError::TooLong);
    }
    if new.photos.len() > MOST_PHOTOS {
        return Err(IntakeError::TooManyPhotos);
    }
    let prepared = photos::prepare(&new.photos);
    let place = new.place.clone().or_else(|| prepared.photos.iter().find_map(|photo| photo.reading.place_fix()));
    let address = new.address.clone().filter(|address| !address.trim().is_empty());
    match &place {
        Some(place) => inside(&app.city, place)?,
        None if address.is_none() => return Err(IntakeError::NoPlace),
        None => {}
    }
    photos::store(app, &prepared, now)?;
    let photos = prepared.photos.iter().map(|photo| photo.entry(PhotoSlot::Report, new.request)).collect::<Vec<_>>();
    let request = ServiceRequest {
        request: new.request,
        source: new.source,
        service_code: new.service_code.clone(),
        description: new.description.trim().to_owned(),
        answers: new.answers.clone(),
        place,
        address,
        mirrors: new.mirrors.clone(),
        observed_at: None,
    };
    let work_order = WorkOrderId(entropy::uuid(now)?);
    let receipt = app.sync.ledger.write(None, now, |bench| -> Result<_, IntakeError> {
        if let Some(receipt) = known(bench.storage().request(new.request)?, new)? {
            return Ok(Some(receipt));
        }
        file(bench, kind, work_order, request.clone(), photos.clone(), server_stamp(now))?;
        let contact = new.contact.clone().filter(|_| kind.contact != ContactRule::None);
        bench.keep(PrivateRequest { request: new.request, secret: new.secret, contact });
        Ok(None)
    })?;
    let remarks = prepared.remarks;
    if let Some(receipt) = receipt {
        return Ok(receipt);
    }
    let record = app.storage.request(new.request)?;
    let number = record.and_then(|record| record.tracking_number);
    let missing = || StorageError::Damaged(format!("{} has no tracking number", new.request));
    Ok(Receipt { work_order, tracking_number: number.ok_or_else(missing)?, repeated: false, remarks })
}

/// The deed that makes a work order of a request, due from the time of its stamp on.
pub(crate) fn file(
    bench: &mut Bench<'_>,
    kind: &ServiceType,
    work_order: WorkOrderId,
    request: ServiceRequest,
    photos: Vec<Photo>,
    stamp: Stamp,
) -> Result<(), LedgerError> {
    let at = stamp.at;
    let place = request.place.as_ref().map(|place| place.at);
    let assignment = bench.city().route(&request.service_code, &request.answers, place);
    let action = Action::File {
        request: Box::new(request),
        photos,
        priority: kind.priority,
        due: Some(at.saturating_add(i64::from(kind.hours_to_complete) * 3_600_000)),
        assignment,
        follows: None,
    };
    let id = ActionId(entropy::uuid(at)?);
    bench.perform(&Deed { id, work_order, stamp, action })
}

/// The answer to a request that is in already.
fn known(record: Option<crate::storage::RequestRecord>, new: &NewRequest) -> Result<Option<Receipt>, IntakeError> {
    let Some(record) = record else { return Ok(None) };
    if record.secret != new.secret {
        return Err(IntakeError::IdTaken);
    }
    Ok(Some(Receipt {
        work_order: record.work_order,
        tracking_number: record.tracking_number.unwrap_or_default(),
        repeated: true,
        remarks: Vec::new(),
    }))
}

fn inside(city: &City, place: &PlaceFix) -> Result<(), IntakeError> {
    if place.at.checked().is_err() {
        return Err(IntakeError::NoPlace);
    }
    match city.jurisdiction_at(place.at) {
        Jurisdiction::Ours => Ok(()),
        Jurisdiction::Neighbor(neighbor) => Err(IntakeError::Neighbor {
            name: neighbor.name.clone(),
            phone: neighbor.phone.clone(),
            url: neighbor.url.clone(),
        }),
        Jurisdiction::Unknown => Err(IntakeError::Outside { city: city.name.clone(), phone: city.phone.clone() }),
    }
}
