//! When phones and the server do not hold the same: restored backups, lost answers, damaged documents.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::app::App;
use coldpatch_server::clock;
use coldpatch_server::config::{Config, Settings};
use coldpatch_shared::action::Action;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{FieldValue, Note, Status};
use coldpatch_shared::sync::wire::{Held, KeptReceipt, RefusalCode, SyncRequest, SyncResponse, Verdict};
use std::collections::BTreeSet;
use support::{Phone, Received, Server, empty, new_uuid, told};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn note(text: &str) -> Action {
    Action::AddNote { note: Note { text: text.to_owned() } }
}

/// A phone has seen what an inspector and a supervisor did after the backup; then the server is restored.
struct Restored {
    server: Server,
    inspector: Phone,
    witness: Phone,
    before: WorkOrderId,
    after: WorkOrderId,
}

async fn restored() -> Restored {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let before = inspector.file_pothole("before the backup");
    inspector.sync().await;
    let backup = server.backup();
    let mut witness = server.phone("sam-lindqvist").await;
    let after = inspector.file_pothole("after the backup");
    inspector.act(before, note("seen again"));
    inspector.sync().await;
    witness.sync().await;
    let server = server.restore_and_restart(&backup).await;
    inspector.url.clone_from(&server.url);
    witness.url.clone_from(&server.url);
    Restored { server, inspector, witness, before, after }
}

/// As a phone does whose cursor does not fit: sums, then heads, then what the server lacks.
async fn give_back(phone: &mut Phone, receipts: Vec<KeptReceipt>) -> SyncResponse {
    let buckets = phone.buckets();
    let answer = phone.exchange(&SyncRequest { buckets: Some(buckets), ..empty(1 << 20) }).await;
    phone.cursor.clone_from(&answer.cursor);
    assert!(answer.cursor.is_some() && answer.digests.is_empty());
    let ids: Vec<WorkOrderId> = phone.docs.keys().copied().collect();
    let compare = ids.iter().map(|id| phone.held(*id)).collect();
    let answer = phone.exchange(&SyncRequest { compare, cursor: phone.cursor.clone(), ..empty(1 << 20) }).await;
    let lacking: Vec<WorkOrderId> =
        answer.compared.iter().filter(|compared| compared.lacks).map(|compared| compared.work_order).collect();
    let given_back = lacking.into_iter().map(|id| phone.all_of(id)).collect();
    let request = SyncRequest { given_back, receipts, cursor: answer.cursor, ..empty(1 << 20) };
    phone.exchange(&request).await
}

#[tokio::test]
async fn phones_give_back_what_a_restored_server_lost_even_what_others_wrote() {
    let Restored { server, mut inspector, mut witness, before, after } = restored().await;
    assert!(server.app.storage.order(after).unwrap().is_none());
    let ended = server.app.storage.state().unwrap();
    let answer = witness.round_trip().await;
    assert!(answer.cursor.is_none() && answer.entered.is_empty(), "its cursor is of a log that was longer");
    let begun = server.app.storage.state().unwrap();
    assert_ne!(begun.epoch, ended.epoch);
    assert_eq!(begun.epoch_number, ended.epoch_number + 1);

    let receipts = witness.receipts.clone();
    let answer = give_back(&mut witness, receipts).await;
    assert_eq!(answer.taken_back, [Verdict::Accepted, Verdict::Accepted]);
    assert!(answer.changes.is_empty() && answer.entered.iter().all(|entered| entered.document.is_none()), "no echo");
    for id in [before, after] {
        assert_eq!(told(&server.order(id)), told(&witness.order(id)));
        assert_eq!(told(&server.order(id)), told(&inspector.order(id)));
    }
    // The number that the lost life gave is known again, and a new one has another letter.
    let number = inspector.order(after).tracking_number().unwrap().to_owned();
    assert_eq!(server.app.storage.request_by_number(&number).unwrap().unwrap().work_order, after);
    inspector.cursor = None;
    let third = inspector.file_pothole("after the restore");
    inspector.sync().await;
    assert!(inspector.order(third).tracking_number().unwrap().contains("26B"));
    // Everything is once more in the scopes of who wrote it.
    let mut crew: BTreeSet<_> = witness.docs.keys().copied().collect();
    crew.insert(third);
    let device = format!("device:{}", inspector.session.device);
    assert_eq!(inspector.members[&device], crew);
}

