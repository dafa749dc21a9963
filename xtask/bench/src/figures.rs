//! Rows and goals as the JSON lines that `cargo xtask bench sync` prints.
//!
//! A row is `{"contender","task","link",…}`, one for each contender, task and link, the floor included. A figure is
//! `{"figure","value","unit","goal","against"}`, ours against its goal.

use crate::contender::{Run, Task};
use crate::floor::Floor;
use crate::measure::Row;
use crate::proxy::Link;
use serde_json::{Map, Value, json};

/// The contender that the goals are for.
pub const OURS: &str = "Coldpatch";

/// A row as JSON.
#[must_use]
pub fn row(row: &Row) -> Value {
    let mut line = json!({"contender": row.contender, "task": row.task.name(), "link": row.link.name});
    match &row.warm {
        Ok(run) => {
            line["time_s"] = json!(seconds(run.time.as_secs_f64()));
            line["cold_s"] = json!(row.cold.map(|cold| seconds(cold.as_secs_f64())));
            line["round_trips"] = json!(run.counted.round_trips);
            line["bytes_up"] = json!(run.counted.up);
            line["bytes_down"] = json!(run.counted.down);
            line["cpu_phone_s"] = json!(seconds(run.cpu_phone.as_secs_f64()));
            line["cpu_server_s"] = json!(seconds(run.cpu_server.as_secs_f64()));
            line["history"] = json!(row.has_history);
            line["runs"] = json!(row.runs);
        }
        Err(reason) => line["cannot"] = json!(reason),
    }
    line
}

/// The floor as a row: no handshake is in it, and one round trip more with a new connection.
#[must_use]
pub fn floor_row(floor: &Floor, task: Task, link: &Link) -> Value {
    let time = floor.time(link);
    json!({
        "contender": "floor", "task": task.name(), "link": link.name, "time_s": seconds(time.as_secs_f64()),
        "cold_s": seconds((time + link.round_trip).as_secs_f64()), "round_trips": 1,
        "bytes_up": floor.up, "bytes_down": floor.down, "history": true,
    })
}

/// Our figures against the goals; none when we were not measured.
#[must_use]
pub fn figures(rows: &[Row], floor: impl Fn(Task) -> Floor) -> Vec<Value> {
    let mut figures = Vec::new();
    for task in [Task::CatchUp, Task::FirstSync] {
        let of = |link: Link| rows.iter().filter(move |row| row.task == task && row.link.name == link.name);
        let ours = of(Link::SLOW).find(|row| row.contender == OURS).and_then(|row| row.warm.as_ref().ok());
        let Some(ours) = ours else { continue };
        let peers: Vec<(&str, Run)> = of(Link::SLOW)
            .filter(|row| row.contender != OURS)
            .filter_map(|row| Some((row.contender.as_str(), *row.warm.as_ref().ok()?)))
            .collect();
        let floor = floor(task);
        let (times, bytes) = match task {
            Task::CatchUp => (Goal { floor: 1.3, best: 0.2 }, Goal { floor: 1.5, best: 1.0 / 3.0 }),
            Task::FirstSync => (Goal { floor: 1.3, best: 1.0 }, Goal { floor: 1.3, best: 1.0 }),
        };
        if task == Task::CatchUp {
            let against = peers.iter().map(|(name, run)| ((*name).to_owned(), json!(run.counted.round_trips)));
            figures.push(json!({
                "figure": "day's catch-up, round trips", "value": ours.counted.round_trips, "unit": "", "goal": 2,
                "against": against.collect::<Map<_, _>>(),
            }));
        }
        let name = |what: &str| format!("{}, {what}, slow link", task.name());
        let time = |run: &Run| seconds(run.time.as_secs_f64());
        let least = seconds(floor.time(&Link::SLOW).as_secs_f64());
        figures.push(times.figure(&name("time"), "s", time(ours), least, &peers, time));
        figures.push(bytes.figure(&name("bytes"), "B", all_bytes(ours), whole(floor.bytes()), &peers, all_bytes));
    }
    figures
}

/// How much more than the floor, and which part of the best peer's; the stricter one holds.
struct Goal {
    floor: f64,
    best: f64,
}

impl Goal {
    fn figure(
        &self,
        name: &str,
        unit: &str,
        value: f64,
        floor: f64,
        peers: &[(&str, Run)],
        of: impl Fn(&Run) -> f64,
    ) -> Value {
        let best = peers.iter().map(|(_, run)| of(run)).fold(f64::INFINITY, f64::min);
        let goal = (self.floor * floor).min(self.best * best);
        let mut against = Map::from_iter([("floor".to_owned(), json!(floor))]);
        against.extend(peers.iter().map(|(name, run)| ((*name).to_owned(), json!(of(run)))));
        json!({"figure": name, "value": value, "unit": unit, "goal": seconds(goal), "against": against})
    }
}

fn all_bytes(run: &Run) -> f64 {
    u32::try_from(run.counted.up + run.counted.down).map_or(f64::INFINITY, f64::from)
}

fn whole(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::INFINITY, f64::from)
}

/// To the millisecond.
fn seconds(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Counted;
    use std::time::Duration;

    fn slow(contender: &str, task: Task, millis: u64, down: u64) -> Row {
        let time = Duration::from_millis(millis);
        let counted = Counted { up: 100, down, connections: 0, arrived: 100, round_trips: 1 };
        let warm = Ok(Run { time, counted, handshakes: 0, cpu_phone: time, cpu_server: time });
        Row { contender: contender.to_owned(), task, link: Link::SLOW, warm, cold: None, runs: 1, has_history: true }
    }

    #[test]
    fn the_stricter_of_both_goals_holds() {
        let floor = |_| Floor { up: 0, down: 5_000 };
        let mut rows = vec![slow(OURS, Task::CatchUp, 450, 6_000), slow("peer", Task::CatchUp, 2_000, 30_000)];
        let all = figures(&rows, floor);
        assert_eq!(all.len(), 3);
        // 1.3 × (300 + 100) ms is more than a fifth of 2 s; 1.5 × 5,000 B is less than a third of 30,100.
        assert_eq!((&all[1]["goal"], &all[2]["goal"]), (&json!(0.4), &json!(7_500.0)));
        rows[1] = slow("peer", Task::CatchUp, 9_000, 9_000);
        let all = figures(&rows, floor);
        assert_eq!((&all[1]["goal"], &all[2]["goal"]), (&json!(0.52), &json!(3_033.333)));
        assert_eq!(all[1]["against"], json!({"floor": 0.4, "peer": 9.0}));
    }

    #[test]
    fn without_us_there_are_no_figures_and_who_cannot_says_why() {
        let mut peer = slow("peer", Task::FirstSync, 1, 1);
        assert!(figures(std::slice::from_ref(&peer), |_| Floor { up: 0, down: 1 }).is_empty());
        peer.warm = Err("no node here".to_owned());
        assert_eq!(row(&peer)["cannot"], "no node here");
    }
}
