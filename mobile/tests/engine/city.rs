//! A city's server as small as the protocol allows, in memory: what it says on the wire, and nothing else. And a phone's
//! database beside it, without an engine around: rounds are made by hand.

use automerge::{Change, ChangeHash};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_mobile::engine::store::{Budgets, Clock, Store, StoreError, Taken};
use coldpatch_shared::action::{Action, Deed, apply};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, DeviceId, WorkOrderId};
use coldpatch_shared::order::{Note, OrderDoc, Stamp, WorkOrder};
use coldpatch_shared::sync::wire::{
    ChangeBytes, Compared, Cursor, Differing, Digested, Entered, KeptReceipt, Left, OrderChanges, PROTOCOL, Receipt,
    SyncRequest, SyncResponse, Verdict,
};
use coldpatch_shared::sync::{digest, receipt};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tempfile::TempDir;

/// The server. A clone is a backup.
#[derive(Clone)]
pub(crate) struct City {
    epoch: u32,
    last: u64,
    docs: BTreeMap<WorkOrderId, OrderDoc>,
    log: Vec<(u64, WorkOrderId, Change)>,
    /// For each scope and work order: entered at, left at.
    members: BTreeMap<(String, WorkOrderId), (u64, Option<u64>)>,
    pub(crate) follows: Vec<String>,
    /// How many memberships and changes one page has.
    pub(crate) page: usize,
    /// Refuses these.
    pub(crate) refuses: BTreeSet<ActionId>,
    /// Takes nothing back that it lost.
    pub(crate) takes_nothing_back: bool,
    pub(crate) requests: Vec<SyncRequest>,
    /// Work orders that were given back with receipts that cover them.
    pub(crate) vouched_for: BTreeSet<WorkOrderId>,
}

pub(crate) const CREW: &str = "crew:crew-4";
pub(crate) const DEVICE: &str = "device:mine";

impl City {
    pub(crate) fn new() -> Self {
        Self {
            epoch: 1,
            last: 0,
            docs: BTreeMap::new(),
            log: Vec::new(),
            members: BTreeMap::new(),
            follows: vec![CREW.to_owned(), DEVICE.to_owned()],
            page: 1000,
            refuses: BTreeSet::new(),
            takes_nothing_back: false,
            requests: Vec::new(),
            vouched_for: BTreeSet::new(),
        }
    }

    /// What a server does that notices that it was restored.
    pub(crate) fn restored(mut self) -> Self {
        self.epoch += 1;
        self.requests.clear();
        self
    }

    pub(crate) fn doc(&mut self, id: WorkOrderId) -> &mut OrderDoc {
        self.docs.get_mut(&id).unwrap()
    }

    pub(crate) fn has(&self, id: WorkOrderId) -> bool {
        self.docs.contains_key(&id)
    }

    /// Somebody at the desk does something.
    pub(crate) fn does(&mut self, id: WorkOrderId, action: Action) {
        let mut doc = self.docs.remove(&id).unwrap_or_else(|| OrderDoc::empty(&[9; 24]));
        doc.set_actor(&[9; 24]);
        let change = apply(&mut doc, &deed(ActionId(fresh_id()), id, action), id).unwrap().unwrap();
        self.docs.insert(id, doc);
        self.logged(id, change);
    }

    pub(crate) fn enter(&mut self, scope: &str, id: WorkOrderId) {
        self.last += 1;
        self.members.insert((scope.to_owned(), id), (self.last, None));
    }

    pub(crate) fn leave(&mut self, scope: &str, id: WorkOrderId) {
        self.last += 1;
        self.members.get_mut(&(scope.to_owned(), id)).unwrap().1 = Some(self.last);
    }

    /// Somebody else's phone gives back what this one lost of a work order and `other` has.
    pub(crate) fn gets_back_from(&mut self, other: &mut City, id: WorkOrderId) {
        let have = self.doc(id).heads();
        let known: Vec<_> = have.into_iter().filter(|head| other.doc(id).has(head)).collect();
        for change in other.doc(id).changes_since(&known) {
            self.doc(id).apply([change.clone()]).unwrap();
            self.logged(id, change);
        }
    }

