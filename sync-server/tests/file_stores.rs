//! Where photos' bytes are kept: what a folder and a bucket have in common, and a server over a bucket.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::entropy::{hash, hex};
use coldpatch_server::files::{Arriving, FileStore, LocalFiles};
use coldpatch_shared::photo::MediaType;
use std::path::Path;

fn keep(store: &dyn FileStore, bytes: &[u8]) -> String {
    let mut arriving = Arriving::begin(store).unwrap();
    arriving.write(bytes).unwrap();
    arriving.keep(store).unwrap()
}

fn waiting(store: &dyn FileStore) -> usize {
    std::fs::read_dir(store.arrivals()).unwrap().count()
}

/// What every store does.
fn conforms(store: &dyn FileStore) {
    store.probe().unwrap();
    let nothing = hex(&hash(b"nothing"));
    assert_eq!(store.read(&nothing).unwrap(), None);
    assert_eq!(store.read_part(&nothing, 0..1).unwrap(), None);
    // Larger than what one packet or one buffer holds.
    let photo: Vec<u8> = (0..40_000_u32).flat_map(u32::to_le_bytes).collect();
    let name = keep(store, &photo);
    assert_eq!(name, hex(&hash(&photo)));
    assert_eq!(store.read(&name).unwrap().as_deref(), Some(&photo[..]));
    assert_eq!(waiting(store), 0, "nothing is left behind");
    for part in [0..1, 3..70_000, 159_999..160_000, 0..160_000] {
        let bytes = &photo[part.clone()];
        assert_eq!(store.read_part(&name, part.start as u64..part.end as u64).unwrap().as_deref(), Some(bytes));
    }
    assert_eq!(store.read_part(&name, 159_990..999_999).unwrap().unwrap().len(), 10, "it ends where the file ends");
    assert_eq!(store.read_part(&name, 5..5).unwrap().unwrap(), b"");
    assert_eq!(keep(store, &photo), name, "what is there already may come again");
    assert_eq!(store.read(&name).unwrap().as_deref(), Some(&photo[..]));
    let other = keep(store, b"");
    assert_eq!(store.read(&other).unwrap().unwrap(), b"");
    let mut names: Vec<_> = (0..=u8::MAX).flat_map(|first| store.names(first).unwrap()).collect();
    let mut expected = vec![name.clone(), other];
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(store.names(hash(&photo)[0]).unwrap(), [name], "each under its first byte");
    // What is no SHA-256 is no file's name, whatever it would lead to.
    for wrong in ["", "abc", "../../../../etc/passwd", &"G".repeat(64)] {
        assert!(store.read(wrong).is_err() && store.read_part(wrong, 0..1).is_err(), "{wrong}");
        assert!(store.adopt(Path::new("/dev/null"), wrong).is_err(), "{wrong}");
    }
    let mut given_up = Arriving::begin(store).unwrap();
    given_up.write(b"\xff\xd8\xff half a photo").unwrap();
    assert_eq!(given_up.media_type().unwrap(), Some(MediaType::Jpeg));
    drop(given_up);
    assert_eq!(waiting(store), 0);
}

#[test]
fn a_folder_keeps_files() {
    let folder = tempfile::tempdir().unwrap();
    conforms(&LocalFiles::open(folder.path()).unwrap());
    // What was there is there for the next one.
    assert!(LocalFiles::open(folder.path()).unwrap().read(&hex(&hash(b""))).unwrap().is_some());
}

#[cfg(feature = "s3")]
mod bucket {
    use super::*;
    use coldpatch_server::files::s3::{Bucket, S3Files};
    use reqwest::Method;
    use std::io::ErrorKind;
    use support::s3::{KEY, NAME, S3, SECRET};
    use support::{Server, problem};

    #[test]
    fn a_bucket_keeps_files() {
        let (s3, local) = (S3::start(), tempfile::tempdir().unwrap());
        conforms(&s3.store(local.path()));
        let name = hex(&hash(b""));
        let in_bucket = s3.folder.path().join(NAME).join("311/photos").join(&name[..2]).join(&name);
        assert!(in_bucket.is_file(), "under the same name as in a folder");
        assert!(s3.store(local.path()).read(&name).unwrap().is_some());
    }

