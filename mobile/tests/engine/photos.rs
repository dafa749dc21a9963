//! Photos: real ones, damaged ones, and their way to the server.

use crate::support::{Disk, Phone, Script, files_on, place, plain_jpeg, plain_jpeg_of, real_photo, run};
use coldpatch_mobile::engine::api::{Ask, Changed, Draft, DraftIds, EngineError, ErrorKind, FileTrouble, Reply, Room};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_mobile::platform::{HttpRequest, Method};
use coldpatch_shared::city::{CityFiles, Role, demo_files};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, PlaceFix, PlaceSource, RenditionKind};
use coldpatch_shared::sync::wire::SyncResponse;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

async fn draft(phone: &Phone, file: Vec<u8>, device_place: Option<PlaceFix>) -> Result<Draft, EngineError> {
    let ids = DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    };
    match phone.ask(Ask::DraftFromPhoto { ids, file, device_place }).await? {
        Reply::Draft(draft) => Ok(*draft),
        other => panic!("{other:?}"),
    }
}

/// Adds a photo to a job. → what the person should know about it.
async fn attach(phone: &Phone, work_order: WorkOrderId, file: Vec<u8>) -> Vec<String> {
    let action_id = ActionId(fresh_id());
    match phone
        .ask(Ask::AttachPhoto { action_id, work_order, slot: PhotoSlot::Before, file, place_follows: false })
        .await
        .unwrap()
    {
        Reply::Remarks(remarks) => remarks,
        other => panic!("{other:?}"),
    }
}

fn device(at: LatLon) -> Option<PlaceFix> {
    Some(PlaceFix { at, source: PlaceSource::Device, accuracy_m: None, age_s: None })
}

#[test]
fn place_and_time_come_from_the_photo_rather_than_from_the_phone() {
    let Some(file) = real_photo("DSCN0010.jpg") else { return };
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let draft = draft(&phone, file, device(place(47.6, -122.3))).await.unwrap();
        let place = draft.place.unwrap();
        assert_eq!(place.source, PlaceSource::Photo);
        assert!((place.at.lat - 43.467).abs() < 0.01, "{place:?}");
        assert!(draft.photos[0].taken_at.as_ref().unwrap().starts_with("2008-10-22"));
    });
}

#[test]
fn null_island_is_no_place() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let nowhere = device(LatLon { lat: 0.0, lon: 0.0 });
        assert_eq!(draft(&phone, plain_jpeg(), nowhere).await.unwrap().place, None);
    });
}

#[test]
fn a_heic_is_kept_as_it_is_and_said_so() {
    let Some(file) = real_photo("IMG_5195.HEIC") else { return };
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let draft = draft(&phone, file.clone(), None).await.unwrap();
        assert!(draft.remarks[0].contains("HEIC") && draft.remarks[0].contains("kept"), "{:?}", draft.remarks);
        let [original] = &draft.photos[0].renditions[..] else { panic!("{:?}", draft.photos) };
        assert_eq!(original.media_type, "image/heic");
        let Reply::File(Some(kept)) = phone.ask(Ask::File { sha256: original.sha256.clone() }).await.unwrap() else {
            panic!("it is not here")
        };
        assert_eq!(kept.bytes, file);
    });
}

#[test]
fn a_damaged_photo_is_told_in_words_and_costs_nothing_else() {
    let names = ["corrupted.jpg", "invalid_image00971.jpg", "invalid_image01551.jpg", "invalid_image02206.jpg"];
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        for name in names {
            let Some(file) = real_photo(name) else { return };
            match draft(&phone, file, None).await {
                Ok(draft) => {
                    phone.ask(Ask::DiscardDraft(draft.ids.work_order)).await.unwrap();
                }
                Err(error) => {
                    assert_eq!(error.kind, ErrorKind::Photo);
                    assert!(error.message.contains("Everything else is kept"), "{error}");
                }
            }
        }
        assert_eq!(files_on(disk.dir.path()), 0);
        assert_eq!(phone.order(id).await.requests.len(), 1);
    });
}

