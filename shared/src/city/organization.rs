//! Who works for the city: departments, their crews, people and what they may be.

use crate::ids::{CrewId, DepartmentId, DistrictId, UserId};
use serde::{Deserialize, Serialize};

/// A department of the city.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// `streets`.
    pub id: DepartmentId,
    /// `Streets`.
    pub name: String,
}

/// People who go out together in one truck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crew {
    /// `crew-4`.
    pub id: CrewId,
    /// `Crew 4`.
    pub name: String,
    /// For whom it works; a small city's crew works for several. At least one.
    pub departments: Vec<DepartmentId>,
    /// Where it works; empty for everywhere.
    #[serde(default)]
    pub districts: Vec<DistrictId>,
}

impl Crew {
    /// Whether the crew works in the district.
    #[must_use]
    pub fn covers(&self, district: &DistrictId) -> bool {
        self.districts.is_empty() || self.districts.contains(district)
    }
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// `ana-ruiz`.
    pub id: UserId,
    /// `Ana Ruiz`.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their crew; present exactly when the role is [`Role::Crew`].
    #[serde(default)]
    pub crew: Option<CrewId>,
    /// Their department.
    pub department: DepartmentId,
    /// The departments whose work orders an inspector or supervisor follows. With [`districts`](Self::districts), both
    /// count; with neither, all work orders.
    #[serde(default)]
    pub departments: Vec<DepartmentId>,
    /// The districts whose work orders an inspector or supervisor follows.
    #[serde(default)]
    pub districts: Vec<DistrictId>,
}

/// What a person, or the server itself, is to the city. What each may do is policy, and is elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anybody; has no account.
    Resident,
    /// Does the work.
    Crew,
    /// Walks, finds and files.
    Inspector,
    /// Assigns and decides.
    Supervisor,
    /// The server acting by itself: tracking numbers, routing, intake.
    Server,
}
