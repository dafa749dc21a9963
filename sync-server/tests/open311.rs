//! Open311 GeoReport v2, as another program sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::storage::FileRecord;
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::ServiceRequestId;
use coldpatch_shared::order::{Note, Photo, PhotoSlot, Rendition, RenditionKind};
use serde_json::Value;
use support::{Server, data};

/// Checks an answer against the standard's schema for its items, where the schemas are there.
fn conforms(schema: &str, items: &Value) {
    let Some(folder) = data("open311") else { return };
    let text = std::fs::read_to_string(folder.join(schema)).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let items = items.as_array().map_or(std::slice::from_ref(items), Vec::as_slice);
    assert!(!items.is_empty());
    for item in items {
        let errors: Vec<_> = validator.iter_errors(item).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {item}");
    }
}

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(&format!("/open311/v2/{path}")).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    answer.json().await.unwrap()
}

async fn post(server: &Server, fields: &[(&str, &str)]) -> reqwest::Response {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body = fields.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value))).collect::<Vec<_>>();
    let post = server.http.post(server.path("/open311/v2/requests.json"));
    post.header("content-type", "application/x-www-form-urlencoded").body(body.join("&")).send().await.unwrap()
}

/// The standard's shape for errors.
async fn fault(answer: reqwest::Response) -> (u16, Vec<String>) {
    let status = answer.status().as_u16();
    let list: Vec<Value> = answer.json().await.unwrap();
    assert!(list.iter().all(|fault| fault["code"] == status));
    (status, list.iter().map(|fault| fault["description"].as_str().unwrap().to_owned()).collect())
}

const POTHOLE: [(&str, &str); 6] = [
    ("service_code", "pothole"),
    ("lat", "47.627167"),
    ("long", "-122.337333"),
    ("attribute[size]", "tire"),
    ("attribute[beside_grate]", "no"),
    ("description", "two feet wide & deep"),
];

