//! Places that come after their photos: a photo never waits in memory for the phone to find out where it is.

use crate::support::{Disk, Phone, Script, place, plain_jpeg, plain_jpeg_of, run};
use coldpatch_mobile::engine::api::{Ask, Draft, DraftIds, Reply, Shot, Taken};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{ActionId, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PhotoSlot, PlaceFix, PlaceSource};
use futures_util::future::{Either, join, select};
use uuid::Uuid;

fn found() -> Option<PlaceFix> {
    let at = place(47.6, -122.3);
    Some(PlaceFix { at, source: PlaceSource::Device, accuracy_m: Some(6.5), age_s: Some(2) })
}

fn tell(photo: Uuid, place: Option<PlaceFix>) -> Ask {
    Ask::PlacePhoto { photo, place }
}

async fn a_job(phone: &Phone) -> WorkOrderId {
    phone.sign_in().await;
    phone.file_pothole(place(47.6, -122.3)).await
}

async fn shots(phone: &Phone, id: WorkOrderId) -> Vec<Shot> {
    match phone.ask(Ask::Shots(id)).await.unwrap() {
        Reply::Shots(shots) => shots,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shot_is_kept_before_its_place_is_known_and_gets_it_whichever_comes_first() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        let work_order = a_job(&phone).await;
        let keep = |shot, file| {
            let (shot, slot) = (ActionId(shot), PhotoSlot::Before);
            Ask::KeepShot { shot, work_order, slot, file, taken: Taken::default() }
        };
        let [first, second, third] = [fresh_id(), fresh_id(), fresh_id()];
        phone.ask(keep(first, plain_jpeg_of(17))).await.unwrap();
        assert_eq!(shots(&phone, work_order).await[0].photo.place, None);
        phone.ask(tell(first, found())).await.unwrap();
        phone.ask(tell(second, found())).await.unwrap();
        phone.ask(keep(second, plain_jpeg_of(18))).await.unwrap();
        phone.ask(keep(third, plain_jpeg_of(19))).await.unwrap();
        phone.ask(tell(third, None)).await.unwrap();
        phone.kill();
        let phone = disk.boot(Script::new(Role::Crew));
        let places = shots(&phone, work_order).await.into_iter().map(|shot| shot.photo.place);
        assert_eq!(places.collect::<Vec<_>>(), [found(), found(), None]);
    });
}

#[test]
fn a_place_that_comes_while_the_shot_is_made_is_not_lost_by_its_being_made() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Crew));
        let work_order = a_job(&phone).await;
        let (shot, slot) = (fresh_id(), PhotoSlot::Before);
        let keep =
            Ask::KeepShot { shot: ActionId(shot), work_order, slot, file: plain_jpeg(), taken: Taken::default() };
        let placed = async {
            while phone.line().await.shots == 0 {
                tokio::task::yield_now().await;
            }
            phone.ask(tell(shot, found())).await.unwrap();
        };
        join(phone.ask(keep), placed).await.0.unwrap();
        let shot = shots(&phone, work_order).await.remove(0);
        assert_eq!((shot.photo.place, shot.photo.renditions.len()), (found(), 3));
    });
}

#[test]
fn a_draft_has_the_place_of_its_first_shot_when_that_comes() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        a_job(&phone).await;
        let ids = DraftIds {
            work_order: WorkOrderId(fresh_id()),
            request: ServiceRequestId(fresh_id()),
            action: ActionId(fresh_id()),
        };
        let shot = fresh_id();
        phone.ask(Ask::DraftFromShot { ids, shot, file: plain_jpeg(), taken: Taken::default() }).await.unwrap();
        phone.ask(tell(shot, found())).await.unwrap();
        let Reply::Drafts(mut drafts) = phone.ask(Ask::Drafts).await.unwrap() else { panic!("no drafts") };
        let Draft { place, photos, .. } = drafts.remove(0);
        assert_eq!((place, &photos[0].place), (found(), &found()));
    });
}

#[test]
fn a_photo_that_is_captured_for_a_job_is_added_with_its_place_or_once_there_is_none() {
    for place in [found(), None] {
        run(async {
            let disk = Disk::new();
            let phone = disk.boot(Script::new(Role::Crew));
            let work_order = a_job(&phone).await;
            let (id, slot) = (fresh_id(), PhotoSlot::Before);
            let ask =
                Ask::AttachPhoto { action_id: ActionId(id), work_order, slot, file: plain_jpeg(), place_follows: true };
            let made = async {
                while disk.photo_files().len() < 3 {
                    tokio::task::yield_now().await;
                }
                for _ in 0..50 {
                    phone.line().await;
                }
            };
            let attaching = match select(Box::pin(phone.ask(ask)), Box::pin(made)).await {
                Either::Left(_) => panic!("it did not wait"),
                Either::Right(((), attaching)) => attaching,
            };
            phone.ask(tell(id, place.clone())).await.unwrap();
            attaching.await.unwrap();
            assert_eq!(phone.order(work_order).await.photos[0].body.place, place);
        });
    }
}
