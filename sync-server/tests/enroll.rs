//! Signing in with one-time codes, and what it opens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::storage::{NewCode, Whose};
use coldpatch_server::{clock, entropy, revocation};
use coldpatch_shared::api::{EnrollResponse, REVOKED};
use coldpatch_shared::city::{CityFiles, Role};
use coldpatch_shared::ids::{CrewId, DeviceId, UserId};
use support::{Server, new_uuid, problem};

fn device() -> DeviceId {
    DeviceId(new_uuid())
}

#[tokio::test]
async fn a_code_signs_in_the_person_it_was_made_for_however_it_is_typed() {
    let server = Server::start().await;
    let code = server.code("ana-ruiz").to_lowercase().replace('-', " ");
    let answer: EnrollResponse = server.enroll(&code, device()).await.json().await.unwrap();
    assert_eq!((answer.session.name.as_str(), answer.session.role), ("Ana Ruiz", Role::Crew));
    assert_eq!(answer.session.crew, Some(CrewId::from("crew-4")));
}

#[tokio::test]
async fn the_same_device_may_ask_again_when_the_answer_was_lost_and_another_may_not() {
    let server = Server::start().await;
    let (code, mine) = (server.code("ana-ruiz"), device());
    assert_eq!(server.enroll(&code, mine).await.status(), 200);
    assert_eq!(server.enroll(&code, mine).await.status(), 200);
    let used = problem(server.enroll(&code, device()).await).await;
    assert_eq!((used.status, used.kind.as_str()), (410, "code_used"));
}

#[tokio::test]
async fn old_and_invented_codes_are_told_apart() {
    let server = Server::start().await;
    let hash = entropy::code_hash("4444-4444");
    let person = UserId::from("ana-ruiz");
    server.app.storage.add_code(&NewCode { hash, person, created_at: 0, expires_at: 1 }).unwrap();
    let expired = problem(server.enroll("4444-4444", device()).await).await;
    assert_eq!((expired.status, expired.kind.as_str()), (410, "code_expired"));
    let unknown = problem(server.enroll("2222-2222", device()).await).await;
    assert_eq!((unknown.status, unknown.kind.as_str()), (404, "code_unknown"));
    let body = server.http.post(server.path("/api/enroll")).header("content-type", "application/json");
    assert_eq!(problem(body.body("{").send().await.unwrap()).await.kind, "malformed");
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let server = Server::start().await;
    let mut last = 0;
    for _ in 0..40 {
        last = server.enroll("3333-3333", device()).await.status().as_u16();
        if last == 429 {
            break;
        }
        assert_eq!(last, 404);
    }
    assert_eq!(last, 429);
    let answer = server.enroll("3333-3333", device()).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(problem(answer).await.kind, "too_many_tries");
    let right = server.enroll(&server.code("ana-ruiz"), device()).await;
    assert_eq!(right.status(), 200, "nobody can lock out those who have a code");
}

#[tokio::test]
async fn nobody_is_let_in_without_a_token() {
    let server = Server::start().await;
    for path in ["/api/city", "/api/live", &format!("/api/files/{}", "0".repeat(64))] {
        assert_eq!(problem(server.get(path).await).await.kind, "signed_out", "{path}");
    }
}

#[tokio::test]
async fn the_city_is_sent_once_and_then_only_its_tag() {
    let server = Server::start().await;
    let phone = server.phone("ana-ruiz").await;
    let answer = phone.request(reqwest::Method::GET, "/api/city").send().await.unwrap();
    let tag = answer.headers()["etag"].clone();
    let files: CityFiles = answer.json().await.unwrap();
    assert_eq!(files.version(), server.app.city.version);
    let again = phone.request(reqwest::Method::GET, "/api/city").header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn a_device_that_was_signed_out_stays_so_through_restarts_and_restores_and_its_person_may_sign_in_again() {
    let server = Server::start().await;
    let backup = server.backup();
    let mut phone = server.phone("ana-ruiz").await;
    let mut other = server.phone("ben-carter").await;
    phone.sync().await;
    let whose = Whose::Device(phone.session.device);
    let known = revocation::revoke(&server.app, &whose, clock::now()).unwrap();
    assert_eq!(
        known.iter().map(|device| (device.device, device.revoked)).collect::<Vec<_>>(),
        [(phone.session.device, true)]
    );
    let said = problem(phone.post(Vec::new()).await).await;
    assert_eq!((said.status, said.kind.as_str()), (401, REVOKED));
    other.sync().await;

    let server = server.kill_and_restart().await;
    phone.url.clone_from(&server.url);
    assert_eq!(problem(phone.post(Vec::new()).await).await.kind, REVOKED);

    // The backup knows nothing of the phone, and its token is signed; what was signed out is written beside the database.
    let kept = std::fs::read(server.app.config.data.join(revocation::FILE)).unwrap();
    let server = server.restore_and_restart(&backup).await;
    std::fs::write(server.app.config.data.join(revocation::FILE), kept).unwrap();
    let server = server.kill_and_restart().await;
    let ended = server.app.storage.state().unwrap().epoch;
    server.app.sync.ledger.begin_epoch(&ended, clock::now()).unwrap();
    phone.url.clone_from(&server.url);
    other.url.clone_from(&server.url);
    assert_eq!(problem(phone.post(Vec::new()).await).await.kind, REVOKED);
    assert_eq!(other.post(Vec::new()).await.status(), 400, "known again by its token");

    // Signed in again, what it did meanwhile goes through.
    let answer: EnrollResponse =
        server.enroll(&server.code("ana-ruiz"), phone.session.device).await.json().await.unwrap();
    phone.token = answer.token;
    phone.cursor = None;
    phone.sync().await;
    // All devices of a person, also one that the database does not know of.
    revocation::revoke(&server.app, &Whose::Person("ana-ruiz".into()), clock::now()).unwrap();
    assert_eq!(problem(phone.post(Vec::new()).await).await.kind, REVOKED);
    assert_eq!(other.post(Vec::new()).await.status(), 400);
}

#[tokio::test]
async fn a_code_that_was_made_before_its_person_was_signed_out_is_of_no_use() {
    let server = Server::start().await;
    let before = server.code("ana-ruiz");
    let signed_out = clock::now();
    revocation::revoke(&server.app, &Whose::Person("ana-ruiz".into()), signed_out).unwrap();
    let refused = problem(server.enroll(&before, DeviceId(new_uuid())).await).await;
    assert_eq!(refused.kind, "code_expired");
    while clock::now() <= signed_out {
        tokio::task::yield_now().await;
    }
    let after = server.code("ana-ruiz");
    assert_eq!(server.enroll(&after, DeviceId(new_uuid())).await.status(), 200);
}
