//! Photos' files, who may see them, the live stream, and the app's own files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::entropy::{hash, hex};
use coldpatch_shared::action::Action;
use coldpatch_shared::order::{Photo, PhotoSlot, Rendition, RenditionKind};
use coldpatch_shared::sync::wire;
use coldpatch_shared::sync::wire::files::{MAX_TOGETHER, MOST_TOGETHER, SmallFile, SmallFiles, SmallFilesAnswer};
use futures_util::StreamExt as _;
use reqwest::Method;
use support::{Phone, Server, data, problem};

fn name(bytes: &[u8]) -> String {
    hex(&hash(bytes))
}

async fn put(phone: &Phone, sha256: &str, bytes: &[u8]) -> reqwest::Response {
    let put = phone.request(Method::PUT, &format!("/api/files/{sha256}")).header("content-type", "image/jpeg");
    put.body(bytes.to_vec()).send().await.unwrap()
}

fn photo(slot: PhotoSlot, kind: RenditionKind, bytes: &[u8]) -> Action {
    let rendition = Rendition {
        kind,
        sha256: name(bytes),
        bytes: bytes.len() as u64,
        media_type: "image/jpeg".to_owned(),
        width: 1,
        height: 1,
    };
    Action::AddPhoto {
        photo: Photo {
            slot,
            request: None,
            taken_at: None,
            place: None,
            blur: None,
            renditions: vec![rendition],
            marks: Vec::new(),
            covered: false,
        },
    }
}

/// As little as is a picture by its beginning.
const PHOTO: &[u8] = b"\xff\xd8\xff a photo";

#[tokio::test]
async fn a_file_arrives_whole_or_not_at_all() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let sha256 = name(PHOTO);
    let damaged = problem(put(&phone, &sha256, b"\xff\xd8\xff a phot0").await).await;
    assert_eq!((damaged.status, damaged.kind.as_str()), (422, "hash_differs"));
    let path = format!("/api/files/{sha256}");
    assert_eq!(phone.request(Method::GET, &path).send().await.unwrap().status(), 404);
    assert_eq!(put(&phone, &sha256, PHOTO).await.status(), 201);
    assert_eq!(put(&phone, &sha256, PHOTO).await.status(), 200);
    let answer = phone.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    assert_eq!(answer.bytes().await.unwrap(), PHOTO);
    let arriving = std::fs::read_dir(server.app.files.arrivals()).unwrap().count();
    assert_eq!(arriving, 0, "nothing is left behind");
}

#[tokio::test]
async fn small_files_come_together_and_each_is_taken_or_not_for_itself() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let file = |sha256: String, bytes: &[u8]| SmallFile { sha256, bytes: bytes.to_vec().into() };
    let files = vec![
        file(name(PHOTO), PHOTO),
        file(name(PHOTO), b"\xff\xd8\xff a phot0"),
        file(name(b"words"), b"words"),
        file("../../etc/passwd".to_owned(), PHOTO),
        file(name(PHOTO), PHOTO),
    ];
    let post = |message: Vec<u8>| phone.request(Method::POST, "/api/files").body(message).send();
    let answer = post(wire::encode(&SmallFiles { files }).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: SmallFilesAnswer = wire::decode(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(answer.statuses, [201, 422, 415, 400, 200]);
    let kept = phone.request(Method::GET, &format!("/api/files/{}", name(PHOTO))).send().await.unwrap();
    assert_eq!(kept.bytes().await.unwrap(), PHOTO);

    let many = SmallFiles { files: vec![file(name(PHOTO), PHOTO); MOST_TOGETHER + 1] };
    assert_eq!(post(wire::encode(&many).unwrap()).await.unwrap().status(), 400);
    assert_eq!(post(b"neither".to_vec()).await.unwrap().status(), 400);
    let large = SmallFiles { files: vec![file(name(PHOTO), &vec![0; 2 * MAX_TOGETHER])] };
    assert_eq!(post(wire::encode(&large).unwrap()).await.unwrap().status(), 413);
    let stranger = reqwest::Client::new().post(server.path("/api/files")).body(Vec::new()).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let arriving = std::fs::read_dir(server.app.files.arrivals()).unwrap().count();
    assert_eq!(arriving, 0, "nothing is left behind");
}

#[tokio::test]
async fn the_content_says_what_a_file_is_and_what_is_no_picture_is_not_kept() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let pictures: [(&[u8], &str); 6] = [
        (PHOTO, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n and no more", "image/png"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ];
    for (bytes, kind) in pictures {
        let path = format!("/api/files/{}", name(bytes));
        // Gallery apps and cameras call them anything.
        let sent = phone.request(Method::PUT, &path).header("content-type", "text/html").body(bytes.to_vec());
        assert_eq!(sent.send().await.unwrap().status(), 201, "{kind}");
        let answer = phone.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], kind);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    let others: [&[u8]; 6] = [
        b"",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"GIF89a",
        b"\xff\xd8",
    ];
    for bytes in others {
        let refused = problem(put(&phone, &name(bytes), bytes).await).await;
        assert_eq!((refused.status, refused.kind.as_str()), (415, "not_a_picture"), "{bytes:?}");
        assert_eq!(
            phone.request(Method::GET, &format!("/api/files/{}", name(bytes))).send().await.unwrap().status(),
            404
        );
    }
    assert_eq!(std::fs::read_dir(server.app.files.arrivals()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_damaged_photo_is_an_original_all_the_same() {
    let Some(folder) = data("photos") else { return };
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let heic = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("heic"));
        if !heic && path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("jpg")) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(put(&phone, &name(&bytes), &bytes).await.status(), 201, "{}", path.display());
        let answer = phone.request(Method::GET, &format!("/api/files/{}", name(&bytes))).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], if heic { "image/heic" } else { "image/jpeg" });
        seen += 1;
    }
    assert!(seen > 15);
}

