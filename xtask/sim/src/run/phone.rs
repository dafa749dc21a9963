//! A phone: the real store and the real sync core over a disk of its own, and a driver that does what the engine's does.

use super::Wrong;
use crate::disk::{Backup, Disk, DiskError};
use crate::network::{PhoneId, RequestId};
use crate::sabotage::Sabotage;
use crate::seed::{Dice, Seed};
use crate::world::PhonePlan;
use coldpatch_mobile::engine::store::{Budgets, Clock, Round, Store, StoreError};
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::order::Stamp;
use coldpatch_shared::sync::phone::PhoneSync;
use rand::RngExt as _;
use std::sync::Arc;
use uuid::{Builder, Uuid};

/// The database's name on a phone's disk.
pub(crate) const DATABASE: &str = "phone.db";
/// As browsers open it.
const PRAGMAS: &str = "PRAGMA journal_mode = truncate; PRAGMA synchronous = full;";

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) request: RequestId,
    pub(crate) round: Round,
    /// By the phone's clock.
    pub(crate) sent_at: i64,
}

/// A phone and its person.
#[derive(Debug)]
pub(crate) struct Phone {
    pub(crate) id: PhoneId,
    pub(crate) device: DeviceId,
    pub(crate) disk: Arc<Disk>,
    /// The process, while it runs.
    pub(crate) store: Option<Store>,
    pub(crate) sync: PhoneSync,
    pub(crate) in_flight: Option<InFlight>,
    pub(crate) dice: Dice,
    /// Ms, against the true time.
    pub(crate) clock_ahead: i64,
    /// Which timer counts; earlier ones were replaced.
    pub(crate) timer: u64,
    /// Failures in a row; after some, the app is put away until something happens.
    pub(crate) failures: u32,
    pub(crate) budgets: Budgets,
    pub(crate) backup: Backup,
    /// The incarnation that it writes under, and that of the backup: as if it were kept on the disk.
    pub(crate) incarnation: ([u8; 8], [u8; 8]),
    pub(crate) down_for: u64,
    pub(crate) full: bool,
    /// The version of the city's files that it has.
    pub(crate) city_version: String,
    /// Changed something when it last took an answer.
    pub(crate) moved: bool,
}

impl Phone {
    /// A phone whose person has just signed in.
    pub(crate) fn new(
        planned: &PhonePlan,
        seed: Seed,
        now: i64,
        session: impl FnOnce(DeviceId) -> Option<Session>,
    ) -> Result<Self, Wrong> {
        let mut dice = seed.part("phone", u64::from(planned.phone.0)).dice();
        let device = DeviceId(uuid_at(now, &mut dice));
        let label = format!("phone{}", planned.phone.0);
        let disk = Disk::new(&label, seed.part("phone disk", u64::from(planned.phone.0)))?;
        let small = dice.random_ratio(1, 3);
        let budgets = Budgets {
            send: if small { dice.random_range(500..8_000) } else { 256 << 10 },
            receive: if dice.random_ratio(1, 2) { 1 } else { 256 << 10 },
        };
        let mut phone = Self {
            id: planned.phone,
            device,
            backup: disk.back_up(),
            disk: Arc::new(disk),
            store: None,
            sync: PhoneSync::default(),
            in_flight: None,
            incarnation: ([0; 8], [0; 8]),
            dice,
            clock_ahead: planned.clock_ahead,
            timer: 0,
            failures: 0,
            budgets,
            down_for: 0,
            full: false,
            city_version: String::new(),
            moved: false,
        };
        let session = session(device).ok_or_else(|| Wrong(format!("nobody has phone {}", planned.phone.0)))?;
        phone.open(None)?;
        if let Some(store) = &mut phone.store {
            store.sign_in(session, "token".to_owned())?;
        }
        phone.back_up();
        Ok(phone)
    }

    /// Starts the process: the database is opened, under a new incarnation.
    pub(crate) fn open(&mut self, sabotage: Option<Sabotage>) -> Result<(), StoreError> {
        let fresh = self.dice.random::<u64>().to_le_bytes();
        let known = self.incarnation.0;
        let reuses = sabotage == Some(Sabotage::ReuseActor) && known != [0; 8];
        let incarnation = if reuses { known } else { fresh };
        let store = Store::open(self.disk.connect(DATABASE)?, PRAGMAS, self.device, incarnation)?;
        self.sync = PhoneSync::default();
        self.failures = 0;
        self.store = Some(store);
        self.note_incarnation();
        Ok(())
    }

    /// Notes under which incarnation it writes.
    pub(crate) fn note_incarnation(&mut self) {
        let actor = self.store.as_ref().and_then(|store| store.actor().last_chunk::<8>());
        self.incarnation.0 = actor.copied().unwrap_or(self.incarnation.0);
    }

    /// A copy of its disk.
    pub(crate) fn back_up(&mut self) {
        self.backup = self.disk.back_up();
        self.incarnation.1 = self.incarnation.0;
    }

    /// The process is gone. The disk, which crashed with it, is ready for the next one.
    pub(crate) fn bury(&mut self) -> Result<(), DiskError> {
        self.store = None;
        self.in_flight = None;
        self.timer += 1;
        if self.disk.is_down() { self.disk.restart() } else { Ok(()) }
    }

    /// Its clock, when the true time is `now`.
    pub(crate) fn clock(&self, now: i64) -> i64 {
        now.saturating_add(self.clock_ahead)
    }

    /// How its person signs, as the engine has it.
    pub(crate) fn stamp(&self, now: i64) -> Result<Option<(Session, Stamp)>, StoreError> {
        let Some(store) = &self.store else { return Ok(None) };
        let Some((session, _)) = store.signed_in()? else { return Ok(None) };
        let clock: Option<Clock> = store.clock()?;
        let at = self.clock(now);
        let stamp = Stamp {
            by: session.user.clone(),
            role: session.role,
            crew: session.crew.clone(),
            at,
            offset_ms: clock.map(|clock| clock.offset_ms),
            offset_age_s: clock.map(|clock| at.saturating_sub(clock.measured_at).max(0) / 1_000),
        };
        Ok(Some((session, stamp)))
    }

    /// A fresh id, as the phone makes them.
    pub(crate) fn fresh_id(&mut self, now: i64) -> Uuid {
        let at = self.clock(now);
        uuid_at(at, &mut self.dice)
    }
}

/// A UUIDv7 of this instant and the dice.
pub(crate) fn uuid_at(now: i64, dice: &mut Dice) -> Uuid {
    let random: [u8; 10] = dice.random();
    Builder::from_unix_timestamp_millis(u64::try_from(now).unwrap_or(0), &random).into_uuid()
}
