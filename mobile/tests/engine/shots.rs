//! Photos taken in the app: kept at once, sent when the person says so, and what was covered before is nowhere.

use crate::support::{Disk, Phone, Script, files_on, place, plain_jpeg, plain_jpeg_of, real_photo, run};
use coldpatch_mobile::engine::api::{Ask, Draft, DraftIds, ErrorKind, Reply, Shot, Taken};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{Mark, Photo, PhotoSlot, PlaceFix, PlaceSource, RenditionKind, Shape};
use coldpatch_shared::photo::Area;
use std::collections::BTreeSet;
use zune_core::bytestream::ZCursor;

/// The right half, upper part, of the picture.
const FACE: Area = Area { x: 0.5, y: 0.1, width: 0.4, height: 0.5 };

async fn shots(phone: &Phone, ask: Ask) -> Vec<Shot> {
    match phone.ask(ask).await.unwrap() {
        Reply::Shots(shots) => shots,
        other => panic!("{other:?}"),
    }
}

fn keep(work_order: WorkOrderId, file: Vec<u8>) -> Ask {
    let shot = ActionId(fresh_id());
    Ask::KeepShot { shot, work_order, slot: PhotoSlot::Before, file, taken: taken() }
}

fn taken() -> Taken {
    let at = place(47.6, -122.3);
    let fix = PlaceFix { at, source: PlaceSource::Device, accuracy_m: Some(6.5), age_s: None };
    Taken { at: Some("2026-11-22T09:30:00-08:00".to_owned()), at_ms: Some(1_795_368_600_000), place: Some(fix) }
}

fn retouch(work_order: WorkOrderId, photo: &Photo, marks: Vec<Mark>, cover: Vec<Area>) -> Ask {
    Ask::Retouch { work_order, photo: photo.renditions[0].sha256.clone(), marks, cover }
}

fn circle() -> Vec<Mark> {
    vec![Shape::Circle { x: 0.3, y: 0.3, radius: 0.1 }.into()]
}

async fn a_job(phone: &Phone) -> WorkOrderId {
    phone.sign_in().await;
    phone.file_pothole(place(47.6, -122.3)).await
}

/// Whether every pixel in the middle of [`FACE`] is as good as black; no picture at all is an error.
fn is_covered(file: &[u8]) -> bool {
    let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(file));
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    let (left, right) = (width * 52 / 100, width * 88 / 100);
    let (top, bottom) = (height * 12 / 100, height * 58 / 100);
    (top..bottom).all(|y| pixels[3 * (y * width + left)..3 * (y * width + right)].iter().all(|value| *value < 48))
}

/// The photo files that the phone has.
fn files(disk: &Disk) -> Vec<Vec<u8>> {
    let folder = disk.dir.path().join("photos");
    disk.photo_files().into_iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
}

/// Whether these bytes were ever in anything that left the phone, by themselves or among others.
fn was_sent(script: &Script, file: &[u8]) -> bool {
    script.requests.borrow().iter().any(|request| {
        let body = request.body.as_ref().map_or(&[][..], |(_, body)| body);
        body.windows(file.len()).any(|part| part == file)
    })
}

#[test]
fn a_shot_survives_the_phones_end_and_is_sent_only_when_it_is_added() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        let id = a_job(&phone).await;
        assert_eq!(shots(&phone, keep(id, plain_jpeg())).await.len(), 1);
        phone.kill();

        phone = disk.boot(script.clone());
        let photo = &shots(&phone, Ask::Shots(id)).await.remove(0).photo;
        assert_eq!(photo.taken_at, taken().at, "the picture itself does not say when");
        assert_eq!(photo.place, taken().place, "nor where");
        phone.ask(Ask::SyncNow).await.unwrap();
        let line = phone.until(|line| line.sending == 0 && line.only_here == 0).await;
        assert_eq!((line.shots, line.photos_waiting), (1, 0));
        assert!(phone.order(id).await.photos.is_empty());
        let kept = files(&disk);
        assert!(kept.len() == 3 && !kept.iter().any(|file| was_sent(&script, file)));

        phone.ask(Ask::AddShots(id)).await.unwrap();
        phone.ask(Ask::AddShots(id)).await.unwrap();
        let order = phone.order(id).await;
        assert_eq!(order.photos.len(), 1, "asked twice, added once");
        assert_eq!(order.photos[0].body, *photo);
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0 && line.shots == 0).await;
        assert!(kept.iter().all(|file| was_sent(&script, file)));
    });
}

