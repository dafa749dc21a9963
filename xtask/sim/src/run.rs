//! Runs a world: takes what happens out of the agenda, one event after the other, and does what drivers, people and the
//! weather do. What is kept, sent, judged and merged is the product's own code.
//!
//! | module | what it is |
//! |---|---|
//! | `phone`, `server` | the machines: real store, real ledger, a disk each |
//! | `people`, `deeds` | who works for the city, and what they can do at a moment |
//! | `acts`, `rounds`, `troubles` | what happens: people's work; round trips; everything bad |
//! | `settle` | the end: no more faults, everybody syncs until nothing is new |
//! | `record` | what people entered, and what excuses that it is gone |
//! | `watch`, `trace` | what went over the wire; the story in words |

mod acts;
pub(crate) mod deeds;
pub(crate) mod people;
pub(crate) mod phone;
pub(crate) mod record;
mod rounds;
pub(crate) mod server;
mod settle;
pub(crate) mod trace;
mod troubles;
pub(crate) mod watch;

use crate::agenda::Agenda;
use crate::claims;
use crate::network::{Arrival, Network, PhoneId, RequestId};
use crate::sabotage::{Options, Sabotage};
use crate::seed::{Dice, Seed};
use crate::world::{Happening, Machine, Plan};
use people::People;
use phone::Phone;
use record::Record;
use serde::{Deserialize, Serialize};
use server::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use trace::Trace;
use watch::Watch;

/// When every world begins: 2026-11-02, 06:00 UTC, ms since the Unix epoch.
const BEGINS: i64 = 1_793_599_200_000;
/// More events than this are a world that never comes to rest.
const MOST_EVENTS: u64 = 100_000;

/// A claim that does not hold, or an error that no fault explains. In words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub String);

macro_rules! wrong_from {
    ($($error:ty),*) => {
        $(impl From<$error> for Wrong {
            fn from(error: $error) -> Self {
                Self(format!("{}: {error}", stringify!($error)))
            }
        })*
    };
}
wrong_from!(
    coldpatch_mobile::engine::store::StoreError,
    coldpatch_server::ledger::LedgerError,
    coldpatch_server::storage::StorageError,
    coldpatch_shared::city::CityError,
    coldpatch_shared::order::DocumentError,
    coldpatch_shared::sync::wire::WireError,
    crate::disk::DiskError,
    rusqlite::Error,
    serde_json::Error
);

/// What became of a world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub seed: u64,
    /// What went wrong, if anything did.
    pub wrong: Option<String>,
    /// The last lines of its story.
    pub last: Vec<String>,
    /// How many lines the story has.
    pub lines: u64,
    /// A hash over the whole story: the same for the same seed.
    pub hash: String,
    /// How often each fault and each kind of thing came.
    pub counts: BTreeMap<String, u64>,
}

/// SQLite's dice, and the bug in `shared`, are a whole process's: one world at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Runs the world of a seed; whoever asks for another one in this process waits. `aloud` prints the story while it happens.
#[must_use]
pub fn run(seed: Seed, options: Options, aloud: bool) -> Outcome {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    crate::disk::pin_sqlite_dice(1);
    coldpatch_shared::sabotage::order_by_clock(options.has(Sabotage::OrderByClock));
    let mut trace = Trace::new(aloud);
    let ran = catch_unwind(AssertUnwindSafe(|| world(seed, options, &mut trace)));
    coldpatch_shared::sabotage::order_by_clock(false);
    let wrong = match ran {
        Ok(Ok(())) => None,
        Ok(Err(Wrong(why))) => Some(why),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it says nothing");
            Some(format!("a panic: {text}"))
        }
    };
    let (last, lines, hash, counts) = trace.finish();
    Outcome { seed: seed.0, wrong, last, lines, hash, counts }
}

fn world(seed: Seed, options: Options, trace: &mut Trace) -> Result<(), Wrong> {
    let plan = Plan::of(seed);
    let mut run = Run::new(seed, &plan, options, trace)?;
    run.drain()?;
    run.settle()?;
    claims::check(&mut run)
}

/// What is in the agenda.
#[derive(Debug)]
pub(crate) enum Event {
    Happens(Happening),
    Arrives(Arrival),
    Timer(PhoneId, u64),
    Poked(PhoneId),
    Start(Machine),
    Room(Machine),
    Signal(PhoneId),
}

