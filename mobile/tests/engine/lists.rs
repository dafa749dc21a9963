//! Lists, search, the map: from the projection.

use crate::support::{Disk, Phone, Script, file, place, run};
use coldpatch_mobile::engine::api::{Ask, Changed, DayFilter, Ids, JobsFilter, Reply};
use coldpatch_mobile::engine::fresh_id;
use coldpatch_shared::action::Action;
use coldpatch_shared::city::{Priority, Role};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::{FieldValue, FlagKind, Status, links};
use coldpatch_shared::sync::wire;
use std::collections::BTreeSet;

fn filing(due: i64, priority_: Priority) -> Action {
    let Action::File { request, photos, assignment, .. } = file("pothole", place(47.6, -122.3)) else { unreachable!() };
    Action::File { request, photos, priority: priority_, due: Some(due), assignment, follows: None }
}

#[test]
fn urgent_and_overdue_come_first_and_closed_last() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let now = coldpatch_mobile::platform::now_ms();
        let hour = 3_600_000;
        let mut ids = Vec::new();
        for (due, priority) in [
            (now + 2 * hour, Priority::Normal),
            (now + hour, Priority::Low),
            (now - hour, Priority::Normal),
            (now + 9 * hour, Priority::Urgent),
            (now - 9 * hour, Priority::Urgent),
        ] {
            let id = WorkOrderId(fresh_id());
            phone.act(id, filing(due, priority)).await.unwrap();
            ids.push(id);
        }
        phone.act(ids[4], Action::Complete { note: None }).await.unwrap();
        let rows = phone.jobs(JobsFilter::default()).await;
        let order: Vec<_> = rows.iter().map(|row| ids.iter().position(|id| *id == row.id).unwrap()).collect();
        assert_eq!(order, [2, 3, 1, 0, 4]);
        let overdue = phone.jobs(JobsFilter { overdue: true, ..JobsFilter::default() }).await;
        assert_eq!(overdue.len(), 1);
        let done = phone.jobs(JobsFilter { statuses: vec![Status::Completed], ..JobsFilter::default() }).await;
        assert_eq!(done.len(), 1);
    });
}

#[test]
fn search_wants_every_word_and_knows_the_names_of_types() {
    run(async {
        let disk = Disk::new();
        let mut phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        phone.changed(|changed| *changed == Changed::City).await;
        phone.file_pothole(place(47.6, -122.3)).await;
        let found = async |text: &str| {
            let filter = JobsFilter { text: text.to_owned(), ..JobsFilter::default() };
            phone.jobs(filter).await.len()
        };
        assert_eq!(found("alder 214").await, 1);
        assert_eq!(found("POTHOLE curb").await, 1);
        assert_eq!(found("alder birch").await, 0);
        assert_eq!(found("%").await, 0);
        // The beginning of a word is enough, accents and signs count for nothing, the catalog's keywords count.
        assert_eq!(found("ALDÉR & 2").await, 1);
        assert_eq!(found("aspha").await, 1);
        assert_eq!(found("lder").await, 0);
        for hostile in ["\"", "a\" OR \"b", "NEAR(", "* ^ - + { } : \0", "kind : x", "\u{1f573}", &"a ".repeat(5_000)] {
            found(hostile).await;
        }
    });
}

