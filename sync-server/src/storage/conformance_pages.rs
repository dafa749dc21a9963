//! What every backend passes about pages, scopes and sums: readers that catch up in pages of any size, while others write,
//! hold in the end exactly what the scopes hold.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use super::conformance::{Pen, request};
use super::*;
use automerge::Change;
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{FieldValue, OrderDoc};
use coldpatch_shared::sync::digest::{self, Sum};
use coldpatch_shared::sync::wire::{Differing, ScopeBuckets};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! conformance_pages {
    ($open:path) => {
        macro_rules! cases_of_pages {
            ($name:ident) => {
                #[test]
                fn $name() {
                    let (store, _kept) = $open();
                    $crate::storage::conformance_pages::$name(&store);
                }
            };
        }
        cases_of_pages!(a_document_comes_whole_when_it_enters_and_then_by_changes);
        cases_of_pages!(who_has_it_for_another_scope_is_told_only_that_it_entered);
        cases_of_pages!(a_document_leaves_comes_back_and_leaves_by_time);
        cases_of_pages!(who_never_had_it_is_not_told_that_it_left);
        cases_of_pages!(what_the_asker_has_just_sent_or_created_is_not_sent_back);
        cases_of_pages!(a_first_sync_in_many_pages_sends_each_document_once_although_others_write);
        cases_of_pages!(a_page_that_needs_compacted_changes_sends_the_document);
        cases_of_pages!(many_changes_that_are_larger_than_the_document_come_as_the_document);
        cases_of_pages!(a_device_stays_in_touch_from_its_last_change_on);
        cases_of_pages!(other_files_of_the_city_move_work_orders_without_touching_them);
        cases_of_pages!(what_other_files_moved_at_once_comes_in_pages);
        cases_of_pages!(only_buckets_that_differ_are_listed);
        cases_of_pages!(whatever_happens_readers_hold_what_their_scopes_hold);
    };
}
pub(super) use conformance_pages;

/// A phone: documents, and why it has them.
#[derive(Default)]
struct Reader {
    scopes: Vec<String>,
    positions: Positions,
    docs: BTreeMap<WorkOrderId, OrderDoc>,
    members: BTreeMap<String, BTreeSet<WorkOrderId>>,
    whole: usize,
    changes: usize,
    left: usize,
}

impl Reader {
    fn new(scopes: &[&str]) -> Self {
        let mut scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        scopes.sort();
        Self { scopes, ..Self::default() }
    }

    fn ask(&self, store: &dyn Storage, budget: usize) -> Page {
        let (created, sent) = (BTreeSet::new(), BTreeSet::new());
        let ask = PageAsk { scopes: &self.scopes, positions: &self.positions, budget, created: &created, sent: &sent };
        store.page(&ask).unwrap()
    }

    fn named(&self, mask: u32) -> Vec<String> {
        let scopes = self.scopes.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        scopes.map(|(_, scope)| scope.clone()).collect()
    }

    fn take(&mut self, page: Page) -> bool {
        for entered in &page.entered {
            if let Some(document) = &entered.document {
                self.whole += 1;
                let mut theirs = OrderDoc::load(document).unwrap();
                let mine = self.docs.entry(entered.work_order).or_insert_with(|| OrderDoc::empty(&[1]));
                mine.apply(theirs.changes_since(&[])).unwrap();
            }
            assert!(self.docs.contains_key(&entered.work_order), "who entered is here, or came whole");
            for scope in self.named(entered.scopes) {
                self.members.entry(scope).or_default().insert(entered.work_order);
            }
        }
        for order in &page.changes {
            for bytes in &order.changes {
                self.changes += 1;
                let doc = self.docs.get_mut(&order.work_order).unwrap();
                doc.apply([Change::from_bytes(bytes.to_vec()).unwrap()]).unwrap();
            }
        }
        for left in &page.left {
            self.left += 1;
            for scope in self.named(left.scopes) {
                self.members.entry(scope).or_default().remove(&left.work_order);
            }
        }
        self.members.retain(|scope, _| self.scopes.contains(scope));
        self.positions = page.positions;
        if page.more {
            return true;
        }
        let kept: BTreeSet<WorkOrderId> = self.members.values().flatten().copied().collect();
        self.docs.retain(|id, _| kept.contains(id));
        for (scope, digest) in self.scopes.clone().iter().zip(&page.digests) {
            assert_eq!(self.sum(scope).to_bytes(), *digest, "{scope}");
        }
        false
    }