    /// A change is on the server and the phone is never told.
    pub(crate) fn forget_in_log(&mut self, id: WorkOrderId) {
        let at = self.log.iter().rposition(|(_, order, _)| *order == id).unwrap();
        self.log.remove(at);
    }

    fn logged(&mut self, id: WorkOrderId, change: Change) {
        self.last += 1;
        self.log.push((self.last, id, change));
    }

    fn cursor(&self, positions: BTreeMap<String, u64>) -> Cursor {
        Cursor { epoch: self.epoch.to_string(), seq: self.last, log: vec![1], positions, mac: vec![2] }
    }

    fn of_scope<'a>(&'a self, scope: &'a str) -> impl Iterator<Item = (WorkOrderId, u64, Option<u64>)> + 'a {
        let of_it = self.members.iter().filter(move |((of, _), _)| of == scope);
        of_it.map(|((_, id), (entered, left))| (*id, *entered, *left))
    }

    fn digests(&self, scope: &str) -> Vec<(WorkOrderId, [u8; 16])> {
        let inside = self.of_scope(scope).filter(|(.., left)| left.is_none());
        inside.map(|(id, ..)| (id, digest::document(id, &self.docs[&id].clone().heads()))).collect()
    }

    pub(crate) fn answer(&mut self, asked: &SyncRequest) -> SyncResponse {
        self.requests.push(asked.clone());
        let mut hashes: Vec<ChangeHash> = Vec::new();
        let mut sent: BTreeSet<ChangeHash> = BTreeSet::new();
        let mut created = BTreeSet::new();
        let actions: Vec<ActionId> = asked.changes.iter().flat_map(|o| &o.changes).map(|c| action(&parse(c))).collect();
        let mut verdicts = Vec::new();
        for order in &asked.changes {
            for bytes in &order.changes {
                let change = parse(bytes);
                // An action of several parts is judged as one.
                if self.refuses.contains(&action(&change)) {
                    verdicts.push(refused());
                    continue;
                }
                let verdict = self.accept(order.work_order, &change, &mut created);
                if verdict == Verdict::Accepted {
                    hashes.push(change.hash());
                    sent.insert(change.hash());
                }
                verdicts.push(verdict);
            }
        }
        assert_eq!(actions.len(), verdicts.len());
        let taken_back = asked.given_back.iter().map(|given| self.take_back(given, &asked.receipts)).collect();
        let mut response = SyncResponse {
            protocol: PROTOCOL,
            server_time: 1,
            city_version: String::new(),
            verdicts,
            taken_back,
            scopes: self.follows.clone(),
            entered: Vec::new(),
            changes: Vec::new(),
            left: Vec::new(),
            cursor: None,
            more: false,
            remaining: 0,
            digests: Vec::new(),
            differing: Vec::new(),
            compared: Vec::new(),
            receipt: None,
            backed_up_through: Some(77),
        };
        let fits = asked.cursor.as_ref().is_none_or(|cursor| cursor.epoch == self.epoch.to_string());
        if let Some(buckets) = &asked.buckets {
            response.differing = self.differing(buckets);
            response.cursor = Some(self.cursor(self.follows.iter().map(|scope| (scope.clone(), self.last)).collect()));
        } else if fits {
            self.fill_page(asked, &sent, &created, &mut response, &mut hashes);
        }
        for held in &asked.compare {
            let ours = self.docs.get_mut(&held.work_order);
            let Some(ours) = ours else {
                response.compared.push(Compared {
                    work_order: held.work_order,
                    heads: vec![],
                    lacks: true,
                    changes: vec![],
                });
                continue;
            };
            let theirs = receipt::from_bytes(&held.heads).unwrap();
            let lacks = theirs.iter().any(|head| !ours.has(head));
            let known: Vec<_> = theirs.into_iter().filter(|head| ours.has(head)).collect();
            let changes = ours.changes_since(&known);
            hashes.extend(changes.iter().map(Change::hash));
            response.compared.push(Compared {
                work_order: held.work_order,
                heads: receipt::to_bytes(&ours.heads()),
                lacks,
                changes: changes.iter().map(to_bytes).collect(),
            });
        }
        if !hashes.is_empty() {
            response.receipt = Some(Receipt { time: 1, mac: receipt::digest(&hashes).to_vec() });
        }
        response
    }