/// A world while it happens.
pub(crate) struct Run<'a> {
    pub(crate) options: Options,
    pub(crate) people: People,
    pub(crate) phones: Vec<Phone>,
    pub(crate) server: Server,
    pub(crate) record: Record,
    pub(crate) watch: Watch,
    pub(crate) trace: &'a mut Trace,
    agenda: Agenda<Event>,
    network: Network,
    dice: Dice,
    /// Months that went by in which nothing happened, ms.
    skipped: i64,
    /// Requests that have arrived at the server.
    arrived: BTreeSet<RequestId>,
    /// Faults are over.
    calm: bool,
    /// A receipt for what was forgotten vouches for nothing: that is no matter while the server keeps everything.
    may_forget: bool,
    events: u64,
}

impl<'a> Run<'a> {
    fn new(seed: Seed, plan: &Plan, options: Options, trace: &'a mut Trace) -> Result<Self, Wrong> {
        let mut network = Network::default();
        let mut agenda = Agenda::default();
        let people = People::new(&plan.phones)?;
        let mut phones = Vec::new();
        for planned in &plan.phones {
            network.set_weather(planned.phone, planned.weather, seed);
            phones.push(Phone::new(planned, seed, BEGINS, |device| people.session(planned.phone, device))?);
            agenda.after(0, Event::Start(Machine::Phone(planned.phone)));
        }
        for (at, happening) in &plan.happenings {
            agenda.at(*at, Event::Happens(*happening));
        }
        let mut server = Server::new(seed, plan.log_days)?;
        server.open(people.city(), BEGINS)?;
        server.backup = server.disk.back_up();
        Ok(Self {
            options,
            people,
            phones,
            server,
            record: Record::default(),
            watch: Watch::default(),
            trace,
            agenda,
            network,
            dice: seed.part("run", 0).dice(),
            skipped: 0,
            arrived: BTreeSet::new(),
            calm: false,
            may_forget: plan.happenings.iter().all(|(_, happening)| *happening != Happening::Restore(Machine::Server)),
            events: 0,
        })
    }

    /// The true time, which is the server's, ms since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        BEGINS.saturating_add(i64::try_from(self.agenda.now()).unwrap_or(i64::MAX)).saturating_add(self.skipped)
    }

    fn say(&mut self, what: impl std::fmt::Display) {
        let skipped = u64::try_from(self.skipped).unwrap_or(0);
        self.trace.say(self.agenda.now() + skipped, what);
    }

    fn phone(&mut self, id: PhoneId) -> Result<&mut Phone, Wrong> {
        self.phones.get_mut(usize::from(id.0)).ok_or_else(|| Wrong(format!("there is no phone {}", id.0)))
    }

    /// Until nothing is left in the agenda.
    fn drain(&mut self) -> Result<(), Wrong> {
        while let Some(event) = self.agenda.take() {
            self.events += 1;
            if self.events > MOST_EVENTS {
                return Err(Wrong("it never comes to rest".to_owned()));
            }
            self.step(event)?;
            self.poke();
        }
        Ok(())
    }

    fn step(&mut self, event: Event) -> Result<(), Wrong> {
        match event {
            Event::Happens(happening) => self.happens(happening),
            Event::Arrives(arrival) => {
                let now = self.agenda.now();
                match self.network.receive(now, arrival) {
                    Some(Arrival::AtServer { request, phone, body }) => self.at_server(request, phone, &body),
                    Some(Arrival::AtPhone { request, phone, ended }) => self.at_phone(request, phone, ended),
                    None => Ok(()),
                }
            }
            Event::Timer(phone, timer) => self.timer(phone, timer),
            Event::Poked(phone) => self.hear(phone, coldpatch_shared::sync::phone::Event::Poked),
            Event::Start(machine) => self.start(machine),
            Event::Room(machine) => self.room(machine),
            Event::Signal(phone) => self.signal(phone),
        }
    }

    fn happens(&mut self, happening: Happening) -> Result<(), Wrong> {
        match happening {
            Happening::Act { phone, choice } => self.act(phone, choice),
            Happening::Report { choice } => self.report(choice),
            Happening::Sync(phone) => self.hear(phone, coldpatch_shared::sync::phone::Event::ByHand),
            trouble => self.trouble(trouble),
        }
    }
}