#[tokio::test]
async fn without_the_servers_own_word_nobody_gives_back_what_others_wrote() {
    let Restored { server, mut witness, after, .. } = restored().await;
    witness.round_trip().await;
    let mut forged = witness.receipts.clone();
    forged.iter_mut().for_each(|kept| kept.receipt.mac[3] ^= 1);
    let mut earlier = witness.receipts.clone();
    earlier.iter_mut().for_each(|kept| kept.receipt.time -= 1);
    for receipts in [Vec::new(), forged, earlier] {
        let answer = give_back(&mut witness, receipts).await;
        for verdict in &answer.taken_back {
            assert!(matches!(verdict, Verdict::Refused { code: RefusalCode::NotYours, .. }), "{verdict:?}");
        }
        assert_eq!(answer.taken_back.len(), 2);
        assert!(server.app.storage.order(after).unwrap().is_none());
    }
}

#[tokio::test]
async fn who_wrote_it_gives_it_back_without_a_receipt() {
    let Restored { server, mut inspector, before, after, .. } = restored().await;
    inspector.round_trip().await;
    let answer = give_back(&mut inspector, Vec::new()).await;
    // Its own filing is good by the ordinary rules; the lost server's own number for it is not its to write.
    assert_eq!(answer.taken_back[0], Verdict::Accepted, "a note");
    assert!(matches!(answer.taken_back[1], Verdict::Refused { code: RefusalCode::NotYours, .. }));
    assert_eq!(server.order(before).notes.len(), 1);
    assert_eq!(server.order(after).description, "after the backup");
}

#[tokio::test]
async fn what_is_given_back_was_received_when_the_receipt_says() {
    let Restored { server, mut witness, after, .. } = restored().await;
    witness.round_trip().await;
    let receipts = witness.receipts.clone();
    let time = receipts[0].receipt.time;
    give_back(&mut witness, receipts).await;
    assert_eq!(server.app.storage.document(after).unwrap().unwrap().changed_at, time);
}

