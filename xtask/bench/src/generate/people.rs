//! Who acts, and on which device.

use super::DAY;
use coldpatch_shared::api::Session;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{CrewId, DeviceId, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A person with a device, or the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As the city names the person.
    pub user: UserId,
    /// In which role.
    pub role: Role,
    /// In which crew.
    pub crew: Option<CrewId>,
    /// On which device.
    pub device: DeviceId,
}

impl Person {
    fn new(user: &str, role: Role, crew: Option<&CrewId>) -> Self {
        let hash = Sha256::digest(user.as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        // As ours are: phones' ids say when they were made, the server's says that it is none of those.
        let version = if role == Role::Server { 0x80 } else { 0x70 };
        bytes[6] = version | bytes[6] & 0x0f;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        let device = DeviceId(Uuid::from_bytes(bytes));
        Self { user: UserId::from(user), role, crew: crew.cloned(), device }
    }

    /// One of a crew's phones.
    #[must_use]
    pub fn of_crew(crew: &CrewId, number: usize) -> Self {
        Self::new(&format!("{crew}-phone-{number}"), Role::Crew, Some(crew))
    }

    /// One of the inspectors.
    #[must_use]
    pub fn inspector(number: usize) -> Self {
        Self::new(&format!("inspector-{number}"), Role::Inspector, None)
    }

    /// One of the supervisors.
    #[must_use]
    pub fn supervisor(number: usize) -> Self {
        Self::new(&format!("supervisor-{number}"), Role::Supervisor, None)
    }

    /// The server on its own account.
    #[must_use]
    pub fn server() -> Self {
        Self::new("server", Role::Server, None)
    }

    /// Whether it is the server.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.role == Role::Server
    }

    /// The actor that it writes as at that instant: the device, and an incarnation that is another one each day. The
    /// server runs for a year.
    #[must_use]
    pub fn actor(&self, at: i64) -> [u8; 24] {
        let mut actor = [0; 24];
        let bytes = self.device.0.as_bytes().iter().copied().chain(self.incarnation(at));
        actor.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        actor
    }

    /// The second part of that actor.
    #[must_use]
    pub fn incarnation(&self, at: i64) -> [u8; 8] {
        let opened = if self.is_server() { 0 } else { at.div_euclid(DAY) };
        let hash = Sha256::digest([self.device.0.as_bytes().as_slice(), &opened.to_be_bytes()].concat());
        let mut incarnation = [0; 8];
        incarnation.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        incarnation
    }

    /// The session of its device.
    #[must_use]
    pub fn session(&self) -> Session {
        let name = self.user.to_string();
        Session { device: self.device, user: self.user.clone(), name, role: self.role, crew: self.crew.clone() }
    }
}