#[test]
fn one_file_that_the_server_will_not_take_does_not_hold_up_the_others() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        script.hang_up();
        let attach = Ask::AttachPhoto {
            action_id: ActionId(fresh_id()),
            work_order: id,
            slot: PhotoSlot::Before,
            file: plain_jpeg(),
            place_follows: false,
        };
        phone.ask(attach).await.unwrap();
        let photo = phone.order(id).await.photos.remove(0).body;
        let thumbnail = photo.rendition(RenditionKind::Thumbnail).unwrap().sha256.clone();
        *script.file_status.borrow_mut() = Some((thumbnail, 422));
        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        let line = phone.until(|line| line.photos_waiting == 1 && line.sending == 0).await;
        assert_eq!(line.only_here, 1, "a photo whose action has arrived is one thing that only this phone has");
        // It is never given up.
        *script.file_status.borrow_mut() = None;
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
    });
}

#[test]
fn a_file_that_the_server_refuses_is_not_sent_again_and_again() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        script.hang_up();
        assert_eq!(attach(&phone, id, plain_jpeg()).await, Vec::<String>::new());
        let photo = phone.order(id).await.photos.remove(0).body;
        let original = photo.rendition(RenditionKind::Original).unwrap().sha256.clone();
        *script.file_status.borrow_mut() = Some((original.clone(), 413));
        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.photos_waiting == 1 && line.sending == 0).await;
        // Every action syncs, and every sync looks for files to send.
        for _ in 0..3 {
            phone.file_pothole(place(47.6, -122.3)).await;
            phone.until(|line| line.only_here == 1 && line.sending == 0).await;
        }
        assert_eq!(script.files_sent().iter().filter(|sha256| **sha256 == original).count(), 1);
        let Reply::SyncSheet(sheet) = phone.ask(Ask::SyncSheet).await.unwrap() else { panic!("no sheet") };
        let said = sheet.only_here[0].not_now.as_deref().unwrap();
        assert!(said.contains("safe on this phone"), "{said}");
        let [trouble] = &sheet.files_in_trouble[..] else { panic!("{sheet:?}") };
        assert_eq!((&trouble.sha256, trouble.work_order, sheet.line.needs_you), (&original, id, 1));
        // It stays so when the phone is switched off, until the person says to try again.
        phone.kill();
        let mut phone = disk.boot(script.clone());
        assert_eq!(phone.line().await.needs_you, 1);
        *script.file_status.borrow_mut() = None;
        phone.ask(Ask::RetryFile { sha256: original }).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.needs_you == 0).await;
    });
}

#[test]
fn small_files_go_one_by_one_to_a_server_that_does_not_take_them_together_and_it_is_not_asked_again() {
    // An older server, one behind a proxy that lets nothing else through, and one with a small limit.
    for status in [404, 405, 413] {
        run(async {
            let (disk, script) = (Disk::new(), Script::new(Role::Crew));
            script.together_status.set(status);
            let mut phone = disk.boot(script.clone());
            phone.sign_in().await;
            let id = phone.file_pothole(place(47.6, -122.3)).await;
            for side in [17, 33] {
                attach(&phone, id, plain_jpeg_of(side)).await;
                phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
            }
            let count = |wanted: fn(&HttpRequest) -> bool| {
                script.requests.borrow().iter().filter(|request| wanted(request)).count()
            };
            assert_eq!(count(|request| request.method == Method::Put), 6, "{status}");
            let together = count(|request| request.path == "/api/files");
            assert!((1..=2).contains(&together), "two tasks send at once: {together}");
            phone.kill();
            // The server may be a newer one by the time that the app is opened again.
            script.together_status.set(200);
            let mut phone = disk.boot(script.clone());
            attach(&phone, id, plain_jpeg_of(40)).await;
            phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
            assert_eq!(count(|request| request.method == Method::Put), 6, "{status}");
        });
    }
}