#[tokio::test]
async fn a_file_is_sent_whole_in_parts_or_not_again() {
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    let photo = b"\xff\xd8\xff\xda\0\x02display";
    assert_eq!(put(&phone, &name(photo), photo).await.status(), 201);
    let job = phone.file_pothole("with a photo");
    phone.act(job, self::photo(PhotoSlot::Before, RenditionKind::Display, photo));
    phone.sync().await;
    let etag = format!("\"{}\"", name(photo));
    // The same for the crew and for everybody, but for who may keep it on the way.
    for (path, keep) in
        [(format!("/api/files/{}", name(photo)), "private"), (format!("/media/{}.jpg", name(photo)), "public")]
    {
        let ask = |headers: &[(&str, &str)]| {
            let get = phone.request(Method::GET, &path);
            headers.iter().fold(get, |get, (name, value)| get.header(*name, *value)).send()
        };
        let whole = ask(&[]).await.unwrap();
        assert_eq!(whole.status(), 200);
        assert_eq!(whole.headers()["accept-ranges"], "bytes");
        assert_eq!(whole.headers()["etag"], etag);
        assert_eq!(whole.headers()["cache-control"], format!("{keep}, max-age=31536000, immutable"));
        assert_eq!(whole.headers()["content-length"], "13");
        assert_eq!(whole.bytes().await.unwrap(), photo.as_slice());
        for (range, said, bytes) in [
            ("bytes=2-4", "bytes 2-4/13", &photo[2..5]),
            ("bytes=6-", "bytes 6-12/13", &photo[6..]),
            ("bytes=-3", "bytes 10-12/13", &photo[10..]),
            ("bytes=-99", "bytes 0-12/13", &photo[..]),
            ("bytes=12-99", "bytes 12-12/13", &photo[12..]),
        ] {
            let part = ask(&[("range", range), ("if-range", &etag)]).await.unwrap();
            assert_eq!(part.status(), 206, "{range}");
            assert_eq!(part.headers()["content-range"], said);
            assert_eq!(part.headers()["etag"], etag);
            assert_eq!(part.bytes().await.unwrap(), bytes, "{range}");
        }
        for beyond in ["bytes=13-", "bytes=-0"] {
            let none = ask(&[("range", beyond)]).await.unwrap();
            assert_eq!((none.status().as_u16(), none.headers()["content-range"].as_bytes()), (416, &b"bytes */13"[..]));
        }
        for other in ["\"another\"", "W/\"weak\"", "Sun, 22 Nov 2026 09:00:00 GMT"] {
            let all = ask(&[("range", "bytes=2-4"), ("if-range", other)]).await.unwrap();
            assert_eq!(all.status(), 200, "{other}");
        }
        let several = ask(&[("range", "bytes=0-1,4-5")]).await.unwrap();
        assert_eq!(several.status(), 200);
        for known in [etag.as_str(), "*", &format!("\"another\", W/{etag}")] {
            let same = ask(&[("if-none-match", known), ("range", "bytes=2-4")]).await.unwrap();
            assert_eq!(same.status(), 304, "{known}");
            assert_eq!(same.headers()["etag"], etag);
            assert_eq!(same.bytes().await.unwrap(), b"".as_slice());
        }
    }
    let head = phone.request(Method::HEAD, &format!("/api/files/{}", name(photo))).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].as_bytes()), (200, &b"13"[..]));
}

#[tokio::test]
async fn a_file_that_is_no_files_name_or_too_large_is_refused() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    for wrong in ["abc", &"G".repeat(64), "..%2f..%2fetc%2fpasswd"] {
        assert_eq!(problem(put(&phone, wrong, b"x").await).await.kind, "malformed");
    }
    let large = put(&phone, &"0".repeat(64), &vec![0; coldpatch_shared::photo::MAX_BYTES + 1]).await;
    assert_eq!(problem(large).await.kind, "too_large");
}

