//! Rows of jobs by their ids: what is known is shown at once, and asked for again whenever a job changed.

use super::Device;
use crate::engine::api::{Ask, Ids, JobRow, Reply};
use coldpatch_shared::ids::WorkOrderId;
use dioxus::prelude::*;
use std::collections::HashMap;

/// More rows than this are not kept.
const MOST: usize = 4_000;

/// The rows that were shown since the app started; a plain cache, nothing reacts to it.
pub(super) type Rows = HashMap<WorkOrderId, JobRow>;

impl Device {
    async fn ask_rows(self, ids: Vec<WorkOrderId>) -> Option<Vec<JobRow>> {
        let Ok(Reply::Jobs(page)) = self.ask(Ask::JobRows(Ids(ids))).await else { return None };
        self.learn_now(page.now);
        let mut known = self.rows;
        let mut known = known.write();
        if known.len() > MOST {
            known.clear();
        }
        known.extend(page.rows.iter().map(|row| (row.id, row.clone())));
        Some(page.rows)
    }
}

/// The rows of these jobs, in their order; `None` where it is not known yet.
pub fn use_rows(device: Device, ids: &[WorkOrderId]) -> Vec<Option<JobRow>> {
    let mut heard = use_signal(Vec::<JobRow>::new);
    let wanted = ids.to_vec();
    use_effect(use_reactive(&wanted, move |ids| {
        device.jobs_changed.read();
        spawn(async move {
            if let Some(rows) = device.ask_rows(ids).await
                && *heard.peek() != rows
            {
                heard.set(rows);
            }
        });
    }));
    let (heard, known) = (heard.read(), device.rows.peek());
    let find = |id: &WorkOrderId| heard.iter().find(|row| row.id == *id).or_else(|| known.get(id)).cloned();
    ids.iter().map(find).collect()
}
