//! What people do.

use super::record::{entries, of_action};
use super::{Run, Wrong, deeds};
use crate::network::PhoneId;
use crate::seed::Seed;
use crate::world::Machine;
use coldpatch_mobile::engine::store::StoreError;
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, UserId, WorkOrderId};
use coldpatch_shared::order::{Note, OrderDoc, RequestSource, Stamp};
use coldpatch_shared::sync::phone::Event;
use rand::RngExt as _;
use std::collections::BTreeMap;

impl Run<'_> {
    /// A phone's person does something.
    pub(super) fn act(&mut self, id: PhoneId, choice: u64) -> Result<(), Wrong> {
        let (now, mut dice) = (self.now(), Seed(choice).dice());
        let city = self.people.city();
        let phone = self.phone(id)?;
        let Some(store) = &phone.store else { return Ok(()) };
        if let Some(refused) = store.needs_attention()?.into_iter().next().filter(|_| dice.random_ratio(1, 2)) {
            return self.look_at(id, &refused.deed, dice.random_ratio(1, 2));
        }
        match deeds::choose(phone, &city, now, &mut dice)? {
            Some(deed) => self.perform(id, deed).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The person reads that an action was refused, and puts it away; its words as a note, perhaps.
    fn look_at(&mut self, id: PhoneId, refused: &Deed, as_note: bool) -> Result<(), Wrong> {
        let now = self.now();
        if as_note && let Some((_, stamp)) = self.phone(id)?.stamp(now)? {
            let action = Action::AddNote { note: Note { text: format!("Tried to do {}", refused.id) } };
            let note =
                Deed { id: ActionId(self.phone(id)?.fresh_id(now)), work_order: refused.work_order, stamp, action };
            if !self.perform(id, note)? {
                return Ok(());
            }
        }
        let Some(store) = &mut self.phone(id)?.store else { return Ok(()) };
        let done = store.put_away(refused.id);
        let down = self.phone(id)?.disk.is_down();
        if done.is_ok() || down {
            // Whether it was put away before the crash, nobody knows; either is what the person wanted.
            self.record.put_away(refused.id);
            self.trace.count("refused and put away");
            self.say(format_args!("phone {} puts away {}", id.0, refused.id));
        }
        self.after(Machine::Phone(id), done.map(|_| ()).err())
    }

    /// → whether it was done.
    fn perform(&mut self, id: PhoneId, deed: Deed) -> Result<bool, Wrong> {
        let what = format!("{:?} {} on {}", deed.action.edit(), deed.id, deed.work_order);
        self.record.tries(&deed);
        let phone = self.phone(id)?;
        let Some(store) = &mut phone.store else { return Ok(false) };
        let error = match store.perform(&deed, |_| Ok(())) {
            Ok(true) => {
                let mut parts = BTreeMap::new();
                for part in deed.parts() {
                    let doc = store.document(part)?.ok_or_else(|| Wrong(format!("{what}: there is no document")))?;
                    let made = of_action(&entries(&doc.facts()), deed.id);
                    if !made.is_empty() {
                        parts.insert(part, made);
                    }
                }
                self.say(format_args!("phone {}: {what}", id.0));
                self.trace.count("actions");
                self.trace.count(&format!("action {:?}", deed.action.edit()));
                self.record.add(Some(id), deed, parts);
                self.hear(id, Event::LocalChange)?;
                return Ok(true);
            }
            Ok(false) => return Err(Wrong(format!("{what}: a fresh deed was known already"))),
            // A note on a work order whose filing was refused has nowhere to go.
            Err(denied @ (StoreError::Denied(_) | StoreError::NoSuchWorkOrder)) => {
                self.trace.count("actions denied on the phone");
                self.say(format_args!("phone {}: {what}: {denied}", id.0));
                return Ok(false);
            }
            Err(error) => error,
        };
        if !phone.disk.is_down() && store.state_of(deed.id)?.is_some() {
            return Err(Wrong(format!("{what} failed ({error}) and is in the journal")));
        }
        self.after(Machine::Phone(id), Some(error))?;
        Ok(false)
    }

    /// A resident reports something; the server's pages or Open311 take it in.
    pub(super) fn report(&mut self, choice: u64) -> Result<(), Wrong> {
        let (now, mut dice) = (self.now(), Seed(choice).dice());
        let Some(running) = &self.server.running else { return Ok(()) };
        let city = &running.sync.city;
        let by = UserId::from("server");
        let stamp = Stamp { by, role: Role::Server, crew: None, at: now, offset_ms: Some(0), offset_age_s: Some(0) };
        let Some(request) = deeds::request(city, RequestSource::Web, now, &mut dice) else { return Ok(()) };
        let ids = [super::phone::uuid_at(now, &mut dice), super::phone::uuid_at(now, &mut dice)];
        let deed = deeds::file(ActionId(ids[0]), WorkOrderId(ids[1]), stamp, request, city);
        self.record.tries(&deed);
        let written = running.sync.ledger.write(None, now, |bench| bench.perform(&deed));
        if written.is_ok() {
            let id = deed.work_order;
            let stored = running
                .sync
                .storage
                .document(id)?
                .ok_or_else(|| Wrong(format!("{id} was written and is not there")))?;
            let made = of_action(&entries(&OrderDoc::load(&stored.bytes)?.facts()), deed.id);
            self.say(format_args!("a resident files {id}"));
            self.trace.count("reports by residents");
            self.record.add(None, deed, BTreeMap::from([(id, made)]));
        }
        self.after(Machine::Server, written.err())
    }
}
