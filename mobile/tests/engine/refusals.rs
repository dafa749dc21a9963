//! What the server does not take is never lost: it stays where the person sees it, and the rest goes on.

use crate::city;
use crate::support::{Disk, Phone, Script, action_of, flat, place, run};
use coldpatch_mobile::engine::api::{Ask, Reply, SyncSheet};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_mobile::engine::store::{State, StoreError};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{Note, OrderDoc, Status};
use coldpatch_shared::sync::wire::{Entered, RefusalCode, SentChange, SyncRequest, Verdict};
use std::rc::Rc;

fn note(text: &str) -> Action {
    Action::AddNote { note: Note { text: text.to_owned() } }
}

async fn sheet(phone: &Phone) -> SyncSheet {
    match phone.ask(Ask::SyncSheet).await.unwrap() {
        Reply::SyncSheet(sheet) => sheet,
        other => panic!("{other:?}"),
    }
}

fn refused(message: &str) -> Verdict {
    Verdict::Refused { code: RefusalCode::NotAllowed, message: message.to_owned() }
}

/// Refuses one action, and puts off what builds on it, as a server does.
fn refuse(script: &Rc<Script>, action: ActionId) {
    script.say(move |asked, mut polite| {
        let sent = flat(&asked.changes);
        let Some(at) = sent.iter().position(|change| action_of(change) == action) else { return Some(polite) };
        for (n, verdict) in polite.verdicts.iter_mut().enumerate().skip(at) {
            *verdict = match n == at {
                true => refused("The city said no."),
                false => Verdict::NotNow { message: "It builds on another.".to_owned() },
            };
        }
        Some(polite)
    });
}

#[test]
fn a_refused_action_is_shown_with_everything_typed_and_the_rest_is_sent_without_it() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        script.hang_up();
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let bad = phone.act(id, note("refuse me")).await.unwrap();
        phone.act(id, note("take me")).await.unwrap();
        refuse(&script, bad);
        phone.ask(Ask::SyncNow).await.unwrap();
        let line = phone.until(|line| line.only_here == 0).await;
        assert_eq!(line.needs_you, 1);

        let item = &sheet(&phone).await.needs_you[0];
        assert_eq!((item.action_id, &item.action), (bad, &note("refuse me")));
        assert_eq!(item.message, "The city said no.");
        let notes: Vec<_> = phone.order(id).await.notes.into_iter().map(|note| note.body.text).collect();
        assert_eq!(notes, ["take me"]);

        // What came in the place of the old change is by a fresh actor, and stands on what was accepted.
        let sent = script.sent();
        let last = sent.last().unwrap();
        let mut server = rebuild([sent.iter().find(|change| change.work_order == id).unwrap(), last]);
        assert_eq!(server.facts().notes.len(), 1);
        assert!(server.heads().len() == 1);
    });
}

/// A document of exactly these changes.
fn rebuild<const N: usize>(changes: [&SentChange; N]) -> OrderDoc {
    let mut doc = OrderDoc::empty(&[1]);
    let parse = |change: &SentChange| automerge::Change::from_bytes(change.bytes.clone()).unwrap();
    doc.apply(changes.map(parse)).unwrap();
    doc
}

#[test]
fn what_builds_on_a_refused_filing_is_refused_with_it_and_says_why() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        script.hang_up();
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.act(id, note("about it")).await.unwrap();
        let filing = match &sheet(&phone).await.only_here[..] {
            [item] => {
                assert_eq!(item.actions.len(), 2);
                item.work_order
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(filing, id);
        script.say(move |asked, mut polite| {
            polite.verdicts = vec![refused("Not in this city.")];
            assert!(flat(&asked.changes).len() <= 2);
            Some(polite)
        });
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.needs_you == 2 && line.only_here == 0).await;
        let items = sheet(&phone).await.needs_you;
        assert!(items.iter().any(|item| matches!(item.action, Action::File { .. })));
        assert!(items[1].message.contains("Not in this city."), "{}", items[1].message);
        assert_eq!(phone.line().await.jobs, 0);
    });
}

