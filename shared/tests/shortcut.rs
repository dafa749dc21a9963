//! The server judges one change after the other with what it knows of the document in between. That is a shortcut: it must
//! come to the same verdicts as reading the whole document at every change does. So must judging ahead of the document, which
//! takes in all at once in the end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod support;

use automerge::ChangeHash;
use coldpatch_shared::api::Session;
use coldpatch_shared::order::OrderDoc;
use coldpatch_shared::sync::judge::{self, Judged, Known};
use coldpatch_shared::sync::wire::{SentChange, Verdict};
use proptest::prelude::*;
use support::stories::{play, steps};
use support::{ORDER, Phone, file};

/// A phone's own changes to a work order, each after those that it builds on.
fn own_changes(phone: &mut Phone) -> Vec<SentChange> {
    let device = phone.session.device;
    let changes = phone.doc.changes_since(&[]).into_iter();
    let own = changes.filter(|change| change.actor_id().to_bytes().starts_with(device.0.as_bytes()));
    own.map(|change| SentChange { work_order: ORDER, bytes: change.raw_bytes().to_vec() }).collect()
}

/// As a server does: what cannot be judged ahead is judged upon the document, when that has caught up.
#[derive(Default)]
struct Behind {
    doc: Option<OrderDoc>,
    known: Option<Known>,
    ahead: usize,
}

impl Behind {
    fn receives(&mut self, sent: &SentChange, who: &Session) -> Result<(ChangeHash, bool), Verdict> {
        if let Some(doc) = &mut self.doc
            && let Some(judged) = judge::change_ahead(doc, &mut self.known, sent, who)
        {
            let judged = judged?;
            self.ahead += usize::from(!judged.repeated);
            return Ok((judged.hash, judged.repeated));
        }
        self.catches_up();
        let judged = judge::change_beside(self.doc.as_ref(), &mut self.known, sent, who)?;
        self.doc = Some(judged.doc);
        Ok((judged.hash, judged.repeated))
    }

    fn catches_up(&mut self) {
        if let (Some(doc), Some(known)) = (&mut self.doc, &mut self.known) {
            known.catch_up(doc).unwrap();
            assert!(known.fits(doc));
        }
    }
}

/// A document that is judged in each of these ways.
#[derive(Default)]
struct Server {
    doc: Option<OrderDoc>,
    known: Option<Known>,
    /// A document that is behind what was judged upon it.
    behind: Behind,
    accepted: usize,
    refused: usize,
}

impl Server {
    fn receives(&mut self, sent: &SentChange, who: &Session) -> Result<(), TestCaseError> {
        type Told = Result<(Vec<ChangeHash>, bool, bool), Verdict>;
        let told = |judged: &Result<Judged, Verdict>| -> Told {
            let judged = judged.as_ref().map_err(Clone::clone)?;
            Ok((judged.doc.clone().heads(), judged.repeated, judged.creates))
        };
        let whole = judge::change(self.doc.as_ref(), sent, who);
        let short = judge::change_beside(self.doc.as_ref(), &mut self.known, sent, who);
        prop_assert_eq!(told(&short), told(&whole));
        let ahead = self.behind.receives(sent, who);
        prop_assert_eq!(ahead, whole.as_ref().map(|judged| (judged.hash, judged.repeated)).map_err(Clone::clone));
        match short {
            Ok(mut judged) => {
                // A repeat may come before anything was read.
                if let Some(known) = &self.known {
                    prop_assert!(known.fits(&mut judged.doc));
                    prop_assert_eq!(known.facts(), &judged.doc.facts());
                }
                self.accepted += 1;
                self.doc = Some(judged.doc);
            }
            Err(_) => self.refused += 1,
        }
        Ok(())
    }

    /// What is in the end: known rightly, or not at all.
    fn settles(&mut self) -> Result<(), TestCaseError> {
        let doc = self.doc.as_mut().unwrap();
        let saved = judge::survives_saving_as(doc, self.known.as_ref()).unwrap();
        prop_assert!(saved.as_known);
        self.behind.catches_up();
        let doc = self.behind.doc.as_mut().unwrap();
        let ahead = judge::survives_saving_as(doc, self.behind.known.as_ref()).unwrap();
        prop_assert!(ahead.as_known);
        prop_assert_eq!(ahead.order, saved.order);
        Ok(())
    }
}

