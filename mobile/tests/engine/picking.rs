//! Many photos picked at once: kept first, then made, each in its draft.

use crate::support::{Disk, Phone, Script, files_on, place, plain_jpeg_of, real_photo, run};
use coldpatch_mobile::engine::api::{Ask, Changed, Draft, DraftIds, LeftOut, Pick, PickedFile, Picking, Reply};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PlaceFix, PlaceSource, RenditionKind};
use std::cell::Cell;
use std::rc::Rc;
use uuid::Uuid;

fn ids() -> DraftIds {
    DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    }
}

/// Photos of one thing after the other: so many of the first, so many of the second, …
fn picks(groups: &[usize]) -> Vec<Pick> {
    let group = |(begun_at, count): (i64, &usize)| {
        let draft = ids();
        (0..*count).map(move |n| Pick { id: fresh_id(), name: format!("{begun_at}-{n}.jpg"), draft, begun_at })
    };
    (0..).zip(groups).flat_map(group).collect()
}

async fn pick(phone: &Phone, picks: &[Pick]) -> Uuid {
    let batch = fresh_id();
    phone.ask(Ask::Picked { batch, picks: picks.to_vec(), left_out: None }).await.unwrap();
    batch
}

async fn bring(phone: &Phone, pick: &Pick, file: Vec<u8>) {
    phone.ask(Ask::PickedBytes { id: pick.id, file: PickedFile::Bytes(file) }).await.unwrap();
}

async fn picking(phone: &Phone) -> Picking {
    match phone.ask(Ask::Picking).await.unwrap() {
        Reply::Picking(picking) => picking,
        other => panic!("{other:?}"),
    }
}

async fn done(phone: &mut Phone) -> Picking {
    loop {
        let now = picking(phone).await;
        if now.idle() {
            return now;
        }
        phone.changed(|changed| matches!(changed, Changed::Picking(_))).await;
    }
}

async fn drafts(phone: &Phone) -> Vec<Draft> {
    match phone.ask(Ask::Drafts).await.unwrap() {
        Reply::Drafts(drafts) => drafts,
        other => panic!("{other:?}"),
    }
}

fn counts(drafts: &[Draft]) -> Vec<usize> {
    drafts.iter().map(|draft| draft.photos.len()).collect()
}

/// An inspector's phone.
async fn phone(disk: &Disk) -> Phone {
    let phone = disk.boot(Script::new(Role::Inspector));
    phone.sign_in().await;
    phone
}

#[test]
fn picked_photos_become_the_drafts_that_they_were_put_into_in_the_order_taken() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[2, 1, 3]);
        pick(&phone, &picks).await;
        assert_eq!(picking(&phone).await, Picking { all: 6, ..Picking::default() });
        // The bytes come as they like.
        for (pick, side) in picks.iter().zip([17, 18, 19, 20, 21, 22]).rev() {
            bring(&phone, pick, plain_jpeg_of(side)).await;
        }
        assert_eq!(done(&mut phone).await, Picking { all: 6, done: 6, ..Picking::default() });
        let drafts = drafts(&phone).await;
        assert_eq!(counts(&drafts), [2, 1, 3]);
        assert!(drafts.iter().flat_map(|draft| &draft.photos).all(|photo| photo.renditions.len() == 3));
        let expected: Vec<_> = picks.iter().map(|pick| pick.draft).collect();
        assert_eq!(drafts.iter().map(|draft| draft.ids).collect::<Vec<_>>(), [expected[0], expected[2], expected[3]]);
    });
}

#[test]
fn what_was_kept_and_is_not_made_is_made_after_the_app_was_closed_and_what_was_not_kept_is_named() {
    run(async {
        let disk = Disk::new();
        let dark = Rc::new(Cell::new(false));
        let phone = disk.boot_dark(Script::new(Role::Inspector), dark.clone());
        phone.sign_in().await;
        dark.set(true);
        let picks = picks(&[1, 2, 1]);
        pick(&phone, &picks).await;
        for (pick, side) in picks.iter().zip([17, 18, 19]) {
            bring(&phone, pick, plain_jpeg_of(side)).await;
        }
        assert_eq!(picking(&phone).await.done, 0);
        phone.kill();
        let mut phone = disk.boot(Script::new(Role::Inspector));
        let now = done(&mut phone).await;
        assert_eq!((now.all, now.done), (4, 4));
        let [lost] = &now.failures[..] else { panic!("{now:?}") };
        assert_eq!(lost.name, "2-0.jpg");
        assert!(lost.message.contains("closed") && lost.message.contains("Pick it again"), "{}", lost.message);
        assert_eq!(counts(&drafts(&phone).await), [1, 2]);
        phone.ask(Ask::ForgetPick(lost.id)).await.unwrap();
        assert_eq!(picking(&phone).await.failures, []);
    });
}

