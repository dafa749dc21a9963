//! The residents' pages, over HTTP against a real server: what comes in once is there once, what is wrong is said where
//! it is wrong, and nothing that somebody typed runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use coldpatch_server::storage::RequestFilter;
use coldpatch_shared::action::Action;
use coldpatch_shared::order::{PlaceSource, RenditionKind, WorkOrder};
use reqwest::{Response, StatusCode, header, redirect::Policy};
use serde_json::Value;
use support::{Server, data, new_uuid};

const SECRET: &str = "00112233445566778899aabbccddeeff";

/// A form as a browser sends it.
#[derive(Clone)]
struct Form {
    fields: Vec<(String, String)>,
    photo: Option<Vec<u8>>,
}

impl Form {
    /// A pothole in the middle of the city, with all that is required.
    fn pothole() -> Self {
        let fields = [
            ("type", "pothole"),
            ("request", &new_uuid().to_string()),
            ("secret", SECRET),
            ("lat", "47.627167"),
            ("lon", "-122.337333"),
            ("source", "device"),
            ("q_size", "tire"),
            ("q_beside_grate", "no"),
        ];
        Self { fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), photo: None }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    fn with_photo(mut self, bytes: Vec<u8>) -> Self {
        self.photo = Some(bytes);
        self
    }

    fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(photo) = &self.photo {
            body.extend(b"--cut\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n");
            body.extend(photo);
            body.extend(b"\r\n");
        }
        for (name, value) in &self.fields {
            let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        body.extend(b"--cut--\r\n");
        body
    }

    async fn post(&self, server: &Server, accept: &str) -> Response {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let post = http.post(server.path("/report")).header(header::ACCEPT, accept);
        let post = post.header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut").body(self.body());
        post.send().await.unwrap()
    }

    /// Sends it as a browser without script does.
    async fn submit(&self, server: &Server) -> Response {
        self.post(server, "text/html").await
    }

    /// Sends it as the outbox does.
    async fn send(&self, server: &Server) -> (StatusCode, Value) {
        let response = self.post(server, "application/json").await;
        (response.status(), response.json().await.unwrap())
    }
}

/// A real photo; `None` where the test data are not.
fn photo(name: &str) -> Option<Vec<u8>> {
    let file = data("photos")?.join(name);
    Some(std::fs::read(file).unwrap())
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers().get(header::LOCATION).unwrap().to_str().unwrap().to_owned()
}

fn orders(server: &Server) -> Vec<WorkOrder> {
    let all = RequestFilter { limit: 100, ..RequestFilter::default() };
    server.app.storage.requests(&all).unwrap().into_iter().map(|(_, order)| order).collect()
}

#[tokio::test]
async fn a_plain_form_leads_to_a_tracking_page_with_its_number() {
    let server = Server::start().await;
    let front = server.get("/").await.text().await.unwrap();
    assert!(front.contains("/report?type=pothole") && front.contains("data-testid=\"report-type-pothole\""), "{front}");
    let page = server.get("/report?type=pothole").await.text().await.unwrap();
    assert!(page.contains("name=\"q_size\"") && page.contains("enctype=\"multipart/form-data\""), "{page}");
    let answer = Form::pothole().with("description", "Deep.\r\nAt night nobody sees it.").submit(&server).await;
    let tracking = server.get(&location(&answer)).await;
    assert_eq!(tracking.headers().get("referrer-policy").unwrap(), "no-referrer");
    let tracking = tracking.text().await.unwrap();
    let order = orders(&server).remove(0);
    assert!(tracking.contains(order.tracking_number().unwrap()), "{tracking}");
    assert!(tracking.contains("We have your report") && tracking.contains("At night nobody sees it."), "{tracking}");
    assert_eq!(order.place.unwrap().source, PlaceSource::Device);
}

#[tokio::test]
async fn the_forms_of_all_types_carry_ids_of_their_own() {
    let server = Server::start().await;
    let mut ids = std::collections::HashSet::new();
    for kind in &server.app.city.catalog.service_types {
        let page = server.get(&format!("/report?type={}", kind.code)).await.text().await.unwrap();
        let id = page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(ids.insert(id), "{}", kind.code);
        assert_eq!(page.contains("name=\"email\""), kind.contact != coldpatch_shared::city::ContactRule::None);
        for question in &kind.questions {
            assert!(page.contains(&format!("name=\"q_{}\"", question.code)), "{} {}", kind.code, question.code);
        }
    }
}

