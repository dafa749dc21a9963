//! The end: faults stop, everything starts again, and everybody syncs until nothing is new.

use super::{Event, Run, Wrong};
use crate::network::{PhoneId, Weather};
use crate::seed::Seed;
use crate::world::Machine;
use coldpatch_shared::sync::phone::Event as Heard;

/// After a repair that failed, a phone waits up to an hour.
const PAUSE: i64 = 2 * 60 * 60 * 1_000;
/// More rounds of syncs than this, and it does not settle.
const MOST_PASSES: u32 = 14;

impl Run<'_> {
    pub(super) fn settle(&mut self) -> Result<(), Wrong> {
        self.calm = true;
        self.say("no more faults");
        let ids: Vec<PhoneId> = self.phones.iter().map(|phone| phone.id).collect();
        self.server.disk.calm();
        self.server.full = false;
        self.agenda.after(0, Event::Start(Machine::Server));
        for id in &ids {
            self.network.set_weather(*id, Weather::CALM, Seed(0));
            let phone = self.phone(*id)?;
            phone.disk.calm();
            phone.full = false;
            if phone.store.is_none() {
                self.agenda.after(0, Event::Start(Machine::Phone(*id)));
            }
        }
        self.drain()?;
        // Twice in a row: what one phone brings at the end of a pass is new to the first one of the next.
        let mut quiet = 0;
        for pass in 0..MOST_PASSES {
            self.skipped += PAUSE;
            self.upkeep()?;
            for id in &ids {
                self.phone(*id)?.moved = false;
                self.hear(*id, Heard::ByHand)?;
                self.drain()?;
            }
            let busy = self.busy()?;
            self.say(format_args!("pass {pass}: {busy:?}"));
            quiet = if busy.is_empty() { quiet + 1 } else { 0 };
            if quiet == 2 {
                self.trace.add("passes until quiet", u64::from(pass) + 1);
                return Ok(());
            }
        }
        Err(Wrong(format!("it does not settle: {:?}", self.busy()?)))
    }

    /// What is still going on.
    fn busy(&self) -> Result<Vec<String>, Wrong> {
        let mut busy = Vec::new();
        for phone in &self.phones {
            let number = phone.id.0;
            let Some(store) = &phone.store else { return Err(Wrong(format!("phone {number} does not run"))) };
            let (_, repairs) = store.receipts_and_repairs()?;
            let waiting = store.waiting()?;
            if let Some(failure) = phone.sync.last_failure() {
                busy.push(format!("phone {number}: {failure:?}"));
            }
            if phone.moved {
                busy.push(format!("phone {number} heard something new"));
            }
            if repairs > 0 {
                busy.push(format!("phone {number} mends {repairs} work orders"));
            }
            if !waiting.is_empty() {
                busy.push(format!("phone {number} has {} changes to send", waiting.len()));
            }
        }
        Ok(busy)
    }
}
