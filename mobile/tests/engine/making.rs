//! Photos that kill what makes them: the app, its tab, a Worker. They are kept, not decoded again and again, and sent as they are.

use crate::support::{Disk, Phone, Script, place, plain_jpeg, plain_jpeg_of, plain_png, run};
use coldpatch_mobile::engine::api::{Ask, Draft, DraftIds, Pick, PickedFile, Picking, Reply, Shot, Taken};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, RenditionKind};
use std::cell::Cell;
use std::rc::Rc;

async fn shots(phone: &Phone, id: WorkOrderId) -> Vec<Shot> {
    match phone.ask(Ask::Shots(id)).await.unwrap() {
        Reply::Shots(shots) => shots,
        other => panic!("{other:?}"),
    }
}

fn keep(work_order: WorkOrderId, file: Vec<u8>) -> Ask {
    let (shot, slot) = (ActionId(fresh_id()), PhotoSlot::Before);
    Ask::KeepShot { shot, work_order, slot, file, taken: Taken::default() }
}

async fn picking(phone: &Phone) -> Picking {
    match phone.ask(Ask::Picking).await.unwrap() {
        Reply::Picking(picking) => picking,
        other => panic!("{other:?}"),
    }
}

async fn drafts(phone: &Phone) -> Vec<Draft> {
    match phone.ask(Ask::Drafts).await.unwrap() {
        Reply::Drafts(drafts) => drafts,
        other => panic!("{other:?}"),
    }
}

/// Lets the engine begin what it would do by itself.
async fn a_while(phone: &Phone) {
    for _ in 0..50 {
        phone.line().await;
        tokio::task::yield_now().await;
    }
}

/// Starts the app and kills it while it makes a photo, so many times.
async fn killed_while_making(disk: &Disk, times: u32) {
    for _ in 0..times {
        let phone = disk.boot_dark(Script::new(Role::Crew), Rc::new(Cell::new(true)));
        phone.until_begun(1).await;
        phone.kill();
    }
}

/// A phone with a job, that makes no photo any more.
async fn in_the_dark(disk: &Disk) -> (Phone, WorkOrderId) {
    let dark = Rc::new(Cell::new(false));
    let phone = disk.boot_dark(Script::new(Role::Crew), dark.clone());
    phone.sign_in().await;
    let id = phone.file_pothole(place(47.6, -122.3)).await;
    dark.set(true);
    (phone, id)
}

/// Takes a photo for a job and kills the app while it makes it.
async fn cut_off_while_keeping(disk: &Disk, file: Vec<u8>) -> WorkOrderId {
    let (phone, id) = in_the_dark(disk).await;
    let never = phone.ask(keep(id, file));
    futures_util::future::select(Box::pin(never), Box::pin(phone.until_begun(1))).await;
    phone.kill();
    id
}

fn said(remark: Option<&String>) -> bool {
    remark.is_some_and(|remark| remark.contains("kept") && remark.contains("the city prepares it"))
}

#[test]
fn a_photo_that_twice_ended_the_app_is_not_decoded_again_and_goes_as_it_is() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_while_keeping(&disk, plain_jpeg()).await;
        killed_while_making(&disk, 1).await;

        let script = Script::new(Role::Crew);
        let mut phone = disk.boot(script.clone());
        while shots(&phone, id).await[0].remark.is_none() {
            tokio::task::yield_now().await;
        }
        let shot = shots(&phone, id).await.remove(0);
        assert!(said(shot.remark.as_ref()), "{:?}", shot.remark);
        assert_eq!(shot.photo.renditions.len(), 1, "it would have been made");
        let Reply::Remarks(remarks) = phone.ask(Ask::AddShots(id)).await.unwrap() else { panic!("no remarks") };
        assert!(said(remarks.first()), "{remarks:?}");
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0 && line.shots == 0).await;
        assert_eq!(phone.order(id).await.photos[0].body.renditions[0].kind, RenditionKind::Original);
        assert_eq!(script.files_sent(), [shot.photo.renditions[0].sha256.clone()]);
    });
}

#[test]
fn a_picked_photo_that_twice_ended_the_app_comes_into_its_draft_and_holds_up_no_other() {
    run(async {
        let disk = Disk::new();
        let dark = Rc::new(Cell::new(false));
        let phone = disk.boot_dark(Script::new(Role::Inspector), dark.clone());
        phone.sign_in().await;
        dark.set(true);
        let picks = [1, 2].map(|begun_at| Pick {
            id: fresh_id(),
            name: format!("{begun_at}.jpg"),
            draft: DraftIds {
                work_order: WorkOrderId(fresh_id()),
                request: ServiceRequestId(fresh_id()),
                action: ActionId(fresh_id()),
            },
            begun_at,
        });
        phone.ask(Ask::Picked { batch: fresh_id(), picks: picks.to_vec(), left_out: None }).await.unwrap();
        for (pick, side) in picks.iter().zip([17, 18]) {
            let file = PickedFile::Bytes(plain_jpeg_of(side));
            phone.ask(Ask::PickedBytes { id: pick.id, file }).await.unwrap();
        }
        phone.until_begun(1).await;
        phone.kill();
        killed_while_making(&disk, 1).await;

        let phone = disk.boot(Script::new(Role::Inspector));
        while !picking(&phone).await.idle() {
            tokio::task::yield_now().await;
        }
        assert_eq!(picking(&phone).await.failures, []);
        let drafts = drafts(&phone).await;
        let files = |draft: &Draft| draft.photos[0].renditions.len();
        assert_eq!(
            drafts.iter().map(files).collect::<Vec<_>>(),
            [1, 3],
            "one after the other: the second was never begun"
        );
        assert!(said(drafts[0].remarks.first()), "{:?}", drafts[0].remarks);
    });
}