#[tokio::test]
async fn a_phone_that_signed_in_after_the_backup_is_known_by_its_token() {
    let server = Server::start().await;
    let backup = server.backup();
    let mut phone = server.phone("ana-ruiz").await;
    let server = server.restore_and_restart(&backup).await;
    phone.url.clone_from(&server.url);
    phone.sync().await;
    // Signed by us, and for somebody who works here: nothing else.
    let token = phone.token.clone();
    let (said, mac) = token.split_once('.').unwrap();
    for forged in
        [format!("{said}A.{mac}"), format!("{said}."), said.to_owned(), format!("{said}.{}", mac.to_lowercase())]
    {
        phone.token = forged;
        assert_eq!(phone.post(Vec::new()).await.status(), 401, "{}", phone.token);
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_ours_gets_no_page_and_ends_no_epoch() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("one");
    inspector.sync().await;
    let (good, epoch) = (inspector.cursor.clone().unwrap(), server.app.storage.state().unwrap().epoch);
    let mut ahead = good.clone();
    ahead.seq += 1_000;
    let mut elsewhere = good.clone();
    elsewhere.epoch = "another".to_owned();
    for cursor in [ahead, elsewhere] {
        inspector.cursor = Some(cursor);
        inspector.act(job, note("still judged"));
        let answer = inspector.round_trip().await;
        assert!(answer.cursor.is_none() && answer.entered.is_empty() && answer.changes.is_empty());
        assert_eq!(answer.verdicts, [Verdict::Accepted]);
        inspector.outbox.clear();
    }
    assert_eq!(server.app.storage.state().unwrap().epoch, epoch);
    inspector.cursor = Some(good);
    inspector.sync().await;
}

#[tokio::test]
async fn a_second_restore_of_one_backup_is_noticed_and_no_tracking_number_comes_again() {
    let mut server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    inspector.file_pothole("before the backup");
    inspector.sync().await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    std::fs::copy(server.backup(), &backup).unwrap();
    let mut numbers = BTreeSet::new();
    for life in 1..=3 {
        // The phone's cursor is of the life before, of which the backup knows nothing after the first time.
        let job = inspector.file_pothole("once more");
        inspector.sync().await;
        let number = inspector.order(job).tracking_number().unwrap().to_owned();
        assert!(numbers.insert(number.clone()), "{number} is given again");
        server = server.restore_and_restart(&backup).await;
        inspector.url.clone_from(&server.url);
        assert!(inspector.round_trip().await.cursor.is_none());
        assert_eq!(server.app.storage.state().unwrap().epoch_number, life);
        inspector.round_trip().await;
        assert_eq!(server.app.storage.state().unwrap().epoch_number, life, "one restore, one life");
        let receipts = inspector.receipts.clone();
        give_back(&mut inspector, receipts).await;
        inspector.cursor = None;
    }
}

#[tokio::test]
async fn no_tracking_number_comes_again_after_two_restores_of_one_backup_though_no_phone_has_spoken() {
    let mut server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    inspector.file_pothole("before the backup");
    inspector.sync().await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    std::fs::copy(server.backup(), &backup).unwrap();
    let mut numbers = BTreeSet::new();
    // As after two days: a person at the terminal begins a new life by hand, and only people without a cursor are heard.
    for day in 0..3 {
        server = server.restore_and_restart(&backup).await;
        let ended = server.app.storage.state().unwrap().epoch;
        server.app.sync.ledger.begin_epoch(&ended, clock::now() + day * DAY).unwrap();
        let mut other = server.phone("ines-okafor").await;
        let job = other.file_pothole("in a life that is lost");
        other.sync().await;
        let number = other.order(job).tracking_number().unwrap().to_owned();
        assert!(numbers.insert(number.clone()), "{number} is given again: {numbers:?}");
    }
}

#[tokio::test]
async fn a_work_order_as_large_as_one_can_be_travels_in_one_answer_and_is_given_back_in_one_request() {
    let server = Server::start().await;
    let backup = server.backup();
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("the longest story");
    inspector.sync().await;
    // The longest notes there can be, until the work order is full.
    let mut refused = None;
    for n in 0..40 {
        for at in 0..10 {
            inspector.act(job, note(&char::from_u32(0x1f300 + n * 10 + at).unwrap().to_string().repeat(10_000)));
        }
        let answer = inspector.round_trip().await;
        let at = answer.verdicts.iter().position(|verdict| *verdict != Verdict::Accepted);
        if let Some(at) = at {
            refused = Some(answer.verdicts[at].clone());
            break;
        }
        inspector.take(&answer);
        inspector.outbox.clear();
    }
    assert!(matches!(refused, Some(Verdict::Refused { code: RefusalCode::TooLarge, .. })), "{refused:?}");
    let mut witness = server.phone("sam-lindqvist").await;
    witness.sync().await;
    let whole = witness.all_of(job);
    let bytes: usize = whole.changes.iter().map(|change| change.len()).sum();
    assert!(bytes > 3 << 20, "{bytes}: nearly as large as one can be");
    // One that has nothing of it gets it by comparing, though all of it is more than a page.
    let mut late = server.phone("sam-lindqvist").await;
    late.sync().await;
    let none = Held { work_order: job, heads: Vec::new() };
    let request = SyncRequest { compare: vec![none], cursor: late.cursor.clone(), ..empty(1 << 20) };
    let answer = late.exchange(&request).await;
    assert_eq!(answer.compared[0].changes.len(), whole.changes.len());
    // And back to a server that lost it.
    let server = server.restore_and_restart(&backup).await;
    witness.url.clone_from(&server.url);
    witness.round_trip().await;
    let receipts = witness.receipts.clone();
    let answer = give_back(&mut witness, receipts).await;
    assert_eq!(answer.taken_back, [Verdict::Accepted]);
    assert_eq!(server.order(job).notes.len(), witness.order(job).notes.len());
}

#[tokio::test]
async fn what_a_device_asks_to_compare_is_looked_at_once_and_read_only_where_it_differs() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let jobs: Vec<WorkOrderId> = (0..250).map(|n| inspector.file_pothole(&format!("number {n}"))).collect();
    inspector.sync().await;
    let database = rusqlite::Connection::open(server.app.config.data.join("coldpatch.sqlite3")).unwrap();
    database.execute("UPDATE documents SET bytes = x'00' WHERE work_order = ?1", [jobs[0].0.as_bytes()]).unwrap();
    let ask =
        |compare: Vec<Held>, cursor: &Phone| SyncRequest { compare, cursor: cursor.cursor.clone(), ..empty(4 << 20) };
    // The same heads: told without a look at the document, which could not even be read.
    let same = inspector.held(jobs[0]);
    let request = ask(vec![same.clone(), same.clone(), same], &inspector);
    let answer = inspector.exchange(&request).await;
    let [compared] = &answer.compared[..] else { panic!("once, whatever was asked: {}", answer.compared.len()) };
    assert!(!compared.lacks && compared.changes.is_empty() && !compared.heads.is_empty());
    // All differ: so many documents are read for one answer, and the next one brings more.
    let none = |id: &WorkOrderId| Held { work_order: *id, heads: Vec::new() };
    let request = ask(jobs[1..].iter().map(none).collect(), &inspector);
    let first: Vec<_> = inspector.exchange(&request).await.compared.iter().map(|one| one.work_order).collect();
    assert_eq!(first, jobs[1..=200]);
    let rest = jobs[201..].iter().map(none).collect();
    let request = ask(rest, &inspector);
    assert_eq!(inspector.exchange(&request).await.compared.len(), 49);
}

