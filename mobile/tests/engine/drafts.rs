//! An inspector's drafts: from a photo to a work order.

use crate::support::{Disk, Phone, Script, files_on, place, plain_jpeg, run};
use coldpatch_mobile::engine::api::{Ask, Changed, Draft, DraftIds, ErrorKind, Reply};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::city::{City, Role, demo_files};
use coldpatch_shared::ids::{ActionId, ServiceCode, ServiceRequestId, WorkOrderId};
use coldpatch_shared::order::{PlaceFix, PlaceSource, RenditionKind};

fn ids() -> DraftIds {
    DraftIds {
        work_order: WorkOrderId(fresh_id()),
        request: ServiceRequestId(fresh_id()),
        action: ActionId(fresh_id()),
    }
}

async fn draft(phone: &Phone, device_place: Option<PlaceFix>) -> Draft {
    match phone.ask(Ask::DraftFromPhoto { ids: ids(), file: plain_jpeg(), device_place }).await.unwrap() {
        Reply::Draft(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

async fn drafts(phone: &Phone) -> Vec<Draft> {
    match phone.ask(Ask::Drafts).await.unwrap() {
        Reply::Drafts(drafts) => drafts,
        other => panic!("{other:?}"),
    }
}

fn somewhere() -> PlaceFix {
    let center = City::parse(&demo_files()).unwrap().center;
    PlaceFix { at: center, source: PlaceSource::Device, accuracy_m: Some(8.0), age_s: None }
}

#[test]
fn a_draft_becomes_a_work_order_with_its_photo_once_type_and_place_are_there() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Inspector));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        phone.changed(|changed| *changed == Changed::City).await;
        script.hang_up();
        let mut draft = draft(&phone, None).await;
        let id = draft.ids.work_order;
        assert_eq!(draft.photos[0].renditions.len(), 3);
        phone.until(|line| line.drafts == 1).await;
        let error = phone.ask(Ask::FileDraft(id)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Incomplete);
        assert!(error.message.contains("place"), "{error}");

        draft.place = Some(somewhere());
        phone.ask(Ask::SaveDraft(Box::new(draft.clone()))).await.unwrap();
        let error = phone.ask(Ask::FileDraft(id)).await.unwrap_err();
        assert!(error.message.contains("type"), "{error}");

        draft = drafts(&phone).await.remove(0);
        draft.service_code = Some(ServiceCode::from("pothole"));
        phone.ask(Ask::SaveDraft(Box::new(draft))).await.unwrap();
        // Asked twice, as after a take-over by another tab.
        phone.ask(Ask::FileDraft(id)).await.unwrap();
        phone.ask(Ask::FileDraft(id)).await.unwrap();
        assert!(drafts(&phone).await.is_empty());
        let order = phone.order(id).await;
        assert_eq!((order.requests.len(), order.photos.len()), (1, 1));
        assert!(order.due.is_some());
        assert_eq!(order.photos[0].body.request, Some(order.requests[0].body.request));
        assert_eq!(phone.line().await.photos_waiting, 3);
        assert_eq!(phone.line().await.only_here, 1, "an action and its photo are one thing");

        script.be_polite();
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.photos_waiting == 0 && line.only_here == 0).await;
        let thumbnail = order.photos[0].body.rendition(RenditionKind::Thumbnail).unwrap();
        assert_eq!(script.files_sent().first(), Some(&thumbnail.sha256), "thumbnails first");
    });
}

#[test]
fn files_of_a_draft_are_not_sent_and_go_away_with_it() {
    run(async {
        let (disk, script) = (Disk::new(), Script::new(Role::Inspector));
        let mut phone = disk.boot(script.clone());
        phone.sign_in().await;
        let draft = draft(&phone, Some(somewhere())).await;
        assert_eq!(draft.place, Some(somewhere()));
        phone.ask(Ask::SyncNow).await.unwrap();
        phone.until(|line| line.last_contact.is_some() && line.sending == 0).await;
        assert_eq!(phone.line().await.photos_waiting, 0);
        assert_eq!(files_on(disk.dir.path()), 3);
        phone.ask(Ask::DiscardDraft(draft.ids.work_order)).await.unwrap();
        assert_eq!(files_on(disk.dir.path()), 0);
        // A late save of the form does not bring it back.
        phone.ask(Ask::SaveDraft(Box::new(draft))).await.unwrap();
        assert!(drafts(&phone).await.is_empty());
        assert_eq!(script.files_sent(), [""; 0]);
    });
}

#[test]
fn one_picture_in_two_drafts_survives_when_one_of_them_is_thrown_away() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let (one, two) = (draft(&phone, None).await, draft(&phone, None).await);
        phone.ask(Ask::DiscardDraft(one.ids.work_order)).await.unwrap();
        let sha256 = two.photos[0].renditions[0].sha256.clone();
        assert!(matches!(phone.ask(Ask::File { sha256 }).await.unwrap(), Reply::File(Some(_))));
    });
}

#[test]
fn a_draft_joins_what_is_known_already() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let known = phone.file_pothole(place(47.6, -122.3)).await;
        let mut draft = draft(&phone, None).await;
        draft.joins = Some(known);
        phone.ask(Ask::SaveDraft(Box::new(draft.clone()))).await.unwrap();
        phone.ask(Ask::FileDraft(draft.ids.work_order)).await.unwrap();
        let order = phone.order(known).await;
        assert_eq!((order.requests.len(), order.photos.len()), (2, 1));
        assert_eq!(phone.line().await.jobs, 1);
    });
}

#[test]
fn a_file_that_is_no_photo_is_refused_in_words_and_costs_nothing_else() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        draft(&phone, None).await;
        for file in [Vec::new(), b"GIF89a".to_vec(), vec![0xff, 0xd8, 0xff, 0xe0, 0, 16]] {
            let error = phone.ask(Ask::DraftFromPhoto { ids: ids(), file, device_place: None }).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Photo);
            assert!(error.message.len() > 40, "{error}");
        }
        assert_eq!(drafts(&phone).await.len(), 1);
    });
}