#[test]
fn a_photo_whose_worker_died_is_kept_as_it_is_and_tried_once_more_at_the_next_start() {
    run(async {
        let disk = Disk::new();
        let die = Rc::new(Cell::new(false));
        let phone = disk.boot_dying(Script::new(Role::Crew), die.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        die.set(true);
        phone.ask(keep(id, plain_jpeg())).await.unwrap();
        let shot = shots(&phone, id).await.remove(0);
        assert!(said(shot.remark.as_ref()) && shot.photo.renditions.len() == 1, "{shot:?}");
        phone.kill();
        let phone = disk.boot(Script::new(Role::Crew));
        while shots(&phone, id).await[0].photo.renditions.len() < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(shots(&phone, id).await[0].remark, None, "it is not so any more");
    });
}

#[test]
fn a_photo_of_which_two_workers_died_is_given_to_no_third() {
    run(async {
        let disk = Disk::new();
        let die = Rc::new(Cell::new(false));
        let phone = disk.boot_dying(Script::new(Role::Crew), die.clone());
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        die.set(true);
        phone.ask(keep(id, plain_jpeg())).await.unwrap();
        phone.kill();
        let phone = disk.boot_dying(Script::new(Role::Crew), die.clone());
        phone.until_begun(1).await;
        phone.kill();
        let phone = disk.boot(Script::new(Role::Crew));
        a_while(&phone).await;
        let shot = shots(&phone, id).await.remove(0);
        assert!(said(shot.remark.as_ref()) && shot.photo.renditions.len() == 1, "{shot:?}");
        // The same picture taken once more is no reason to try it again.
        phone.ask(keep(id, plain_jpeg())).await.unwrap();
        assert_eq!(shots(&phone, id).await[1].photo.renditions.len(), 1);
    });
}

/// Asks for a photo of a job and kills the app while it makes it.
async fn cut_off_while_attaching(disk: &Disk) -> WorkOrderId {
    cut_off_attaching(disk, plain_jpeg()).await
}

async fn cut_off_attaching(disk: &Disk, file: Vec<u8>) -> WorkOrderId {
    let (phone, id) = in_the_dark(disk).await;
    let (action_id, slot) = (ActionId(fresh_id()), PhotoSlot::Before);
    let never = phone.ask(Ask::AttachPhoto { action_id, work_order: id, slot, file, place_follows: false });
    futures_util::future::select(Box::pin(never), Box::pin(phone.until_begun(1))).await;
    assert!(shots(&phone, id).await.is_empty() && phone.line().await.shots == 0, "it does not wait for the person");
    let Reply::SyncSheet(sheet) = phone.ask(Ask::SyncSheet).await.unwrap() else { panic!("no sheet") };
    assert!(
        sheet.line.only_here > 0 && sheet.only_here.iter().any(|item| item.files > 0),
        "and is only here: {sheet:?}"
    );
    assert!(phone.order(id).await.photos.is_empty());
    phone.kill();
    id
}

#[test]
fn a_photo_of_a_job_that_was_cut_off_while_it_was_made_is_added_at_the_next_start() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_while_attaching(&disk).await;
        let script = Script::new(Role::Crew);
        let mut phone = disk.boot(script.clone());
        while phone.order(id).await.photos.is_empty() {
            tokio::task::yield_now().await;
        }
        let photos = phone.order(id).await.photos;
        assert_eq!((photos.len(), photos[0].body.renditions.len()), (1, 3));
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        assert_eq!(script.files_sent().len(), 3);
    });
}

#[test]
fn a_photo_of_a_job_that_twice_ended_the_app_is_added_as_it_is() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_while_attaching(&disk).await;
        killed_while_making(&disk, 1).await;
        let phone = disk.boot(Script::new(Role::Crew));
        while phone.order(id).await.photos.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(phone.order(id).await.photos[0].body.renditions.len(), 1);
    });
}

#[test]
fn a_photo_that_cannot_be_added_waits_with_the_job() {
    run(async {
        let disk = Disk::new();
        // Nobody is signed in, so nobody can sign for it.
        let phone = disk.boot(Script::new(Role::Crew));
        let (id, action_id, slot) = (WorkOrderId(fresh_id()), ActionId(fresh_id()), PhotoSlot::Before);
        let refused = phone
            .ask(Ask::AttachPhoto { action_id, work_order: id, slot, file: plain_jpeg(), place_follows: false })
            .await;
        assert!(refused.unwrap_err().message.contains("The photo is kept with the job"));
        assert_eq!(shots(&phone, id).await[0].photo.renditions.len(), 3);
        assert_eq!(phone.line().await.shots, 1);
    });
}