    fn catch_up(&mut self, store: &dyn Storage, budget: usize) -> usize {
        let mut pages = 1;
        while self.take(self.ask(store, budget)) {
            pages += 1;
            assert!(pages < 1_000, "each page gets on");
        }
        pages
    }

    fn digests(&mut self, scope: &str) -> Vec<(WorkOrderId, [u8; 16])> {
        let members = self.members.get(scope).cloned().unwrap_or_default();
        members.into_iter().map(|id| (id, digest::document(id, &self.docs.get_mut(&id).unwrap().heads()))).collect()
    }

    fn sum(&mut self, scope: &str) -> Sum {
        let mut sum = Sum::default();
        self.digests(scope).into_iter().for_each(|(_, digest)| sum.add(digest));
        sum
    }

    /// What came since this was last asked: whole documents, changes, and that something left.
    fn came(&mut self) -> (usize, usize, usize) {
        (std::mem::take(&mut self.whole), std::mem::take(&mut self.changes), std::mem::take(&mut self.left))
    }
}

const MUCH: usize = 1 << 20;

/// A phone that follows these scopes gets so many documents, and then holds what they hold.
pub(crate) fn catches_up(store: &dyn Storage, scopes: &[&str], documents: usize) {
    let mut phone = Reader::new(scopes);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (documents, 0, 0));
}

pub(crate) fn a_document_comes_whole_when_it_enters_and_then_by_changes(store: &dyn Storage) {
    let mut phone = Reader::new(&["crew:1", "device:x"]);
    let mut a = Pen::stored(store, 1, &[]);
    a.touch(store, &[]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 0, 0));
    a.touch(store, &["crew:1"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 0));
    a.touch(store, &["crew:1"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 1, 0));
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 0, 0));
}

pub(crate) fn who_has_it_for_another_scope_is_told_only_that_it_entered(store: &dyn Storage) {
    let mut phone = Reader::new(&["crew:1", "crew:2"]);
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 0));
    a.touch(store, &["crew:1", "crew:2"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 1, 0), "it entered the second, and its change came for the first");
    assert_eq!(phone.members["crew:2"].len(), 1);
    // From one to the other at once: what it lacks are changes, too.
    let mut other = Reader::new(&["crew:1", "crew:2"]);
    let mut b = Pen::stored(store, 2, &["crew:1"]);
    other.catch_up(store, MUCH);
    other.came();
    b.touch(store, &["crew:2"]);
    other.catch_up(store, MUCH);
    assert_eq!(other.came(), (0, 1, 1));
}

pub(crate) fn a_document_leaves_comes_back_and_leaves_by_time(store: &dyn Storage) {
    let mut phone = Reader::new(&["crew:1"]);
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    phone.catch_up(store, MUCH);
    phone.came();
    a.touch(store, &["crew:2"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 0, 1));
    a.touch(store, &["crew:1"]);
    a.touch(store, &[]);
    a.touch(store, &["crew:1"]);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 0));
    let change = a.change(Action::Decide { value: FieldValue::Address("Alder St".to_owned()) });
    let mut write = a.write(&["crew:1"], vec![change]);
    write.scopes.exactly.insert("crew:1".to_owned(), Some(500));
    a.seen = store.commit(&Batch { orders: vec![write], ..Batch::default() }).unwrap().sequence;
    assert!(store.sweep(499).unwrap().is_none());
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 1, 0));
    let swept = store.sweep(500).unwrap().unwrap();
    assert_eq!((swept.sequence, swept.scopes), (a.seen + 1, HashSet::from(["crew:1".to_owned()])));
    assert!(store.sweep(500).unwrap().is_none());
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (0, 0, 1));
    assert!(store.in_scopes(a.id, &[ALL.to_owned()]).unwrap());
    assert!(!store.in_scopes(a.id, &["crew:1".to_owned()]).unwrap());
}