#[tokio::test]
async fn the_same_form_again_creates_nothing_and_leads_to_the_same_page() {
    let server = Server::start().await;
    let form = Form::pothole();
    let first = location(&form.submit(&server).await);
    assert_eq!(location(&form.submit(&server).await), first);
    let (status, answer) = form.send(&server).await;
    assert_eq!((status, answer["tracking_url"].as_str()), (StatusCode::OK, Some(first.as_str())));
    assert_eq!(answer["request"], form.get("request"));
    assert_eq!(orders(&server).len(), 1);
}

#[tokio::test]
async fn twenty_at_once_with_one_id_make_one_report() {
    let server = Server::start().await;
    let form = Form::pothole();
    let all = futures_util::future::join_all((0..20).map(|_| form.send(&server))).await;
    assert!(
        all.iter()
            .all(|(status, answer)| status.is_success() && answer["tracking_number"] == all[0].1["tracking_number"])
    );
    assert_eq!(all.iter().filter(|(status, _)| *status == StatusCode::CREATED).count(), 1);
    assert_eq!(orders(&server).len(), 1);
}

#[tokio::test]
async fn the_same_id_with_another_secret_learns_nothing() {
    let server = Server::start().await;
    let form = Form::pothole();
    let (_, first) = form.send(&server).await;
    let (status, answer) = form.with("secret", "ffeeddccbbaa99887766554433221100").send(&server).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(!answer.to_string().contains(first["tracking_number"].as_str().unwrap()), "{answer}");
}