#[test]
fn what_fits_better_is_found_first_and_words_that_changed_are_found_as_they_are_now() {
    run(async {
        let disk = Disk::new();
        let mut phone = disk.boot(Script::new(Role::Supervisor));
        phone.sign_in().await;
        phone.changed(|changed| *changed == Changed::City).await;
        let said = phone.file_pothole(place(47.6, -122.3)).await;
        let at = phone.file_pothole(place(47.6, -122.3)).await;
        let describe = |text: &str| Action::Decide { value: FieldValue::Description(text.to_owned()) };
        let address = |text: &str| Action::Decide { value: FieldValue::Address(text.to_owned()) };
        phone.act(said, describe("Beside the bakery in Birch Ave; 路面有坑洞。")).await.unwrap();
        phone.act(at, address("Birch Ave 9")).await.unwrap();
        let found = async |phone: &Phone, text: &str| {
            let filter = JobsFilter { text: text.to_owned(), ..JobsFilter::default() };
            phone.jobs(filter).await.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(found(&phone, "birch").await, [at, said], "an address counts more than a description");
        assert_eq!(found(&phone, "坑洞").await, [said], "a part of what has no spaces");
        assert_eq!(found(&phone, "alder 214").await, [said]);
        phone.act(at, address("Cedar St 1")).await.unwrap();
        assert_eq!(found(&phone, "birch").await, [said]);
        // A crash forgets nothing of it.
        phone.kill();
        let phone = disk.boot(Script::new(Role::Supervisor));
        assert_eq!(found(&phone, "cedar").await, [at]);
    });
}

#[test]
fn a_day_is_in_groups_and_its_rows_come_when_they_are_asked_for() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let now = coldpatch_mobile::platform::now_ms();
        let hour = 3_600_000;
        let mut ids = Vec::new();
        for due in [now + 50 * hour, now + 2 * hour, now - hour, now + 60 * hour] {
            let id = WorkOrderId(fresh_id());
            phone.act(id, filing(due, Priority::Normal)).await.unwrap();
            ids.push(id);
        }
        phone.act(ids[3], Action::Start).await.unwrap();
        let why = Action::CannotComplete { reason: "parked_car".to_owned(), note: None };
        phone.act(ids[2], why).await.unwrap();
        let filter = DayFilter { today_ends: now + 8 * hour, ..DayFilter::default() };
        let day = async |filter: DayFilter| {
            let Reply::Day(day) = phone.ask(Ask::Day(filter)).await.unwrap() else { panic!() };
            let sent = wire::encode(&Reply::Day(day.clone())).unwrap();
            assert_eq!(wire::decode::<Reply>(&sent).unwrap(), Reply::Day(day.clone()));
            *day
        };
        let all = day(filter.clone()).await;
        let groups = [&all.current, &all.next, &all.later, &all.waiting].map(|group| group.0.clone());
        assert_eq!(groups, [vec![ids[3]], vec![ids[1]], vec![ids[0]], vec![ids[2]]]);
        assert!(all.at.is_some(), "where the crew works");
        let by_words = day(DayFilter { text: "alder".to_owned(), ..filter.clone() }).await;
        assert_eq!(by_words.total, 3, "what waits for somebody is not to do");
        assert_eq!(day(DayFilter { text: "birch".to_owned(), ..filter }).await.next, Ids::default());

        let asked = Ids(vec![ids[2], WorkOrderId(fresh_id()), ids[3]]);
        let Reply::Jobs(rows) = phone.ask(Ask::JobRows(asked)).await.unwrap() else { panic!() };
        let rows: Vec<_> = rows.rows.iter().map(|row| (row.id, row.status_why.as_deref())).collect();
        assert_eq!(rows, [(ids[2], Some("parked_car")), (ids[3], None)]);
    });
}

#[test]
fn nearby_is_a_circle_of_open_jobs_nearest_first() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Inspector));
        phone.sign_in().await;
        let here = place(47.6, -122.3);
        let near = phone.file_pothole(place(47.6005, -122.3)).await;
        let nearer = phone.file_pothole(place(47.6001, -122.3)).await;
        phone.file_pothole(place(47.6009, -122.3013)).await;
        let closed = phone.file_pothole(here).await;
        phone.act(closed, Action::Complete { note: None }).await.unwrap();
        let Reply::Nearby(found) = phone.ask(Ask::Nearby { place: here, radius_m: 100.0 }).await.unwrap() else {
            panic!()
        };
        let ids: Vec<_> = found.iter().map(|job| job.row.id).collect();
        assert_eq!(ids, [nearer, near]);
    });
}

