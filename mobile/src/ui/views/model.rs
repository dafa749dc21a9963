//! From what the engine says to what components show.

use crate::engine::api::{DayGroup, JobRow};
use crate::ui::components::job_row::RowModel;
use crate::ui::components::map::Marker;
use crate::ui::measure;
use crate::ui::state::Here;
use crate::ui::tone::Tone;
use crate::ui::when::{self, Zone};
use crate::ui::words;
use coldpatch_shared::city::{Jurisdiction, Priority};
use coldpatch_shared::geo::{LatLon, distance_m};
use coldpatch_shared::order::Status;

/// A row of a list. `leg_m` is how far it is from the stop before, or from here.
pub(crate) fn row(job: &JobRow, here: &Here, now: i64, number: Option<usize>, leg_m: Option<f64>) -> RowModel {
    let town = &here.town;
    let closed = job.status.is_closed() || matches!(job.status, Status::CannotComplete | Status::Transferred);
    let (due, due_tone) = if closed {
        (town.zone().past(job.updated_at, now), Tone::Quiet)
    } else {
        words::status::due(job.due, now, town.zone())
    };
    let address = job.address.clone().unwrap_or_else(|| words::today::NO_ADDRESS.to_owned());
    // A number and its unit stay on one line.
    let distance = leg_m.map(|meters| measure::distance(meters, town.units).replace(' ', "\u{a0}"));
    let mut facts = Vec::new();
    if job.requests > 1 {
        facts.push(words::today::reports(job.requests));
    }
    let pressing = match job.priority {
        _ if closed => None,
        Priority::Urgent => Some((words::status::priority(job.priority).to_owned(), Tone::Stop)),
        Priority::High => Some((words::status::priority(job.priority).to_owned(), Tone::Quiet)),
        Priority::Normal | Priority::Low => None,
    };
    RowModel {
        number,
        title: words::job::type_name(&job.service_code, town),
        place: words::line([address, distance.unwrap_or_default()]),
        status: job.status,
        review: needs_review(job),
        status_text: None,
        due,
        due_tone,
        only_here: job.only_here,
        pressing,
        facts,
        bring: String::new(),
    }
}

/// What the rows of a part of the day have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    /// Which part.
    pub(crate) group: DayGroup,
    /// The number of the first one, where they are numbered in driving order.
    pub(crate) first: Option<usize>,
    /// From where distances are counted.
    pub(crate) from: Option<LatLon>,
}

/// A row of a day, at this place of its list.
pub(crate) fn day_row(job: &JobRow, here: &Here, part: Row, index: usize) -> RowModel {
    let now = here.device.now();
    let town = &here.town;
    let mut model = row(job, here, now, part.first.map(|first| first + index), None);
    let mut facts = Vec::new();
    if part.group == DayGroup::Waiting {
        facts.push(words::today::waits_for(job, town));
        model.status_text = words::today::blocked(job, town);
    }
    if let (Some(from), Some(place)) = (part.from, job.place.filter(|place| within_reach(*place, here))) {
        // The crew's own job is where it is.
        let distance = Some(distance_m(from, place)).filter(|distance| *distance >= 1.0);
        let away = |meters| words::today::away(&measure::distance(meters, town.units)).replace(' ', "\u{a0}");
        facts.extend(distance.map(away));
    }
    if !matches!(job.status, Status::Completed | Status::Cancelled) {
        facts.push(words::today::age(now - job.created_at));
    }
    facts.append(&mut model.facts);
    model.facts = facts;
    model
}

/// Whether a person must look at it.
pub(crate) fn needs_review(job: &JobRow) -> bool {
    !job.flags.is_empty() || job.disagreements
}

/// Whether a place belongs on a day's way, and in what a map shows at first. A photo from a journey may put a job on
/// another continent; it is listed all the same.
pub(crate) fn within_reach(place: LatLon, here: &Here) -> bool {
    here.town.jurisdiction_at(place) != Jurisdiction::Unknown
}

/// A job on the map, if it has a place.
pub(crate) fn marker(job: &JobRow, here: &Here, number: Option<usize>) -> Option<Marker> {
    let title = words::job::type_name(&job.service_code, &here.town);
    let title = words::line([title, job.address.clone().unwrap_or_default()]);
    Some(Marker {
        id: job.id.to_string(),
        place: job.place?,
        title,
        status: job.status,
        review: needs_review(job),
        number,
    })
}

/// The end of today in the city, ms since the Unix epoch: within a minute is close enough for an order of driving.
pub(crate) fn end_of_day(now: i64, zone: &Zone) -> i64 {
    let mut end = now;
    while zone.same_day(now, end + 15 * when::MINUTE) {
        end += 15 * when::MINUTE;
    }
    end
}

/// A quarter of an hour and the end of its day, ms since the Unix epoch. Both stay what they are while the quarter lasts.
pub(crate) fn quarter_and_midnight(now: i64, zone: &Zone) -> (i64, i64) {
    let quarter = now - now.rem_euclid(15 * when::MINUTE);
    (quarter, end_of_day(quarter, zone))
}

/// What a job is called in a sentence: `Pothole, Alder St 214`.
pub(crate) fn subject(row: Option<&JobRow>, here: &Here) -> String {
    row.map_or_else(
        || words::sync::A_JOB.to_owned(),
        |row| {
            let name = words::job::type_name(&row.service_code, &here.town);
            row.address.as_ref().map_or_else(|| name.clone(), |address| format!("{name}, {address}"))
        },
    )
}
