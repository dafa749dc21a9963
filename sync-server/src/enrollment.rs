//! One-time codes: a person's way to make a device theirs.

use crate::app::App;
use crate::clock;
use crate::entropy::{self, EntropyError};
use crate::storage::{NewCode, Redeem, Redeemed, StorageError};
use coldpatch_shared::api::{EnrollRequest, EnrollResponse, Session};
use coldpatch_shared::city::Person;
use coldpatch_shared::ids::{DeviceId, UserId};
use coldpatch_shared::sync::judge;

/// For how long a code works, when nobody says otherwise.
pub const DEFAULT_HOURS: u32 = 72;
/// For how long the same device may use its code again, ms: the answer may have been lost.
const GRACE: i64 = 10 * 60 * 1000;
/// A device's name is for people; nobody needs more of it.
const LONGEST_NAME: usize = 80;

/// Why a code could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// Nobody of that id works here.
    #[error("there is no person `{id}` in this city; there are: {known}")]
    NoSuchPerson {
        /// Who was asked for.
        id: UserId,
        /// Who there is.
        known: String,
    },
    /// No such code.
    #[error("there is no such code")]
    Unknown,
    /// It was not used in time.
    #[error("the code has expired")]
    Expired,
    /// It was used by another device.
    #[error("the code has been used")]
    Used,
    /// The device belongs to somebody else.
    #[error("the device belongs to somebody else")]
    DeviceTaken,
    /// Too many wrong codes lately.
    #[error("too many wrong codes lately")]
    TooManyTries,
    /// Storage could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// A fresh one-time code.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// `K7QM-3XNP`.
    pub code: String,
    /// The same as a link.
    pub url: String,
    /// Until when it works, ms since the Unix epoch.
    pub expires_at: i64,
}

/// Makes a code that signs `id` in once within `hours`. Blocks.
///
/// # Errors
/// [`EnrollError::NoSuchPerson`], or storage failed.
pub fn invite(app: &App, id: &UserId, hours: u32) -> Result<Invitation, EnrollError> {
    let person = app.city.person(id).ok_or_else(|| EnrollError::NoSuchPerson {
        id: id.clone(),
        known: app.city.people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    let created_at = clock::now();
    let expires_at = created_at.saturating_add(i64::from(hours) * 3_600_000);
    let code = entropy::code()?;
    let hash = entropy::code_hash(&code);
    app.storage.add_code(&NewCode { hash, person: person.id.clone(), created_at, expires_at })?;
    let url = app.url(&format!("/app/sign-in/{code}"));
    Ok(Invitation { code, url, expires_at })
}

/// Turns a code into a session. A right one always works, however many wrong ones others try: only those are limited.
/// Blocks.
///
/// # Errors
/// [`EnrollError`] says what is wrong with the code.
pub fn enroll(app: &App, ask: &EnrollRequest, now: i64) -> Result<EnrollResponse, EnrollError> {
    let token = entropy::token()?;
    let name: String = ask.device_name.chars().take(LONGEST_NAME).collect();
    let redeemed = app.storage.redeem(&Redeem {
        code: &entropy::code_hash(&ask.code),
        device: ask.device,
        device_name: &name,
        token: &entropy::hash(token.as_bytes()),
        now,
        grace: GRACE,
    })?;
    let person = match redeemed {
        Redeemed::SignedIn(person) => person,
        Redeemed::Expired => return Err(EnrollError::Expired),
        Redeemed::Used => return Err(EnrollError::Used),
        Redeemed::DeviceTaken => return Err(EnrollError::DeviceTaken),
        Redeemed::Unknown if !app.guesses.allows() => return Err(EnrollError::TooManyTries),
        Redeemed::Unknown => {
            app.guesses.spend();
            return Err(EnrollError::Unknown);
        }
    };
    // The city's files may have changed since the code was made.
    let session = session(app, ask.device, &person).ok_or(EnrollError::Unknown)?;
    Ok(EnrollResponse { token, session })
}

/// The session of a device whose token this is, if it is one of ours. Blocks.
///
/// # Errors
/// [`StorageError`].
pub fn session_of(app: &App, token: &str, now: i64) -> Result<Option<Session>, StorageError> {
    let Some(device) = app.storage.device(&entropy::hash(token.as_bytes()))? else { return Ok(None) };
    // Once a minute is enough to know which phones have not been heard from.
    if now - device.last_seen > 60_000
        && let Err(error) = app.storage.seen(device.device, now)
    {
        // What the device came for may still work.
        tracing::warn!(%error, "could not note that a device spoke");
    }
    Ok(session(app, device.device, &device.person))
}

/// Role and crew come from the city's files each time: whoever changes crews does so on every device at once.
fn session(app: &App, device: DeviceId, person: &UserId) -> Option<Session> {
    let Person { id, name, role, crew, .. } = app.city.person(person).filter(|person| judge::syncs(person.role))?;
    Some(Session { device, user: id.clone(), name: name.clone(), role: *role, crew: crew.clone() })
}