    fn accept(&mut self, id: WorkOrderId, change: &Change, created: &mut BTreeSet<WorkOrderId>) -> Verdict {
        let new = !self.docs.contains_key(&id);
        let mut doc = self.docs.remove(&id).unwrap_or_else(|| OrderDoc::empty(&[0]));
        let known = doc.has(&change.hash());
        let last = doc.last_seq(change.actor_id());
        let verdict = match doc.apply([change.clone()]) {
            Ok(()) => Verdict::Accepted,
            Err(_) => Verdict::NotNow { message: "It builds on another.".to_owned() },
        };
        if !doc.is_empty() {
            self.docs.insert(id, doc);
        }
        if verdict == Verdict::Accepted && !known {
            // A duplicate (actor, sequence number) would never merge.
            assert_eq!(last + 1, change.seq(), "an honest phone counts");
            self.logged(id, change.clone());
            if new {
                created.insert(id);
            }
            if self.members.get(&(DEVICE.to_owned(), id)).is_none_or(|(_, left)| left.is_some()) {
                self.enter(DEVICE, id);
            }
        }
        verdict
    }

    fn take_back(&mut self, given: &OrderChanges, receipts: &[KeptReceipt]) -> Verdict {
        if self.takes_nothing_back {
            return refused();
        }
        let changes: Vec<Change> = given.changes.iter().map(|bytes| parse(bytes)).collect();
        let mut doc = self.docs.remove(&given.work_order).unwrap_or_else(|| OrderDoc::empty(&[0]));
        doc.apply(changes.clone()).unwrap();
        let covered = receipts.iter().any(|kept| {
            let hashes = receipt::from_bytes(&kept.hashes).unwrap();
            kept.receipt.mac == receipt::digest(&hashes) && doc.heads().iter().all(|head| hashes.contains(head))
        });
        if covered {
            self.vouched_for.insert(given.work_order);
        }
        self.docs.insert(given.work_order, doc);
        for change in changes {
            self.logged(given.work_order, change);
        }
        self.enter(CREW, given.work_order);
        Verdict::Accepted
    }

    fn differing(&self, buckets: &[coldpatch_shared::sync::wire::ScopeBuckets]) -> Vec<Differing> {
        let mut differing = Vec::new();
        for (n, scope) in self.follows.iter().enumerate() {
            let ours = self.digests(scope);
            let sent = buckets.iter().find(|sent| sent.scope == *scope);
            let sums = sent.map(|sent| digest::sent_buckets(&sent.sums).unwrap());
            let of = sums.as_ref().map_or(1, Vec::len);
            let own = digest::sent_buckets(&digest::buckets(ours.clone(), of)).unwrap();
            for bucket in (0..of).filter(|at| sums.as_ref().is_none_or(|sums| sums[*at] != own[*at])) {
                let listed = ours.iter().filter(|(id, _)| digest::bucket_of(*id, of) == bucket);
                differing.push(Differing {
                    scope: n as u32,
                    of: of as u32,
                    bucket: bucket as u32,
                    documents: listed
                        .map(|(id, digest)| Digested { work_order: *id, digest: digest.to_vec() })
                        .collect(),
                });
            }
        }
        differing
    }

