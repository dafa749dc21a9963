//! Lists, the map, one job: read from the projection, except for the job itself.

use super::api::{EngineError, Job, JobsFilter, JobsPage, NearbyJob, Reply};
use super::core::Engine;
use super::store::{files, find, jobs, journal, outbox, ties};
use coldpatch_shared::geo::{LatLon, distance_m};
use coldpatch_shared::ids::{EntryId, WorkOrderId};
use coldpatch_shared::order::WorkOrder;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Meters in a degree of latitude, on the sphere that [`distance_m`] measures on.
const METERS_PER_DEGREE: f64 = 111_195.0;

impl Engine {
    pub(super) fn jobs(&self, filter: &JobsFilter) -> Result<Reply, EngineError> {
        let now = self.now()?;
        let matched = self.matched(&filter.text)?;
        let (rows, total) = jobs::list(self.store().db(), filter, now, matched.as_deref())?;
        Ok(Reply::Jobs(JobsPage { rows, total, now }))
    }

    /// What the index of words is asked for a text.
    pub(super) fn matched(&self, text: &str) -> Result<Option<String>, EngineError> {
        let kinds = if text.trim().is_empty() { Rc::default() } else { self.kinds()? };
        Ok(find::matched(self.store().db(), text, &kinds)?)
    }

    pub(super) fn job(&self, id: WorkOrderId) -> Result<Reply, EngineError> {
        let now = self.now()?;
        let mut store = self.store_mut();
        let order = store.document(id)?.and_then(|doc| WorkOrder::derive(id, &doc.facts()));
        let Some(order) = order else { return Ok(Reply::Job(None)) };
        store.watch(id, self.device_now());
        let waiting = outbox::of_work_order(store.db(), id)?;
        let only_here = order.history.iter().map(|item| &item.id);
        let only_here: BTreeSet<EntryId> =
            only_here.filter(|entry| waiting.iter().any(|waiting| made_by(entry, waiting))).cloned().collect();
        let files_waiting =
            files::waiting(store.db())?.into_iter().filter(|file| file.work_order == id).map(|file| file.sha256);
        let (named_by, refused) = (ties::naming(store.db(), id)?, journal::all_refused(store.db())?);
        let files_waiting = files_waiting.collect();
        Ok(Reply::Job(Some(Box::new(Job { order, only_here, files_waiting, named_by, refused, now }))))
    }

    pub(super) fn nearby(&self, place: LatLon, radius_m: f64) -> Result<Reply, EngineError> {
        let north = radius_m / METERS_PER_DEGREE;
        // Near a pole a circle spans every longitude; no city is there, but no division by zero either.
        let east = north / place.lat.to_radians().cos().max(0.01);
        let rows = jobs::open_within(
            self.store().db(),
            LatLon { lat: place.lat - north, lon: place.lon - east },
            LatLon { lat: place.lat + north, lon: place.lon + east },
        )?;
        let mut nearby: Vec<NearbyJob> = rows
            .into_iter()
            .filter_map(|row| Some(NearbyJob { distance_m: distance_m(place, row.place?), row }))
            .filter(|job| job.distance_m <= radius_m)
            .collect();
        nearby.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
        Ok(Reply::Nearby(nearby))
    }
}

/// Whether an entry was made by the action of a waiting change: entry ids begin with their action's.
fn made_by(entry: &EntryId, waiting: &outbox::Waiting) -> bool {
    entry.0.split(':').next() == Some(waiting.action.to_string().as_str())
}
