//! Files over links that break: `/api/uploads`, tus 1.0.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coldpatch_server::entropy::{hash, hex};
use coldpatch_server::uploads::KEPT_FOR;
use reqwest::{Method, RequestBuilder, Response};
use std::time::{Duration, SystemTime};
use support::{Phone, Server, problem};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn name(bytes: &[u8]) -> String {
    hex(&hash(bytes))
}

/// Half a megabyte that does not repeat and begins like a JPEG.
fn photo() -> Vec<u8> {
    let mut photo: Vec<u8> = (0..16_384_u32).flat_map(|at| hash(&at.to_le_bytes())).collect();
    photo[..3].copy_from_slice(b"\xff\xd8\xff");
    photo
}

/// Seven bytes that do, too.
const SMALL: &[u8] = b"\xff\xd8\xffabcd";

fn tus(phone: &Phone, method: Method, path: &str) -> RequestBuilder {
    phone.request(method, path).header("tus-resumable", "1.0.0")
}

fn announce(phone: &Phone, bytes: &[u8]) -> RequestBuilder {
    let metadata = format!("sha256 {},filetype {}", STANDARD.encode(name(bytes)), STANDARD.encode("image/jpeg"));
    let post = tus(phone, Method::POST, "/api/uploads").header("upload-length", bytes.len());
    post.header("upload-metadata", metadata)
}

/// Begins an upload. → its path.
async fn begin(phone: &Phone, bytes: &[u8]) -> String {
    let answer = announce(phone, bytes).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), offset(&answer)), (201, 0));
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn patch(phone: &Phone, path: &str, from: usize, bytes: &[u8]) -> RequestBuilder {
    let patch = tus(phone, Method::PATCH, path).header("content-type", "application/offset+octet-stream");
    patch.header("upload-offset", from).body(bytes.to_vec())
}

fn offset(answer: &Response) -> usize {
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

async fn where_it_stands(phone: &Phone, path: &str) -> usize {
    let answer = tus(phone, Method::HEAD, path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    offset(&answer)
}

async fn file(phone: &Phone, bytes: &[u8]) -> Option<Vec<u8>> {
    let answer = phone.request(Method::GET, &format!("/api/files/{}", name(bytes))).send().await.unwrap();
    (answer.status() == 200).then_some(())?;
    Some(answer.bytes().await.unwrap().to_vec())
}

/// Sends the beginning of a `PATCH` that promises all the rest, and waits until the server has it. The connection stays.
async fn send_a_part(phone: &Phone, path: &str, from: usize, part: &[u8], rest: usize) -> TcpStream {
    let address = phone.url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         content-type: application/offset+octet-stream\r\nupload-offset: {from}\r\ncontent-length: {rest}\r\n\r\n",
        phone.token
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(part).await.unwrap();
    connection.flush().await.unwrap();
    connection
}

/// Waits until so many bytes are on the server's disk.
async fn on_disk(server: &Server, bytes: usize) {
    let folder = server.app.config.data.join("uploads");
    loop {
        let there = std::fs::read_dir(&folder).unwrap().flatten().flat_map(|device| {
            let files = std::fs::read_dir(device.path()).unwrap().flatten();
            files.filter(|file| file.path().extension().is_some_and(|end| end == "part"))
        });
        if there.map(|file| file.metadata().unwrap().len()).sum::<u64>() >= bytes as u64 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_came_before_the_connection_broke_is_not_sent_again() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let photo = photo();
    let path = begin(&phone, &photo).await;
    assert_eq!(path, format!("/api/uploads/{}", name(&photo)));
    let connection = send_a_part(&phone, &path, 0, &photo[..200_000], photo.len()).await;
    on_disk(&server, 200_000).await;
    drop(connection);
    assert_eq!(where_it_stands(&phone, &path).await, 200_000);
    assert_eq!(file(&phone, &photo).await, None, "half a file is none");
    let answer = patch(&phone, &path, 200_000, &photo[200_000..]).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), offset(&answer)), (204, photo.len()));
    assert_eq!(file(&phone, &photo).await, Some(photo));
}

#[tokio::test]
async fn a_connection_that_died_without_a_word_holds_up_nobody() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let photo = photo();
    let path = begin(&phone, &photo).await;
    let mut dead = send_a_part(&phone, &path, 0, &photo[..100], photo.len()).await;
    on_disk(&server, 100).await;
    let from = where_it_stands(&phone, &path).await;
    assert_eq!(from, 100);
    let mut said = vec![0; 12];
    dead.read_exact(&mut said).await.unwrap();
    assert_eq!(said, b"HTTP/1.1 409", "it is told that another has the turn");
    let answer = patch(&phone, &path, from, &photo[from..]).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(file(&phone, &photo).await, Some(photo));
}