#[test]
fn a_small_file_that_is_refused_alone_holds_up_no_other() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        script.together_status.set(413);
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        script.hang_up();
        attach(&phone, id, plain_jpeg()).await;
        let photo = phone.order(id).await.photos.remove(0).body;
        let thumbnail = photo.rendition(RenditionKind::Thumbnail).unwrap().sha256.clone();
        *script.file_status.borrow_mut() = Some((thumbnail.clone(), 413));
        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.photos_waiting == 1 && line.needs_you == 1 && line.sending == 0).await;
        let Reply::SyncSheet(sheet) = phone.ask(Ask::SyncSheet).await.unwrap() else { panic!("no sheet") };
        assert_eq!(sheet.files_in_trouble[0].sha256, thumbnail);
    });
}

#[test]
fn originals_wait_for_wifi_where_the_connection_costs_and_go_when_the_person_says_so() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot_on(script.clone(), Some(true));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        attach(&phone, id, plain_jpeg()).await;
        let line = phone.until(|line| line.photos_waiting == 1 && line.sending == 0 && line.only_here == 1).await;
        assert_eq!(line.originals_held, 1, "what is shown went, the original waits");
        let Reply::SyncSheet(sheet) = phone.ask(Ask::SyncSheet).await.unwrap() else { panic!("no sheet") };
        let held = sheet.originals_held.unwrap();
        assert!(sheet.originals_on_wifi && held.files == 1 && held.bytes > 0 && held.message.contains("wifi"));
        phone.ask(Ask::SendOriginalsNow).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        // Once is once; and the setting outlives the phone's being switched off.
        attach(&phone, id, plain_jpeg_of(7)).await;
        phone.until(|line| line.photos_waiting == 1 && line.sending == 0 && line.only_here == 1).await;
        phone.ask(Ask::SetOriginalsOnWifi(false)).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        phone.kill();
        let mut phone = disk.boot_on(script, Some(true));
        attach(&phone, id, plain_jpeg_of(33)).await;
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
    });
}

#[test]
fn what_is_odd_about_a_photo_of_a_job_is_said() {
    let Some(heic) = real_photo("IMG_5195.HEIC") else { return };
    let Some(damaged) = real_photo("corrupted.jpg") else { return };
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        let remarks = attach(&phone, id, heic).await;
        assert!(remarks[0].contains("HEIC"), "{remarks:?}");
        let remarks = attach(&phone, id, damaged).await;
        assert!(remarks[0].contains("kept as it is"), "{remarks:?}");
    });
}

#[test]
fn a_photo_for_a_job_that_has_left_the_phone_becomes_a_draft_and_is_not_lost() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let gone = WorkOrderId(fresh_id());
        let (action_id, slot) = (ActionId(fresh_id()), PhotoSlot::After);
        // Asked twice, as after a take-over by another tab.
        for _ in 0..2 {
            let ask = Ask::AttachPhoto { action_id, work_order: gone, slot, file: plain_jpeg(), place_follows: false };
            let Reply::Remarks(remarks) = phone.ask(ask).await.unwrap() else { panic!("no remarks") };
            assert!(remarks[0].contains("not lost") && remarks[0].contains("draft"), "{remarks:?}");
        }
        let Reply::Drafts(drafts) = phone.ask(Ask::Drafts).await.unwrap() else { panic!("no drafts") };
        let [draft] = &drafts[..] else { panic!("one draft: {drafts:?}") };
        assert_eq!(draft.photos.len(), 1);
        let sha256 = draft.photos[0].rendition(RenditionKind::Original).unwrap().sha256.clone();
        assert!(matches!(phone.ask(Ask::File { sha256 }).await.unwrap(), Reply::File(Some(_))));
        // It is filed as any other.
        let mut draft = draft.clone();
        draft.place = device(place(47.6, -122.3));
        draft.service_code = Some("pothole".into());
        let id = draft.ids.work_order;
        phone.ask(Ask::SaveDraft(Box::new(draft))).await.unwrap();
        phone.ask(Ask::FileDraft(id)).await.unwrap();
        assert_eq!(phone.order(id).await.photos.len(), 1);
    });
}