#[test]
fn a_camera_that_says_when_and_where_is_believed_rather_than_the_phone() {
    let Some(file) = real_photo("DSCN0010.jpg") else { return };
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        let id = a_job(&phone).await;
        let photo = shots(&phone, keep(id, file)).await.remove(0).photo;
        assert_eq!(photo.place.unwrap().source, PlaceSource::Photo);
        assert!(photo.taken_at.unwrap().starts_with("2008-10-22"));
    });
}

#[test]
fn what_was_covered_is_in_no_file_that_the_phone_keeps_or_the_server_gets() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        let id = a_job(&phone).await;
        let shot = shots(&phone, keep(id, plain_jpeg())).await.remove(0);
        let before: BTreeSet<String> = disk.photo_files();
        assert_eq!(before.len(), 3);
        let secret = files(&disk);
        assert!(secret.iter().all(|file| !is_covered(file)), "the test can tell");

        phone.ask(retouch(id, &shot.photo, circle(), vec![FACE])).await.unwrap();
        let covered = shots(&phone, Ask::Shots(id)).await.remove(0).photo;
        assert!(covered.covered && covered.rendition(RenditionKind::Original).is_none());
        assert_ne!(covered.blur, shot.photo.blur);
        assert_eq!((&covered.taken_at, &covered.place), (&shot.photo.taken_at, &shot.photo.place));
        assert!(disk.photo_files().is_disjoint(&before), "not one of the old files is left");

        phone.ask(Ask::AddShots(id)).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let now = files(&disk);
        assert_eq!(now.len(), 2, "display and thumbnail");
        assert!(now.iter().all(|file| is_covered(file) && was_sent(&script, file)));
        assert!(!secret.iter().any(|file| was_sent(&script, file)));
        assert_eq!(phone.order(id).await.photos[0].body.marks, circle());
    });
}

#[test]
fn what_could_not_be_erased_at_once_is_erased_at_the_next_start() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script.clone());
        let id = a_job(&phone).await;
        let shot = shots(&phone, keep(id, plain_jpeg())).await.remove(0);
        let original = shot.photo.rendition(RenditionKind::Original).unwrap().sha256.clone();
        // Something stands in the way of removing it.
        let (path, aside) = (disk.dir.path().join("photos").join(&original), disk.dir.path().join("aside"));
        std::fs::rename(&path, &aside).unwrap();
        std::fs::create_dir(&path).unwrap();
        phone.ask(retouch(id, &shot.photo, Vec::new(), vec![FACE])).await.unwrap();
        phone.kill();
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();

        let phone = disk.boot(script.clone());
        while disk.photo_files().contains(&original) {
            phone.ask(Ask::SyncLine).await.unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(files_on(disk.dir.path()), 2);
    });
}

#[test]
fn of_two_shots_of_one_picture_each_is_covered_by_itself() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        let id = a_job(&phone).await;
        let first = shots(&phone, keep(id, plain_jpeg())).await.remove(0);
        assert_eq!(shots(&phone, keep(id, plain_jpeg())).await.len(), 2);
        assert_eq!(files_on(disk.dir.path()), 3);
        phone.ask(retouch(id, &first.photo, Vec::new(), vec![FACE])).await.unwrap();
        let covered = |shots: &[Shot]| shots.iter().map(|shot| shot.photo.covered).collect::<Vec<_>>();
        let now = shots(&phone, Ask::Shots(id)).await;
        assert_eq!(covered(&now), [true, false]);
        assert_eq!(files_on(disk.dir.path()), 5, "the other one still needs its own");
        phone.ask(retouch(id, &now[1].photo, Vec::new(), vec![FACE])).await.unwrap();
        assert_eq!(covered(&shots(&phone, Ask::Shots(id)).await), [true, true]);
        assert_eq!(files_on(disk.dir.path()), 2);
    });
}

