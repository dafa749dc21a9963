//! Honest changes sent dishonestly: again, out of order, to the wrong work order.

use super::crafted::{self, Lie};
use super::watch::{Trial, judge_all};
use super::world::{ORDER, OTHER, Person, base, file, genesis, honest};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Note, OrderDoc};
use coldpatch_shared::sync::judge::{Judged, judge};
use coldpatch_shared::sync::wire::{RefusalCode, SentChange, Verdict};

fn sends(doc: Option<&OrderDoc>, work_order: WorkOrderId, bytes: &[u8]) -> Result<Judged, Verdict> {
    judge(doc, &SentChange { work_order, bytes: bytes.to_vec() }, &Person::inspector().session)
}

/// A morning's changes of one phone, each built on the one before, and the work order that they make.
fn morning() -> (Vec<Vec<u8>>, OrderDoc) {
    let mut person = Person::inspector();
    let mut doc = OrderDoc::empty(&person.actor(3));
    let note = |text: &str| Action::AddNote { note: Note { text: text.to_owned() } };
    let actions = [file(), note("one"), Action::Start, note("two"), Action::Complete { note: None }];
    (actions.into_iter().map(|action| person.does(&mut doc, OTHER, action)).collect(), doc)
}

#[test]
fn a_whole_session_that_is_replayed_changes_nothing() {
    let (sent, mut phone) = morning();
    let mut server: Option<OrderDoc> = None;
    for round in 0..3 {
        for bytes in &sent {
            let judged = sends(server.as_ref(), OTHER, bytes).unwrap();
            assert_eq!(judged.repeated, round > 0);
            server = Some(judged.doc);
        }
        let server = server.as_mut().unwrap();
        assert_eq!(server.heads(), phone.heads());
        assert_eq!(server.facts(), phone.facts());
    }
}

#[test]
fn changes_in_any_order_wait_for_what_they_build_on_and_then_all_get_in() {
    let (sent, mut phone) = morning();
    for turn in 0..sent.len() {
        let mut waiting: Vec<_> = sent.iter().rev().cloned().collect();
        waiting.rotate_left(turn);
        let mut server: Option<OrderDoc> = None;
        for _ in 0..sent.len() {
            waiting.retain(|bytes| match sends(server.as_ref(), OTHER, bytes) {
                Ok(judged) => {
                    server = Some(judged.doc);
                    false
                }
                Err(Verdict::NotNow { .. }) => true,
                Err(refused) => panic!("{refused:?}"),
            });
        }
        assert!(waiting.is_empty());
        assert_eq!(server.unwrap().heads(), phone.heads());
    }
}

#[test]
fn a_change_of_one_work_order_never_gets_into_another() {
    let mut trials = Vec::new();
    for bytes in honest() {
        // On a work order that the server has, and on one that it does not have.
        for doc in [Some(sends(None, OTHER, &genesis()).unwrap().doc), None] {
            let sent = SentChange { work_order: OTHER, bytes: bytes.clone() };
            trials.push(Trial { what: "elsewhere".to_owned(), doc, sent, who: Person::inspector().session });
        }
    }
    judge_all(trials, |_, verdict| assert!(matches!(verdict, Err(Verdict::NotNow { .. })), "{verdict:?}"));
}

/// An action over several documents has one id in all of them; so an id says nothing about which one it belongs to,
/// and what it takes is that the entries are new in each.
#[test]
fn an_action_id_is_used_once_in_a_work_order_whatever_happened_elsewhere() {
    let here = crafted::lie(Lie::Field("kind", "started"));
    let server = sends(Some(&base()), ORDER, &here).unwrap().doc;
    assert!(sends(Some(&server), ORDER, &here).unwrap().repeated);
    // The same action's entry with other words, by another incarnation that has not seen the first.
    let mut again = super::chunk::Parts::of(&crafted::lie(Lie::Field("kind", "paused")));
    again.actor = Person::inspector().actor(77);
    let verdict = sends(Some(&server), ORDER, &again.chunk());
    assert!(matches!(verdict, Err(Verdict::Refused { code: RefusalCode::NotAnEdit, .. })), "{verdict:?}");
    // The same id in the first change of another work order.
    let mut elsewhere = super::chunk::Parts::of(&genesis());
    let own = String::from_utf8(elsewhere.message.clone()).unwrap();
    let keys = elsewhere.column(0x15);
    let text = String::from_utf8_lossy(keys).into_owned();
    assert!(text.contains(&own), "the entries are named after the action");
    let at =
        keys.windows(36).enumerate().filter(|(_, key)| *key == own.as_bytes()).map(|(at, _)| at).collect::<Vec<_>>();
    at.into_iter().for_each(|at| keys[at..at + 36].copy_from_slice(crafted::ACTION.as_bytes()));
    elsewhere.message = crafted::ACTION.as_bytes().to_vec();
    assert!(sends(None, OTHER, &elsewhere.chunk()).unwrap().creates);
}
