//! Everything bad that happens, and machines that start again.

use super::record::{held_by_phone, held_by_server};
use super::{Event, Run, Wrong};
use crate::disk::{Blow, Disk, Fate};
use crate::network::PhoneId;
use crate::world::{Happening, Machine};
use coldpatch_shared::sync::phone::Event as Heard;
use rand::RngExt as _;
use std::fmt::Display;
use std::sync::Arc;

const MINUTE: u64 = 60_000;
const MONTH: i64 = 31 * 24 * 60 * 60 * 1_000;

impl Run<'_> {
    fn disk(&self, machine: Machine) -> Result<Arc<Disk>, Wrong> {
        match machine {
            Machine::Server => Ok(Arc::clone(&self.server.disk)),
            Machine::Phone(id) => self
                .phones
                .get(usize::from(id.0))
                .map(|phone| Arc::clone(&phone.disk))
                .ok_or_else(|| Wrong(format!("there is no phone {}", id.0))),
        }
    }

    pub(super) fn trouble(&mut self, happening: Happening) -> Result<(), Wrong> {
        if !matches!(happening, Happening::Upkeep | Happening::BackUp(_)) {
            self.say(format_args!("{happening:?}"));
        }
        match happening {
            Happening::Crash { machine, nth, blow, down_for } => {
                self.disk(machine)?.crash_after(nth, blow);
                match machine {
                    Machine::Server => self.server.down_for = down_for,
                    Machine::Phone(id) => self.phone(id)?.down_for = down_for,
                }
            }
            Happening::ClockJump { phone, by } => {
                self.trace.count("clock jumps");
                self.phone(phone)?.clock_ahead = by;
            }
            Happening::DiskFull { machine, spare, lasts } => {
                self.disk(machine)?.fill(spare);
                self.set_full(machine, true)?;
                self.agenda.after(lasts, Event::Room(machine));
            }
            Happening::Cut { phone, lasts } => {
                let until = self.agenda.now() + lasts;
                self.network.cut(phone, until);
                self.agenda.at(until, Event::Signal(phone));
                self.trace.count("network: dead zones");
            }
            Happening::BackUp(machine) => self.back_up(machine)?,
            Happening::Restore(machine) => self.restore(machine)?,
            Happening::MoveCrew { phone, crew } => {
                self.people.move_to(phone, crew);
                self.new_city()?;
            }
            Happening::ChangeRole { phone, role } => {
                self.people.change_role(phone, role);
                self.new_city()?;
            }
            Happening::Upkeep => self.upkeep()?,
            Happening::MonthPasses => {
                self.trace.count("months that pass");
                self.skipped += MONTH;
                self.upkeep()?;
            }
            Happening::Act { .. } | Happening::Sync(_) | Happening::Report { .. } => {}
        }
        Ok(())
    }

    /// After whatever may have met a fault of a machine's disk. An error that no fault explains is wrong.
    pub(super) fn after<E: Display>(&mut self, machine: Machine, error: Option<E>) -> Result<(), Wrong> {
        let disk = self.disk(machine)?;
        if disk.is_down() {
            return self.died(machine);
        }
        let Some(error) = error else { return Ok(()) };
        let full = match machine {
            Machine::Server => self.server.full,
            Machine::Phone(id) => self.phone(id)?.full,
        };
        if !full {
            return Err(Wrong(format!("{machine:?}: {error}")));
        }
        self.trace.count("disk: full");
        self.say(format_args!("{machine:?}: {error}"));
        Ok(())
    }

    fn died(&mut self, machine: Machine) -> Result<(), Wrong> {
        let disk = self.disk(machine)?;
        if let Some(report) = disk.last_crash() {
            let whose = if machine == Machine::Server { "server" } else { "phone" };
            self.trace.count(&format!(
                "disk: {whose} {}",
                if report.blow == Blow::Power { "loses power" } else { "is killed" }
            ));
            let torn = report.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Torn(_))).count();
            let lost = report.fates.iter().filter(|(_, fate)| *fate == Fate::Lost).count();
            self.trace.add("disk: torn writes", u64::try_from(torn).unwrap_or(0));
            self.trace.add("disk: lost writes", u64::try_from(lost).unwrap_or(0));
            self.say(format_args!(
                "{machine:?} crashes: {:?} at call {}, {lost} writes lost, {torn} torn",
                report.blow, report.at_call
            ));
        }
        let pause = self.bury(machine)?;
        self.agenda.after(pause, Event::Start(machine));
        Ok(())
    }

    /// → for how long it stays down.
    fn bury(&mut self, machine: Machine) -> Result<u64, Wrong> {
        Ok(match machine {
            Machine::Server => {
                self.server.bury()?;
                self.server.down_for.max(1_000)
            }
            Machine::Phone(id) => {
                self.network.forget(id);
                let phone = self.phone(id)?;
                phone.bury()?;
                phone.down_for.max(1_000)
            }
        })
    }

    /// A machine's process starts, unless it runs.
    pub(super) fn start(&mut self, machine: Machine) -> Result<(), Wrong> {
        let now = self.now();
        match machine {
            Machine::Server => {
                if self.server.running.is_some() {
                    return Ok(());
                }
                let started = self.server.open(self.people.city(), now);
                self.say("the server starts");
                self.after(machine, started.err())?;
                if self.server.running.is_none() {
                    self.agenda.after(10 * MINUTE, Event::Start(machine));
                }
            }
            Machine::Phone(id) => {
                let sabotage = self.options.sabotage;
                let phone = self.phone(id)?;
                if phone.store.is_none() {
                    let started = phone.open(sabotage);
                    self.say(format_args!("phone {} starts", id.0));
                    self.after(machine, started.err())?;
                    if self.phone(id)?.store.is_none() {
                        self.agenda.after(10 * MINUTE, Event::Start(machine));
                        return Ok(());
                    }
                }
                self.hear(id, Heard::Opened)?;
            }
        }
        Ok(())
    }

    fn set_full(&mut self, machine: Machine, full: bool) -> Result<(), Wrong> {
        match machine {
            Machine::Server => self.server.full = full,
            Machine::Phone(id) => self.phone(id)?.full = full,
        }
        Ok(())
    }

    pub(super) fn room(&mut self, machine: Machine) -> Result<(), Wrong> {
        self.disk(machine)?.make_room();
        self.set_full(machine, false)
    }

    /// The network is back. Half of the phones notice.
    pub(super) fn signal(&mut self, id: PhoneId) -> Result<(), Wrong> {
        if self.dice.random_ratio(1, 2) { self.hear(id, Heard::Network(true)) } else { Ok(()) }
    }

    pub(super) fn upkeep(&mut self) -> Result<(), Wrong> {
        let done = self.server.upkeep(self.now());
        self.after(Machine::Server, done.err())
    }

    /// The city's files changed: the server starts again with them.
    fn new_city(&mut self) -> Result<(), Wrong> {
        self.trace.count("changes of staff");
        if self.server.running.take().is_some() {
            self.start(Machine::Server)?;
        }
        Ok(())
    }

    fn back_up(&mut self, machine: Machine) -> Result<(), Wrong> {
        let now = self.now();
        match machine {
            Machine::Server => {
                self.server.backup = self.server.disk.back_up();
                if let Some(running) = &self.server.running {
                    let noted = running.sync.storage.set_backed_up_through(now);
                    self.after(machine, noted.err())?;
                }
            }
            Machine::Phone(id) => {
                self.phone(id)?.back_up();
            }
        }
        Ok(())
    }

    fn restore(&mut self, machine: Machine) -> Result<(), Wrong> {
        let before = self.held_by(machine)?;
        let mut taken = self.record.counting(&before);
        let disk = self.disk(machine)?;
        disk.crash(Blow::Kill);
        self.bury(machine)?;
        match machine {
            Machine::Server => {
                disk.restore(&self.server.backup)?;
                self.server.by_the_manual = self.dice.random_ratio(1, 2);
                self.server.numbers_repeat |= !self.server.by_the_manual;
            }
            Machine::Phone(id) => {
                let phone = self.phone(id)?;
                disk.restore(&phone.backup)?;
                phone.incarnation.0 = phone.incarnation.1;
                // The city's files are in the database, too.
                phone.city_version.clear();
            }
        }
        let phones = (0..self.phones.len()).filter_map(|at| Some(Machine::Phone(PhoneId(u8::try_from(at).ok()?))));
        let machines: Vec<Machine> = phones.chain([Machine::Server]).collect();
        for other in machines {
            if taken.is_empty() {
                break;
            }
            let held = self.held_by(other)?;
            taken.retain(|part| !held.contains(part));
        }
        let excused = self.record.excuse(&taken);
        self.trace.add("parts of actions taken by a restore", excused);
        self.trace.count(if machine == Machine::Server { "disk: server restored" } else { "disk: phone restored" });
        self.say(format_args!("{machine:?} is restored from its backup; nobody holds {taken:?} any more"));
        self.agenda.after(1_000, Event::Start(machine));
        Ok(())
    }

    fn held_by(&mut self, machine: Machine) -> Result<std::collections::BTreeSet<super::record::Part>, Wrong> {
        match machine {
            Machine::Server => held_by_server(&self.server),
            Machine::Phone(id) => held_by_phone(self.phone(id)?),
        }
    }
}