    #[tokio::test]
    async fn a_store_may_be_used_and_dropped_on_a_runtimes_thread() {
        let (s3, local) = (S3::start(), tempfile::tempdir().unwrap());
        let store = s3.store(local.path());
        let name = keep(&store, b"a photo");
        assert_eq!(store.read(&name).unwrap().unwrap(), b"a photo");
    }

    #[test]
    fn what_a_bucket_does_not_take_stays_on_this_machine_and_is_an_error() {
        let (mut s3, local) = (S3::start(), tempfile::tempdir().unwrap());
        let open = |bucket| S3Files::open(&bucket, local.path()).unwrap();
        let stranger = open(Bucket { credentials: Some((KEY.to_owned(), "guessed".to_owned())), ..s3.bucket() });
        let elsewhere = open(Bucket { name: "another".to_owned(), ..s3.bucket() });
        let finished = local.path().join("finished");
        std::fs::write(&finished, b"a photo").unwrap();
        let name = hex(&hash(b"a photo"));
        assert!(stranger.probe().is_err());
        // (This server of the tests makes buckets as it needs them when something is put there; real ones do not.)
        assert!(elsewhere.probe().is_err());
        assert!(stranger.adopt(&finished, &name).is_err());
        assert_eq!(std::fs::read(&finished).unwrap(), b"a photo");
        assert!(stranger.read(&name).is_err(), "who is not let in does not hear that there is nothing");
        let store = s3.store(local.path());
        store.adopt(&finished, &name).unwrap();
        s3.stop();
        let gone = store.read(&name).unwrap_err();
        assert_ne!(gone.kind(), ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn a_server_over_a_bucket_takes_and_sends_photos_in_parts_and_backs_them_up() {
        let s3 = S3::start();
        let server = Server::start_over(&s3).await;
        let phone = server.phone("ana-ruiz").await;
        let photo = [b"\xff\xd8\xff\xda".as_slice(), &[7; 100_000]].concat();
        let path = format!("/api/files/{}", hex(&hash(&photo)));
        let put = phone.request(Method::PUT, &path).body(photo.clone()).send().await.unwrap();
        assert_eq!(put.status(), 201);
        assert_eq!(
            std::fs::read_dir(server.app.config.data.join("files")).unwrap().count(),
            1,
            "only arrivals are here"
        );
        let part = phone.request(Method::GET, &path).header("range", "bytes=2-9").send().await.unwrap();
        assert_eq!(
            (part.status().as_u16(), &part.headers()["content-range"]),
            (206, &"bytes 2-9/100004".parse().unwrap())
        );
        assert_eq!(part.bytes().await.unwrap(), photo[2..10]);
        let whole = phone.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(whole.bytes().await.unwrap(), photo);
        let backup = tempfile::tempdir().unwrap();
        let done =
            coldpatch_server::backup::run(&server.app, &backup.path().join("db"), Some(backup.path()), 0).unwrap();
        assert_eq!(done.photos, 1);
    }

    #[tokio::test]
    async fn while_the_bucket_is_out_of_reach_a_photo_is_asked_for_later_and_all_else_goes_on() {
        let mut s3 = S3::start();
        let server = Server::start_over(&s3).await;
        let mut phone = server.phone("ines-okafor").await;
        s3.stop();
        let photo = b"\xff\xd8\xff\xda a photo";
        let put = phone.request(Method::PUT, &format!("/api/files/{}", hex(&hash(photo)))).body(photo.to_vec());
        let refused = problem(put.send().await.unwrap()).await;
        assert_eq!((refused.status, refused.kind.as_str()), (503, "storage"), "the phone tries again later");
        phone.file_pothole("data goes on");
        assert_eq!(phone.sync().await, [coldpatch_shared::sync::wire::Verdict::Accepted]);
    }

    #[test]
    fn the_program_says_what_is_wrong_with_the_settings() {
        let data = tempfile::tempdir().unwrap();
        let run = |files: &str| {
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_coldpatch-server"));
            program.args(["seed-demo", "--files", files, "--data"]).arg(data.path().join("data"));
            let output = program.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET).output().unwrap();
            assert!(!output.status.success());
            String::from_utf8(output.stderr).unwrap()
        };
        assert!(run("s3://").contains("Write s3://BUCKET"));
        assert!(run("/dev/null/photos").contains("Give another place with --files"));
    }
}