pub(crate) fn who_never_had_it_is_not_told_that_it_left(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    let mut early = Reader::new(&["crew:1"]);
    Pen::stored(store, 2, &["crew:1"]);
    early.take(early.ask(store, 1));
    a.touch(store, &[]);
    let mut late = Reader::new(&["crew:1"]);
    late.catch_up(store, MUCH);
    assert_eq!(late.came(), (1, 0, 0));
    // The first page of its first sync had brought it.
    early.catch_up(store, MUCH);
    assert_eq!(early.came(), (2, 0, 1));
}

pub(crate) fn what_the_asker_has_just_sent_or_created_is_not_sent_back(store: &dyn Storage) {
    let mut pen = Pen::new(1);
    let filed = pen.file(request(1));
    let added = pen.change(Action::Decide { value: FieldValue::Address("Alder St".to_owned()) });
    pen.commit(store, &["device:x"], vec![filed.clone(), added.clone()]);
    let (created, sent) = (BTreeSet::from([pen.id]), BTreeSet::from([filed.hash]));
    let (scopes, positions) = (["device:x".to_owned()], Positions::new());
    let ask = PageAsk { scopes: &scopes, positions: &positions, budget: MUCH, created: &created, sent: &sent };
    let page = store.page(&ask).unwrap();
    assert_eq!((page.entered.len(), page.entered[0].document.is_none()), (1, true));
    assert_eq!(page.changes[0].changes.iter().map(|c| c.to_vec()).collect::<Vec<_>>(), [added.bytes]);
    assert_eq!(page.hashes, [added.hash]);
}

pub(crate) fn a_first_sync_in_many_pages_sends_each_document_once_although_others_write(store: &dyn Storage) {
    let mut pens: Vec<Pen> = (1..=20).map(|n| Pen::stored(store, n, &["crew:1"])).collect();
    for pen in &mut pens {
        pen.touch(store, &["crew:1"]);
    }
    let mut phone = Reader::new(&[ALL, "crew:1"]);
    let pages = phone.catch_up(store, 5_000);
    assert!(pages > 5, "{pages}");
    assert_eq!(phone.came(), (20, 0, 0), "no change of what had come whole");
    // One that is larger than the budget comes alone, and comes.
    let mut poor = Reader::new(&[ALL]);
    let page = poor.ask(store, 1);
    assert_eq!((page.entered.len(), page.more, page.remaining), (1, true, 19));
    poor.take(page);
    pens[0].touch(store, &["crew:1"]);
    poor.catch_up(store, 1);
    let (whole, changes, _) = poor.came();
    assert_eq!(whole + changes, 21, "what changed after it had come is all that came twice");
}

pub(crate) fn a_page_that_needs_compacted_changes_sends_the_document(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    let mut phone = Reader::new(&["crew:1"]);
    phone.catch_up(store, MUCH);
    phone.came();
    a.touch(store, &["crew:1"]);
    a.touch(store, &["crew:1"]);
    let old = store.uncompacted(1, 100).unwrap();
    assert_eq!(old.iter().map(|change| change.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    store.compact(&[1, 2]).unwrap();
    assert_eq!(store.uncompacted(1, 100).unwrap().len(), 1);
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 0));
    assert_eq!(store.document(a.id).unwrap().unwrap().bytes, a.doc.save_plain());
}

pub(crate) fn many_changes_that_are_larger_than_the_document_come_as_the_document(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["crew:1"]);
    let mut phone = Reader::new(&["crew:1"]);
    phone.catch_up(store, MUCH);
    phone.came();
    for _ in 0..60 {
        a.touch(store, &["crew:1"]);
    }
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 0));
}

pub(crate) fn a_device_stays_in_touch_from_its_last_change_on(store: &dyn Storage) {
    let mut a = Pen::stored(store, 1, &["device:x"]);
    let first = a.at;
    a.at += 10;
    a.touch(store, &["device:x"]);
    a.at -= 10;
    a.touch(store, &["device:x"]);
    assert!(store.sweep(first + KEPT + 9).unwrap().is_none(), "an earlier instant does not shorten it");
    assert!(store.sweep(first + KEPT + 10).unwrap().is_some());
}

