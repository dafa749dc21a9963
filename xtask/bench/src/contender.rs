//! What is measured: anything that can bring a phone and a server to the same content over a link.
//!
//! The data is made once ([`Case`]); every contender gets the same. A contender keeps its own states between runs: a first sync
//! starts from an empty phone, a catch-up from a phone that was synced before, away a day, and changed meanwhile, as the server was.

use crate::generate::day::{Day, day};
use crate::generate::{Order, World};
use crate::proxy::{Counted, Link};
use anyhow::Result;
use coldpatch_shared::ids::CrewId;
use std::time::Duration;

/// The longest that a task may take; who needs longer is shown as not having finished. The floor of a first sync over the
/// slow link is 36 s.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What a phone has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// It was away a day: both sides have changes that the other lacks.
    CatchUp,
    /// It has nothing.
    FirstSync,
}

impl Task {
    /// As figures name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CatchUp => "day's catch-up",
            Self::FirstSync => "first sync",
        }
    }
}

/// Whether the phone is connected when the clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Start {
    /// Connected, handshakes done, documents open.
    Warm,
    /// Not connected; documents open.
    Cold,
}

/// What one run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// From the start until both sides have the same content.
    pub time: Duration,
    /// Round trips until then, and all bytes until nothing more is sent.
    pub counted: Counted,
    /// Round trips before the start until the phone was connected: what a cold start would have waited for, too.
    pub handshakes: u32,
    /// Processor time of the phone's process.
    pub cpu_phone: Duration,
    /// Processor time of the server's process.
    pub cpu_server: Duration,
}

/// Which of the crew's phones it is.
const PHONE: usize = 7;

/// The same work for everybody.
#[derive(Debug)]
pub struct Case {
    /// Whose city.
    pub world: World,
    /// What the server has before the day, and the phone after its first sync.
    pub orders: Vec<Order>,
    /// The day.
    pub day: Day,
    /// The crew whose phone it is, and whose all work orders are.
    pub crew: CrewId,
}

impl Case {
    /// A phone with `count` work orders, and its day apart.
    ///
    /// # Errors
    /// When the generator is broken, or `count` is too small for a day.
    pub fn new(seed: u64, count: u64) -> Result<Self> {
        let (world, crew) = (World::new(seed)?, CrewId::from("crew-4"));
        let orders = (0..count).map(|number| world.order(number, &crew)).collect::<Result<Vec<_>>>()?;
        let day = day(&world, &orders, &crew, PHONE)?;
        Ok(Self { world, orders, day, crew })
    }
}

/// Somebody who can do it.
pub trait Contender: Send {
    /// Name and version.
    fn name(&self) -> String;

    /// Whether all history arrives, or only the last state.
    fn has_history(&self) -> bool;

    /// Does it once, and checks afterwards that both sides have the same content.
    ///
    /// # Errors
    /// Why it cannot do it; shown in place of figures.
    fn run(&mut self, task: Task, link: Link, start: Start) -> Result<Run>;
}