#[tokio::test]
async fn a_key_that_is_missing_or_another_one_stops_the_server_and_is_never_replaced_silently() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    inspector.file_pothole("signed for");
    inspector.sync().await;
    let data = server.app.config.data.clone();
    let open = |new_key| {
        let settings = Settings { data: Some(data.clone()), ..Settings::default() };
        App::open_with_key(Config::load(settings).unwrap(), new_key).map(|_| ()).map_err(|error| error.to_string())
    };
    let key = data.join("server.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let error = open(false).unwrap_err();
    assert!(error.contains("missing") && error.contains("backup") && error.contains("--new-key"), "{error}");
    assert!(!key.exists(), "nothing was made");
    std::fs::write(&key, [7; 32]).unwrap();
    assert!(open(false).unwrap_err().contains("not the one"));
    std::fs::write(&key, &right).unwrap();
    open(false).unwrap();
    std::fs::remove_file(&key).unwrap();
    open(true).unwrap();
    assert_ne!(std::fs::read(&key).unwrap(), right);
    open(false).unwrap();
}

#[tokio::test]
async fn comparing_heads_brings_what_a_phone_lacks_and_tells_nobody_of_others_work() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let job = inspector.file_pothole("one");
    inspector.sync().await;
    let old = inspector.held(job);
    inspector.act(job, note("more"));
    inspector.sync().await;
    let mut crew = server.phone("ben-carter").await;
    crew.sync().await;
    let other = crew.docs.is_empty();
    let mut crew = if other { crew } else { server.phone("ana-ruiz").await };
    let none = crew.held(job);
    let answer = crew.exchange(&SyncRequest { compare: vec![none], ..empty(1 << 20) }).await;
    assert!(answer.compared[0].changes.is_empty() && answer.compared[0].heads.is_empty());
    // Who had it once, and names what was there then, is told that this is there: what came later is for who follows it.
    let (named, request) = (old.heads.clone(), SyncRequest { compare: vec![old], ..empty(1 << 20) });
    let answer = crew.exchange(&request).await;
    assert_eq!((answer.compared[0].changes.len(), answer.compared[0].lacks), (0, false));
    assert_eq!((&answer.compared[0].heads, answer.receipt.is_some()), (&named, false));
    let answer = inspector.exchange(&request).await;
    assert_eq!((answer.compared[0].changes.len(), answer.compared[0].lacks), (1, false));
    assert!(answer.receipt.is_some());
    let unknown = WorkOrderId(new_uuid());
    let held = crew.held(unknown);
    let answer = crew.exchange(&SyncRequest { compare: vec![held], ..empty(1 << 20) }).await;
    assert!(answer.compared[0].lacks && answer.compared[0].heads.is_empty());
}