#[test]
fn marks_alone_leave_the_picture_as_it_is() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        let id = a_job(&phone).await;
        let shot = shots(&phone, keep(id, plain_jpeg())).await.remove(0);
        phone.ask(retouch(id, &shot.photo, circle(), Vec::new())).await.unwrap();
        let marked = shots(&phone, Ask::Shots(id)).await.remove(0).photo;
        assert_eq!(marked.renditions, shot.photo.renditions);
        assert_eq!((marked.marks, marked.covered), (circle(), false));
        let long = Shape::Text { x: 0.1, y: 0.1, text: "a".repeat(81) };
        let error = phone.ask(retouch(id, &shot.photo, vec![long.into()], Vec::new())).await.unwrap_err();
        assert!(error.message.contains("80 characters"), "{error}");
    });
}

#[test]
fn a_shot_that_is_thrown_away_leaves_nothing_and_the_others_stay() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        let id = a_job(&phone).await;
        let first = shots(&phone, keep(id, plain_jpeg_of(1))).await.remove(0);
        assert_eq!(shots(&phone, keep(id, plain_jpeg_of(2))).await.len(), 2);
        let left = shots(&phone, Ask::DropShot { work_order: id, shot: first.id }).await;
        assert_eq!(left.len(), 1);
        let names: BTreeSet<String> = left[0].photo.renditions.iter().map(|file| file.sha256.clone()).collect();
        assert_eq!(disk.photo_files(), names);
        let error = phone.ask(retouch(id, &first.photo, circle(), Vec::new())).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotHere);
    });
}

#[test]
fn a_shot_for_a_job_that_is_gone_becomes_a_draft() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        phone.sign_in().await;
        let nowhere = WorkOrderId(fresh_id());
        shots(&phone, keep(nowhere, plain_jpeg())).await;
        let Reply::Remarks(remarks) = phone.ask(Ask::AddShots(nowhere)).await.unwrap() else { panic!("no remarks") };
        assert!(remarks[0].contains("not lost"), "{remarks:?}");
        let Reply::Drafts(drafts) = phone.ask(Ask::Drafts).await.unwrap() else { panic!("no drafts") };
        assert_eq!((drafts.len(), drafts[0].photos.len()), (1, 1));
        assert_eq!(drafts[0].place, taken().place);
        assert_eq!(phone.line().await.shots, 0);
        assert_eq!(phone.line().await.photos_waiting, 0, "a draft's files do not wait");
    });
}

async fn draft(phone: &Phone, file: Vec<u8>) -> Draft {
    let ids = DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    };
    match phone.ask(Ask::DraftFromShot { ids, shot: fresh_id(), file, taken: taken() }).await.unwrap() {
        Reply::Draft(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_drafts_photo_is_covered_before_it_is_filed() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Inspector));
        let mut phone = disk.boot(script.clone());
        a_job(&phone).await;
        let draft = draft(&phone, plain_jpeg()).await;
        assert_eq!(draft.place, taken().place);
        let (id, secret) = (draft.ids.work_order, files(&disk));
        phone.ask(retouch(id, &draft.photos[0], circle(), vec![FACE])).await.unwrap();
        assert_eq!(phone.line().await.photos_waiting, 0);
        let Reply::Drafts(mut drafts) = phone.ask(Ask::Drafts).await.unwrap() else { panic!("no drafts") };
        let mut covered = drafts.remove(0);
        covered.service_code = Some(ServiceCode::from("pothole"));
        phone.ask(Ask::SaveDraft(Box::new(covered))).await.unwrap();
        phone.ask(Ask::FileDraft(id)).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let now = files(&disk);
        assert!(now.len() == 2 && now.iter().all(|file| is_covered(file) && was_sent(&script, file)));
        assert!(!secret.iter().any(|file| was_sent(&script, file)));
        let order = phone.order(id).await;
        assert_eq!(order.photos[0].body.marks, circle());
        assert!(order.requests[0].body.observed_at.is_some());
    });
}

#[test]
fn a_draft_that_is_saved_as_it_looked_before_does_not_bring_back_what_was_covered() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Inspector));
        let phone = disk.boot(script.clone());
        a_job(&phone).await;
        let old = draft(&phone, plain_jpeg()).await;
        phone.ask(retouch(old.ids.work_order, &old.photos[0], Vec::new(), vec![FACE])).await.unwrap();
        // The card on the screen had not heard of it yet, and somebody typed on.
        let typed = Draft { description: "Two plates".to_owned(), ..old };
        phone.ask(Ask::SaveDraft(Box::new(typed))).await.unwrap();
        let Reply::Drafts(drafts) = phone.ask(Ask::Drafts).await.unwrap() else { panic!("no drafts") };
        assert_eq!(drafts[0].description, "Two plates");
        assert!(drafts[0].photos[0].covered, "the photo is the covered one");
        assert_eq!(files_on(disk.dir.path()), 2);
    });
}

