//! The main job, end to end, natively: real engines in their own threads, over files, against the real server on a real
//! port; a network that is really cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may assert the short way")]

mod links;
mod support;

use coldpatch_mobile::engine::api::{Ask, DraftIds, ErrorKind, JobsFilter, Reply};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::action::Action;
use coldpatch_shared::city::{City, Priority, demo_files};
use coldpatch_shared::ids::{ActionId, CrewId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::view::HistoryWhat;
use coldpatch_shared::order::{
    EventKind, FieldValue, FlagKind, Labor, Material, Note, PhotoSlot, PlaceFix, PlaceSource, RenditionKind, Status,
    WorkOrder,
};
use coldpatch_shared::sync::phone::Failure;
use support::{Person, Server, photo, run};

/// A place in the city, and the crew that a pothole there is routed to.
fn pothole_place() -> (PlaceFix, CrewId) {
    let city = City::parse(&demo_files()).unwrap();
    let crew = city.route(&"pothole".into(), &Default::default(), Some(city.center)).unwrap();
    (PlaceFix { at: city.center, source: PlaceSource::Device, accuracy_m: Some(5.0), age_s: None }, crew)
}

/// Somebody of that crew, and the other crew.
fn crew_people(crew: &CrewId) -> (String, CrewId) {
    let city = City::parse(&demo_files()).unwrap();
    let member = city.people.iter().find(|person| person.crew.as_ref() == Some(crew)).unwrap();
    let other = city.crews.iter().find(|other| other.id != *crew).unwrap();
    (member.id.to_string(), other.id.clone())
}

/// Takes a photo into a draft, completes it and files it.
async fn file_from_photo(inspector: &Person, name: &str, place: &PlaceFix) -> WorkOrderId {
    let ids = DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    };
    let ask = Ask::DraftFromPhoto { ids, file: photo(name), device_place: Some(place.clone()) };
    let Reply::Draft(mut draft) = inspector.ask(ask).await else { panic!("no draft") };
    // The photos were taken elsewhere in the world; the demo city is where the job is.
    draft.place = Some(place.clone());
    draft.service_code = Some("pothole".into());
    inspector.ask(Ask::SaveDraft(draft)).await;
    inspector.ask(Ask::FileDraft(ids.work_order)).await;
    ids.work_order
}

fn same(a: &WorkOrder, b: &WorkOrder) {
    assert_eq!((a.status, a.priority, &a.assignment), (b.status, b.priority, &b.assignment));
    assert_eq!(a.flags, b.flags);
    let ids = |order: &WorkOrder| order.history.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(a), ids(b));
}