#[test]
fn a_refused_action_can_be_sent_as_a_note_and_put_away() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.until(|line| line.only_here == 0).await;
        script.hang_up();
        let done = phone.act(id, Action::Complete { note: Some("two bags".to_owned()) }).await.unwrap();
        refuse(&script, done);
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.needs_you == 1).await;
        assert_eq!(phone.order(id).await.status, Status::Open);
        let send = Ask::SendAsNote { refused: done, action_id: ActionId(fresh_id()) };
        phone.ask(send).await.unwrap();
        phone.until(|line| line.needs_you == 0 && line.only_here == 0).await;
        assert_eq!(phone.order(id).await.notes[0].body.text, "Tried to report: done. two bags");
    });
}

#[test]
fn not_now_leaves_it_waiting_and_does_not_hold_up_another_job() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        script.hang_up();
        let stuck = phone.file_pothole(place(47.6, -122.3)).await;
        let other = phone.file_pothole(place(47.7, -122.3)).await;
        script.say(move |asked, mut polite| {
            for (verdict, change) in polite.verdicts.iter_mut().zip(flat(&asked.changes)) {
                if change.work_order == stuck {
                    *verdict = Verdict::NotNow { message: "Too many today.".to_owned() };
                }
            }
            Some(polite)
        });
        phone.ask(Ask::SyncNow).await.unwrap();
        let line = phone.until(|line| line.only_here == 1 && line.sending == 0).await;
        assert_eq!(line.needs_you, 0);
        let sheet = sheet(&phone).await;
        assert_eq!(sheet.only_here[0].work_order, stuck);
        assert_eq!(sheet.only_here[0].not_now.as_deref(), Some("Too many today."));
        assert!(!phone.jobs(Default::default()).await.iter().find(|row| row.id == other).unwrap().only_here);
    });
}

#[test]
fn a_snapshot_merges_with_what_waits_and_never_overwrites_it() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.until(|line| line.only_here == 0).await;
        let filing = script.sent().remove(0);

        let mut theirs = rebuild([&filing]);
        theirs.set_actor(&[7; 24]);
        let stamp = coldpatch_shared::order::Stamp {
            by: "sam".into(),
            role: Role::Supervisor,
            crew: None,
            at: 1,
            offset_ms: None,
            offset_age_s: None,
        };
        let deed = coldpatch_shared::action::Deed {
            id: ActionId(fresh_id()),
            work_order: id,
            stamp,
            action: note("from the desk"),
        };
        coldpatch_shared::action::apply(&mut theirs, &deed, deed.work_order).unwrap();
        let bytes = theirs.save();

        script.hang_up();
        phone.act(id, note("mine, waiting")).await.unwrap();
        script.say(move |_, mut polite| {
            polite.verdicts.clear();
            polite.entered = vec![Entered { work_order: id, scopes: 1, document: Some(bytes.clone().into()) }];
            Some(polite)
        });
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.failure.is_none() && line.sending == 0).await;
        let mut notes: Vec<_> = phone.order(id).await.notes.into_iter().map(|note| note.body.text).collect();
        notes.sort();
        assert_eq!(notes, ["from the desk", "mine, waiting"]);
        assert_eq!(phone.line().await.only_here, 1);
    });
}

/// Does something to two work orders at once, as an action of two parts does.
fn act_on_two(phone: &mut city::Phone, one: WorkOrderId, other: WorkOrderId) -> ActionId {
    let action = phone.act(one, note("both"));
    let actor = phone.store.actor().to_vec();
    let mut doc = phone.store.document(other).unwrap().unwrap().clone();
    doc.set_actor(&actor);
    let part = city::deed(action, other, note("both"));
    let change = coldpatch_shared::action::apply(&mut doc, &part, other).unwrap().unwrap();
    let insert = "INSERT INTO outbox (action_id, work_order, hash, bytes) VALUES (?1, ?2, ?3, ?4)";
    let row = rusqlite::params![action.0, other.0, change.hash().0.to_vec(), change.raw_bytes().to_vec()];
    phone.store.transact(|db| Ok(db.execute(insert, row)?)).unwrap();
    // What is open does not know of it.
    phone.restart();
    action
}

/// A city and a phone that both have two work orders.
fn two() -> (city::City, city::Phone, WorkOrderId, WorkOrderId) {
    let (mut city, mut phone) = (city::City::new(), city::Phone::new());
    let (one, other) = (phone.file(), phone.file());
    phone.sync(&mut city);
    (city, phone, one, other)
}