/// What phones send, in one of many orders: batches of each phone's changes, which are dealt out by `deal`; with `disorder`
/// some are held back until the end, so that others come before what they build on.
fn batches(phones: &mut [Phone], deal: &[(usize, usize, bool)]) -> Vec<(usize, Vec<SentChange>)> {
    let mut waiting: Vec<Vec<SentChange>> = phones.iter_mut().map(own_changes).collect();
    let mut batches = Vec::new();
    for (who, count, from_the_end) in deal {
        let who = who % phones.len();
        let left = &mut waiting[who];
        let count = (*count).min(left.len());
        let at = if *from_the_end { left.len() - count } else { 0 };
        batches.push((who, left.drain(at..at + count).collect()));
    }
    // What is left, and everything once more: what waited for others gets in.
    batches.extend(waiting.into_iter().enumerate());
    for (who, phone) in phones.iter_mut().enumerate() {
        batches.push((who, own_changes(phone)));
    }
    batches
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_what_is_known_every_change_gets_the_verdict_that_the_whole_document_gives_it(
        steps in steps(),
        deal in prop::collection::vec((0_usize..4, 1_usize..4, any::<bool>()), 0..12),
        forgets in any::<u8>(),
        liar in 0_usize..40,
    ) {
        let (mut phones, _) = play(&steps);
        let mut server = Server::default();
        let sessions: Vec<Session> = phones.iter().map(|phone| phone.session.clone()).collect();
        for (n, (who, batch)) in batches(&mut phones, &deal).into_iter().enumerate() {
            for (at, sent) in batch.iter().enumerate() {
                let mut session = sessions[who].clone();
                if n + at == liar {
                    // Another person on this device: signed with the wrong name, and perhaps in a role that may not.
                    (session.user, session.role) = (sessions[(who + 1) % 4].user.clone(), sessions[(who + 1) % 4].role);
                }
                server.receives(sent, &session)?;
            }
            // As at the end of a request: the next one reads the document anew.
            if n % 8 < 3 && forgets >> (n % 8) & 1 == 1 {
                server.known = None;
                server.behind.catches_up();
                server.behind.known = None;
            }
        }
        prop_assert!(server.accepted > 0);
        server.settles()?;
    }

    #[test]
    fn damaged_changes_get_the_same_verdicts(steps in steps(), at in any::<prop::sample::Index>(), byte in 1_u8..) {
        let (mut phones, _) = play(&steps);
        let mut server = Server::default();
        for who in [3, 0, 1, 2] {
            let session = phones[who].session.clone();
            for sent in own_changes(&mut phones[who]) {
                let mut damaged = sent.clone();
                let at = at.index(damaged.bytes.len());
                damaged.bytes[at] ^= byte;
                let before = server.doc.clone();
                server.receives(&damaged, &session)?;
                // One that gets in all the same would be in the way of the right one.
                if server.doc.is_some() {
                    server.behind = Behind { doc: before.clone(), ..Behind::default() };
                    server.doc = before;
                    server.known = None;
                }
                server.receives(&sent, &session)?;
            }
        }
        prop_assert!(server.doc.is_some());
    }
}

#[test]
fn many_changes_on_top_of_one_another_and_beside_others_are_judged_as_one_by_one() {
    let mut desk = Phone::supervisor(1);
    let created = desk.does(file());
    let mut server = Server::default();
    server.receives(&created, &desk.session.clone()).unwrap();
    let mut crew = Phone::crew(2, "crew-1");
    crew.hears(&mut desk);
    let sent = [support::assign("crew-1"), support::priority(coldpatch_shared::city::Priority::Urgent)];
    for sent in sent.map(|action| desk.does(action)) {
        server.receives(&sent, &desk.session.clone()).unwrap();
    }
    // The crew saw nothing of that.
    use coldpatch_shared::action::Action;
    for action in [Action::Start, Action::Pause, Action::Start, support::complete()] {
        let sent = crew.does(action);
        server.receives(&sent, &crew.session.clone()).unwrap();
    }
    assert_eq!((server.accepted, server.refused), (7, 0));
    assert_eq!(server.behind.ahead, 6, "all but the one that it begins with");
    server.settles().unwrap();
}
