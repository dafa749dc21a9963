//! A crew's day in groups: what to do now, next and later, and what waits for somebody else.

use super::api::{Day, DayFilter, DayGroup, DayStop, EngineError, Ids, JobsPage, Reply};
use super::core::Engine;
use super::store::day::{Outline, outlines};
use super::store::jobs;
use coldpatch_shared::city::Priority;
use coldpatch_shared::ids::{CrewId, ServiceCode, WorkOrderId};
use coldpatch_shared::order::Status;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A tour is planned over at most so many stops.
const MOST_STOPS: usize = 400;
/// What was done longer ago than this, in ms, is not lately.
const LATELY: i64 = 48 * 3_600_000;
/// So many of those are shown.
const FINISHED: usize = 8;

impl Engine {
    pub(super) fn day(&self, filter: &DayFilter) -> Result<Reply, EngineError> {
        let now = self.now()?;
        let matched = self.matched(&filter.text)?;
        let jobs = outlines(self.store().db(), now - LATELY, matched.as_deref())?;
        Ok(Reply::Day(Box::new(day(jobs, filter, now, matched.is_some()))))
    }

    /// The rows of these jobs, in their order; one that is not here is left out.
    pub(super) fn job_rows(&self, ids: &Ids) -> Result<Reply, EngineError> {
        let store = self.store();
        let mut rows = Vec::with_capacity(ids.0.len());
        for id in &ids.0 {
            rows.extend(jobs::one(store.db(), *id)?);
        }
        let total = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        Ok(Reply::Jobs(JobsPage { rows, total, now: self.now()? }))
    }
}

/// To which part of the day of `crew` (`None`: everybody's) a job belongs.
fn group_of(job: &Outline, crew: Option<&CrewId>, now: i64, today_ends: i64) -> DayGroup {
    let ours = crew.is_none() || job.status_crew.as_ref() == crew;
    let pressing = job.priority == Priority::Urgent || job.due.is_some_and(|due| due < now || due <= today_ends);
    match job.status {
        Status::Completed | Status::Cancelled => DayGroup::Finished,
        Status::CannotComplete | Status::Transferred => DayGroup::Waiting,
        Status::Working | Status::Paused if ours => DayGroup::Now,
        // Somebody else is there.
        Status::Working => DayGroup::Waiting,
        // Whether it is to be done at all is a supervisor's to say; what is dangerous waits for nobody's paper.
        Status::Open | Status::Paused if job.undecided && job.priority != Priority::Urgent => DayGroup::Waiting,
        Status::Open | Status::Paused if pressing => DayGroup::Next,
        Status::Open | Status::Paused => DayGroup::Later,
    }
}

/// Whether a job is in the day of `crew`: given to it, or given to nobody since it said that it cannot do it.
fn is_of(job: &Outline, crew: Option<&CrewId>) -> bool {
    let given_back = matches!(job.status, Status::CannotComplete | Status::Transferred) && job.assignment.is_none();
    crew.is_none() || job.assignment.as_ref() == crew || given_back && job.status_crew.as_ref() == crew
}

fn day(jobs: Vec<Outline>, filter: &DayFilter, now: i64, by_words: bool) -> Day {
    let crew = filter.crew.as_ref();
    let mut groups: BTreeMap<DayGroup, Vec<Outline>> = BTreeMap::new();
    let (mut kinds, mut today) = (BTreeMap::new(), BTreeMap::new());
    let mut day = Day { now, ..Day::default() };
    for job in jobs {
        let mut group = group_of(&job, crew, now, filter.today_ends);
        let ours = is_of(&job, crew);
        if ours && group != DayGroup::Finished {
            day.total += u32::from(group != DayGroup::Waiting);
            count(&mut kinds, &job.kind);
            if matches!(group, DayGroup::Now | DayGroup::Next) {
                count(&mut today, &job.kind);
            }
        }
        if group == DayGroup::Now && day.at.is_none() && ours && job.status == Status::Working {
            day.at = job.place;
        }
        let lately = job.status == Status::Completed && now - job.since < LATELY;
        if group == DayGroup::Finished && (by_words || !lately) || group != DayGroup::Finished && !ours {
            group = DayGroup::Elsewhere;
        }
        if (group != DayGroup::Elsewhere || by_words) && job.fits.is_some() && passes(&job, filter, now) {
            groups.entry(group).or_default().push(job);
        }
    }
    for (group, jobs) in &mut groups {
        jobs.sort_by_cached_key(|job| (job.fits, place_in(*group, job, now)));
    }
    let mut ids = |group| Ids(groups.remove(&group).unwrap_or_default().into_iter().map(|job| job.id).collect());
    day.current = ids(DayGroup::Now);
    day.later = ids(DayGroup::Later);
    day.waiting = ids(DayGroup::Waiting);
    day.finished = ids(DayGroup::Finished);
    day.elsewhere = ids(DayGroup::Elsewhere);
    day.finished.0.truncate(FINISHED);
    let next = groups.remove(&DayGroup::Next).unwrap_or_default();
    let stop = |job: &Outline| DayStop { priority: job.priority, due: job.due, place: job.place };
    // What was searched for is shown as it fits, not as it is driven to.
    day.stops = next.iter().take(if by_words { 0 } else { MOST_STOPS }).map(stop).collect();
    day.next = Ids(next.into_iter().map(|job| job.id).collect());
    day.kinds = most_first(kinds);
    day.today = most_first(today);
    day
}

/// Whether it is what the filter wants, words aside.
fn passes(job: &Outline, filter: &DayFilter, now: i64) -> bool {
    let open = !matches!(job.status, Status::Completed | Status::Cancelled);
    (filter.kinds.is_empty() || filter.kinds.contains(&job.kind))
        && (filter.priorities.is_empty() || filter.priorities.contains(&job.priority))
        && (!filter.late || open && job.due.is_some_and(|due| due < now))
}

/// What a job is ordered by within its group, the smallest first.
fn place_in(group: DayGroup, job: &Outline, now: i64) -> (bool, i64, Reverse<Priority>, WorkOrderId) {
    let due = job.due.unwrap_or(i64::MAX);
    let (behind, by) = match group {
        DayGroup::Now => (job.status != Status::Working, -job.since),
        DayGroup::Next => (job.priority != Priority::Urgent && due >= now, due),
        DayGroup::Later => (false, due),
        DayGroup::Waiting | DayGroup::Finished | DayGroup::Elsewhere => (false, -job.since),
    };
    (behind, by, Reverse(job.priority), job.id)
}

fn count(counts: &mut BTreeMap<ServiceCode, u32>, kind: &ServiceCode) {
    match counts.get_mut(kind) {
        Some(count) => *count += 1,
        None => drop(counts.insert(kind.clone(), 1)),
    }
}

fn most_first(counts: BTreeMap<ServiceCode, u32>) -> Vec<(ServiceCode, u32)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts
}

#[cfg(test)]
mod tests;
