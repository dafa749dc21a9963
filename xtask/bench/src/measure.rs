//! Everybody does everything: both tasks, on both links, warm and cold.
//!
//! Over the slow link a first sync takes a minute, most of it waiting for the link: there, all contenders run side by side,
//! each on a link of its own. All other runs have the machine to themselves.

use crate::contender::{Contender, Run, Start, Task};
use crate::proxy::Link;
use anyhow::Result;
use std::time::{Duration, Instant};

/// What a contender did in one task on one link.
#[derive(Debug)]
pub struct Row {
    /// Who.
    pub contender: String,
    /// What.
    pub task: Task,
    /// Over which link.
    pub link: Link,
    /// With the connection there, or why it could not.
    pub warm: Result<Run, String>,
    /// With a new connection; not for a first sync.
    pub cold: Option<Duration>,
    /// Of how many runs the one in the middle was taken.
    pub runs: usize,
    /// Whether all history arrived.
    pub has_history: bool,
}

/// Who has needed longer for its runs, with all that belongs to them, is not asked again.
const SLOW: Duration = Duration::from_secs(8);

/// A contender, and how often each of its figures is taken: the median counts.
pub struct Entrant<'a> {
    /// Who.
    pub contender: Box<dyn Contender + 'a>,
    /// An odd number; less where it is slow.
    pub repeats: usize,
    /// Whether the cold start is run, too, and not computed of the warm one and its handshakes.
    pub runs_cold: bool,
}

/// All rows, by link and task. `say` is told what comes next, `show` gets each row when it is there.
pub fn all(entrants: &mut [Entrant<'_>], say: impl Fn(&str), show: impl Fn(&Row)) -> Vec<Row> {
    let mut rows = Vec::new();
    for (link, task) in [(Link::FAST, Task::FirstSync), (Link::FAST, Task::CatchUp), (Link::SLOW, Task::CatchUp)] {
        for entrant in entrants.iter_mut() {
            say(&format!("{}: {}, {}", entrant.contender.name(), task.name(), link.name));
            let row = row(entrant, task, link);
            show(&row);
            rows.push(row);
        }
    }
    say("everybody: first sync, slow link");
    std::thread::scope(|scope| {
        let running: Vec<_> =
            entrants.iter_mut().map(|entrant| scope.spawn(|| row(entrant, Task::FirstSync, Link::SLOW))).collect();
        for row in running.into_iter().filter_map(|one| one.join().ok()) {
            show(&row);
            rows.push(row);
        }
    });
    rows
}

fn row(entrant: &mut Entrant<'_>, task: Task, link: Link) -> Row {
    let contender = &mut entrant.contender;
    let (name, has_history) = (contender.name(), contender.has_history());
    let (mut runs, began) = (Vec::new(), Instant::now());
    let failed = loop {
        match contender.run(task, link, Start::Warm) {
            Ok(run) => runs.push(run),
            Err(error) => break Some(format!("{error:#}")),
        }
        let odd = !runs.len().is_multiple_of(2);
        if runs.len() >= entrant.repeats || (odd && began.elapsed() > SLOW) {
            break None;
        }
    };
    let count = runs.len();
    let warm = failed.map_or_else(|| median(runs).ok_or_else(|| "not run".to_owned()), Err);
    let cold = match (task, &warm) {
        (Task::CatchUp, Ok(_)) if entrant.runs_cold => contender.run(task, link, Start::Cold).ok().map(|run| run.time),
        (Task::CatchUp, Ok(run)) => Some(run.time + link.round_trip * run.handshakes),
        _ => None,
    };
    Row { contender: name, task, link, warm, cold, runs: count, has_history }
}

/// The run whose time is in the middle.
fn median(mut runs: Vec<Run>) -> Option<Run> {
    runs.sort_by_key(|run| run.time);
    runs.get(runs.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Counted;
    use anyhow::bail;

    /// Takes longer each time, and cannot do first syncs.
    struct Slower(u64);

    impl Contender for Slower {
        fn name(&self) -> String {
            "slower".to_owned()
        }

        fn has_history(&self) -> bool {
            true
        }

        fn run(&mut self, task: Task, _: Link, _: Start) -> Result<Run> {
            if task == Task::FirstSync {
                bail!("it cannot");
            }
            self.0 += 1;
            let time = Duration::from_secs(self.0);
            Ok(Run { time, counted: Counted::default(), handshakes: 2, cpu_phone: time, cpu_server: time })
        }
    }

    #[test]
    fn the_median_counts_and_who_cannot_is_shown_with_the_reason() {
        let slower = Entrant { contender: Box::new(Slower(0)), repeats: 3, runs_cold: true };
        let rows = all(&mut [slower], |_| (), |_| ());
        assert_eq!(rows.len(), 4);
        let caught_up = &rows[1];
        assert_eq!(caught_up.warm.as_ref().unwrap().time, Duration::from_secs(2));
        assert_eq!(caught_up.cold, Some(Duration::from_secs(4)));
        assert_eq!(rows[3].warm.as_ref().unwrap_err(), "it cannot");
    }

    #[test]
    fn a_computed_cold_start_is_the_warm_one_and_its_handshakes() {
        let slower = Entrant { contender: Box::new(Slower(0)), repeats: 1, runs_cold: false };
        let rows = all(&mut [slower], |_| (), |_| ());
        assert_eq!(rows[1].cold, Some(Duration::from_secs(1) + Link::FAST.round_trip * 2));
    }
}