#[test]
fn what_the_device_cannot_make_now_is_kept_and_tried_again() {
    run(async {
        let disk = Disk::new();
        let dark = Rc::new(Cell::new(false));
        let phone = disk.boot_dark(Script::new(Role::Inspector), dark.clone());
        phone.sign_in().await;
        dark.set(true);
        let picks = picks(&[1]);
        pick(&phone, &picks).await;
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        phone.kill();
        let mut phone = disk.boot(Script::new(Role::Inspector));
        // Before it looks there: for a while the disk does not answer.
        let (photos, away) = (disk.dir.path().join("photos"), disk.dir.path().join("away"));
        std::fs::rename(&photos, &away).unwrap();
        std::fs::write(&photos, b"in the way").unwrap();
        let now = done(&mut phone).await;
        let [failed] = &now.failures[..] else { panic!("{now:?}") };
        assert!(failed.message.contains("kept on this phone"), "{}", failed.message);
        std::fs::remove_file(&photos).unwrap();
        std::fs::rename(&away, &photos).unwrap();
        phone.ask(Ask::ForgetPick(failed.id)).await.unwrap();
        assert_eq!(done(&mut phone).await.failures, []);
        assert_eq!(counts(&drafts(&phone).await), [1]);
    });
}

#[test]
fn stopping_keeps_what_is_in_drafts_and_leaves_nothing_of_the_rest() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[1, 1, 1]);
        pick(&phone, &picks).await;
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        phone.changed(|changed| matches!(changed, Changed::Picking(now) if now.done == 1)).await;
        phone.ask(Ask::StopPicking).await.unwrap();
        assert!(picking(&phone).await.idle());
        // The page had not heard of it yet.
        bring(&phone, &picks[1], plain_jpeg_of(18)).await;
        assert_eq!(counts(&drafts(&phone).await), [1]);
        assert_eq!(files_on(disk.dir.path()), 3);
    });
}

#[test]
fn a_broken_file_among_good_ones_is_named_and_costs_no_other() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[1, 1, 1, 1, 1]);
        pick(&phone, &picks).await;
        let files = [
            plain_jpeg_of(17),
            b"not a picture".to_vec(),
            plain_jpeg_of(18)[..40].to_vec(),
            Vec::new(),
            plain_jpeg_of(19),
        ];
        for (pick, file) in picks.iter().zip(files) {
            bring(&phone, pick, file).await;
        }
        let now = done(&mut phone).await;
        let named: Vec<_> = now.failures.iter().map(|failure| failure.name.as_str()).collect();
        assert_eq!(named, ["1-0.jpg", "2-0.jpg", "3-0.jpg"]);
        assert!(now.failures.iter().all(|failure| failure.message.len() > 40), "{now:?}");
        assert_eq!(counts(&drafts(&phone).await), [1, 1]);
        assert_eq!(files_on(disk.dir.path()), 6, "nothing is left of what could not be read");
    });
}

#[test]
fn a_photo_that_comes_while_somebody_types_is_not_lost_by_what_is_saved() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[2]);
        pick(&phone, &picks).await;
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        phone.changed(|changed| matches!(changed, Changed::Picking(now) if now.done == 1)).await;
        let mut typed = drafts(&phone).await.remove(0);
        typed.description = "Deep".to_owned();
        bring(&phone, &picks[1], plain_jpeg_of(18)).await;
        done(&mut phone).await;
        phone.ask(Ask::SaveDraft(Box::new(typed))).await.unwrap();
        let draft = drafts(&phone).await.remove(0);
        assert_eq!((draft.photos.len(), draft.description.as_str()), (2, "Deep"));
        assert_eq!(files_on(disk.dir.path()), 6);
    });
}

#[test]
fn a_draft_is_not_filed_before_all_its_photos_are_there_to_be_looked_at() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[2]);
        let batch = pick(&phone, &picks).await;
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        phone.changed(|changed| matches!(changed, Changed::Picking(now) if now.done == 1)).await;
        let here =
            PlaceFix { at: place(47.6, -122.3), source: PlaceSource::Device, accuracy_m: Some(8.0), age_s: None };
        phone.ask(Ask::PickedPlace { batch, place: here.clone() }).await.unwrap();
        let mut draft = drafts(&phone).await.remove(0);
        assert_eq!(draft.place, Some(here), "the phone's own place came later than the photo");
        draft.service_code = Some(ServiceCode::from("pothole"));
        let id = draft.ids.work_order;
        phone.ask(Ask::SaveDraft(Box::new(draft))).await.unwrap();
        let refused = phone.ask(Ask::FileDraft(id)).await.unwrap_err();
        assert!(refused.message.contains("still coming") && refused.message.contains("kept"), "{refused}");
        bring(&phone, &picks[1], plain_jpeg_of(18)).await;
        assert_eq!(done(&mut phone).await.failures, []);
        phone.ask(Ask::FileDraft(id)).await.unwrap();
        assert!(drafts(&phone).await.is_empty());
        let order = phone.order(id).await;
        assert_eq!(order.photos.len(), 2);
        assert_eq!(order.photos[1].body.request, Some(order.requests[0].body.request));
    });
}

