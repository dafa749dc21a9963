//! Requests with photos, through the function that the residents' pages and Open311 share.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::intake::{self, IntakeError, NewRequest};
use coldpatch_server::storage::Contact;
use coldpatch_server::{clock, seed};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ServiceCode, ServiceRequestId};
use coldpatch_shared::order::{PlaceFix, PlaceSource, RenditionKind, RequestSource, Status};
use support::{CENTER, Server, data, new_uuid};

fn new(code: &str, photos: Vec<Vec<u8>>) -> NewRequest {
    NewRequest {
        request: ServiceRequestId(new_uuid()),
        secret: Some([7; 32]),
        service_code: ServiceCode::from(code),
        description: "a hole".to_owned(),
        answers: Default::default(),
        place: Some(PlaceFix { at: CENTER, source: PlaceSource::Pin, accuracy_m: None, age_s: None }),
        address: None,
        photos,
        contact: Some(Contact { name: "Ada".to_owned(), ..Default::default() }),
        source: RequestSource::Web,
        mirrors: None,
    }
}

#[tokio::test]
async fn a_request_that_comes_twice_is_one() {
    let server = Server::start().await;
    let request = new("pothole", Vec::new());
    let first = intake::receive(&server.app, &request, clock::now()).unwrap();
    let second = intake::receive(&server.app, &request, clock::now()).unwrap();
    assert_eq!((first.repeated, second.repeated), (false, true));
    assert_eq!((first.work_order, &first.tracking_number), (second.work_order, &second.tracking_number));
    let thief = NewRequest { secret: Some([8; 32]), ..request };
    assert!(matches!(intake::receive(&server.app, &thief, clock::now()), Err(IntakeError::IdTaken)));
    assert_eq!(server.app.storage.state().unwrap().tracking_counter, 1);
}

#[tokio::test]
async fn a_contact_is_kept_only_where_the_catalog_asks_for_it() {
    let server = Server::start().await;
    let (asked, not_asked) = (new("pothole", Vec::new()), new("graffiti", Vec::new()));
    intake::receive(&server.app, &asked, clock::now()).unwrap();
    intake::receive(&server.app, &not_asked, clock::now()).unwrap();
    assert!(server.app.storage.contact(asked.request).unwrap().is_some());
    assert!(server.app.storage.contact(not_asked.request).unwrap().is_none());
}

#[tokio::test]
async fn photos_are_stored_with_renditions_and_the_first_that_knows_its_place_says_it() {
    let Some(folder) = data("photos") else { return };
    let server = Server::start().await;
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let photos =
        vec![read("no_exif.jpg"), read("iphone5_rotated.jpg"), read("corrupted.jpg"), read("iphone_13_pro_max.HEIC")];
    let request = NewRequest { place: None, ..new("pothole", photos) };
    let receipt = intake::receive(&server.app, &request, clock::now()).unwrap();
    let order = server.order(receipt.work_order);
    let place = order.place.unwrap();
    assert_eq!(place.source, PlaceSource::Photo);
    assert!((place.at.lat - 47.627_167).abs() < 1e-4);
    assert!(!receipt.remarks.is_empty(), "the HEIC, and what is damaged, are spoken of");
    for photo in &order.photos {
        for rendition in &photo.body.renditions {
            assert!(server.app.storage.file(&rendition.sha256).unwrap().is_some(), "its file is here already");
            let public = server.get(&format!("/media/{}.jpg", rendition.sha256)).await.status();
            assert_eq!(public == 200, rendition.kind != RenditionKind::Original);
        }
    }
    let number = receipt.tracking_number;
    let shown: serde_json::Value =
        server.get(&format!("/open311/v2/requests/{number}.json")).await.json().await.unwrap();
    let media = shown[0]["media_url"].as_str().unwrap();
    assert_eq!(server.http.get(media).send().await.unwrap().headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn a_place_beyond_the_boundary_is_refused_with_whom_to_call() {
    let server = Server::start().await;
    let at = |lat, lon| {
        let place =
            Some(PlaceFix { at: LatLon { lat, lon }, source: PlaceSource::Device, accuracy_m: None, age_s: None });
        intake::receive(&server.app, &NewRequest { place, ..new("pothole", Vec::new()) }, clock::now()).unwrap_err()
    };
    assert!(matches!(at(47.66, -122.33), IntakeError::Neighbor { .. }));
    assert!(matches!(at(10.0, 10.0), IntakeError::Outside { .. }));
    assert!(matches!(at(0.0, 0.0), IntakeError::NoPlace));
    assert!(matches!(at(f64::NAN, 1e9), IntakeError::NoPlace));
}

#[tokio::test]
async fn the_demo_is_the_same_each_time_and_signs_everybody_in() {
    let server = Server::start().await;
    let first = seed::run(&server.app).unwrap();
    let state = server.app.storage.state().unwrap();
    let again = seed::run(&server.app).unwrap();
    assert_eq!(server.app.storage.state().unwrap(), state, "a second run adds nothing");
    assert_eq!(again.links.len(), 4);
    for (link, again) in first.links.iter().zip(&again.links) {
        assert_ne!(link.url, again.url, "but fresh links");
        let code = link.url.rsplit('/').next().unwrap();
        let device = coldpatch_shared::ids::DeviceId(new_uuid());
        assert_eq!(server.enroll(code, device).await.status(), 200);
    }
    let mut supervisor = server.phone("sam-lindqvist").await;
    supervisor.sync().await;
    let orders: Vec<_> = supervisor.docs.keys().map(|id| supervisor.order(*id)).collect();
    assert_eq!(orders.len(), 60);
    let now = clock::now();
    let has =
        |test: &dyn Fn(&coldpatch_shared::order::WorkOrder) -> bool| orders.iter().filter(|order| test(order)).count();
    assert_eq!(has(&|order| order.status.is_closed()), 0);
    assert!(has(&|order| order.due.is_some_and(|due| due < now)) >= 5, "some are overdue");
    assert!(has(&|order| order.assignment.is_none()) >= 4, "some are nobody's");
    assert!(has(&|order| order.requests.len() > 1) >= 5, "some were reported by several people");
    for status in [Status::Working, Status::Paused, Status::CannotComplete] {
        assert!(has(&|order| order.status == status) >= 1, "{status:?}");
    }
    for crew in ["crew-1", "crew-4"] {
        assert!(has(&|order| order.assignment.as_ref().is_some_and(|id| id.as_str() == crew)) >= 10, "{crew}");
    }
    assert!(has(&|order| order.address.is_some()) == 60 && has(&|order| order.created_at > now) == 0);
}