    /// As protocol 2 says: for each scope in turn what entered, what changed, what left, until the page is full.
    fn fill_page(
        &self,
        asked: &SyncRequest,
        sent: &BTreeSet<ChangeHash>,
        created: &BTreeSet<WorkOrderId>,
        response: &mut SyncResponse,
        hashes: &mut Vec<ChangeHash>,
    ) {
        let mut positions = asked.cursor.as_ref().map(|cursor| cursor.positions.clone()).unwrap_or_default();
        positions.retain(|scope, _| self.follows.contains(scope));
        let mut room = self.page;
        let mut seen = BTreeSet::new();
        'scopes: for (n, scope) in self.follows.iter().enumerate() {
            let from = positions.get(scope).copied().unwrap_or(0);
            let mut news: Vec<(u64, WorkOrderId, Option<&Change>, bool)> = Vec::new();
            for (id, entered, left) in self.of_scope(scope) {
                if let Some(left) = left.filter(|left| *left > from) {
                    news.push((left, id, None, true));
                } else if entered > from && left.is_none() {
                    news.push((entered, id, None, false));
                }
                let here = entered <= from && left.is_none();
                let log = self.log.iter().filter(|(at, order, _)| here && *order == id && *at > from);
                news.extend(log.map(|(at, id, change)| (*at, *id, Some(change), false)));
            }
            news.sort_by_key(|(at, ..)| *at);
            for (at, id, change, left) in news {
                if room == 0 {
                    response.more = true;
                    break 'scopes;
                }
                room -= 1;
                positions.insert(scope.clone(), at);
                match change {
                    None if left => response.left.push(Left { work_order: id, scopes: 1 << n }),
                    None => {
                        let known = self.follows.iter().filter(|other| *other != scope).any(|other| {
                            let held = self.members.get(&(other.clone(), id));
                            let upto = positions.get(other).copied().unwrap_or(0);
                            held.is_some_and(|(entered, left)| *entered <= upto && left.is_none())
                        });
                        let document = (!known && !created.contains(&id)).then(|| {
                            let mut doc = self.docs[&id].clone();
                            hashes.extend(doc.heads());
                            doc.save_plain().into()
                        });
                        response.entered.push(Entered { work_order: id, scopes: 1 << n, document });
                    }
                    Some(change) if !sent.contains(&change.hash()) && seen.insert(change.hash()) => {
                        hashes.push(change.hash());
                        response.changes.push(OrderChanges { work_order: id, changes: vec![to_bytes(change)] });
                    }
                    Some(_) => {}
                }
            }
            positions.insert(scope.clone(), self.last);
        }
        response.cursor = Some(self.cursor(positions));
        if !response.more {
            let sums = self.follows.iter().map(|scope| {
                let mut sum = digest::Sum::default();
                self.digests(scope).into_iter().for_each(|(_, digest)| sum.add(digest));
                sum.to_bytes().to_vec().into()
            });
            response.digests = sums.collect();
        }
    }
}

fn parse(bytes: &[u8]) -> Change {
    Change::from_bytes(bytes.to_vec()).unwrap()
}

fn to_bytes(change: &Change) -> ChangeBytes {
    ChangeBytes::from(change.raw_bytes().to_vec())
}

fn action(change: &Change) -> ActionId {
    change.message().unwrap().parse().unwrap()
}

fn refused() -> Verdict {
    let code = coldpatch_shared::sync::wire::RefusalCode::NotAllowed;
    Verdict::Refused { code, message: "The city said no.".to_owned() }
}

pub(crate) fn note(text: &str) -> Action {
    Action::AddNote { note: Note { text: text.to_owned() } }
}

pub(crate) fn deed(id: ActionId, work_order: WorkOrderId, action: Action) -> Deed {
    let stamp =
        Stamp { by: "ana".into(), role: Role::Supervisor, crew: None, at: 1, offset_ms: None, offset_age_s: None };
    Deed { id, work_order, stamp, action }
}