#[test]
fn every_reply_survives_the_way_to_another_thread_or_tab() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Supervisor));
        phone.sign_in().await;
        let id = phone.file_pothole(place(47.6, -122.3)).await;
        phone.act(id, Action::Decide { value: FieldValue::Assignment(Some("crew-4".into())) }).await.unwrap();
        phone.act(id, Action::Decide { value: FieldValue::Due(1_700_000_000_000) }).await.unwrap();
        phone.act(id, Action::Complete { note: Some("done".to_owned()) }).await.unwrap();
        for ask in [Ask::Session, Ask::Job(id), Ask::Jobs(JobsFilter::default()), Ask::SyncSheet, Ask::City] {
            let bytes = wire::encode(&ask).unwrap();
            assert_eq!(wire::decode::<Ask>(&bytes).unwrap(), ask);
            let mut reply = phone.ask(ask).await.unwrap();
            // Lamport times break ties inside the engine and do not travel.
            if let Reply::Job(Some(job)) = &mut reply {
                job.order = wire::decode(&wire::encode(&job.order).unwrap()).unwrap();
            }
            assert_eq!(wire::decode::<Reply>(&wire::encode(&reply).unwrap()).unwrap(), reply);
        }
    });
}

#[test]
fn an_open_job_of_which_a_duplicate_is_done_waits_for_review_until_somebody_looks() {
    run(async {
        let disk = Disk::new();
        let script = Script::new(Role::Supervisor);
        let phone = disk.boot(script.clone());
        phone.sign_in().await;
        let [open, done, other] = [1, 2, 3].map(|n| place(47.6, -122.3 - f64::from(n) / 1000.0));
        let (open, done) = (phone.file_pothole(open).await, phone.file_pothole(done).await);
        phone.file_pothole(other).await;
        phone.act(open, Action::MarkDuplicate { of: done }).await.unwrap();
        let flagged = async |phone: &Phone| {
            let rows = phone.jobs(JobsFilter { flagged: true, ..JobsFilter::default() }).await;
            rows.into_iter().map(|row| (row.id, row.flags)).collect::<Vec<_>>()
        };
        assert_eq!(flagged(&phone).await, []);
        phone.act(done, Action::Complete { note: None }).await.unwrap();
        assert_eq!(flagged(&phone).await, [(open, vec![FlagKind::CompletedInGroup])]);
        // What is written about the open one meanwhile does not hide it, nor does switching the phone off.
        phone.act(open, Action::Start).await.unwrap();
        phone.kill();
        let phone = disk.boot(script);
        assert_eq!(flagged(&phone).await.len(), 1);
        let orders = [phone.order(open).await, phone.order(done).await];
        let flags = links::completed_in_group(&orders.iter().collect::<Vec<_>>());
        let settles = vec![flags[&open][0].id.clone()];
        phone.act(open, Action::Review { settles, note: None }).await.unwrap();
        assert_eq!(flagged(&phone).await, []);
    });
}

#[test]
fn a_job_knows_which_other_jobs_name_it_although_it_does_not_say_so() {
    run(async {
        let disk = Disk::new();
        let phone = disk.boot(Script::new(Role::Supervisor));
        phone.sign_in().await;
        let one = phone.file_pothole(place(47.6, -122.3)).await;
        // Not here when the link is made: its own half is never written.
        let two = WorkOrderId(fresh_id());
        phone.act(one, Action::MarkDuplicate { of: two }).await.unwrap();
        phone.act(two, file("pothole", place(47.6, -122.3))).await.unwrap();
        let Reply::Job(Some(job)) = phone.ask(Ask::Job(two)).await.unwrap() else { panic!("it is here") };
        assert!(job.order.links.is_empty());
        assert_eq!(job.named_by, BTreeSet::from([one]));
    });
}