#[test]
fn the_main_job_filed_from_a_photo_closed_offline_and_reconciled() {
    run(async {
        let server = Server::start();
        let (place, crew_id) = pothole_place();
        let (crew_member, other_crew) = crew_people(&crew_id);
        let mut inspector = Person::sign_in(&server, "ines-okafor").await;
        let mut crew = Person::sign_in(&server, &crew_member).await;
        let mut supervisor = Person::sign_in(&server, "sam-lindqvist").await;
        inspector.until_city().await;

        // 1. The inspector files two, offline. 2. Started again, still offline: everything is there.
        inspector.cut().await;
        let id = file_from_photo(&inspector, "DSCN0010.jpg", &place).await;
        let second = file_from_photo(&inspector, "landscape_6.jpg", &place).await;
        assert_eq!(inspector.line().await.only_here, 2);
        inspector = inspector.restart().await;
        assert_eq!(inspector.jobs(JobsFilter::default()).await.len(), 2);
        assert_eq!(inspector.order(id).await.photos.len(), 1);

        // 3. Online: numbers, and the crew sees them without asking.
        inspector.plug_in().await;
        inspector.until_order(id, |order| order.tracking_number().is_some()).await;
        inspector.until_order(second, |order| order.tracking_number().is_some()).await;
        crew.until_order(id, |order| order.assignment.as_ref() == Some(&crew_id)).await;
        supervisor.until_order(id, |order| order.tracking_number().is_some()).await;
        inspector.until_line(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let thumbnail = crew.order(id).await.photos[0].body.rendition(RenditionKind::Thumbnail).unwrap().sha256.clone();
        assert!(matches!(crew.ask(Ask::File { sha256: thumbnail }).await, Reply::File(Some(_))));

        // 4. The crew works offline; the phone dies half way; it is finished after that.
        crew.cut().await;
        crew.act(id, Action::Start).await;
        crew.attach(id, PhotoSlot::Before, "portrait_6.jpg").await;
        let checklist = City::parse(&demo_files()).unwrap().service_type(&"pothole".into()).unwrap().checklist.clone();
        crew.act(id, Action::Tick { item: checklist[0].id.clone(), checked: true }).await;
        crew.act(id, Action::RecordLabor { labor: Labor { people: 2, minutes: 20, replaces: vec![] } }).await;
        let bags = Material {
            material: "cold-patch".to_owned(),
            name: "Cold patch".to_owned(),
            quantity: 2.0,
            unit: "bag".to_owned(),
            replaces: vec![],
        };
        crew.act(id, Action::RecordMaterial { material: bags }).await;
        crew = crew.restart().await;
        let half = crew.order(id).await;
        assert_eq!((half.photos.len(), half.ticked.len(), half.labor.len(), half.materials.len()), (2, 1, 1, 1));
        crew.attach(id, PhotoSlot::After, "portrait_8.jpg").await;
        crew.act(id, Action::Complete { note: None }).await;

        // 5. Meanwhile the supervisor decides otherwise.
        supervisor.act(id, Action::Decide { value: FieldValue::Priority(Priority::Urgent) }).await;
        supervisor.act(id, Action::Decide { value: FieldValue::Assignment(Some(other_crew.clone())) }).await;
        supervisor.until_line(|line| line.only_here == 0).await;

        // 6. Online: both come to the same.
        crew.plug_in().await;
        crew.until_line(|line| line.only_here == 0 && line.photos_waiting == 0).await;
        let settled = |order: &WorkOrder| order.status == Status::Completed && !order.flags.is_empty();
        supervisor.until_order(id, settled).await;
        crew.until_order(id, settled).await;
        let (on_the_street, at_the_desk) = (crew.order(id).await, supervisor.order(id).await);
        same(&on_the_street, &at_the_desk);
        assert_eq!(at_the_desk.flags[0].kind, FlagKind::MovedWhileWorked);
        assert_eq!(at_the_desk.priority, Priority::Urgent);
        assert_eq!(at_the_desk.status_set_by.as_ref().unwrap().stamp.crew, Some(crew_id));
        let happened = |kind| {
            let is_it = |what: &HistoryWhat| matches!(what, HistoryWhat::Event(event) if event.kind == kind);
            at_the_desk.history.iter().any(|item| is_it(&item.what))
        };
        assert!(happened(EventKind::Completed) && happened(EventKind::Assigned));
        assert_eq!((at_the_desk.labor[0].body.minutes, at_the_desk.materials[0].body.quantity), (20, 2.0));
        for photo in &at_the_desk.photos {
            let sha256 = photo.body.rendition(RenditionKind::Display).unwrap().sha256.clone();
            assert!(matches!(supervisor.ask(Ask::File { sha256 }).await, Reply::File(Some(_))), "both photos open");
        }
        assert_eq!(crew.line().await.needs_you, 0);
        let flagged = supervisor.jobs(JobsFilter { flagged: true, ..JobsFilter::default() }).await;
        assert_eq!(flagged.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    });
}

#[test]
fn a_server_that_dies_loses_and_doubles_nothing() {
    run(async {
        let server = Server::start();
        let (place, _) = pothole_place();
        let mut inspector = Person::sign_in(&server, "ines-okafor").await;
        inspector.until_city().await;
        let before = file_from_photo(&inspector, "DSCN0010.jpg", &place).await;
        inspector.until_order(before, |order| order.tracking_number().is_some()).await;
        let server = server.kill_and_restart_while(async {
            // It is said to be there; it is not.
            for _ in 0..20 {
                file_from_photo(&inspector, "DSCN0010.jpg", &place).await;
            }
        });
        let server = server.await;
        inspector.ask(Ask::SyncNow).await;
        inspector.until_line(|line| line.only_here == 0 && line.failure.is_none()).await;
        let mut supervisor = Person::sign_in(&server, "sam-lindqvist").await;
        supervisor.until_line(|line| line.jobs == 21).await;
        for row in inspector.jobs(JobsFilter::default()).await {
            assert_eq!(inspector.order(row.id).await.requests.len(), 1);
        }
        assert_eq!(inspector.line().await.jobs, 21);
    });
}

#[test]
fn a_code_that_was_used_or_mistyped_is_answered_in_words() {
    run(async {
        let server = Server::start();
        let code = server.code("ines-okafor");
        let first = Person::switch_on(&server);
        assert!(first.try_sign_in(&code).await.is_ok());
        // The answer may have been lost: the same device may ask again.
        assert!(first.try_sign_in(&code).await.is_ok());
        let second = Person::switch_on(&server);
        for code in [code.as_str(), "AAAA-AAAA"] {
            let error = second.try_sign_in(code).await.unwrap_err();
            assert!(error.kind == ErrorKind::Server && error.message.len() > 20, "{error}");
        }
        assert_eq!(second.ask(Ask::Session).await, Reply::Session(None));
    });
}

#[test]
fn photo_files_that_are_damaged_on_the_phone_are_said_to_be_lost_and_the_others_arrive() {
    run(async {
        let server = Server::start();
        let (place, _) = pothole_place();
        let mut inspector = Person::sign_in(&server, "ines-okafor").await;
        inspector.until_city().await;
        inspector.cut().await;
        let [damaged, whole] = [
            file_from_photo(&inspector, "DSCN0010.jpg", &place).await,
            file_from_photo(&inspector, "DSCN0012.jpg", &place).await,
        ];
        let files = inspector.order(damaged).await.photos.remove(0).body.renditions;
        let (small, large) = (files.iter().map(|file| file.bytes).min(), files.iter().map(|file| file.bytes).max());
        assert!(small < Some(64 << 10) && large > Some(64 << 10), "sent whole, and in parts");
        for file in &files {
            let path = inspector.dir.path().join("photos").join(&file.sha256);
            let mut bytes = std::fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&path, bytes).unwrap();
        }
        inspector.plug_in().await;
        inspector.until_line(|line| line.needs_you == 1 && line.sending == 0 && line.photos_waiting == 3).await;
        let Reply::SyncSheet(sheet) = inspector.ask(Ask::SyncSheet).await else { panic!("no sheet") };
        assert!(sheet.files_in_trouble.iter().all(|file| file.message.contains("damaged")));
        for file in inspector.order(whole).await.photos.remove(0).body.renditions {
            assert!(server.has_file(&file.sha256));
        }
    });
}

#[test]
fn a_restored_server_gets_photos_again_that_it_had_received_since_the_backup() {
    run(async {
        let server = Server::start();
        let (place, _) = pothole_place();
        let mut inspector = Person::sign_in(&server, "ines-okafor").await;
        inspector.until_city().await;
        let backup = server.backup();
        let id = file_from_photo(&inspector, "DSCN0010.jpg", &place).await;
        inspector.until_order(id, |order| order.tracking_number().is_some()).await;
        inspector.until_line(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let photo = inspector.order(id).await.photos.remove(0).body;
        assert!(photo.renditions.iter().all(|rendition| server.has_file(&rendition.sha256)));

        let server = server.restore(&backup).await;
        assert!(photo.renditions.iter().all(|rendition| !server.has_file(&rendition.sha256)));
        inspector.ask(Ask::SyncNow).await;
        while !photo.renditions.iter().all(|rendition| server.has_file(&rendition.sha256)) {
            inspector.change().await;
        }
        // And whoever comes new sees it.
        let mut supervisor = Person::sign_in(&server, "sam-lindqvist").await;
        supervisor.until_order(id, |order| order.photos.len() == 1).await;
        let sha256 = photo.rendition(RenditionKind::Thumbnail).unwrap().sha256.clone();
        assert!(matches!(supervisor.ask(Ask::File { sha256 }).await, Reply::File(Some(_))));
    });
}

#[test]
fn a_phone_that_the_city_signed_out_keeps_its_work_and_sends_it_when_the_same_person_is_back() {
    run(async {
        let server = Server::start();
        let (place, _) = pothole_place();
        let mut inspector = Person::sign_in(&server, "ines-okafor").await;
        inspector.until_city().await;
        let id = file_from_photo(&inspector, "DSCN0010.jpg", &place).await;
        inspector.until_line(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        inspector.cut().await;
        let note = Note { text: "written while it was lost".to_owned() };
        inspector.act(id, Action::AddNote { note }).await;
        server.revoke("ines-okafor");
        inspector.plug_in().await;
        inspector.until_line(|line| line.failure == Some(Failure::Revoked)).await;
        assert_eq!(inspector.line().await.only_here, 1);
        let value = Some("typed, and not saved".to_owned());
        inspector.ask(Ask::SaveForm { key: format!("job/{id}/note"), value }).await;
        let Reply::Export(copy) = inspector.ask(Ask::Export).await else { panic!("no copy") };
        let number = inspector.order(id).await.tracking_number().unwrap().to_owned();
        assert!(copy.contains("typed, and not saved") && copy.contains(&number), "{copy}");
        assert!(copy.contains("written while it was lost") && copy.contains("not_sent"), "{copy}");
        // Nobody else signs in over this work.
        inspector.try_sign_in(&server.code("sam-lindqvist")).await.unwrap_err();
        inspector = inspector.restart().await;
        inspector.until_line(|line| line.failure == Some(Failure::Revoked)).await;
        // A link opens a new database; the person's own is beside it, and the code is for that.
        let code = server.code("ines-okafor");
        let fresh = Person::switch_on(&server);
        let reply = fresh.try_sign_in_beside(&code, &inspector).await.unwrap();
        assert!(matches!(reply, Reply::KnownHere(device) if device == inspector.device), "{reply:?}");
        assert!(matches!(fresh.ask(Ask::Session).await, Reply::Session(None)), "nothing was changed");
        inspector.try_sign_in(&code).await.unwrap();
        inspector.until_line(|line| line.only_here == 0 && line.failure.is_none()).await;
        let mut supervisor = Person::sign_in(&server, "sam-lindqvist").await;
        supervisor.until_order(id, |order| order.notes.len() == 1).await;
    });
}
