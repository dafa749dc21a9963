//! From what the engine says to what components show.

use crate::engine::api::JobRow;
use crate::ui::components::job_row::RowModel;
use crate::ui::components::map::Marker;
use crate::ui::measure;
use crate::ui::state::Here;
use crate::ui::tone::Tone;
use crate::ui::when::{self, Zone};
use crate::ui::words;
use coldpatch_shared::city::{Jurisdiction, Priority};
use coldpatch_shared::geo::LatLon;
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
    }
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
