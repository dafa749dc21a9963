//! One-time codes: a person's way to make a device theirs.

use crate::app::App;
use crate::clock;
use crate::entropy::{self, EntropyError};
use crate::keys::{Keys, Purpose};
use crate::storage::{Adopt, Hash, NewCode, Redeem, Redeemed, StorageError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// The most devices beside the asking one that are looked at.
const MOST_BESIDE: usize = 32;

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
    /// Another device in the same place is this person's.
    #[error("the person's own device is beside this one")]
    KnownHere(DeviceId),
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
    let code = entropy::code_hash(&ask.code);
    if let Some(device) = own_beside(app, &code, ask)? {
        return Err(EnrollError::KnownHere(device));
    }
    // Signed for the person, whom only the code names. Where there is no such code, there will be no token either.
    let person = app.storage.person_of_code(&code)?.unwrap_or_else(|| UserId::from(""));
    let token = Token { device: ask.device, person, issued: now }.signed(&app.sync.keys);
    let name: String = ask.device_name.chars().take(LONGEST_NAME).collect();
    let redeemed = app.storage.redeem(&Redeem {
        code: &code,
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

/// The device among those beside the asking one that belongs to the code's person, signed out or not.
fn own_beside(app: &App, code: &Hash, ask: &EnrollRequest) -> Result<Option<DeviceId>, StorageError> {
    let Some(person) = app.storage.person_of_code(code)? else { return Ok(None) };
    for device in ask.beside.iter().take(MOST_BESIDE).filter(|device| **device != ask.device) {
        if app.storage.device_person(*device)?.as_ref() == Some(&person) {
            return Ok(Some(*device));
        }
    }
    Ok(None)
}

/// What a token says. It is signed, so that it still counts when the enrollment was lost with the database.
struct Token {
    device: DeviceId,
    person: UserId,
    /// Ms since the Unix epoch.
    issued: i64,
}

impl Token {
    fn bytes(&self) -> Vec<u8> {
        let device = self.device.0.as_bytes().iter().copied();
        device.chain(self.issued.to_le_bytes()).chain(self.person.as_str().bytes()).collect()
    }

    fn signed(&self, keys: &Keys) -> String {
        let bytes = self.bytes();
        let mac = keys.mac(Purpose::Token, &[&bytes]);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(mac))
    }

    /// The token in a text, if we signed it.
    fn read(text: &str, keys: &Keys) -> Option<Self> {
        let (bytes, mac) = text.split_once('.')?;
        let (bytes, mac) = (URL_SAFE_NO_PAD.decode(bytes).ok()?, URL_SAFE_NO_PAD.decode(mac).ok()?);
        if !keys.verify(Purpose::Token, &[&bytes], &mac) {
            return None;
        }
        let (device, rest) = bytes.split_first_chunk::<16>()?;
        let (issued, person) = rest.split_first_chunk::<8>()?;
        let person = UserId(String::from_utf8(person.to_vec()).ok()?);
        Some(Self { device: DeviceId(uuid::Uuid::from_bytes(*device)), person, issued: i64::from_le_bytes(*issued) })
    }
}

/// The enrollment of a device that shows our signature, written again: the database was restored from a backup. Never in
/// the place of a younger one.
fn adopt(app: &App, text: &str, now: i64) -> Result<Known, StorageError> {
    let Some(token) = Token::read(text, &app.sync.keys) else { return Ok(Known::Nobody) };
    let Some(session) = session(app, token.device, &token.person) else { return Ok(Known::Nobody) };
    if app.storage.revoked(token.device, &token.person)?.is_some_and(|at| token.issued <= at) {
        return Ok(Known::Revoked);
    }
    let hash = entropy::hash(text.as_bytes());
    let ask = Adopt { device: token.device, person: &token.person, token: &hash, issued: token.issued, now };
    let adopted = app.storage.adopt(&ask)?;
    if adopted {
        tracing::warn!(device = %token.device, person = %token.person, "a lost enrollment is known again by its token");
    }
    Ok(if adopted { Known::Session(session) } else { Known::Nobody })
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// This device's.
    Session(Session),
    /// One that was signed out.
    Revoked,
    /// Nobody's.
    Nobody,
}

/// The session of a device whose token this is, if it is one of ours. Blocks.
///
/// # Errors
/// [`StorageError`].
pub fn session_of(app: &App, token: &str, now: i64) -> Result<Known, StorageError> {
    let Some(device) = app.storage.device(&entropy::hash(token.as_bytes()))? else { return adopt(app, token, now) };
    if app.storage.revoked(device.device, &device.person)?.is_some_and(|at| device.enrolled_at <= at) {
        return Ok(Known::Revoked);
    }
    // Once a minute is enough to know which phones have not been heard from.
    if now - device.last_seen > 60_000
        && let Err(error) = app.storage.seen(device.device, now)
    {
        // What the device came for may still work.
        tracing::warn!(%error, "could not note that a device spoke");
    }
    Ok(session(app, device.device, &device.person).map_or(Known::Nobody, Known::Session))
}

/// Role and crew come from the city's files each time: whoever changes crews does so on every device at once.
fn session(app: &App, device: DeviceId, person: &UserId) -> Option<Session> {
    let Person { id, name, role, crew, .. } = app.city.person(person).filter(|person| judge::syncs(person.role))?;
    Some(Session { device, user: id.clone(), name: name.clone(), role: *role, crew: crew.clone() })
}
