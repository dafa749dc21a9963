//! Photos that their phones could not decode: the server makes what people are shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use coldpatch_server::entropy::{hash, hex};
use coldpatch_server::{clock, developing};
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{Photo, PhotoSlot, Rendition, RenditionKind};
use coldpatch_shared::photo::is_bare_jpeg;
use futures_util::StreamExt as _;
use reqwest::Method;
use std::sync::Arc;
use support::{Phone, Server, data, told};

/// What a phone writes that cannot decode it.
fn undecoded(slot: PhotoSlot, bytes: &[u8], media_type: &str) -> Action {
    let original = Rendition {
        kind: RenditionKind::Original,
        sha256: hex(&hash(bytes)),
        bytes: bytes.len() as u64,
        media_type: media_type.to_owned(),
        width: 0,
        height: 0,
    };
    let photo = Photo {
        slot,
        request: None,
        taken_at: None,
        place: None,
        blur: None,
        renditions: vec![original],
        marks: Vec::new(),
        covered: false,
    };
    Action::AddPhoto { photo }
}

async fn put(phone: &Phone, bytes: &[u8]) {
    let put = phone.request(Method::PUT, &format!("/api/files/{}", hex(&hash(bytes))));
    assert_eq!(put.body(bytes.to_vec()).send().await.unwrap().status(), 201);
}

/// Until nothing is left to do.
async fn developed(server: &Server) {
    let app = Arc::clone(&server.app);
    tokio::task::spawn_blocking(move || developing::once(&app, clock::now())).await.unwrap().unwrap();
}

fn files(photo: &Photo) -> Vec<RenditionKind> {
    photo.renditions.iter().map(|file| file.kind).collect()
}

fn photos(server: &Server, job: WorkOrderId) -> Vec<Photo> {
    server.order(job).photos.into_iter().map(|entry| entry.body).collect()
}

const WHOLE: [RenditionKind; 3] = [RenditionKind::Original, RenditionKind::Display, RenditionKind::Thumbnail];

#[tokio::test]
async fn a_photo_that_its_phone_cannot_decode_is_seen_by_all_once_its_original_is_here() {
    let Some(folder) = data("photos") else { return };
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    let mut supervisor = server.phone("sam-lindqvist").await;
    let original = std::fs::read(folder.join("landscape_6.jpg")).unwrap();
    let job = phone.file_pothole("a photo from far away");
    phone.act(job, undecoded(PhotoSlot::Before, &original, "image/jpeg"));
    phone.sync().await;
    supervisor.sync().await;
    let mut live = supervisor.request(Method::GET, "/api/live").send().await.unwrap().bytes_stream();
    live.next().await.unwrap().unwrap();
    put(&phone, &original).await;
    // Nobody asks for it: it comes by itself.
    live.next().await.unwrap().unwrap();
    supervisor.sync().await;
    let order = supervisor.order(job);
    let [photo] = &order.photos[..] else { panic!("{:?}", order.photos) };
    assert_eq!(files(&photo.body), WHOLE);
    assert!(photo.body.blur.is_some());
    assert_eq!(photo.stamp.by.as_str(), "ines-okafor", "it stays the photo of whoever took it");
    phone.sync().await;
    assert_eq!(told(&phone.order(job)), told(&order), "everybody sees the same");
    for rendition in &photo.body.renditions[1..] {
        let answer = server.get(&format!("/media/{}.jpg", rendition.sha256)).await;
        assert_eq!(answer.status(), 200, "residents, too");
        let bytes = answer.bytes().await.unwrap();
        assert!(is_bare_jpeg(&bytes) && bytes.len() as u64 == rendition.bytes);
    }
    let hidden = &photo.body.renditions[0].sha256;
    assert_eq!(server.get(&format!("/media/{hidden}.jpg")).await.status(), 404, "an original never");
    let heads = server.app.storage.heads(job).unwrap();
    developed(&server).await;
    assert_eq!(server.app.storage.heads(job).unwrap(), heads, "once is enough");
}

#[tokio::test]
async fn an_iphones_heic_is_seen_where_libheif_is() {
    let Some(folder) = data("photos") else { return };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    if !folders.any(|bin| ["heif-dec", "heif-convert"].iter().any(|program| bin.join(program).is_file())) {
        println!("skipped: this machine has no libheif");
        return;
    }
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    let original = std::fs::read(folder.join("iphone_13_pro_max.HEIC")).unwrap();
    let job = phone.file_pothole("a photo of an iPhone");
    phone.act(job, undecoded(PhotoSlot::After, &original, "image/heic"));
    phone.sync().await;
    put(&phone, &original).await;
    developed(&server).await;
    let [photo] = &photos(&server, job)[..] else { panic!() };
    assert_eq!(files(photo), WHOLE);
    let display = photo.rendition(RenditionKind::Display).unwrap();
    assert_eq!((display.width, display.height), (1_536, 2_048), "upright");
}

#[tokio::test]
async fn the_same_picture_in_two_places_is_made_once_and_shown_in_both_whatever_comes_first() {
    let Some(folder) = data("photos") else { return };
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    let original = std::fs::read(folder.join("landscape_1.jpg")).unwrap();
    put(&phone, &original).await;
    let (one, other) = (phone.file_pothole("one"), phone.file_pothole("other"));
    phone.act(one, undecoded(PhotoSlot::Before, &original, "image/jpeg"));
    phone.act(one, undecoded(PhotoSlot::After, &original, "image/jpeg"));
    phone.act(one, undecoded(PhotoSlot::After, &original, "image/jpeg"));
    phone.act(other, undecoded(PhotoSlot::Before, &original, "image/jpeg"));
    phone.sync().await;
    developed(&server).await;
    let (one, other) = (photos(&server, one), photos(&server, other));
    assert_eq!((one.len(), other.len()), (3, 1), "as many as were taken");
    for photo in one.iter().chain(&other) {
        assert_eq!(files(photo), WHOLE);
        assert_eq!(photo.renditions, one[0].renditions);
    }
}

#[tokio::test]
async fn what_nothing_can_be_made_of_is_kept_and_holds_up_no_other() {
    let Some(folder) = data("photos") else { return };
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    let job = phone.file_pothole("a broken one and a good one");
    let broken = b"\xff\xd8\xff and no more of it".as_slice();
    let good = std::fs::read(folder.join("landscape_3.jpg")).unwrap();
    phone.act(job, undecoded(PhotoSlot::Before, broken, "image/jpeg"));
    phone.act(job, undecoded(PhotoSlot::After, &good, "image/jpeg"));
    phone.sync().await;
    for bytes in [broken, &good] {
        put(&phone, bytes).await;
    }
    developed(&server).await;
    let [first, second] = &photos(&server, job)[..] else { panic!() };
    assert_eq!((files(first), files(second)), (vec![RenditionKind::Original], WHOLE.to_vec()));
    let kept = phone.request(Method::GET, &format!("/api/files/{}", hex(&hash(broken)))).send().await.unwrap();
    assert_eq!(kept.bytes().await.unwrap(), broken);
}
