//! A crew's day: its jobs in groups, as ids; the rows come as they are looked at.

use coldpatch_shared::city::Priority;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{CrewId, ServiceCode, WorkOrderId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;
use uuid::Uuid;

/// Which jobs of the day are wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DayFilter {
    /// Whose day; `None`: everybody's.
    pub crew: Option<CrewId>,
    /// When today ends where the city is, ms since the Unix epoch.
    pub today_ends: i64,
    /// As [`super::JobsFilter::text`]. With words, jobs that are not of the day are looked through, too.
    pub text: String,
    /// Only these types; empty means all.
    pub kinds: Vec<ServiceCode>,
    /// Only these; empty means all.
    pub priorities: Vec<Priority>,
    /// Only those whose time is up.
    pub late: bool,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DayGroup {
    /// At work, or interrupted by this crew.
    Now,
    /// Urgent, late, or due today.
    Next,
    /// The rest of what can be done.
    Later,
    /// Another crew, another department or a supervisor has to do something first.
    Waiting,
    /// Done lately.
    Finished,
    /// Not of the day: found by words.
    Elsewhere,
}

/// The day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// Now by the server's clock as far as the phone knows it, ms since the Unix epoch.
    pub now: i64,
    /// At work or interrupted, the one at work first.
    pub current: Ids,
    /// What is next, the most pressing first.
    pub next: Ids,
    /// What a tour over the first of these depends on, in the same order.
    pub stops: Vec<DayStop>,
    /// What is later, by due time.
    pub later: Ids,
    /// What waits for somebody, the last change first.
    pub waiting: Ids,
    /// What was done lately, the last one first.
    pub finished: Ids,
    /// Found by words, and not of the day; what fits best first.
    pub elsewhere: Ids,
    /// Where the crew is: at the job that it works on.
    pub at: Option<LatLon>,
    /// How many jobs can be done, without any filter: what waits for somebody and what is finished are not counted.
    pub total: u32,
    /// How many of each type are not finished, without any filter, the most frequent first.
    pub kinds: Vec<(ServiceCode, u32)>,
    /// How many of each type are to be done today, without any filter.
    pub today: Vec<(ServiceCode, u32)>,
}

/// A stop of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DayStop {
    /// How urgent.
    pub priority: Priority,
    /// Until when, ms since the Unix epoch.
    pub due: Option<i64>,
    /// Where.
    pub place: Option<LatLon>,
}

/// Ids, sent as the bytes that they are: thousands of them go from the Worker to the page at every change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(pub Vec<WorkOrderId>);

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0.iter().flat_map(|id| *id.0.as_bytes()).collect::<Vec<u8>>())
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = ByteBuf::deserialize(deserializer)?;
        let (whole, _) = bytes.as_chunks::<16>();
        Ok(Self(whole.iter().map(|id| WorkOrderId(Uuid::from_bytes(*id))).collect()))
    }
}
