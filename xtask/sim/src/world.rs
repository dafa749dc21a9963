//! What a seed decides beforehand: who is in the world, and every bad thing that happens to them, when.
//!
//! A plan is data. What follows from it (what a person can do at that moment, what the server answers, which call of a
//! disk is the twentieth from now) comes out when the world runs it.

mod draw;

use crate::agenda::Ms;
use crate::disk::Blow;
use crate::network::{PhoneId, Weather};

/// At most so many phones.
pub const MOST_PHONES: u8 = 20;
/// A world has so many crews; scopes follow from them.
pub const CREWS: u8 = 3;
/// Bad things end here: three days. Then links are calm, disks have room, and everybody syncs until nothing is new.
pub const TROUBLE_ENDS: Ms = 3 * DAY;
/// Milliseconds of a day.
pub const DAY: Ms = 24 * 60 * 60 * 1_000;

/// What a person is allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Does the work of one crew.
    Crew,
    /// Files requests, sees everything.
    Inspector,
    /// Assigns and reviews, sees everything.
    Supervisor,
}

/// One phone and its person at the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhonePlan {
    /// Its number.
    pub phone: PhoneId,
    /// The person's role.
    pub role: Role,
    /// The person's crew, below [`CREWS`].
    pub crew: u8,
    /// How far its clock is ahead of the true time, in milliseconds.
    pub clock_ahead: i64,
    /// Its link until [`TROUBLE_ENDS`].
    pub weather: Weather,
}

/// Whose disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// A phone.
    Phone(PhoneId),
    /// The server.
    Server,
}

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A person does something; `choice` picks among what can be done at that moment.
    Act {
        /// Who.
        phone: PhoneId,
        /// The draw to choose with.
        choice: u64,
    },
    /// A phone tries to sync (beside the times that its own engine finds).
    Sync(PhoneId),
    /// A machine's process ends at the `nth` call that changes its disk from now, and starts again later.
    Crash {
        /// Whose.
        machine: Machine,
        /// 1 is the next.
        nth: u64,
        /// How.
        blow: Blow,
        /// Milliseconds until it is started again.
        down_for: Ms,
    },
    /// A phone's clock is set.
    ClockJump {
        /// Whose.
        phone: PhoneId,
        /// Milliseconds, either way, up to ten years.
        by: i64,
    },
    /// A disk has room for little more, for a while.
    DiskFull {
        /// Whose.
        machine: Machine,
        /// Bytes of room.
        spare: usize,
        /// Milliseconds.
        lasts: Ms,
    },
    /// A phone has no network for a while.
    Cut {
        /// Which.
        phone: PhoneId,
        /// Milliseconds.
        lasts: Ms,
    },
    /// A copy of a disk is kept, in place of an older one.
    BackUp(Machine),
    /// A disk becomes what its last copy was; there always is one.
    Restore(Machine),
    /// A person moves to another crew: the scopes change.
    MoveCrew {
        /// Who.
        phone: PhoneId,
        /// Where to, below [`CREWS`].
        crew: u8,
    },
    /// The server gives a person another role; until the phone hears of it, it does what will be refused.
    ChangeRole {
        /// Who.
        phone: PhoneId,
        /// The new one.
        role: Role,
    },
    /// A resident reports something; `choice` picks what.
    Report {
        /// The draw to choose with.
        choice: u64,
    },
    /// The server does its hourly upkeep.
    Upkeep,
    /// A month goes by in which nothing happens.
    MonthPasses,
}

/// A whole world, before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One to [`MOST_PHONES`].
    pub phones: Vec<PhonePlan>,
    /// By time; all before [`TROUBLE_ENDS`].
    pub happenings: Vec<(Ms, Happening)>,
    /// For how many days the server's log keeps the bytes of changes.
    pub log_days: u32,
}

#[cfg(test)]
mod tests;