#[tokio::test]
async fn a_server_that_starts_again_goes_on_at_the_byte() {
    let server = Server::start().await;
    let mut phone = server.phone("ana-ruiz").await;
    let photo = photo();
    let path = begin(&phone, &photo).await;
    assert_eq!(patch(&phone, &path, 0, &photo[..300_001]).send().await.unwrap().status(), 204);
    let server = server.kill_and_restart().await;
    phone.url.clone_from(&server.url);
    assert_eq!(where_it_stands(&phone, &path).await, 300_001);
    assert_eq!(patch(&phone, &path, 300_001, &photo[300_001..]).send().await.unwrap().status(), 204);
    assert_eq!(file(&phone, &photo).await, Some(photo));
}

#[tokio::test]
async fn a_small_file_comes_with_its_announcement() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let post = announce(&phone, SMALL).header("content-type", "application/offset+octet-stream");
    let answer = post.body(SMALL).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), offset(&answer)), (201, SMALL.len()));
    assert_eq!(file(&phone, SMALL).await.as_deref(), Some(SMALL));
}

#[tokio::test]
async fn what_turns_out_to_be_no_picture_is_not_kept_and_says_so() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    for bytes in [&b"no photo"[..], b""] {
        let post = announce(&phone, bytes).header("content-type", "application/offset+octet-stream");
        let refused = problem(post.body(bytes.to_vec()).send().await.unwrap()).await;
        assert_eq!((refused.status, refused.kind.as_str()), (415, "not_a_picture"));
        assert_eq!(file(&phone, bytes).await, None);
        let path = format!("/api/uploads/{}", name(bytes));
        assert_eq!(tus(&phone, Method::HEAD, &path).send().await.unwrap().status(), 404, "nothing of it stays");
    }
    let path = begin(&phone, b"in two parts").await;
    assert_eq!(patch(&phone, &path, 0, b"in two").send().await.unwrap().status(), 204);
    assert_eq!(problem(patch(&phone, &path, 6, b" parts").send().await.unwrap()).await.kind, "not_a_picture");
}

#[tokio::test]
async fn when_the_last_answer_is_lost_nothing_is_sent_again() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let path = begin(&phone, SMALL).await;
    assert_eq!(patch(&phone, &path, 0, SMALL).send().await.unwrap().status(), 204);
    assert_eq!(where_it_stands(&phone, &path).await, 7);
    assert_eq!(patch(&phone, &path, 7, b"").send().await.unwrap().status(), 204);
    let again = problem(patch(&phone, &path, 0, SMALL).send().await.unwrap()).await;
    assert_eq!((again.status, again.kind.as_str()), (409, "offset"));
}

#[tokio::test]
async fn what_is_damaged_on_the_way_is_not_kept() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let path = begin(&phone, b"a photo").await;
    let sums = [("sha1", "0mGMJGnj3nkZQMWS7ybKhSSFFxg="), ("sha256", &STANDARD.encode(hash(b"a ph")))];
    let (sha1, sha256) = (format!("sha1 {}", sha1_of(b"a ph")), format!("{} {}", sums[1].0, sums[1].1));
    let damaged = patch(&phone, &path, 0, b"a ph").header("upload-checksum", format!("sha1 {}", sums[0].1));
    assert_eq!(problem(damaged.send().await.unwrap()).await.status, 460);
    assert_eq!(where_it_stands(&phone, &path).await, 0);
    let good = patch(&phone, &path, 0, b"a ph").header("upload-checksum", sha1).send().await.unwrap();
    assert_eq!(good.status(), 204);
    let damaged = patch(&phone, &path, 4, b"oto").header("upload-checksum", sha256);
    assert_eq!(problem(damaged.send().await.unwrap()).await.status, 460);
    assert_eq!(where_it_stands(&phone, &path).await, 4);
    // Without a checksum it shows at the end, in the hash of the whole.
    let whole = problem(patch(&phone, &path, 4, b"0to").send().await.unwrap()).await;
    assert_eq!((whole.status, whole.kind.as_str()), (422, "hash_differs"));
    assert_eq!(tus(&phone, Method::HEAD, &path).send().await.unwrap().status(), 404, "it is begun again");
    assert_eq!(file(&phone, b"a photo").await, None);
}

/// SHA-1 in Base64, computed beforehand.
fn sha1_of(bytes: &[u8]) -> &'static str {
    assert_eq!(bytes, b"a ph");
    "H2+BVvnGr5ppfiuifXlJ3XqRSc0="
}