#[test]
fn a_photo_that_was_given_up_is_made_when_somebody_asks_for_it() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_while_keeping(&disk, plain_jpeg()).await;
        killed_while_making(&disk, 1).await;
        let phone = disk.boot(Script::new(Role::Crew));
        while shots(&phone, id).await[0].remark.is_none() {
            tokio::task::yield_now().await;
        }
        let photo = shots(&phone, id).await[0].photo.renditions[0].sha256.clone();
        phone.ask(Ask::MakeAgain { work_order: id, photo }).await.unwrap();
        let shot = shots(&phone, id).await.remove(0);
        assert_eq!((shot.photo.renditions.len(), shot.remark), (3, None), "now it can be covered");
    });
}

#[test]
fn what_is_no_jpeg_is_made_at_the_next_start_as_well() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_while_keeping(&disk, plain_png(false)).await;
        let phone = disk.boot(Script::new(Role::Crew));
        while shots(&phone, id).await[0].photo.renditions.len() < 3 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_photo_that_turns_out_damaged_at_the_next_start_waits_with_the_job_until_somebody_has_seen_it() {
    run(async {
        let disk = Disk::new();
        let id = cut_off_attaching(&disk, plain_png(true)).await;
        let phone = disk.boot(Script::new(Role::Crew));
        while shots(&phone, id).await.is_empty() {
            tokio::task::yield_now().await;
        }
        let shot = shots(&phone, id).await.remove(0);
        assert!(shot.remark.is_some(), "{shot:?}");
        assert!(disk.photo_files().contains(&shot.photo.renditions[0].sha256), "nothing was erased");
        assert_eq!(phone.line().await.shots, 1);
    });
}

#[test]
fn a_shot_that_comes_after_its_draft_was_filed_becomes_a_draft_of_its_own_that_can_be_filed() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let ids = DraftIds {
            work_order: WorkOrderId(fresh_id()),
            request: ServiceRequestId(fresh_id()),
            action: ActionId(fresh_id()),
        };
        let here = coldpatch_shared::order::PlaceFix {
            at: place(47.6, -122.3),
            source: coldpatch_shared::order::PlaceSource::Device,
            accuracy_m: Some(5.0),
            age_s: None,
        };
        let shoot = |shade| {
            let (file, taken) = (plain_jpeg_of(shade), Taken { place: Some(here.clone()), ..Taken::default() });
            phone.ask(Ask::DraftFromShot { ids, shot: fresh_id(), file, taken })
        };
        let file = async |draft: Draft| {
            let id = draft.ids.work_order;
            let typed = Draft { service_code: Some("pothole".into()), description: "typed".to_owned(), ..draft };
            phone.ask(Ask::SaveDraft(Box::new(typed))).await.unwrap();
            assert_eq!(drafts(&phone).await[0].description, "typed");
            phone.ask(Ask::FileDraft(id)).await.unwrap();
            id
        };
        shoot(17).await.unwrap();
        let first = file(drafts(&phone).await.remove(0)).await;
        shoot(18).await.unwrap();
        let second = file(drafts(&phone).await.remove(0)).await;
        assert!(first != second && drafts(&phone).await.is_empty());
        for id in [first, second] {
            assert_eq!(phone.order(id).await.photos.len(), 1);
        }
    });
}

#[test]
fn what_only_waited_while_another_photo_ended_the_app_is_made() {
    /// Takes the photo while another one is being made that does not end, and kills the app.
    async fn take_and_die(phone: Phone, id: WorkOrderId, count: usize) {
        let never = phone.ask(keep(id, plain_jpeg_of(18)));
        let kept = async {
            while shots(&phone, id).await.len() < count {
                tokio::task::yield_now().await;
            }
            a_while(&phone).await;
        };
        futures_util::future::select(Box::pin(never), Box::pin(kept)).await;
        phone.kill();
    }
    run(async {
        let disk = Disk::new();
        let (phone, id) = in_the_dark(&disk).await;
        let never = phone.ask(keep(id, plain_jpeg_of(17)));
        futures_util::future::select(Box::pin(never), Box::pin(phone.until_begun(1))).await;
        take_and_die(phone, id, 2).await;
        let phone = disk.boot_dark(Script::new(Role::Crew), Rc::new(Cell::new(true)));
        phone.until_begun(1).await;
        take_and_die(phone, id, 3).await;
        let phone = disk.boot(Script::new(Role::Crew));
        while shots(&phone, id).await.iter().any(|shot| shot.photo.renditions.len() < 3 && shot.remark.is_none()) {
            tokio::task::yield_now().await;
        }
        let made: Vec<_> = shots(&phone, id).await.iter().map(|shot| shot.photo.renditions.len()).collect();
        assert_eq!(made, [1, 3, 3]);
    });
}