#[test]
fn an_action_of_two_parts_is_refused_in_both_and_what_else_was_done_goes_on() {
    let (mut city, mut phone, one, other) = two();
    let both = act_on_two(&mut phone, one, other);
    phone.act(one, note("after"));
    phone.act(other, note("after"));
    city.refuses.insert(both);
    phone.sync(&mut city);
    assert_eq!((phone.notes(one), phone.notes(other)), (vec!["after".to_owned()], vec!["after".to_owned()]));
    assert_eq!(phone.store.state_of(both).unwrap(), Some(State::Refused));
    assert_eq!(phone.store.needs_attention().unwrap().len(), 1);
    phone.agrees_with(&mut city);
}

#[test]
fn an_action_of_two_parts_is_accepted_when_both_are_and_an_accepted_part_stays() {
    for refused in [false, true] {
        let (mut city, mut phone, one, other) = two();
        let both = act_on_two(&mut phone, one, other);
        // The city takes the part of one work order, and has no time for the other.
        let round = phone.store.begin_round(phone.now, city::BUDGETS).unwrap();
        let mut asked = round.request().clone();
        let at = asked.changes.iter().position(|order| order.work_order == one).unwrap();
        asked.changes.retain(|order| order.work_order == one);
        let mut response = city.answer(&asked);
        response.verdicts.insert(usize::from(at == 0), Verdict::NotNow { message: "Later.".to_owned() });
        response.digests.clear();
        phone.take(round, response).unwrap();
        assert_eq!(phone.store.state_of(both).unwrap(), Some(State::Pending));
        if refused {
            city.refuses.insert(both);
        }
        phone.sync(&mut city);
        let state = if refused { State::Refused } else { State::Accepted };
        assert_eq!(phone.store.state_of(both).unwrap(), Some(state));
        assert_eq!(phone.notes(one), ["both"], "what is accepted stays");
        assert_eq!(phone.notes(other).len(), usize::from(!refused));
        phone.agrees_with(&mut city);
    }
}

#[test]
fn what_was_done_in_vain_leaves_no_number_behind() {
    let (mut city, mut phone, one, other) = two();
    for n in 0..6 {
        let id = if n % 2 == 0 { one } else { other };
        let deed = city::deed(ActionId(fresh_id()), id, note("lost"));
        let failed = phone.store.perform(&deed, |_| Err(StoreError::NoSuchWorkOrder));
        assert!(failed.is_err());
        let refused = phone.act(id, note("refused"));
        city.refuses.insert(refused);
        phone.act(id, note(&format!("kept {n}")));
        if n % 3 == 0 {
            // The server has it, and the phone does not hear so.
            phone.round(&mut city, false);
        }
        // The city counts every actor's changes: one number for two of them would end this test.
        phone.sync(&mut city);
        phone.act(other, note("right after"));
    }
    phone.sync(&mut city);
    assert_eq!(phone.notes(one), ["kept 0", "kept 2", "kept 4"]);
    phone.agrees_with(&mut city);
}

#[test]
fn an_action_of_two_parts_travels_whole_though_one_part_waits_behind_trouble_and_the_page_is_full() {
    let (mut city, mut phone, one, other) = two();
    phone.act(other, note("not now"));
    let round = phone.store.begin_round(phone.now, city::BUDGETS).unwrap();
    let mut response = city.answer(&SyncRequest { changes: Vec::new(), ..round.request().clone() });
    response.verdicts = vec![Verdict::NotNow { message: "Later.".to_owned() }];
    response.digests.clear();
    phone.take(round, response).unwrap();
    let both = act_on_two(&mut phone, one, other);
    let long = "a long text ".repeat(40);
    (0..20).for_each(|_| _ = phone.act(one, note(&long)));
    let round = phone.store.begin_round(phone.now, city::BUDGETS).unwrap();
    let sent =
        |id| round.request().changes.iter().find(|order| order.work_order == id).map(|order| order.changes.len());
    assert!(round.actions().contains(&both));
    assert_eq!(sent(other), Some(2), "its part, and what that builds on");
    assert!(sent(one).unwrap() < 15, "the page is full");
    drop(round);
    phone.sync(&mut city);
    assert_eq!(phone.store.state_of(both).unwrap(), Some(State::Accepted));
    phone.agrees_with(&mut city);
}