#[test]
fn what_this_phone_cannot_show_it_cannot_cover_and_says_so() {
    let Some(file) = real_photo("IMG_5195.HEIC") else { return };
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let phone = disk.boot(script);
        let id = a_job(&phone).await;
        let shot = shots(&phone, keep(id, file)).await.remove(0);
        let error = phone.ask(retouch(id, &shot.photo, Vec::new(), vec![FACE])).await.unwrap_err();
        assert!(error.message.contains("throw it away"), "{error}");
        assert_eq!(shots(&phone, Ask::Shots(id)).await, [shot]);
    });
}

#[test]
fn a_held_photo_whose_file_is_in_a_draft_too_is_not_sent_before_it_is_added() {
    for draft_first in [true, false] {
        run(async {
            let (disk, script) = (Disk::new(), Script::new(Role::Inspector));
            let mut phone = disk.boot(script.clone());
            let id = a_job(&phone).await;
            phone.until(|line| line.only_here == 0).await;
            let file = plain_jpeg();
            let ids = DraftIds {
                work_order: WorkOrderId(fresh_id()),
                request: ServiceRequestId(fresh_id()),
                action: ActionId(fresh_id()),
            };
            let draft = || Ask::DraftFromPhoto { ids, file: file.clone(), device_place: None };
            if draft_first {
                phone.ask(draft()).await.unwrap();
            }
            let shot = shots(&phone, keep(id, file.clone())).await.remove(0);
            if !draft_first {
                phone.ask(draft()).await.unwrap();
            }
            assert_eq!(phone.line().await.photos_waiting, 0);
            phone.ask(Ask::SyncNow).await.unwrap();
            phone.ask(retouch(id, &shot.photo, Vec::new(), vec![FACE])).await.unwrap();
            phone.ask(Ask::AddShots(id)).await.unwrap();
            phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
            assert!(!was_sent(&script, &file), "draft first: {draft_first}");
            assert!(phone.order(id).await.photos[0].body.covered);
        });
    }
}

#[test]
fn what_is_just_being_covered_is_not_sent_as_it_was() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Crew));
        let mut phone = disk.boot(script.clone());
        let id = a_job(&phone).await;
        let file = plain_jpeg();
        let shot = shots(&phone, keep(id, file.clone())).await.remove(0);
        // Both at once, as by two quick taps.
        let covering = phone.ask(retouch(id, &shot.photo, Vec::new(), vec![FACE]));
        let (covered, added) = futures_util::future::join(covering, phone.ask(Ask::AddShots(id))).await;
        covered.unwrap();
        let refused = added.unwrap_err();
        assert!(refused.message.contains("Nothing was sent"), "{refused}");
        phone.ask(Ask::AddShots(id)).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        assert!(!was_sent(&script, &file));
    });
}

#[test]
fn a_shot_is_kept_before_anything_is_made_of_it() {
    run(async {
        let disk = Disk::new();
        let dark = std::rc::Rc::new(std::cell::Cell::new(false));
        let phone = disk.boot_dark(Script::new(Role::Crew), dark.clone());
        let id = a_job(&phone).await;
        dark.set(true);
        // The making never ends, and then the phone does.
        let never = phone.ask(keep(id, plain_jpeg()));
        let kept = async {
            while shots(&phone, Ask::Shots(id)).await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        futures_util::future::select(Box::pin(never), Box::pin(kept)).await;
        phone.kill();
        let folder = disk.dir.path().join("photos");
        std::fs::write(folder.join("83f1.part"), b"cut off").unwrap();
        let phone = disk.boot(Script::new(Role::Crew));
        let [shot] = &shots(&phone, Ask::Shots(id)).await[..] else { panic!("it is lost") };
        assert_eq!(shot.photo.renditions[0].kind, RenditionKind::Original);
        // And the rest is made now, so that it can be covered.
        while shots(&phone, Ask::Shots(id)).await[0].photo.renditions.len() < 3 {
            tokio::task::yield_now().await;
        }
        assert!(!folder.join("83f1.part").exists(), "the rest of a write is of use to nobody");
    });
}
