//! Cities' published exports.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use coldpatch_server::app::App;
use coldpatch_server::config::{Config, Settings};
use coldpatch_server::import::{self, Format, ImportError, Report};
use coldpatch_server::storage::RequestFilter;
use coldpatch_shared::order::{Asset, Status};
use std::path::Path;
use std::sync::Arc;
use support::data;
use tempfile::TempDir;

fn open() -> (Arc<App>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data: Some(folder.path().to_owned()), ..Settings::default() };
    (App::open(Config::load(settings).unwrap()).unwrap(), folder)
}

fn whole(report: &Report) {
    assert_eq!(
        report.rows,
        report.accepted + report.there_already + report.refusals.len(),
        "every row is accounted for"
    );
    for refusal in &report.refusals {
        assert!(refusal.line > 1 && !refusal.reason.is_empty(), "{refusal}");
    }
}

fn count(app: &App) -> usize {
    app.storage.requests(&RequestFilter { limit: 100_000, ..Default::default() }).unwrap().len()
}

#[test]
fn every_row_of_real_exports_is_accounted_for_and_a_second_run_adds_nothing() {
    let Some(folder) = data("requests") else { return };
    let files = [
        (Format::Nyc311, "nyc-2022-05.csv", 924, 10),
        (Format::Boston311, "boston-100.csv", 100, 15),
        (Format::Chicago311, "chicago-potholes-2018-12.csv", 1_000, 990),
    ];
    let (app, _folder) = open();
    let mut total = 0;
    for (format, name, rows, at_least) in files {
        let first = import::run(&app, format, &folder.join(name), None).unwrap();
        whole(&first);
        assert_eq!(first.rows, rows, "{first}");
        assert!(first.accepted >= at_least, "{first}");
        assert_eq!(first.there_already, 0, "{first}");
        total += first.accepted;
        let second = import::run(&app, format, &folder.join(name), None).unwrap();
        whole(&second);
        assert_eq!((second.accepted, second.there_already), (0, first.accepted), "{second}");
        assert_eq!(second.refusals, first.refusals);
    }
    assert_eq!(count(&app), total);
}

const HEADER: &str = "case_enquiry_id,open_dt,closed_dt,case_status,closure_reason,type,location,latitude,longitude\n";

fn boston(rows: &str) -> (Arc<App>, TempDir, Report) {
    let (app, folder) = open();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
    let report = import::run(&app, Format::Boston311, &path, None).unwrap();
    whole(&report);
    (app, folder, report)
}

#[test]
fn a_row_becomes_what_it_was() {
    let (app, _folder, report) = boston(
        "7,2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,1 Main St,42.35,-71.05\n\
         8,2022-01-21 13:47:00,2022-01-22 01:00:00,Closed,Case Closed. Resolved,PWD Graffiti,1 Main St,42.35,-71.05\n\
         9,2022-07-21 13:47:00,2022-07-22 01:00:00,Closed,Case Closed. Noted ,Sign Repair,,42.35,-71.05\n",
    );
    assert_eq!((report.accepted, report.closed), (3, 2));
    let order = |id: &str| {
        let mirrors = Asset { system: "boston311".to_owned(), id: id.to_owned() };
        let request = app.storage.request_by_mirror(&mirrors).unwrap().unwrap();
        let record = app.storage.request(request).unwrap().unwrap();
        assert!(record.tracking_number.is_some());
        app.storage.order(record.work_order).unwrap().unwrap()
    };
    let (open, done, noted) = (order("7"), order("8"), order("9"));
    assert_eq!([open.status, done.status, noted.status], [Status::Open, Status::Completed, Status::Cancelled]);
    // 13:47 in Boston's winter is 18:47 UTC, in its summer 17:47.
    assert_eq!(open.created_at, "2022-01-21T18:47:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert_eq!(noted.created_at, "2022-07-21T17:47:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());
    let closed = "2022-01-22T06:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert_eq!(done.updated_at, closed, "nothing looks as if it had just happened");
    assert!(open.assignment.is_some() && done.address.as_deref() == Some("1 Main St"));
}

#[test]
fn a_bad_row_is_refused_with_line_field_and_reason_and_its_neighbors_go_in() {
    let good =
        |id: u32| format!("{id},2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,1 Main St,42.35,-71.05\n");
    let bad = [
        ("x,2022-13-41 99:00:00,,Open, ,Request for Pothole Repair,a,42.35,-71.05\n", "open_dt"),
        ("x,2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,a,north,-71.05\n", "latitude"),
        ("x,2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,a,0,0\n", "latitude"),
        ("x,2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,,,\n", "latitude"),
        ("x,2022-01-21 13:47:00,2022-01-20 13:47:00,Closed, ,Request for Pothole Repair,a,42.35,-71.05\n", "closed_dt"),
        ("x,2022-01-21 13:47:00,,Perhaps, ,Request for Pothole Repair,a,42.35,-71.05\n", "case_status"),
        ("x,2022-01-21 13:47:00,,Open, ,Loud Parties/Music/People,a,42.35,-71.05\n", "type"),
        (",2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,a,42.35,-71.05\n", "case_enquiry_id"),
        ("x,too,few\n", ""),
        ("x,2022-01-21 13:47:00,,Open,\"never closed,Request for Pothole Repair,a,42.35,-71.05\n", ""),
    ];
    let rows: String = bad.iter().zip(1..).map(|((row, _), n)| format!("{}{row}", good(n))).collect();
    let (app, _folder, report) = boston(&format!("{rows}{}", good(99)));
    assert_eq!((report.accepted, report.refusals.len()), (11, 10), "{:?}", report.refusals);
    assert_eq!(count(&app), 11);
    for ((refusal, (_, field)), nth) in report.refusals.iter().zip(bad).zip(0_u64..) {
        assert_eq!((refusal.line, refusal.field.as_str()), (3 + 2 * nth, field), "{refusal}");
    }
}

#[test]
fn the_same_row_twice_in_one_file_is_one() {
    let row = "7,2022-01-21 13:47:00,,Open, ,Request for Pothole Repair,1 Main St,42.35,-71.05\n";
    let (_app, _folder, report) = boston(&row.repeat(3));
    assert_eq!((report.accepted, report.there_already), (1, 2));
}

#[test]
fn another_citys_file_is_named_as_such() {
    let (app, folder) = open();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, HEADER).unwrap();
    let error = import::run(&app, Format::Nyc311, &path, None).unwrap_err();
    assert!(matches!(error, ImportError::OtherColumns { .. }));
    assert!(error.to_string().contains("Unique Key"), "{error}");
    let gone = import::run(&app, Format::Nyc311, Path::new("/nonexistent.csv"), None).unwrap_err();
    assert!(gone.to_string().contains("/nonexistent.csv"), "{gone}");
}
