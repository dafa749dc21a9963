//! How long it takes to derive a job with many events. A measurement, run by hand:
//! `cargo test -p coldpatch-shared --test derive_speed -- --ignored --nocapture`

#![allow(clippy::print_stdout, reason = "a measurement prints")]

use coldpatch_shared::city::Role;
use coldpatch_shared::ids::EntryId;
use coldpatch_shared::order::EventKind::{self, Assigned, Completed, Created, Paused, Started};
use coldpatch_shared::order::{Entry, Event, Facts, Lamport, Stamp, status};
use std::time::Instant;

fn event(n: usize, kind: EventKind, crew: &str, after: usize) -> Entry<Event> {
    let id = |n: usize| EntryId(format!("0199aaaa-0000-7000-8000-{n:012}:0"));
    let mut body = Event::new(kind, if n == 0 { Vec::new() } else { vec![id(after)] });
    if body.kind == Assigned {
        body.assigned_to = Some("crew-9".into());
    }
    Entry {
        id: id(n),
        lamport: Lamport { counter: n as u64, actor: crew.to_owned() },
        stamp: Stamp {
            by: crew.into(),
            role: Role::Crew,
            crew: Some(crew.into()),
            at: 0,
            offset_ms: None,
            offset_age_s: None,
        },
        body,
    }
}

/// What `phones` phones did that did not hear of each other: a desk gives it away again and again, crews begin, pause,
/// and in the end are done. Every phone's events are a chain of their own.
fn busy(events: usize, phones: usize) -> Facts {
    let mut all = vec![event(0, Created, "desk", 0)];
    for n in 1..events {
        let phone = n % phones;
        let kind = match (phone, n / phones % 2) {
            _ if phone != 0 && n + phones >= events => Completed,
            (0, _) => Assigned,
            (_, 0) => Started,
            (_, _) => Paused,
        };
        all.push(event(n, kind, &format!("crew-{}", 100 + phone), n.saturating_sub(phones)));
    }
    Facts::of_events(all)
}

fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..3)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[1]
}

#[test]
#[ignore = "a measurement, see the file's head"]
fn derive_500_and_2000_events() {
    println!("events  phones  derive ms  flags");
    for (events, phones) in
        [(50, 2), (500, 2), (500, 10), (500, 100), (500, 250), (2_000, 2), (2_000, 10), (2_000, 100)]
    {
        let facts = busy(events, phones);
        let ms = median(|| drop(status::derive(&facts)));
        println!("{events:>6}  {phones:>6}  {ms:>9.2} {:>6}", status::derive(&facts).flags.len());
    }
}
