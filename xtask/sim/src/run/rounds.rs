//! Round trips: what the phone's driver, HTTP and the server's handler do.

use super::phone::InFlight;
use super::{Event, Run, Wrong, people};
use crate::network::{NoAnswer, PhoneId, RequestId, Underway};
use crate::sabotage::Sabotage;
use crate::world::Machine;
use coldpatch_mobile::engine::store::{Clock, Round, Store};
use coldpatch_server::ledger::scopes;
use coldpatch_server::sync::SyncError;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::sync::phone::{Effect, Event as Heard, Failure};
use coldpatch_shared::sync::wire::{self, SyncRequest, SyncResponse, Verdict};
use rand::RngExt as _;
use std::collections::BTreeSet;

/// After so many failures in a row, the person puts the phone away until something happens.
const PATIENCE: u32 = 4;

impl Run<'_> {
    fn underway(&mut self, underway: Underway) {
        for (at, arrival) in underway {
            self.agenda.at(at, Event::Arrives(arrival));
        }
    }

    /// Tells a phone's sync core, and carries out what it decides.
    pub(super) fn hear(&mut self, id: PhoneId, heard: Heard) -> Result<(), Wrong> {
        let now = self.now();
        let phone = self.phone(id)?;
        if phone.store.is_none() {
            return Ok(());
        }
        match heard {
            Heard::Failed(_) => phone.failures += 1,
            Heard::Timer => {}
            _ => phone.failures = 0,
        }
        let (clock, jitter) = (phone.clock(now), phone.dice.random());
        for effect in phone.sync.handle(heard, clock, jitter) {
            match effect {
                Effect::Sync => self.send(id)?,
                Effect::WakeAt(at) => {
                    let phone = self.phone(id)?;
                    phone.timer += 1;
                    // A phone on which nothing happens is in a pocket: three days of heartbeats would find nothing.
                    let pocketed = matches!(heard, Heard::Synced { .. }) || phone.failures > PATIENCE;
                    let (timer, pause) = (phone.timer, u64::try_from(at.saturating_sub(clock)).unwrap_or(0));
                    if !pocketed {
                        self.agenda.after(pause, Event::Timer(id, timer));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn timer(&mut self, id: PhoneId, timer: u64) -> Result<(), Wrong> {
        if self.phone(id)?.timer == timer { self.hear(id, Heard::Timer) } else { Ok(()) }
    }

    fn send(&mut self, id: PhoneId) -> Result<(), Wrong> {
        let now = self.now();
        let phone = self.phone(id)?;
        let (clock, budgets) = (phone.clock(now), phone.budgets);
        let Some(store) = &mut phone.store else { return Ok(()) };
        let round = match store.begin_round(clock, budgets) {
            Ok(round) => round,
            Err(error) => {
                self.after(Machine::Phone(id), Some(error))?;
                return self.hear(id, Heard::Failed(Failure::NotUnderstood));
            }
        };
        self.watch.request(round.request())?;
        let body = wire::encode(round.request())?;
        let (request, underway) = self.network.send(self.agenda.now(), id, &body);
        self.phone(id)?.in_flight = Some(InFlight { request, round, sent_at: clock });
        self.trace.count("requests");
        self.underway(underway);
        Ok(())
    }

    /// A request, or what is left of it, has reached the server.
    pub(super) fn at_server(&mut self, request: RequestId, id: PhoneId, body: &[u8]) -> Result<(), Wrong> {
        if self.arrived.last().is_some_and(|last| *last > request) {
            self.trace.count("network: request overtaken by a later one");
        }
        if !self.arrived.insert(request) {
            self.trace.count("network: request arrived twice");
        }
        let now = self.agenda.now();
        let answer = match self.answer(id, body)? {
            Some((status, body)) => {
                let frame: Vec<u8> = u16::to_le_bytes(status).into_iter().chain(body).collect();
                self.network.answer(now, request, &frame)
            }
            None => {
                self.trace.count("network: no server");
                self.network.refuse(now, request)
            }
        };
        self.underway(answer);
        Ok(())
    }

    /// Status and body; `None` when the server is not there, or goes down before it can answer.
    fn answer(&mut self, id: PhoneId, body: &[u8]) -> Result<Option<(u16, Vec<u8>)>, Wrong> {
        let now = self.now();
        let Some(running) = &self.server.running else { return Ok(None) };
        let Ok(request) = wire::decode::<SyncRequest>(body) else {
            self.trace.count("network: request cut short");
            return Ok(Some((400, Vec::new())));
        };
        let device = self.phones.get(usize::from(id.0)).map(|phone| phone.device);
        let who = device.and_then(|device| people::session(&running.sync.city, id, device));
        let Some(who) = who else { return Ok(Some((401, Vec::new()))) };
        match running.sync.round_trip(&who, &request, now) {
            Ok(mut response) => {
                self.forget_something(&mut response);
                self.watch.response(&response)?;
                self.tell(id, &request, &response);
                let body = wire::encode(&response)?;
                self.after(Machine::Server, None::<Wrong>)?;
                Ok(self.server.running.is_some().then_some((200, body)))
            }
            Err(SyncError::Protocol(version)) => Err(Wrong(format!("the server does not speak protocol {version}"))),
            Err(error) => {
                self.after(Machine::Server, Some(error))?;
                Ok(self.server.running.is_some().then_some((503, Vec::new())))
            }
        }
    }

    /// Nobody is perfect: with certain options, the server is not.
    fn forget_something(&mut self, response: &mut SyncResponse) {
        if self.options.has(Sabotage::SkipDigest) {
            response.digests.clear();
        }
        if self.options.forgets() && self.may_forget && !self.calm && self.server.dice.random_ratio(1, 4) {
            let forgotten = response.changes.pop().is_some() || response.entered.pop().is_some();
            self.trace.add("sabotage: forgotten on a page", u64::from(forgotten));
        }
    }

    fn tell(&mut self, id: PhoneId, request: &SyncRequest, response: &SyncResponse) {
        let refused = response.verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Refused { .. })).count();
        let not_now = response.verdicts.iter().filter(|verdict| matches!(verdict, Verdict::NotNow { .. })).count();
        for (what, many) in [
            ("verdicts", response.verdicts.len()),
            ("verdicts: refused", refused),
            ("verdicts: not now", not_now),
            ("answers with another page", usize::from(response.more)),
            ("answers that list buckets", usize::from(!response.differing.is_empty())),
            ("answers without a cursor", usize::from(response.cursor.is_none())),
            ("work orders compared", response.compared.len()),
            ("work orders given back", request.given_back.len()),
            ("work orders that left a scope", response.left.len()),
        ] {
            self.trace.add(what, u64::try_from(many).unwrap_or(0));
        }
        let (sent, back) = (response.verdicts.len(), request.given_back.len());
        self.say(format_args!(
            "server answers phone {}: {sent} changes ({refused} refused, {not_now} not now), {back} given back ({:?}), {} entered, \
             {} changed, {} left, {} differ, {} compared{}{}",
            id.0, response.taken_back,
            response.entered.len(),
            response.changes.len(),
            response.left.len(),
            response.differing.len(),
            response.compared.len(),
            if response.more { ", more" } else { "" },
            if response.cursor.is_none() { ", no cursor" } else { "" },
        ));
    }

    /// A request has ended at the phone.
    pub(super) fn at_phone(
        &mut self,
        request: RequestId,
        id: PhoneId,
        ended: Result<Vec<u8>, NoAnswer>,
    ) -> Result<(), Wrong> {
        let phone = self.phone(id)?;
        let Some(InFlight { round, sent_at, .. }) = phone.in_flight.take_if(|waits| waits.request == request) else {
            return Ok(());
        };
        let failure = match ended {
            Err(why) => {
                self.trace.count(&format!("network: {why:?}"));
                Failure::Unreachable
            }
            Ok(frame) => match frame.split_first_chunk::<2>().map(|(status, body)| (u16::from_le_bytes(*status), body))
            {
                None => Failure::Unreachable,
                Some((200, body)) => match wire::decode::<SyncResponse>(body) {
                    Ok(response) => return self.take(id, round, response, sent_at),
                    Err(_) => {
                        self.trace.count("network: answer cut short");
                        Failure::NotUnderstood
                    }
                },
                Some((401, _)) => return Err(Wrong(format!("phone {} was signed out", id.0))),
                Some((503, _)) => Failure::ServerTrouble,
                Some(_) => Failure::NotUnderstood,
            },
        };
        self.say(format_args!("phone {}: sync failed: {failure:?}", id.0));
        self.hear(id, Heard::Failed(failure))
    }

    fn take(&mut self, id: PhoneId, round: Round, mut response: SyncResponse, sent_at: i64) -> Result<(), Wrong> {
        let (now, options) = (self.now(), self.options);
        let sent = if options.has(Sabotage::DropAck) { round.actions() } else { BTreeSet::new() };
        if options.has(Sabotage::DropAck) {
            response.verdicts.clear();
        }
        let phone = self.phone(id)?;
        let clock = phone.clock(now);
        let middle = sent_at + (clock - sent_at) / 2;
        let measured = Clock { offset_ms: response.server_time.saturating_sub(middle), measured_at: clock };
        let (city, left) = (response.city_version.clone(), response.left.clone());
        let incarnation = phone.dice.random::<u64>().to_le_bytes();
        let Some(store) = &mut phone.store else { return Ok(()) };
        match store.take(round, response, measured, incarnation) {
            Ok(taken) => {
                if options.has(Sabotage::EvictPending) {
                    for left in left {
                        remove_all_of(store, left.work_order)?;
                    }
                }
                phone.note_incarnation();
                if !sent.is_empty() {
                    return self.take_for_acknowledged(id, &sent);
                }
                phone.moved |= !taken.changed.is_empty() || taken.go_on;
                self.learn(id, city)?;
                self.hear(id, Heard::Synced { more: taken.go_on })
            }
            Err(error) => {
                self.after(Machine::Phone(id), Some(error))?;
                self.hear(id, Heard::Failed(Failure::NotUnderstood))
            }
        }
    }

    /// [`Sabotage::DropAck`]: whatever the verdicts were, what was sent is no longer in the outbox.
    fn take_for_acknowledged(&mut self, id: PhoneId, sent: &BTreeSet<ActionId>) -> Result<(), Wrong> {
        let phone = self.phone(id)?;
        let Some(store) = &mut phone.store else { return Ok(()) };
        let removed = store.transact(|db| {
            for action in sent {
                db.execute("DELETE FROM outbox WHERE action_id = ?1", [action.0])?;
                db.execute("UPDATE journal SET state = 'accepted' WHERE action_id = ?1", [action.0])?;
            }
            Ok(())
        });
        // Documents that are open still have them: this ends with the process.
        phone.store = None;
        phone.timer += 1;
        self.agenda.after(10, Event::Start(Machine::Phone(id)));
        self.after(Machine::Phone(id), removed.err())
    }

    /// The city's files are others than the phone's: sooner or later it has them, and knows its person's role again.
    fn learn(&mut self, id: PhoneId, version: String) -> Result<(), Wrong> {
        let calm = self.calm;
        let phone = self.phone(id)?;
        if phone.city_version == version || !(calm || phone.dice.random_ratio(1, 2)) {
            return Ok(());
        }
        let device = phone.device;
        let Some(session) = self.people.session(id, device) else { return Ok(()) };
        let phone = self.phone(id)?;
        let Some(store) = &mut phone.store else { return Ok(()) };
        match store.sign_in(session, "token".to_owned()) {
            Ok(()) => {
                phone.city_version = version;
                Ok(())
            }
            Err(error) => self.after(Machine::Phone(id), Some(error)),
        }
    }

    /// The server tells phones on the line that there is something new.
    pub(super) fn poke(&mut self) {
        let Some(running) = &mut self.server.running else { return };
        let mut poked = Vec::new();
        while let Ok(poke) = running.pokes.try_recv() {
            for phone in self.phones.iter().filter(|phone| poke.by != Some(phone.device)) {
                let session = people::session(&running.sync.city, phone.id, phone.device);
                let followed =
                    session.map(|session| scopes::followed(&running.sync.city, &session)).unwrap_or_default();
                if followed.iter().any(|scope| poke.scopes.contains(scope)) {
                    poked.push(phone.id);
                }
            }
        }
        for id in poked {
            // Most phones are in a pocket.
            if self.network.is_connected(id, self.agenda.now()) && self.dice.random_ratio(1, 4) {
                let delay = self.dice.random_range(10..2_000);
                self.agenda.after(delay, Event::Poked(id));
            }
        }
    }
}

/// [`Sabotage::EvictPending`].
fn remove_all_of(store: &Store, id: WorkOrderId) -> Result<(), Wrong> {
    if store.scopes_of(id)?.is_empty() {
        for table in ["documents", "jobs", "outbox", "journal"] {
            store.db().execute(&format!("DELETE FROM {table} WHERE work_order = ?1"), [id.0])?;
        }
    }
    Ok(())
}
