//! The rules of the day, as a table.

use super::*;
use uuid::Uuid;

const HOUR: i64 = 3_600_000;
const NOW: i64 = 1_000 * HOUR;
const TODAY_ENDS: i64 = NOW + 8 * HOUR;

fn job(status: Status) -> Outline {
    Outline {
        id: WorkOrderId(Uuid::from_u128(1)),
        kind: "pothole".into(),
        status,
        priority: Priority::Normal,
        place: None,
        due: Some(NOW + 30 * HOUR),
        assignment: Some("crew-4".into()),
        status_crew: None,
        since: NOW - HOUR,
        undecided: false,
        fits: Some(0),
    }
}

#[test]
fn each_job_is_in_one_group_by_what_keeps_it_or_presses_it() {
    use DayGroup::{Finished, Later, Next, Now, Waiting};
    use Priority::{High, Normal, Urgent};
    use Status::{Cancelled, CannotComplete, Completed, Open, Paused, Transferred, Working};
    let (us, them) = (Some("crew-4"), Some("crew-1"));
    // Status, by whose crew, priority, due in hours, undecided.
    for (status, by, priority, due, undecided, group) in [
        (Working, us, Normal, Some(90), false, Now),
        (Working, us, Normal, Some(90), true, Now),
        (Paused, us, Normal, Some(90), false, Now),
        (Working, them, Normal, Some(1), false, Waiting),
        (Paused, them, Normal, Some(90), false, Later),
        (Paused, them, Normal, Some(1), false, Next),
        (Open, None, Urgent, None, false, Next),
        (Open, None, Normal, Some(-1), false, Next),
        (Open, None, Normal, Some(8), false, Next),
        (Open, None, Normal, Some(9), false, Later),
        (Open, None, High, Some(9), false, Later),
        (Open, None, Normal, None, false, Later),
        (Open, None, Normal, Some(-1), true, Waiting),
        (Open, None, Urgent, Some(-1), true, Next),
        (CannotComplete, us, Urgent, Some(-1), false, Waiting),
        (Transferred, us, Urgent, Some(-1), false, Waiting),
        (Completed, us, Urgent, Some(-1), true, Finished),
        (Cancelled, None, Urgent, Some(-1), false, Finished),
    ] {
        let due = due.map(|hours: i64| NOW + hours * HOUR);
        let job = Outline { status_crew: by.map(CrewId::from), priority, due, undecided, ..job(status) };
        let crew = CrewId::from("crew-4");
        let found = group_of(&job, Some(&crew), NOW, TODAY_ENDS);
        assert_eq!(found, group, "{status:?} by {by:?}, {priority:?}, due {due:?}, undecided {undecided}");
    }
    let of_another = Outline { status_crew: Some("crew-1".into()), ..job(Working) };
    assert_eq!(group_of(&of_another, None, NOW, TODAY_ENDS), Now, "who has no crew sees what is at work");
}

#[test]
fn a_day_is_in_order_and_knows_what_it_is_made_of() {
    let numbered = |n, due: i64, change: fn(&mut Outline)| {
        let mut job = Outline { id: WorkOrderId(Uuid::from_u128(n)), due: Some(NOW + due * HOUR), ..job(Status::Open) };
        change(&mut job);
        job
    };
    let jobs = vec![
        numbered(1, 6, |_| ()),
        numbered(2, -2, |job| job.kind = "graffiti".into()),
        numbered(3, 90, |job| job.priority = Priority::Urgent),
        numbered(4, 90, |_| ()),
        numbered(5, 40, |_| ()),
        numbered(6, 40, |job| job.assignment = None),
        numbered(7, 0, |job| job.status = Status::Completed),
        numbered(8, 0, |job| (job.status, job.since) = (Status::Completed, NOW - LATELY)),
        numbered(9, 0, |job| {
            (job.status, job.assignment, job.status_crew) = (Status::Transferred, None, Some("crew-4".into()));
        }),
    ];
    let filter = DayFilter { crew: Some("crew-4".into()), today_ends: TODAY_ENDS, ..DayFilter::default() };
    let plain = |ids: &Ids| ids.0.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>();
    let all = day(jobs.clone(), &filter, NOW, false);
    assert_eq!(plain(&all.next), [2, 3, 1]);
    assert_eq!(all.stops.len(), 3);
    assert_eq!(plain(&all.later), [5, 4]);
    assert_eq!(plain(&all.waiting), [9]);
    assert_eq!(plain(&all.finished), [7]);
    assert_eq!(plain(&all.elsewhere), [0; 0]);
    assert_eq!(all.total, 5, "what waits for somebody else is not to do");
    assert_eq!(all.today, [("pothole".into(), 2), ("graffiti".into(), 1)]);

    let late = day(jobs.clone(), &DayFilter { late: true, ..filter.clone() }, NOW, false);
    assert_eq!((plain(&late.next), plain(&late.later), late.total), (vec![2], vec![], 5));
    let urgent = DayFilter { priorities: vec![Priority::Urgent], ..filter.clone() };
    assert_eq!(plain(&day(jobs.clone(), &urgent, NOW, false).next), [3]);
    let graffiti = DayFilter { kinds: vec!["graffiti".into()], ..filter.clone() };
    assert_eq!(plain(&day(jobs.clone(), &graffiti, NOW, false).next), [2]);

    // Found by words: what is not of the day comes apart, and what fits better is first.
    let found = jobs.into_iter().map(|job| Outline { fits: Some(100 - job.id.0.as_u128() as usize), ..job }).collect();
    let found = day(found, &filter, NOW, true);
    assert_eq!(plain(&found.next), [3, 2, 1]);
    assert_eq!(plain(&found.elsewhere), [8, 7, 6]);
    assert!(found.stops.is_empty() && found.finished.0.is_empty());
}
