//! What was confirmed survives, and nothing happens twice.

use crate::support::{Disk, Script, file, files_on, place, plain_jpeg, run};
use coldpatch_mobile::engine::api::{Ask, ErrorKind, Reply};
use coldpatch_mobile::engine::{fresh_id, open_native};
use coldpatch_mobile::platform::http::Cable;
use coldpatch_shared::action::Action;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::ids::{ActionId, WorkOrderId};
use coldpatch_shared::order::{FieldValue, Labor, Note, PhotoSlot, Status};
use coldpatch_shared::sync::phone::Failure;

fn note(text: &str) -> Action {
    Action::AddNote { note: Note { text: text.to_owned() } }
}

#[test]
fn everything_confirmed_is_there_after_the_phone_died() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script.clone());
        phone.sign_in().await;
        script.hang_up();
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.act(id, Action::Start).await.unwrap();
        phone.act(id, Action::RecordLabor { labor: Labor { people: 2, minutes: 20, replaces: vec![] } }).await.unwrap();
        let photo = Ask::AttachPhoto {
            action_id: ActionId(fresh_id()),
            work_order: id,
            slot: PhotoSlot::Before,
            file: plain_jpeg(),
            place_follows: false,
        };
        phone.ask(photo).await.unwrap();
        phone.ask(Ask::SaveForm { key: "job/note".to_owned(), value: Some("half a sent".to_owned()) }).await.unwrap();
        let before = phone.order(id).await;
        let actor = phone.actor.clone();
        phone.kill();

        let phone = disk.boot(script);
        assert_eq!(phone.order(id).await.history.len(), before.history.len());
        assert_eq!(phone.order(id).await.status, Status::Working);
        assert_eq!(phone.order(id).await.labor[0].body.minutes, 20);
        assert_eq!(
            phone.ask(Ask::Form { key: "job/note".to_owned() }).await.unwrap(),
            Reply::Form(Some("half a sent".to_owned()))
        );
        let display = phone.order(id).await.photos[0].body.renditions[1].sha256.clone();
        assert!(matches!(phone.ask(Ask::File { sha256: display }).await.unwrap(), Reply::File(Some(_))));
        assert_eq!(files_on(disk.dir.path()), 3);
        assert_eq!(phone.line().await.only_here, 4);
        assert_eq!(actor[..16], phone.actor[..16]);
        assert_ne!(actor, phone.actor, "a new incarnation at every opening");
        phone.act(id, note("still writable")).await.unwrap();
    });
}

#[test]
fn an_action_that_is_asked_for_again_happens_once() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let action_id = ActionId(fresh_id());
        for _ in 0..3 {
            let reply = phone.ask(Ask::Do { action_id, work_order: id, action: note("once") }).await;
            assert_eq!(reply, Ok(Reply::Done));
        }
        assert_eq!(phone.order(id).await.notes.len(), 1);
    });
}

#[test]
fn what_waits_is_sent_and_then_no_longer_waits() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.act(id, note("hello")).await.unwrap();
        let line = phone.until(|line| line.only_here == 0 && line.sending == 0).await;
        assert!(line.last_contact.is_some() && line.failure.is_none());
        assert_eq!(script.sent().len(), 2);
        assert!(!phone.jobs(Default::default()).await[0].only_here);
        // Accepted now, and still the same document.
        assert_eq!(phone.order(id).await.notes[0].body.text, "hello");
    });
}

#[test]
fn a_lost_answer_costs_one_repeat_and_doubles_nothing() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        phone.until(|line| line.last_contact.is_some() && line.sending == 0).await;
        script.hang_up();
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.until(|line| line.failure == Some(Failure::Unreachable)).await;
        assert_eq!(phone.line().await.only_here, 1);
        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.only_here == 0).await;
        let sent = script.sent();
        assert!(sent.len() >= 2 && sent.iter().all(|change| change == &sent[0]), "the very same change again");
        assert_eq!(phone.order(id).await.requests.len(), 1);
    });
}

#[test]
fn nobody_signed_in_is_said_so_and_nothing_is_written() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        let error = phone.act(WorkOrderId(fresh_id()), file("pothole", place(47.6, -122.3))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Denied);
        assert_eq!(phone.line().await.jobs, 0);
    });
}

#[test]
fn what_the_policy_forbids_is_denied_at_once_and_leaves_no_trace() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let cancel = Action::Cancel { reason: "no".to_owned() };
        let error = phone.act(id, cancel).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Denied);
        phone.act(id, Action::Complete { note: None }).await.unwrap();
        let error = phone.act(id, Action::Start).await.unwrap_err();
        assert!(error.message.contains("closed already"), "{error}");
        assert_eq!(phone.order(id).await.status, Status::Completed);
    });
}

#[test]
fn a_second_tap_on_the_same_button_does_nothing() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let priority = |priority| Action::Decide { value: FieldValue::Priority(priority) };
        let taps = [
            (Action::Start, 1),
            (Action::Start, 0),
            (Action::Pause, 1),
            (Action::Start, 1),
            (priority(Priority::High), 1),
            (priority(Priority::High), 0),
            (priority(Priority::Low), 1),
            (priority(Priority::High), 1),
            (note("twice"), 1),
            (note("twice"), 1),
        ];
        for (n, (action, more)) in taps.into_iter().enumerate() {
            let before = phone.order(id).await.history.len();
            phone.act(id, action).await.unwrap();
            assert_eq!(phone.order(id).await.history.len() - before, more, "tap {n}");
        }
    });
}

#[test]
fn a_device_that_the_server_forgot_keeps_everything_and_says_so() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        phone.until(|line| line.last_contact.is_some() && line.sending == 0).await;
        script.sync_status.set(401);
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let line = phone.until(|line| line.failure == Some(Failure::SignedOut)).await;
        assert_eq!((line.only_here, line.needs_you), (1, 0));
        // Signing in again is enough.
        script.sync_status.set(200);
        phone.sign_in().await;
        phone.until(|line| line.only_here == 0 && line.failure.is_none()).await;
        assert_eq!(phone.order(id).await.requests.len(), 1);
    });
}

#[test]
fn a_database_of_a_newer_app_is_left_alone() {
    let disk = Disk::new();
    let path = disk.dir.path().join("coldpatch.sqlite3");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    let error = open_native(disk.dir.path(), disk.device, "http://localhost:9", Cable::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Storage);
    assert!(error.message.contains("newer version"), "{error}");
}