#[tokio::test]
async fn a_job_leaves_thirty_days_after_it_was_done_and_old_changes_come_as_the_document() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let (done, open) = (inspector.file_pothole("done"), inspector.file_pothole("open"));
    inspector.sync().await;
    let mut supervisor = server.phone("sam-lindqvist").await;
    supervisor.sync().await;
    inspector.act(done, Action::Complete { note: None });
    inspector.act(open, note("still there"));
    inspector.sync().await;
    let ledger = &server.app.sync.ledger;
    assert!(ledger.compact(clock::now() + DAY).unwrap() > 4);
    supervisor.received = Received::default();
    supervisor.sync().await;
    assert_eq!((supervisor.received.documents, supervisor.received.changes), (2, 0));
    assert_eq!(supervisor.order(done).status, Status::Completed);

    ledger.sweep(clock::now() + 29 * DAY).unwrap();
    supervisor.sync().await;
    assert_eq!(supervisor.members["all"], BTreeSet::from([done, open]));
    ledger.sweep(clock::now() + 31 * DAY).unwrap();
    supervisor.sync().await;
    assert_eq!(supervisor.members["all"], BTreeSet::from([open]));
    // History stays readable, and reopening brings it back to everybody.
    supervisor.act(done, Action::Reopen { reason: "it is back".to_owned() });
    supervisor.sync().await;
    assert!(supervisor.members["all"].contains(&done));
}

#[tokio::test]
async fn an_action_in_two_work_orders_is_accepted_in_both_or_in_neither() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let [a, b, c] = ["a", "b", "c"].map(|text| inspector.file_pothole(text));
    inspector.sync().await;
    let (good, bad) = (ActionId(new_uuid()), ActionId(new_uuid()));
    inspector.act_as(good, a, note("both"));
    inspector.act_as(good, b, note("both"));
    inspector.act_as(bad, a, note("one of two"));
    inspector.session.role = Role::Supervisor;
    inspector.act_as(bad, c, Action::Decide { value: FieldValue::Priority(Priority::Urgent) });
    inspector.session.role = Role::Inspector;
    inspector.act(a, note("upon what is refused"));
    inspector.act(b, note("by itself"));
    let verdicts = inspector.sync().await;
    let codes: Vec<_> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Accepted => "accepted",
            Verdict::Refused { code: RefusalCode::NotYours, .. } => "not yours",
            Verdict::Refused { .. } => "refused",
            Verdict::NotNow { .. } => "not now",
        })
        .collect();
    assert_eq!(codes, ["accepted", "accepted", "not yours", "not yours", "not now", "accepted"]);
    assert_eq!(server.order(a).notes.len(), 1);
    assert_eq!(server.order(c).notes.len(), 0);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_holds_up_nobody_else() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let (damaged, whole) = (inspector.file_pothole("damaged"), inspector.file_pothole("whole"));
    inspector.sync().await;
    let database = rusqlite::Connection::open(server.app.config.data.join("coldpatch.sqlite3")).unwrap();
    database.execute("UPDATE documents SET bytes = x'00' WHERE work_order = ?1", [damaged.0.as_bytes()]).unwrap();
    inspector.act(damaged, note("kept on the phone"));
    inspector.act(whole, note("goes in"));
    let answer = inspector.round_trip().await;
    assert!(matches!(answer.verdicts[0], Verdict::NotNow { .. }), "{answer:?}");
    assert_eq!(answer.verdicts[1], Verdict::Accepted);
    let held = vec![inspector.held(damaged), inspector.held(whole)];
    let answer = inspector.exchange(&SyncRequest { compare: held, ..empty(1 << 20) }).await;
    assert_eq!(answer.compared.iter().map(|compared| compared.work_order).collect::<Vec<_>>(), [whole]);
}

#[tokio::test]
async fn a_backup_with_photos_tells_phones_up_to_when_they_are_safe() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    assert_eq!(inspector.round_trip().await.backed_up_through, None);
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, photos: bool| {
        let (to, kept) = (folder.path().join(name), folder.path().join("photos"));
        coldpatch_server::backup::run(&server.app, &to, photos.then_some(kept.as_path()), 1_000_000_000)
    };
    run("without", false).unwrap();
    assert_eq!(inspector.round_trip().await.backed_up_through, None);
    assert!(run("without", true).unwrap_err().to_string().contains("is there already"));
    let bytes = b"\xff\xd8\xff a photo".to_vec();
    let name = coldpatch_server::entropy::hex(&coldpatch_server::entropy::hash(&bytes));
    inspector.request(reqwest::Method::PUT, &format!("/api/files/{name}")).body(bytes).send().await.unwrap();
    assert_eq!(run("with", true).unwrap().photos, 1);
    assert!(folder.path().join("photos").join(&name[..2]).join(&name).is_file());
    assert_eq!(run("again", true).unwrap().photos, 0);
    let told = inspector.round_trip().await.backed_up_through.unwrap();
    assert!(told < 1_000_000_000 && told > 999_000_000);
}