/// A phone's database in a folder that goes away.
pub(crate) struct Phone {
    dir: TempDir,
    device: DeviceId,
    incarnation: u64,
    pub(crate) store: Store,
    pub(crate) now: i64,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let (dir, device) = (tempfile::tempdir().unwrap(), DeviceId(fresh_id()));
        let store = open(dir.path().join("db"), device, 0).unwrap();
        Self { dir, device, incarnation: 0, store, now: 1_000_000 }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("db")
    }

    /// The phone dies and is switched on again.
    pub(crate) fn restart(&mut self) {
        self.incarnation += 1;
        self.store = open(self.path(), self.device, self.incarnation).unwrap();
    }

    fn fresh(&mut self) -> [u8; 8] {
        self.incarnation += 1;
        self.incarnation.to_le_bytes()
    }

    pub(crate) fn act(&mut self, id: WorkOrderId, action: Action) -> ActionId {
        let action_id = ActionId(fresh_id());
        assert!(self.store.perform(&deed(action_id, id, action), |_| Ok(())).unwrap());
        action_id
    }

    /// Files a pothole. → its work order.
    pub(crate) fn file(&mut self) -> WorkOrderId {
        let id = WorkOrderId(fresh_id());
        self.act(id, crate::support::file("pothole", crate::support::place(47.6, -122.3)));
        id
    }

    /// One round; `heard` says whether the answer arrives.
    pub(crate) fn round(&mut self, city: &mut City, heard: bool) -> Option<Taken> {
        let round = self.store.begin_round(self.now, BUDGETS).unwrap();
        let response = city.answer(round.request());
        heard.then(|| self.take(round, response).unwrap())
    }

    pub(crate) fn take(
        &mut self,
        round: coldpatch_mobile::engine::store::Round,
        response: SyncResponse,
    ) -> Result<Taken, StoreError> {
        let incarnation = self.fresh();
        self.store.take(round, response, Clock { offset_ms: 0, measured_at: self.now }, incarnation)
    }

    /// Rounds until the phone has nothing more to ask. → how many.
    pub(crate) fn sync(&mut self, city: &mut City) -> usize {
        for n in 1..200 {
            if !self.round(city, true).unwrap().go_on {
                return n;
            }
        }
        panic!("it never ends");
    }

    pub(crate) fn order(&mut self, id: WorkOrderId) -> WorkOrder {
        WorkOrder::derive(id, &self.store.document(id).unwrap().unwrap().facts()).unwrap()
    }

    pub(crate) fn notes(&mut self, id: WorkOrderId) -> Vec<String> {
        let mut notes: Vec<String> = self.order(id).notes.into_iter().map(|note| note.body.text).collect();
        notes.sort();
        notes
    }

    /// Whether the phone holds exactly what the city has in the phone's scopes, and nothing waits.
    pub(crate) fn agrees_with(&mut self, city: &mut City) {
        let inside: BTreeSet<WorkOrderId> =
            city.follows.clone().iter().flat_map(|scope| city.digests(scope)).map(|(id, _)| id).collect();
        assert_eq!(self.store.work_orders().unwrap(), inside.iter().copied().collect::<Vec<_>>());
        for id in inside {
            assert_eq!(self.store.accepted(id).unwrap().unwrap().heads(), city.doc(id).heads());
        }
        assert_eq!(self.store.waiting().unwrap(), []);
        assert_eq!(self.store.receipts_and_repairs().unwrap().1, 0);
    }
}

pub(crate) const BUDGETS: Budgets = Budgets { send: 4096, receive: 4096 };

fn open(path: PathBuf, device: DeviceId, incarnation: u64) -> Result<Store, StoreError> {
    let db = rusqlite::Connection::open(path)?;
    Store::open(db, "PRAGMA journal_mode = wal; PRAGMA synchronous = off;", device, incarnation.to_be_bytes())
}

/// A work order that somebody else filed.
pub(crate) fn filed(city: &mut City) -> WorkOrderId {
    let id = WorkOrderId(fresh_id());
    city.does(id, crate::support::file("pothole", crate::support::place(47.6, -122.3)));
    id
}