#[test]
fn throwing_a_draft_away_throws_away_what_was_still_to_come_for_it() {
    run(async {
        let disk = Disk::new();
        let dark = Rc::new(Cell::new(false));
        let mut phone = disk.boot_dark(Script::new(Role::Inspector), dark.clone());
        phone.sign_in().await;
        let picks = picks(&[2]);
        pick(&phone, &picks).await;
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        phone.changed(|changed| matches!(changed, Changed::Picking(now) if now.done == 1)).await;
        dark.set(true);
        bring(&phone, &picks[1], plain_jpeg_of(18)).await;
        phone.ask(Ask::DiscardDraft(picks[0].draft.work_order)).await.unwrap();
        assert!(picking(&phone).await.idle());
        assert_eq!(files_on(disk.dir.path()), 0);
    });
}

#[test]
fn two_drafts_become_one_and_a_photo_leaves_it_again_with_all_its_files() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[1, 1]);
        pick(&phone, &picks).await;
        for (pick, side) in picks.iter().zip([17, 18]) {
            bring(&phone, pick, plain_jpeg_of(side)).await;
        }
        done(&mut phone).await;
        let before = drafts(&phone).await;
        let [into, mut from] = <[Draft; 2]>::try_from(before).unwrap();
        from.description = "Beside the grate".to_owned();
        phone.ask(Ask::SaveDraft(Box::new(from.clone()))).await.unwrap();
        let (from, into) = (from.ids.work_order, into.ids.work_order);
        // Asked twice, as after a take-over by another tab.
        for _ in 0..2 {
            phone.ask(Ask::JoinDrafts { from, into }).await.unwrap();
        }
        let joined = drafts(&phone).await.remove(0);
        assert_eq!((joined.ids.work_order, joined.photos.len()), (into, 2));
        assert_eq!(joined.description, "Beside the grate", "what was typed in the other is kept");

        let out = joined.photos[1].clone();
        let photo = out.rendition(RenditionKind::Original).unwrap().sha256.clone();
        let ids = ids();
        for _ in 0..2 {
            phone.ask(Ask::PartDraft { from: into, photo: photo.clone(), ids }).await.unwrap();
        }
        let parted = drafts(&phone).await;
        assert_eq!(counts(&parted), [1, 1]);
        assert_eq!((parted[1].ids, &parted[1].photos[0]), (ids, &out));
        phone.ask(Ask::DiscardDraft(into)).await.unwrap();
        assert_eq!(files_on(disk.dir.path()), 3);
        assert!(matches!(phone.ask(Ask::File { sha256: photo }).await.unwrap(), Reply::File(Some(_))));
        let alone =
            phone.ask(Ask::PartDraft { from: ids.work_order, photo: out.renditions[0].sha256.clone(), ids }).await;
        assert!(alone.unwrap_err().message.contains("only photo"));
    });
}

#[test]
fn one_picture_picked_twice_into_a_draft_is_one_photo() {
    let Some(file) = real_photo("landscape_1.jpg") else { return };
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[2]);
        pick(&phone, &picks).await;
        for pick in &picks {
            bring(&phone, pick, file.clone()).await;
        }
        done(&mut phone).await;
        assert_eq!(counts(&drafts(&phone).await), [1]);
    });
}

#[test]
fn what_was_left_out_is_named_until_the_person_has_read_it_after_a_restart_too() {
    run(async {
        let disk = Disk::new();
        let mut phone = phone(&disk).await;
        let picks = picks(&[1]);
        let left_out = LeftOut { id: fresh_id(), names: vec!["IMG_1.MOV".to_owned(), "IMG_2, edited.jpg".to_owned()] };
        let ask = || Ask::Picked { batch: picks[0].id, picks: picks.clone(), left_out: Some(left_out.clone()) };
        // Asked twice, as after a take-over by another tab.
        phone.ask(ask()).await.unwrap();
        phone.ask(ask()).await.unwrap();
        let now = picking(&phone).await;
        assert_eq!((now.all, now.done, &now.left_out[..]), (1, 0, &[left_out.clone()][..]));
        bring(&phone, &picks[0], plain_jpeg_of(17)).await;
        assert!(done(&mut phone).await.failures.is_empty());
        phone.ask(Ask::StopPicking).await.unwrap();
        phone.kill();
        let phone = disk.boot(Script::new(Role::Inspector));
        assert_eq!(picking(&phone).await.left_out, std::slice::from_ref(&left_out));
        phone.ask(Ask::ForgetPick(left_out.id)).await.unwrap();
        assert_eq!(picking(&phone).await, Picking::default());
    });
}
