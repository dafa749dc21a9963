//! What the server's JSON endpoints say, apart from sync (see [`crate::sync::wire`]) and Open311.

use crate::city::Role;
use crate::ids::{CrewId, DeviceId, UserId};
use serde::{Deserialize, Serialize};

/// Who an enrolled device belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The device and browser profile.
    pub device: DeviceId,
    /// The person.
    pub user: UserId,
    /// The person's name, for the person's own screen.
    pub name: String,
    /// The role that the person acts in.
    pub role: Role,
    /// The crew, for a crew's phone.
    pub crew: Option<CrewId>,
}

/// `POST /api/enroll`: a one-time code becomes a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// As in the sign-in link, or typed.
    pub code: String,
    /// Made by the device; the same one may repeat the request when the answer was lost.
    pub device: DeviceId,
    /// What the person would call it (`Chrome on Android`).
    #[serde(default)]
    pub device_name: String,
    /// Other devices in the same place: the databases of everybody who signed in there. When one of them is the person's,
    /// the code is not used, and the answer is [`KNOWN_HERE`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<DeviceId>,
}

/// The [`Problem::kind`] of the answer to a device beside which there is one of the same person: the code is for that one, so
/// that what waits there is sent.
pub const KNOWN_HERE: &str = "known_here";

/// The answer to [`EnrollRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollResponse {
    /// Sent as `Authorization: Bearer …` from now on.
    pub token: String,
    /// Whose device it is now.
    pub session: Session,
}

/// The [`Problem::kind`] of the answer to a device that the city has signed out.
pub const REVOKED: &str = "revoked";

/// An error as the server sends it (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A word for programs: `code_used`, `code_expired`, `not_found`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was kept and what to do, for a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The device that it is about, for [`KNOWN_HERE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}
