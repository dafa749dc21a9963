//! A day as it is drawn: the tour over what is next, and what is shown large.

use crate::engine::api::{Day, DayGroup, DayStop};
use crate::ui::driving::{Stop, tour};
use crate::ui::state::{Here, Sought};
use crate::ui::views::model::{end_of_day, within_reach};
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ServiceCode, WorkOrderId};

/// The day in the order in which it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// How many jobs can be done, whatever is looked for.
    pub(super) total: u32,
    /// At work or interrupted.
    pub(super) current: Vec<WorkOrderId>,
    /// What is next, in driving order as far as a tour was planned.
    pub(super) next: Vec<WorkOrderId>,
    /// How many of these are numbered.
    pub(super) numbered: usize,
    /// What is later, what waits, what was done, and what was found beyond the day.
    pub(super) later: Vec<WorkOrderId>,
    pub(super) waiting: Vec<WorkOrderId>,
    pub(super) finished: Vec<WorkOrderId>,
    pub(super) elsewhere: Vec<WorkOrderId>,
    /// The tour, in meters.
    pub(super) total_m: f64,
    /// From where distances are counted: the phone's place, else the job at work.
    pub(super) from: Option<LatLon>,
    /// Types in the day, and in what is to be done today.
    pub(super) kinds: Vec<(ServiceCode, u32)>,
    pub(super) today: Vec<(ServiceCode, u32)>,
}

impl Plan {
    /// Plans the day of a phone that is at `fix`.
    pub(super) fn of(day: &Day, here: &Here, fix: Option<LatLon>) -> Self {
        let fix = fix.filter(|place| within_reach(*place, here));
        let drivable = |place: Option<LatLon>| place.filter(|place| within_reach(*place, here));
        let stop = |stop: &DayStop| Stop { priority: stop.priority, due: stop.due, place: drivable(stop.place) };
        let stops: Vec<Stop> = day.stops.iter().map(stop).collect();
        // What is being worked on is where the crew is; the tour goes on from there.
        let start = drivable(day.at).or(fix);
        let tour = tour(&stops, start, day.now, end_of_day(day.now, here.town.zone()));
        let ids = &day.next.0;
        let mut next: Vec<WorkOrderId> = tour.order.iter().filter_map(|&index| ids.get(index).copied()).collect();
        let numbered = next.len();
        next.extend(ids.iter().skip(numbered));
        Self {
            total: day.total,
            current: day.current.0.clone(),
            next,
            numbered,
            later: day.later.0.clone(),
            waiting: day.waiting.0.clone(),
            finished: day.finished.0.clone(),
            elsewhere: day.elsewhere.0.clone(),
            total_m: tour.total_m,
            from: fix.or(drivable(day.at)),
            kinds: day.kinds.clone(),
            today: day.today.clone(),
        }
    }

    /// The jobs of a part.
    pub(super) fn part(&self, group: DayGroup) -> &[WorkOrderId] {
        match group {
            DayGroup::Now => &self.current,
            DayGroup::Next => &self.next,
            DayGroup::Later => &self.later,
            DayGroup::Waiting => &self.waiting,
            DayGroup::Finished => &self.finished,
            DayGroup::Elsewhere => &self.elsewhere,
        }
    }

    /// How many jobs are shown.
    pub(super) fn shown(&self, sought: &Sought) -> usize {
        PARTS.into_iter().filter(|group| sought.shows(*group)).map(|group| self.part(group).len()).sum()
    }

    /// Whether none is.
    pub(super) fn is_empty(&self, sought: &Sought) -> bool {
        self.shown(sought) == 0
    }
}

/// Every part, in the order in which they are drawn.
pub(super) const PARTS: [DayGroup; 6] =
    [DayGroup::Now, DayGroup::Next, DayGroup::Later, DayGroup::Waiting, DayGroup::Elsewhere, DayGroup::Finished];
