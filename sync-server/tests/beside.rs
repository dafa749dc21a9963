//! Writing beside others: nobody waits for another's work to be judged, and nothing is lost by that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::clock;
use coldpatch_server::ledger::taking::{self, Sent};
use coldpatch_server::ledger::{Bench, LedgerError};
use coldpatch_shared::action::{Action, Deed};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{Note, Stamp};
use coldpatch_shared::sync::wire::Verdict;
use std::collections::BTreeMap;
use support::{Server, new_uuid};

/// A note that somebody adds.
fn note(work_order: WorkOrderId, text: &str) -> Deed {
    let stamp = Stamp {
        by: "server".into(),
        role: Role::Server,
        crew: None,
        at: clock::now(),
        offset_ms: Some(0),
        offset_age_s: Some(0),
    };
    let action = Action::AddNote { note: Note { text: text.to_owned() } };
    Deed { id: ActionId(new_uuid()), work_order, stamp, action }
}

fn notes(server: &Server, id: WorkOrderId) -> Vec<String> {
    let notes = server.order(id).history.into_iter().filter_map(|item| match item.what {
        HistoryWhat::Note(note) => Some(note.text),
        _ => None,
    });
    notes.collect()
}

#[tokio::test]
async fn who_meets_another_in_one_work_order_begins_anew_and_both_are_kept() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("two feet wide");
    assert_eq!(inspector.sync().await, [Verdict::Accepted]);
    let ledger = &server.app.sync.ledger;
    let (mine, others) = (note(job, "mine"), note(job, "another's"));
    let mut runs = 0;
    let mut work = |bench: &mut Bench<'_>| -> Result<(), LedgerError> {
        runs += 1;
        bench.perform(&mine)?;
        if runs == 1 {
            // Comes in between, and does not wait for this one.
            ledger.write_beside(None, clock::now(), |bench| bench.perform(&others))?;
        }
        Ok(())
    };
    ledger.write_beside(None, clock::now(), &mut work).unwrap();
    assert_eq!(runs, 2, "on what is there now");
    assert_eq!(notes(&server, job), ["another's", "mine"]);
}

#[tokio::test]
async fn work_that_a_new_life_of_the_log_overtook_is_done_anew_as_its_own_actor() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("two feet wide");
    assert_eq!(inspector.sync().await, [Verdict::Accepted]);
    let ledger = &server.app.sync.ledger;
    let epoch = server.app.storage.state().unwrap().epoch;
    let mine = note(job, "mine");
    let mut runs = 0;
    let mut work = |bench: &mut Bench<'_>| -> Result<(), LedgerError> {
        runs += 1;
        bench.perform(&mine)?;
        if runs == 1 {
            ledger.begin_epoch(&epoch, clock::now())?;
        }
        Ok(())
    };
    ledger.write_beside(None, clock::now(), &mut work).unwrap();
    assert_eq!(runs, 2);
    assert_eq!(notes(&server, job), ["mine"]);
}

#[tokio::test]
async fn a_request_that_takes_too_long_to_judge_comes_in_bit_by_bit_and_whole() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("two feet wide");
    for text in ["one", "two", "three"] {
        inspector.act(job, Action::AddNote { note: Note { text: text.to_owned() } });
    }
    let request = inspector.ask();
    let (ledger, who) = (&server.app.sync.ledger, &inspector.session);
    let nobody = BTreeMap::new();
    let sent =
        Sent { changes: &request.changes, given_back: &[], vouched: &nobody, patience: std::time::Duration::ZERO };
    let outcome =
        ledger.write_beside(Some(who.device), clock::now(), |bench| taking::take_in(bench, &sent, who)).unwrap();
    let waits = |verdict: &Verdict| matches!(verdict, Verdict::NotNow { .. });
    assert_eq!(outcome.verdicts[0], Verdict::Accepted);
    assert!(outcome.verdicts[1..].iter().all(waits), "{:?}", outcome.verdicts);
    assert_eq!(notes(&server, job), [""; 0]);

    assert_eq!(inspector.sync().await, vec![Verdict::Accepted; 4]);
    assert_eq!(notes(&server, job), ["one", "two", "three"]);
}

/// A sanity check on many at once: their numbers are all there, and each once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn phones_that_sync_at_once_all_get_in_and_every_request_has_its_own_number() {
    let server = Server::start().await;
    let mut phones = Vec::new();
    for person in ["ines-okafor", "sam-lindqvist", "ana-ruiz", "ben-carter"] {
        let mut phone = server.phone(person).await;
        phone.sync().await;
        phones.push(phone);
    }
    let filed: Vec<WorkOrderId> = (0..2)
        .flat_map(|at| (0..3).map(move |n| (at, n)))
        .map(|(at, n)| phones[at].file_pothole(&format!("{at} {n}")))
        .collect();
    let [a, b, c, d] = &mut phones[..] else { unreachable!() };
    let (a, b, ..) = tokio::join!(a.sync(), b.sync(), c.sync(), d.sync());
    assert!(a.iter().chain(&b).all(|verdict| *verdict == Verdict::Accepted), "{a:?} {b:?}");
    let mut numbers: Vec<String> =
        filed.iter().map(|id| server.order(*id).tracking_number().expect("a number").to_owned()).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), filed.len());
}