#[tokio::test]
async fn what_is_no_tus_is_refused_with_what_to_do() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let path = begin(&phone, b"a photo").await;
    let sha256 = format!("sha256 {}", STANDARD.encode(name(b"a photo")));
    let post = || tus(&phone, Method::POST, "/api/uploads");
    let cases: [(&str, RequestBuilder, u16); 11] = [
        ("no version", phone.request(Method::POST, "/api/uploads"), 412),
        ("an older version", phone.request(Method::HEAD, &path).header("tus-resumable", "0.2.2"), 412),
        ("no length", post().header("upload-metadata", &sha256), 400),
        ("a length with a sign", post().header("upload-metadata", &sha256).header("upload-length", "+7"), 400),
        ("too long", post().header("upload-metadata", &sha256).header("upload-length", "99999999999"), 413),
        ("no hash", post().header("upload-length", 7), 400),
        ("a hash that is none", post().header("upload-length", 7).header("upload-metadata", "sha256 Li4vLi4v"), 400),
        ("metadata that are no Base64", post().header("upload-length", 7).header("upload-metadata", "sha256 %%"), 400),
        ("bytes from beyond", patch(&phone, &path, 3, b"hoto"), 409),
        ("too many bytes", patch(&phone, &path, 0, b"a photo and more"), 413),
        ("bytes of another type", tus(&phone, Method::PATCH, &path).header("upload-offset", 0).body("a photo"), 415),
    ];
    for (what, request, status) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["tus-resumable"], "1.0.0", "{what}");
        assert_eq!(answer.status(), status, "{what}");
    }
    assert_eq!(where_it_stands(&phone, &path).await, 0, "nothing of it did any harm");
    let options = reqwest::Client::new().request(Method::OPTIONS, format!("{}{path}", phone.url)).send().await.unwrap();
    assert_eq!(options.headers()["tus-version"], "1.0.0");
    assert!(options.headers()["tus-extension"].to_str().unwrap().contains("creation"));
}

#[tokio::test]
async fn an_upload_is_its_devices_and_ends_when_told_so() {
    let server = Server::start().await;
    let (phone, other) = (server.phone("ana-ruiz").await, server.phone("sam-lindqvist").await);
    let path = begin(&phone, b"a photo").await;
    assert_eq!(tus(&other, Method::HEAD, &path).send().await.unwrap().status(), 404);
    assert_eq!(tus(&other, Method::DELETE, &path).send().await.unwrap().status(), 404);
    let nobody = reqwest::Client::new().head(format!("{}{path}", phone.url)).header("tus-resumable", "1.0.0");
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    assert_eq!(where_it_stands(&phone, &path).await, 0);
    assert_eq!(tus(&phone, Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(tus(&phone, Method::HEAD, &path).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_thrown_away_and_says_when() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let path = begin(&phone, b"a photo").await;
    let answer = tus(&phone, Method::HEAD, &path).send().await.unwrap();
    assert!(answer.headers()["upload-expires"].to_str().unwrap().ends_with(" GMT"));
    let now = SystemTime::now();
    assert_eq!(server.app.uploads.sweep(now - KEPT_FOR).unwrap(), 0);
    assert_eq!(server.app.uploads.sweep(now + Duration::from_secs(1)).unwrap(), 1);
    assert_eq!(tus(&phone, Method::HEAD, &path).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_device_that_begins_without_end_fills_no_disk() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    for at in 0..40_u8 {
        begin(&phone, &[at]).await;
    }
    let begun = std::fs::read_dir(server.app.config.data.join("uploads").join(phone.session.device.0.to_string()));
    assert_eq!(begun.unwrap().count(), 2 * 32);
}

#[tokio::test]
async fn a_file_of_which_only_the_database_knows_is_asked_for_again() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let photo = photo();
    let path = begin(&phone, &photo).await;
    assert_eq!(patch(&phone, &path, 0, &photo).send().await.unwrap().status(), 204);
    assert_eq!(where_it_stands(&phone, &path).await, photo.len());
    // As after a restore from a backup without photos.
    let sha256 = name(&photo);
    std::fs::remove_file(server.app.config.data.join("files").join(&sha256[..2]).join(&sha256)).unwrap();
    assert_eq!(tus(&phone, Method::HEAD, &path).send().await.unwrap().status(), 404);
    assert_eq!(patch(&phone, &path, photo.len(), b"").send().await.unwrap().status(), 404);
    let path = begin(&phone, &photo).await;
    assert_eq!(patch(&phone, &path, 0, &photo).send().await.unwrap().status(), 204);
    assert_eq!(file(&phone, &photo).await, Some(photo));
}

#[tokio::test]
async fn a_file_whose_last_byte_came_as_the_server_died_is_said_to_be_here_only_once_it_is() {
    let server = Server::start().await;
    let mut phone = server.phone("ana-ruiz").await;
    let (photo, damaged) = (photo(), [&photo()[..1_000], b"?"].concat());
    let (path, other) = (begin(&phone, &photo).await, begin(&phone, &damaged).await);
    let folder = server.app.config.data.join("uploads").join(phone.session.device.0.to_string());
    std::fs::write(folder.join(name(&photo)).with_extension("part"), &photo).unwrap();
    std::fs::write(folder.join(name(&damaged)).with_extension("part"), &photo[..damaged.len()]).unwrap();
    let server = server.kill_and_restart().await;
    phone.url.clone_from(&server.url);
    assert_eq!(where_it_stands(&phone, &path).await, photo.len());
    assert!(file(&phone, &photo).await == Some(photo), "whoever hears that nothing is missing lets its own copy go");
    let answer = tus(&phone, Method::HEAD, &other).send().await.unwrap();
    assert_eq!(answer.status(), 404, "what came damaged is begun again");
}