#[tokio::test]
async fn residents_see_what_a_work_order_shows_and_never_an_original() {
    let server = Server::start().await;
    let mut phone = server.phone("ines-okafor").await;
    // The smallest that begin like a JPEG, the second with an EXIF block.
    let (display, exif) = (b"\xff\xd8\xff\xda\0\x02display", b"\xff\xd8\xff\xe1\0\x04me\xff\xda\0\x02");
    let (original, of_nothing) = (b"\xff\xd8\xff original".as_slice(), b"\xff\xd8\xff of nothing".as_slice());
    let files: [&[u8]; 4] = [display, exif, original, of_nothing];
    for bytes in files {
        assert_eq!(put(&phone, &name(bytes), bytes).await.status(), 201);
    }
    let media = |bytes: &[u8]| format!("/media/{}.jpg", name(bytes));
    assert_eq!(server.get(&media(display)).await.status(), 404, "no work order shows it yet");
    let job = phone.file_pothole("with photos");
    phone.act(job, photo(PhotoSlot::Before, RenditionKind::Display, display));
    phone.act(job, photo(PhotoSlot::Before, RenditionKind::Original, original));
    // A phone that calls a file with metadata a display rendition does not publish it.
    phone.act(job, photo(PhotoSlot::After, RenditionKind::Display, exif));
    phone.sync().await;
    let answer = server.get(&media(display)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    let again = server.http.get(server.path(&media(display))).header("if-none-match", &answer.headers()["etag"]);
    assert_eq!(again.send().await.unwrap().status(), 304);
    for hidden in [original, exif, of_nothing] {
        assert_eq!(problem(server.get(&media(hidden)).await).await.status, 404);
    }
    // Somebody who calls an original a display rendition does not publish it.
    phone.act(job, photo(PhotoSlot::After, RenditionKind::Display, original));
    phone.sync().await;
    assert_eq!(server.get(&media(original)).await.status(), 404);
}

#[tokio::test]
async fn a_poke_comes_when_another_device_changes_something_in_scope() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    let supervisor = server.phone("sam-lindqvist").await;
    let mut live = supervisor.request(Method::GET, "/api/live").send().await.unwrap().bytes_stream();
    assert_eq!(live.next().await.unwrap().unwrap(), "event: poke\ndata: sync\n\n", "one at once, to close the gap");
    inspector.file_pothole("news");
    inspector.sync().await;
    assert_eq!(live.next().await.unwrap().unwrap(), "event: poke\ndata: sync\n\n");
    // A live connection does not keep the server from closing.
    server.stop().await.unwrap();
    assert!(live.next().await.is_none_or(|end| end.is_err()));
}

#[tokio::test]
async fn the_apps_files_are_served_with_their_types_and_routes_get_the_page() {
    let pwa = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(pwa.path().join("build/abc")).unwrap();
    std::fs::write(pwa.path().join("index.html"), "<p>the app").unwrap();
    std::fs::write(pwa.path().join("sw.js"), "//").unwrap();
    std::fs::write(pwa.path().join("build/abc/app.wasm"), "plain").unwrap();
    std::fs::write(pwa.path().join("build/abc/app.wasm.br"), "squeezed").unwrap();
    let server = Server::start_with(tempfile::tempdir().unwrap(), Some(pwa.path().to_owned())).await;
    for path in ["/app/", "/app/jobs/1", "/app", "/app/sign-in/K7QM-3XNP"] {
        let answer = server.get(path).await;
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-cache", "{path}");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("wasm-unsafe-eval"));
        assert_eq!(answer.text().await.unwrap(), "<p>the app");
    }
    assert_eq!(server.get("/app/sw.js").await.headers()["cache-control"], "no-cache");
    let wasm = server.get("/app/build/abc/app.wasm").await;
    assert_eq!(wasm.headers()["content-type"], "application/wasm");
    assert!(wasm.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(wasm.text().await.unwrap(), "plain");
    let get = server.http.get(server.path("/app/build/abc/app.wasm")).header("accept-encoding", "gzip, br");
    let squeezed = get.send().await.unwrap();
    assert_eq!(squeezed.headers()["content-encoding"], "br");
    assert_eq!(squeezed.text().await.unwrap(), "squeezed");
    for gone in ["/app/build/old/app.wasm", "/app/nothing.js", "/app/%2e%2e/Cargo.toml"] {
        assert_ne!(server.get(gone).await.status(), 200, "{gone}");
    }
    for above in ["/app/..%2f..%2f..%2fetc%2fpasswd", "/app/%2fetc%2fpasswd"] {
        assert_eq!(server.get(above).await.text().await.unwrap(), "<p>the app", "{above}");
    }
}

#[tokio::test]
async fn health_says_how_far_the_log_is() {
    let server = Server::start().await;
    server.phone("ines-okafor").await.file_pothole("not sent");
    let health: serde_json::Value = server.get("/healthz").await.json().await.unwrap();
    assert_eq!((&health["ok"], &health["sequence"]), (&true.into(), &0.into()));
    assert_eq!(health["epoch"], server.app.storage.state().unwrap().epoch);
    assert_eq!(problem(server.get("/api/nothing").await).await.status, 404);
    assert_eq!(problem(server.http.delete(server.path("/api/sync")).send().await.unwrap()).await.status, 405);
}