#[test]
fn a_photo_file_that_is_gone_is_said_to_be_lost_and_can_be_put_away() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        script.hang_up();
        attach(&phone, id, plain_jpeg()).await;
        for file in std::fs::read_dir(disk.dir.path().join("photos")).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.needs_you == 1 && line.sending == 0).await;
        let Reply::SyncSheet(sheet) = phone.ask(Ask::SyncSheet).await.unwrap() else { panic!("no sheet") };
        assert!(sheet.files_in_trouble.len() >= 2);
        for file in &sheet.files_in_trouble {
            assert_eq!(file.kind, FileTrouble::Gone);
            assert!(file.message.contains("lost") && file.message.contains("again"), "{}", file.message);
            // Another try helps nothing, and hides nothing.
            phone.ask(Ask::RetryFile { sha256: file.sha256.clone() }).await.unwrap();
        }
        assert_eq!(phone.line().await.needs_you, 1);
        for file in sheet.files_in_trouble {
            phone.ask(Ask::LetFileGo { sha256: file.sha256 }).await.unwrap();
        }
        let line = phone.until(|line| line.only_here == 0).await;
        assert_eq!((line.needs_you, line.photos_waiting), (0, 0));
        let order = phone.order(id).await;
        let taken: Vec<_> = order.photos.iter().map(|photo| photo.id.clone()).collect();
        assert_eq!(taken.len(), 1, "the job says all the same that a photo was taken");
        assert!(order.lost_photos.iter().eq(&taken), "and to everybody that it is lost, once");
    });
}

/// The files of the photos that a job has.
async fn files_of(phone: &Phone, id: WorkOrderId) -> BTreeSet<String> {
    let photos = phone.order(id).await.photos;
    photos.iter().flat_map(|photo| &photo.body.renditions).map(|rendition| rendition.sha256.clone()).collect()
}

#[test]
fn a_full_phone_lets_go_what_the_city_has_and_nothing_else() {
    // The server may have no backups; or one from before the photo was sent, and might be restored from that; or a later one.
    // A city that makes none may say that its having a photo is enough.
    let (backed_up, sent) = ("until_backed_up", "until_sent");
    for (stays, backed_up_through, goes) in
        [(backed_up, None, false), (backed_up, Some(1), false), (backed_up, Some(i64::MAX), true), (sent, None, true)]
    {
        run(async {
            let (disk, script, room) = (Disk::new(), Script::new(Role::Crew), Rc::new(Cell::new(None)));
            let mut phone = disk.boot_with(script.clone(), room.clone());
            let mut files = demo_files().files().clone();
            let units = "\"units\": \"imperial\"";
            let said = files["city.json"].replace(units, &format!("{units}, \"photos_stay_on_phones\": \"{stays}\""));
            files.insert("city.json".to_owned(), said);
            *script.city.borrow_mut() = CityFiles::new(files);
            let city_version = script.city.borrow().version().to_owned();
            script.say(move |_, polite| {
                Some(SyncResponse { backed_up_through, city_version: city_version.clone(), ..polite })
            });
            phone.sign_in().await;
            while !matches!(phone.ask(Ask::City).await.unwrap(), Reply::City(Some(_))) {
                phone.changed(|changed| matches!(changed, Changed::City)).await;
            }
            let [sent, unsent, new] = [
                phone.file_pothole(place(47.6, -122.3)).await,
                phone.file_pothole(place(47.6, -122.3)).await,
                phone.file_pothole(place(47.6, -122.3)).await,
            ];
            attach(&phone, sent, plain_jpeg()).await;
            phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
            *script.file_status.borrow_mut() = Some((String::new(), 503));
            attach(&phone, unsent, plain_jpeg_of(7)).await;
            assert!(files_of(&phone, sent).await.is_subset(&disk.photo_files()), "there is room for all");
            room.set(Some(Room { used: 1_000, most: 1_000 }));
            attach(&phone, new, plain_jpeg_of(33)).await;
            let there = disk.photo_files();
            assert!(files_of(&phone, unsent).await.is_subset(&there), "what only this phone has stays");
            assert!(files_of(&phone, new).await.is_subset(&there));
            assert_eq!(files_of(&phone, sent).await.is_disjoint(&there), goes, "{stays}, {backed_up_through:?}");
            let Reply::Stored(stored) = phone.ask(Ask::Stored).await.unwrap() else { panic!("not told") };
            assert!(stored.low && stored.only_here >= 6, "{stored:?}");
        });
    }
}
