//! The program itself: started, killed, started again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_shared::sync::wire::Verdict;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use support::{Phone, new_uuid, told};

const PROGRAM: &str = env!("CARGO_BIN_EXE_coldpatch-server");

fn run(data: &Path, args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).arg("--data").arg(data).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running program and its address, which it logs.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "json", "--data"])
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.by_ref().find_map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            line["fields"]["address"].as_str().map(str::to_owned)
        });
        // Somebody must go on reading, or the program would wait for its log.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: format!("http://{}", address.unwrap()) }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn code(data: &Path, person: &str) -> String {
    let output = run(data, &["enroll", "--person", person, "--hours", "1"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    said.lines().find_map(|line| line.strip_prefix("code  ")).unwrap().to_owned()
}

async fn phone(server: &Running, data: &Path, person: &str) -> Phone {
    Phone::enroll(&reqwest::Client::new(), &server.url, &code(data, person)).await
}

#[tokio::test]
async fn a_kill_in_the_middle_of_syncing_loses_nothing_that_was_answered_for_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data in a folder");
    let mut server = Running::start(&data);
    let mut phone = phone(&server, &data, "ines-okafor").await;
    let mut answered = BTreeSet::new();
    for round in 0..3 {
        let jobs: Vec<_> = (0..40).map(|n| phone.file_pothole(&format!("{round}/{n}"))).collect();
        let outbox = std::mem::take(&mut phone.outbox);
        for (n, (change, job)) in (0..).zip(outbox.iter().zip(&jobs)) {
            phone.outbox = vec![change.clone()];
            // While one is under way, the program is killed; sometimes that one still gets its answer.
            let last = n == 5 + 9 * round;
            let (response, ()) = tokio::join!(phone.try_round_trip(), async {
                if last {
                    server.signal("-KILL");
                }
            });
            if let Some(response) = response {
                assert_eq!(response.verdicts[0], Verdict::Accepted);
                answered.insert(*job);
                phone.take(&response);
            }
            if last {
                break;
            }
        }
        server = Running::start(&data);
        phone.url.clone_from(&server.url);
        // As a phone does: what was not answered for goes again, all of it in one request.
        phone.outbox = outbox;
        assert!(phone.sync().await.iter().all(|verdict| *verdict == Verdict::Accepted));
    }
    let mut fresh = self::phone(&server, &data, "sam-lindqvist").await;
    fresh.sync().await;
    assert_eq!(fresh.docs.len(), 120, "each once");
    let numbers: BTreeSet<_> =
        fresh.docs.keys().map(|id| fresh.order(*id).tracking_number().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), 120, "no number twice");
    assert!(answered.iter().all(|id| fresh.docs.contains_key(id)));
    for id in fresh.docs.keys() {
        assert_eq!(told(&fresh.order(*id)), told(&phone.order(*id)));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_stop_it_ends_cleanly_though_phones_are_listening() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Running::start(folder.path());
        let phone = phone(&server, folder.path(), "ana-ruiz").await;
        let _live = phone.request(reqwest::Method::GET, "/api/live").send().await.unwrap();
        server.signal(signal);
        assert!(server.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn the_demo_prints_one_object_with_a_link_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["seed-demo", "--url", "http://localhost:4000"]);
    let seeded: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seeded["resident"], "http://localhost:4000/report");
    let roles: Vec<_> = seeded["links"].as_array().unwrap().iter().map(|link| link["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["crew", "crew", "inspector", "supervisor"]);
    assert!(seeded["links"][0]["url"].as_str().unwrap().starts_with("http://localhost:4000/app/sign-in/"));
}

#[test]
fn mistakes_on_the_command_line_are_answered_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let typo = folder.path().join("typo");
    for args in [&["enroll", "--person", "ana-ruiz"][..], &["import", "--format", "nyc311", "rows.csv"]] {
        let no_data = run(&typo, args);
        assert!(!no_data.status.success() && no_data.stdout.is_empty());
        let said = text(&no_data.stderr);
        assert!(said.contains(&typo.display().to_string()) && said.contains("--data"), "{said}");
        assert!(!typo.exists(), "nothing was made");
    }
    assert!(run(folder.path(), &["seed-demo"]).status.success());
    let nobody = run(folder.path(), &["enroll", "--person", "nobody"]);
    assert!(!nobody.status.success());
    assert!(text(&nobody.stderr).contains("ana-ruiz"), "{}", text(&nobody.stderr));
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let no_folder = run(&file, &["seed-demo"]);
    assert!(text(&no_folder.stderr).contains("--data"), "{}", text(&no_folder.stderr));
    let city = run(folder.path(), &["seed-demo", "--city", "/nowhere"]);
    assert!(text(&city.stderr).contains("boundary.geojson"), "{}", text(&city.stderr));
    let taken = Running::start(folder.path());
    let address = taken.url.trim_start_matches("http://").to_owned();
    let second = run(&folder.path().join(new_uuid().to_string()), &["serve", "--listen", &address]);
    assert!(text(&second.stderr).contains("--listen"), "{}", text(&second.stderr));
}

#[tokio::test]
async fn a_phone_is_listed_and_signed_out_at_the_terminal_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let mut ana = phone(&server, folder.path(), "ana-ruiz").await;
    ana.sync().await;
    let id = ana.session.device.to_string();
    let listed = text(&run(folder.path(), &["devices"]).stdout);
    let line = listed.lines().find(|line| line.starts_with(&id)).unwrap();
    assert!(line.contains("ana-ruiz") && line.contains("last heard 20") && !line.contains("signed out"), "{line}");
    let wrong = run(folder.path(), &["revoke", "--device", "not-an-id"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("devices"), "{}", text(&wrong.stderr));
    assert!(!run(folder.path(), &["revoke"]).status.success());
    let said = text(&run(folder.path(), &["revoke", "--device", &id]).stdout);
    assert!(said.contains("is signed out. Nothing on it was deleted"), "{said}");
    assert_eq!(ana.post(Vec::new()).await.status(), 401);
    assert!(text(&run(folder.path(), &["devices"]).stdout).contains("signed out"));
}