pub(crate) fn other_files_of_the_city_move_work_orders_without_touching_them(store: &dyn Storage) {
    let (a, b) = (Pen::stored(store, 1, &["district:n"]), Pen::stored(store, 2, &["district:s", "device:x"]));
    let mut phone = Reader::new(&["district:s", "device:x"]);
    phone.catch_up(store, MUCH);
    phone.came();
    assert_eq!(store.scoped_for().unwrap(), None);
    let orders = store.orders_after(None, 1).unwrap();
    assert_eq!(orders.iter().map(|(seen, _, order)| (*seen, order.id)).collect::<Vec<_>>(), [(1, a.id)]);
    assert_eq!(store.orders_after(Some(a.id), 9).unwrap().len(), 1);
    let to = |scope: &str| Scopes { exactly: BTreeMap::from([(scope.to_owned(), None)]), ..Scopes::default() };
    let rescoped = vec![
        Rescope { work_order: a.id, seen: 1, scopes: to("district:s") },
        Rescope { work_order: b.id, seen: 2, scopes: to("district:n") },
    ];
    let stale = Rescope { seen: 1, ..rescoped[1].clone() };
    let batch = |rescoped| Batch { rescoped, ..Batch::default() };
    assert!(matches!(store.commit(&batch(vec![stale])), Err(StorageError::Conflict)));
    assert_eq!(store.commit(&batch(rescoped)).unwrap().sequence, 4);
    store.set_scoped_for("v").unwrap();
    assert_eq!(store.scoped_for().unwrap().as_deref(), Some("v"));
    phone.catch_up(store, MUCH);
    assert_eq!(phone.came(), (1, 0, 1));
    assert_eq!(phone.members["device:x"], BTreeSet::from([b.id]), "a device's scope does not come from the files");
}

pub(crate) fn what_other_files_moved_at_once_comes_in_pages(store: &dyn Storage) {
    let pens: Vec<Pen> = (1..=20).map(|n| Pen::stored(store, n, &[])).collect();
    let exactly = BTreeMap::from([("district:n".to_owned(), None)]);
    let moved = |pen: &Pen| Rescope {
        work_order: pen.id,
        seen: pen.seen,
        scopes: Scopes { exactly: exactly.clone(), ..Scopes::default() },
    };
    let rescoped = pens.iter().map(moved).collect();
    store.commit(&Batch { rescoped, ..Batch::default() }).unwrap();
    let mut phone = Reader::new(&["district:n"]);
    assert!(phone.ask(store, 1).more, "a page may end between two of them");
    assert_eq!(phone.catch_up(store, 1), 20);
    assert_eq!(phone.came().0, 20);
}

pub(crate) fn only_buckets_that_differ_are_listed(store: &dyn Storage) {
    let mut pens: Vec<Pen> = (1..=40).map(|n| Pen::stored(store, n, &["crew:1"])).collect();
    let mut phone = Reader::new(&["crew:1"]);
    phone.catch_up(store, MUCH);
    pens[6].touch(store, &["crew:1"]);
    let digests = phone.digests("crew:1");
    let count = digest::bucket_count(digests.len());
    let sums = digest::buckets(digests, count);
    let buckets = [ScopeBuckets { scope: "crew:1".to_owned(), sums }];
    let scopes = [ALL.to_owned(), "crew:1".to_owned()];
    let ask = |most| store.reconcile(&ReconcileAsk { scopes: &scopes, buckets: &buckets, most }).unwrap().differing;
    let differing = ask(1_000);
    let shape = |d: &Differing| (d.scope, d.of, d.documents.len());
    assert_eq!(shape(&differing[0]), (0, 1, 40), "of a scope that it did not name, all");
    assert_eq!(differing.len(), 2);
    let (of, bucket) = (u32::try_from(count).unwrap(), u32::try_from(digest::bucket_of(pens[6].id, count)).unwrap());
    assert_eq!((differing[1].of, differing[1].bucket), (of, bucket));
    let listed = &differing[1].documents;
    assert!(listed.len() < 20 && listed.iter().any(|listed| listed.work_order == pens[6].id));
    let cut = |most| store.reconcile(&ReconcileAsk { scopes: &scopes, buckets: &buckets, most }).unwrap();
    let places = |most| cut(most).cut.into_iter().collect::<Vec<_>>();
    assert_eq!(cut(39).differing.len(), 1, "a list that is too long does not keep a short one out");
    assert_eq!((places(0), places(39), places(1_000)), (vec![0, 1], vec![0], Vec::new()));
}