#[tokio::test]
async fn services_are_those_of_the_catalog() {
    let server = Server::start().await;
    let services = get(&server, "services.json?jurisdiction_id=harbor.example").await;
    assert_eq!(services.as_array().unwrap().len(), server.app.city.catalog.service_types.len());
    conforms("service.json", &services);
    for kind in &server.app.city.catalog.service_types {
        conforms("service-definition.json", &get(&server, &format!("services/{}.json", kind.code)).await);
    }
    let (status, _) = fault(server.get("/open311/v2/services/unheard.json").await).await;
    assert_eq!(status, 404);
    let (status, _) = fault(server.get("/open311/v2/services.json?jurisdiction_id=elsewhere").await).await;
    assert_eq!(status, 404);
    let (status, _) = fault(server.get("/open311/v2/services.xml").await).await;
    assert_eq!(status, 404);
    for path in ["requests/%FF.json", "services/%FF.json", "requests.json?status=open&status=closed"] {
        assert_eq!(fault(server.get(&format!("/open311/v2/{path}")).await).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn what_is_filed_is_found_and_shows_how_it_is_doing() {
    let server = Server::start().await;
    let mut fields = POTHOLE.to_vec();
    fields.extend([("first_name", "Ada"), ("email", "ada@example.org"), ("jurisdiction_id", "harbor.example")]);
    let answer = post(&server, &fields).await;
    assert_eq!(answer.status(), 201);
    let filed: Value = answer.json().await.unwrap();
    let number = filed[0]["service_request_id"].as_str().unwrap().to_owned();

    let found = get(&server, &format!("requests/{number}.json")).await;
    conforms("request.json", &found);
    assert_eq!((&found[0]["status"], &found[0]["description"]), (&"open".into(), &"two feet wide & deep".into()));
    assert_eq!(found[0]["agency_responsible"], "Streets");
    assert!(found[0]["address"].as_str().unwrap().contains("St"), "{found}");
    assert!(!found.to_string().contains("Ada") && !found.to_string().contains("ada@"), "no personal data");
    let record = server.app.storage.request_by_number(&number).unwrap().unwrap();
    assert_eq!(server.app.storage.contact(record.request).unwrap().unwrap().email, "ada@example.org");

    let mut supervisor = server.phone("sam-lindqvist").await;
    supervisor.sync().await;
    supervisor.act(record.work_order, Action::Complete { note: Some("for us only".to_owned()) });
    supervisor.sync().await;
    let closed = get(&server, &format!("requests/{number}.json")).await;
    conforms("request.json", &closed);
    assert_eq!((&closed[0]["status"], &closed[0]["status_notes"]), (&"closed".into(), &"Done.".into()));
    assert!(!closed.to_string().contains("for us only"));
    assert_eq!(get(&server, "requests.json?status=open").await, Value::Array(Vec::new()));
    let list = get(&server, &format!("requests.json?service_request_id={number},26-999999")).await;
    assert_eq!(list, closed);
}

#[tokio::test]
async fn lists_are_filtered_by_type_date_and_status() {
    let server = Server::start().await;
    post(&server, &POTHOLE).await;
    post(
        &server,
        &[
            ("service_code", "tree"),
            ("lat", "47.62"),
            ("long", "-122.34"),
            ("attribute[problem]", "leaning"),
            ("attribute[whose]", "street"),
            ("attribute[wires]", "no"),
        ],
    )
    .await;
    let count = async |query: &str| get(&server, &format!("requests.json?{query}")).await.as_array().unwrap().len();
    assert_eq!(count("").await, 2);
    assert_eq!(count("service_code=pothole").await, 1);
    assert_eq!(count("service_code=pothole,tree&status=open,closed").await, 2);
    assert_eq!(count("status=closed").await, 0);
    assert_eq!(count("start_date=2100-01-01T00:00:00Z").await, 0);
    assert_eq!(count("end_date=2020-01-01T00:00:00-08:00").await, 0);
    let (status, why) = fault(server.get("/open311/v2/requests.json?start_date=yesterday&status=lost").await).await;
    assert_eq!((status, why.len()), (400, 2));
}

#[tokio::test]
async fn what_is_wrong_with_a_filing_is_said_all_at_once() {
    let server = Server::start().await;
    let with = |changes: &[(&'static str, &'static str)]| {
        let kept = POTHOLE.iter().filter(|(key, _)| !changes.iter().any(|(other, _)| other == key));
        kept.chain(changes).copied().collect::<Vec<_>>()
    };
    let refused = async |fields: Vec<(&str, &str)>| fault(post(&server, &fields).await).await;
    assert_eq!(refused(Vec::new()).await.0, 400);
    assert_eq!(refused(with(&[("service_code", "unheard")])).await.0, 404);
    let (status, why) =
        refused(with(&[("attribute[size]", "huge"), ("attribute[beside_grate]", ""), ("lat", "north")])).await;
    assert_eq!((status, why.len()), (400, 3), "{why:?}");
    assert_eq!(refused(with(&[("lat", "0"), ("long", "0")])).await.0, 400);
    let (status, why) = refused(with(&[("lat", "47.66"), ("long", "-122.33")])).await;
    assert_eq!(status, 400);
    assert!(why[0].contains("Millbrook") && why[0].contains("555-0177"), "{why:?}");
    let (_, why) = refused(with(&[("lat", "40.7"), ("long", "-74.0")])).await;
    assert!(why[0].contains("(206) 555-0131"), "{why:?}");
    let (_, why) = refused(with(&[("lat", ""), ("long", "")])).await;
    assert!(why[0].contains("pin"), "{why:?}");
    assert_eq!(get(&server, "requests.json").await, Value::Array(Vec::new()), "nothing of it was kept");
    let address = with(&[("lat", ""), ("long", ""), ("address_string", "Alder St 214")]);
    assert_eq!(post(&server, &address).await.status(), 201);
    let json = server.http.post(server.path("/open311/v2/requests.json")).json(&1).send().await.unwrap();
    assert_eq!(fault(json).await.0, 400);
}

#[tokio::test]
async fn what_a_phone_files_is_there_too() {
    let server = Server::start().await;
    let mut inspector = server.phone("ines-okafor").await;
    inspector.file_pothole("beside the house of the man who shouts");
    inspector.sync().await;
    let list = get(&server, "requests.json").await;
    conforms("request.json", &list);
    assert_eq!(list[0]["service_code"], "pothole");
    assert!(!list.to_string().contains("shouts"), "what staff wrote is for staff: {list}");
}

#[tokio::test]
async fn why_staff_closed_it_is_not_published() {
    let server = Server::start().await;
    let filed: Value = post(&server, &POTHOLE).await.json().await.unwrap();
    let number = filed[0]["service_request_id"].as_str().unwrap().to_owned();
    let job = server.app.storage.request_by_number(&number).unwrap().unwrap().work_order;
    let mut supervisor = server.phone("sam-lindqvist").await;
    supervisor.sync().await;
    supervisor.act(job, Action::AddNote { note: Note { text: "a note of staff".to_owned() } });
    supervisor.act(job, Action::Cancel { reason: "Mrs. Alvarez always complains".to_owned() });
    supervisor.sync().await;
    let closed = get(&server, &format!("requests/{number}.json")).await;
    assert_eq!((&closed[0]["status"], &closed[0]["status_notes"]), (&"closed".into(), &"Closed without work.".into()));
    for told in [closed, get(&server, "requests.json").await] {
        assert!(!told.to_string().contains("Alvarez") && !told.to_string().contains("a note of staff"), "{told}");
    }
}

/// A photo whose shown file is here.
fn photo(server: &Server, slot: PhotoSlot, request: Option<ServiceRequestId>, sha256: &str) -> Photo {
    let media_type = "image/jpeg".to_owned();
    let file = FileRecord { sha256: sha256.to_owned(), media_type: media_type.clone(), size: 1, received_at: 0 };
    server.app.storage.add_file(&file).unwrap();
    let rendition = Rendition {
        kind: RenditionKind::Display,
        sha256: sha256.to_owned(),
        bytes: 1,
        media_type,
        width: 1,
        height: 1,
    };
    Photo {
        slot,
        request,
        taken_at: None,
        place: None,
        blur: None,
        renditions: vec![rendition],
        marks: Vec::new(),
        covered: false,
    }
}

#[tokio::test]
async fn the_photo_is_the_requests_own_until_there_is_one_of_the_finished_work() {
    let server = Server::start().await;
    let filed: Value = post(&server, &POTHOLE).await.json().await.unwrap();
    let number = filed[0]["service_request_id"].as_str().unwrap().to_owned();
    let record = server.app.storage.request_by_number(&number).unwrap().unwrap();
    let (own, before, after) = ("a".repeat(64), "b".repeat(64), "c".repeat(64));
    let mut supervisor = server.phone("sam-lindqvist").await;
    supervisor.sync().await;
    let shown = async || get(&server, &format!("requests/{number}.json")).await[0]["media_url"].clone();

    let taken = photo(&server, PhotoSlot::Before, None, &before);
    supervisor.act(record.work_order, Action::AddPhoto { photo: taken });
    supervisor.sync().await;
    assert_eq!(shown().await, Value::Null, "what a crew took on the way is not it");
    for (slot, request, sha256) in [(PhotoSlot::Report, Some(record.request), &own), (PhotoSlot::After, None, &after)] {
        supervisor.act(record.work_order, Action::AddPhoto { photo: photo(&server, slot, request, sha256) });
    }
    supervisor.sync().await;
    assert_eq!(shown().await, server.path(&format!("/media/{own}.jpg")));
    supervisor.act(record.work_order, Action::Complete { note: None });
    supervisor.sync().await;
    assert_eq!(shown().await, server.path(&format!("/media/{after}.jpg")));
}