#[tokio::test]
async fn a_photo_is_shown_to_its_sender_without_its_hidden_data() {
    let server = Server::start().await;
    let Some(original) = photo("iphone5_rotated.jpg") else { return };
    let answer = Form::pothole().with_photo(original).submit(&server).await;
    let page = server.get(&location(&answer)).await.text().await.unwrap();
    let src = page.split("src=\"/media/").nth(1).unwrap().split('"').next().unwrap();
    let shown = server.get(&format!("/media/{src}")).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let shown = shown.bytes().await.unwrap();
    assert!(!shown.windows(4).any(|bytes| bytes == b"Exif"));
    let kept = &orders(&server)[0].photos[0].body;
    let original_name = &kept.rendition(RenditionKind::Original).unwrap().sha256;
    assert_eq!(server.get(&format!("/media/{original_name}.jpg")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_damaged_photo_is_said_at_its_field_and_the_rest_is_kept() {
    let server = Server::start().await;
    let Some(mut cut) = photo("no_exif.jpg") else { return };
    cut.truncate(150);
    let form = Form::pothole().with("description", "keep me").with_photo(cut);
    let answer = form.submit(&server).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.unwrap();
    assert!(page.contains("id=\"photo-error\"") && page.contains("keep me"), "{page}");
    assert!(page.contains(form.get("request")), "the same form, so that it can be sent again");
    let (status, problem) = form.send(&server).await;
    assert_eq!((status, problem["type"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("form")));
    assert!(problem["errors"]["photo"].is_string(), "{problem}");
    assert_eq!(orders(&server).len(), 0);
}

#[tokio::test]
async fn a_photo_of_which_a_part_can_be_seen_is_kept_and_said_so() {
    let server = Server::start().await;
    let Some(corrupted) = photo("corrupted.jpg") else { return };
    let tracking = location(&Form::pothole().with_photo(corrupted).submit(&server).await);
    let page = server.get(&tracking).await.text().await.unwrap();
    assert!(page.contains("a part of your photo is damaged") && page.contains("/media/"), "{page}");
}

#[tokio::test]
async fn a_photo_is_kept_while_another_field_is_corrected() {
    let server = Server::start().await;
    let Some(good) = photo("no_exif.jpg") else { return };
    let form = Form::pothole().without("q_size").with_photo(good);
    let page = form.submit(&server).await.text().await.unwrap();
    assert!(page.contains("name=\"photo_kept\"") && page.contains("id=\"q_size-error\""), "{page}");
    let mut again = form.with("q_size", "plate").with("photo_kept", "1");
    again.photo = None;
    location(&again.submit(&server).await);
    assert_eq!(orders(&server)[0].photos.len(), 1);
}

#[tokio::test]
async fn a_heic_is_accepted_and_shown_or_said_to_be_shown_later() {
    let server = Server::start().await;
    let Some(heic) = photo("IMG_5195.HEIC") else { return };
    let answer = Form::pothole().with_photo(heic).submit(&server).await;
    let page = server.get(&location(&answer)).await.text().await.unwrap();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let has = |program: &str| std::env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    let shown = has("heif-dec") || has("heif-convert");
    assert_eq!(page.contains("/media/"), shown, "{page}");
    assert_eq!(page.contains("once it is converted"), !shown, "{page}");
    assert_eq!(orders(&server)[0].photos.len(), 1, "the original is kept either way");
}

#[tokio::test]
async fn a_photo_over_the_limit_costs_nothing_but_itself() {
    let server = Server::start().await;
    let form = Form::pothole().with("description", "typed after the photo").with_photo(vec![0xff; 25_000_001]);
    let page = form.submit(&server).await.text().await.unwrap();
    assert!(page.contains("more than 25 MB") && page.contains("typed after the photo"), "not said or not kept");
}

#[tokio::test]
async fn a_place_in_the_next_town_says_whom_to_call_there() {
    let server = Server::start().await;
    let form = Form::pothole().with("lat", "47.66").with("lon", "-122.34").with("description", "keep me");
    let page = form.submit(&server).await.text().await.unwrap();
    assert!(
        page.contains("Town of Millbrook") && page.contains("tel:2065550177") && page.contains("keep me"),
        "{page}"
    );
    let (status, problem) = form.send(&server).await;
    assert_eq!(
        (status, problem["elsewhere"]["phone"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("(206) 555-0177"))
    );
    // Italy is nobody's that we know of.
    let page = Form::pothole().with("lat", "43.46").with("lon", "11.88").submit(&server).await.text().await.unwrap();
    assert!(page.contains(&server.app.city.phone) && page.contains("data-testid=\"elsewhere\""), "{page}");
    assert_eq!(orders(&server).len(), 0);
}

#[tokio::test]
async fn an_address_in_words_becomes_a_place() {
    let server = Server::start().await;
    let form = Form::pothole().without("lat").without("lon").with("address", "200 Ropewalk Street");
    location(&form.submit(&server).await);
    assert_eq!(orders(&server)[0].place.as_ref().unwrap().source, PlaceSource::Address);
}

#[tokio::test]
async fn what_a_resident_wrote_is_shown_and_never_run() {
    let server = Server::start().await;
    let attack = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";
    let form = Form::pothole().with("description", attack).with("address", attack);
    let tracking = location(&form.submit(&server).await);
    let page = server.get(&tracking).await.text().await.unwrap();
    assert!(
        !page.contains("<script>alert") && !page.contains("<img src=x") && page.contains("&#60;script&#62;alert(1)"),
        "{page}"
    );
    let json: Value = server.get(&format!("{tracking}.json")).await.json().await.unwrap();
    assert!(!json["html"].as_str().unwrap().contains("<script>"), "{json}");
    let page =
        form.with("request", &new_uuid().to_string()).without("q_size").submit(&server).await.text().await.unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
}

#[tokio::test]
async fn a_link_that_leads_nowhere_says_what_to_do() {
    let server = Server::start().await;
    let tracking = location(&Form::pothole().submit(&server).await);
    // The right request with a wrong secret.
    let last = if tracking.ends_with('A') { 'Q' } else { 'A' };
    let wrong = format!("{}{last}", &tracking[..tracking.len() - 1]);
    for path in [wrong.as_str(), "/r/26-000001", "/r/%00", "/r/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let page = server.get(path).await;
        assert_eq!(page.status(), StatusCode::NOT_FOUND, "{path}");
        let page = page.text().await.unwrap();
        assert!(
            page.contains("There is no report at this address") && page.contains("Your reports on this phone"),
            "{page}"
        );
    }
    let paste = async |link: String| {
        let follow =
            server.http.post(server.path("/follow")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        follow.body(format!("link={link}")).send().await.unwrap()
    };
    let follow = paste(format!("https%3A%2F%2Fx.example{tracking}")).await;
    assert!(follow.text().await.unwrap().contains("We have your report"));
    let follow = paste("26-000001".to_owned()).await;
    assert_eq!(follow.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(follow.text().await.unwrap().contains("id=\"link-error\""));
}

#[tokio::test]
async fn the_page_follows_the_work_from_received_to_fixed() {
    let server = Server::start().await;
    let tracking = location(&Form::pothole().submit(&server).await);
    let json = format!("{tracking}.json");
    let first = server.get(&json).await;
    let tag = first.headers().get(header::ETAG).unwrap().clone();
    let unchanged = server.http.get(server.path(&json)).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
    let order = orders(&server).remove(0);
    let crew = server.app.city.people.iter().find(|person| person.crew == order.assignment).unwrap().id.clone();
    let mut phone = server.phone(crew.as_str()).await;
    phone.sync().await;
    for (action, headline) in
        [(Action::Start, "A crew is fixing it"), (Action::Complete { note: Some("staff only".into()) }, "It is fixed")]
    {
        phone.act(order.id, action);
        phone.sync().await;
        let now: Value = server.get(&json).await.json().await.unwrap();
        assert_eq!(now["headline"], headline, "{now}");
        assert!(!now.to_string().contains("staff only"), "{now}");
    }
    let page = server.get(&tracking).await.text().await.unwrap();
    assert!(page.contains("is on site") || page.contains("was on site"), "{page}");
    assert!(page.contains("data-closed=\"true\"") && !page.contains("http-equiv"), "{page}");
}

#[tokio::test]
async fn contact_is_kept_apart_and_shown_to_nobody() {
    let server = Server::start().await;
    let form = Form::pothole().with("email", "ana@example.org").with("name", "Ana");
    let tracking = location(&form.submit(&server).await);
    let contact = server.app.storage.contact(form.get("request").parse().unwrap()).unwrap().unwrap();
    assert_eq!((contact.name.as_str(), contact.email.as_str()), ("Ana", "ana@example.org"));
    assert!(!server.get(&tracking).await.text().await.unwrap().contains("ana@example.org"));
    assert!(!format!("{:?}", orders(&server)).contains("ana@example.org"));
}

#[tokio::test]
async fn what_is_no_form_is_refused_with_a_reason() {
    let server = Server::start().await;
    let form = Form::pothole();
    for bad in [form.clone().with("request", "not a uuid"), form.clone().with("secret", "short")] {
        let (status, problem) = bad.send(&server).await;
        assert_eq!((status, problem["type"].as_str()), (StatusCode::BAD_REQUEST, Some("unreadable")));
    }
    let (status, problem) = form.with("type", "ufo").send(&server).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem["errors"]["type"].is_string());
    let cut =
        server.http.post(server.path("/report")).header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
    assert_eq!(
        cut.body("--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf").send().await.unwrap().status(),
        400
    );
    let text = server.http.post(server.path("/report")).header(header::ACCEPT, "application/json").body("hello");
    assert_eq!(text.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(orders(&server).len(), 0);
}

#[tokio::test]
async fn the_service_worker_keeps_every_form_and_stays_out_of_the_app() {
    let server = Server::start().await;
    let script = server.get("/sw.js").await.text().await.unwrap();
    assert!(!script.contains("{{"), "{script}");
    for kind in &server.app.city.catalog.service_types {
        assert!(script.contains(&format!("/report?type={}", kind.code)));
    }
    let list = script.split("const FILES = ").nth(1).unwrap().split(";\n").next().unwrap();
    let files: Vec<String> = serde_json::from_str(list).unwrap();
    assert!(files.iter().all(|file| file.starts_with("/resident/")), "{files:?}");
    let mut bytes = server.get("/").await.bytes().await.unwrap().len();
    for file in &files {
        let file = server.get(file).await;
        assert_eq!(file.status(), StatusCode::OK);
        assert!(file.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        bytes += file.bytes().await.unwrap().len();
    }
    assert!(bytes < 100_000, "a first visit takes {bytes} bytes before compression");
}

#[tokio::test]
async fn a_place_is_put_into_words_before_anything_is_sent() {
    let server = Server::start().await;
    let ours: Value = server.get("/report/place?lat=47.627167&lon=-122.337333").await.json().await.unwrap();
    assert!(ours["words"].as_str().unwrap().starts_with("Here: "), "{ours}");
    let theirs: Value = server.get("/report/place?lat=47.66&lon=-122.34").await.json().await.unwrap();
    assert!(theirs["words"].as_str().unwrap().contains("(206) 555-0177"), "{theirs}");
    assert_eq!(server.get("/report/place?lat=0&lon=0").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_address_where_nothing_is_says_so_in_a_page_to_people_and_in_a_problem_to_programs() {
    let server = Server::start().await;
    for path in ["/nothing", "/report/xyz", "/t/nope"] {
        let page = server.http.get(server.path(path)).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
        assert_eq!(page.status(), 404, "{path}");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        assert!(page.headers().contains_key("content-security-policy"));
        assert!(page.text().await.unwrap().contains("There is no page at this address"));
        assert_eq!(support::problem(server.get(path).await).await.kind, "not_found", "{path}");
    }
    let call = server.http.get(server.path("/api/nothing")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(support::problem(call).await.kind, "not_found");
}