/// A little generator: the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        of.iter().copied().filter(|_| self.roll(3) == 0).collect()
    }
}

const PLACES: [&str; 5] = [ALL, "crew:1", "crew:2", "district:n", "department:s"];
const DEVICES: [&str; 2] = ["device:x", "device:y"];

/// One seeded life of a store. What the scopes should hold is kept beside it, in the plainest way.
pub(crate) fn whatever_happens_readers_hold_what_their_scopes_hold(store: &dyn Storage) {
    let mut dice = Dice(7);
    let mut pens: Vec<Pen> = Vec::new();
    let mut expected: BTreeMap<(String, WorkOrderId), Option<i64>> = BTreeMap::new();
    let mut readers = [Reader::new(&[ALL]), Reader::new(&["crew:1", "device:x"]), Reader::new(&PLACES[1..])];
    let mut now = 0;
    for _ in 0..500 {
        now += 10;
        match dice.roll(10) {
            0..=5 => {
                let new = pens.is_empty() || pens.len() < 30 && dice.roll(5) == 0;
                if new {
                    pens.push(Pen::new(pens.len() as u128 + 1));
                }
                let at = usize::try_from(dice.roll(pens.len() as u64)).unwrap();
                let at = if new { pens.len() - 1 } else { at };
                let pen = &mut pens[at];
                let mut changes = Vec::new();
                if new {
                    changes.push(pen.file(request(pen.count)));
                }
                for _ in 0..dice.roll(3) + u64::from(!new) {
                    let value = FieldValue::Description(format!("touched {}", pen.count));
                    changes.push(pen.change(Action::Decide { value }));
                }
                let mut write = pen.write(&[], changes);
                write.scopes = Scopes::default();
                for scope in dice.some(&PLACES) {
                    let until = (dice.roll(4) == 0).then(|| now + i64::try_from(dice.roll(900)).unwrap());
                    write.scopes.exactly.insert(scope.to_owned(), until);
                }
                for scope in dice.some(&DEVICES) {
                    write.scopes.devices.insert(scope.to_owned(), now + i64::try_from(dice.roll(2_000)).unwrap());
                }
                let id = pen.id;
                expected.retain(|(scope, of), _| *of != id || scope.starts_with(DEVICE));
                for (scope, until) in &write.scopes.exactly {
                    expected.insert((scope.clone(), id), *until);
                }
                for (scope, until) in &write.scopes.devices {
                    let known = expected.entry((scope.clone(), id)).or_insert(Some(*until));
                    *known = (*known).max(Some(*until));
                }
                let batch = Batch { orders: vec![write], received_at: now, ..Batch::default() };
                pens[at].seen = store.commit(&batch).unwrap().sequence;
            }
            6 => {
                while store.sweep(now).unwrap().is_some() {}
                expected.retain(|_, until| until.is_none_or(|until| until > now));
            }
            7 => {
                // Another set of scopes, as when the person joins another crew; only between two catch-ups.
                let reader = &mut readers[2];
                reader.catch_up(store, MUCH);
                reader.scopes = dice
                    .some(&[ALL, "crew:1", "crew:2", "district:n", "device:x", "device:y"])
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                reader.scopes.sort();
            }
            _ => {
                let reader = &mut readers[usize::try_from(dice.roll(3)).unwrap()];
                let budget = usize::try_from(dice.roll(6_000)).unwrap();
                let page = reader.ask(store, budget);
                // An answer may be lost.
                if dice.roll(4) > 0 {
                    reader.take(page);
                }
            }
        }
    }
    for reader in &mut readers {
        reader.catch_up(store, 3_000);
        for scope in &reader.scopes {
            let there = expected.keys().filter(|(of, _)| of == scope).map(|(_, id)| *id).collect::<BTreeSet<_>>();
            assert_eq!(reader.members.get(scope).cloned().unwrap_or_default(), there, "{scope}");
        }
        for (id, doc) in &mut reader.docs {
            let pen = pens.iter_mut().find(|pen| pen.id == *id).unwrap();
            assert_eq!(doc.heads(), pen.doc.heads());
        }
    }
}
