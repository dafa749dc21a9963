//! What only this phone has, as one JSON text: for the day on which it cannot be sent.

use super::api::{Draft, EngineError, JobRow, Reply};
use super::core::Engine;
use super::store::{StoreError, drafts, files, jobs, journal, meta, outbox};
use coldpatch_shared::action::Deed;
use coldpatch_shared::api::Session;
use coldpatch_shared::ids::{ServiceCode, WorkOrderId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct Export {
    what: &'static str,
    who: Option<Session>,
    /// By this device's clock, ms since the Unix epoch.
    made_at: i64,
    /// What the city calls the jobs that are named below.
    jobs: BTreeMap<WorkOrderId, JobName>,
    not_sent: Vec<Deed>,
    not_accepted: Vec<NotAccepted>,
    /// What was typed and not yet saved, by the form's name.
    open_forms: BTreeMap<String, String>,
    drafts: Vec<Draft>,
    photo_files_on_this_phone: Vec<String>,
}

#[derive(Serialize)]
struct JobName {
    tracking_number: Option<String>,
    service_code: ServiceCode,
    address: Option<String>,
}

#[derive(Serialize)]
struct NotAccepted {
    deed: Deed,
    because: String,
}

impl Engine {
    pub(super) fn export(&self) -> Result<Reply, EngineError> {
        let store = self.store();
        let db = store.db();
        let mut not_sent = Vec::new();
        let mut seen = BTreeSet::new();
        for (action, ..) in outbox::actions(db)? {
            if seen.insert(action) {
                not_sent.extend(journal::deed(db, action)?);
            }
        }
        let refused = journal::refused(db)?.into_iter();
        let not_accepted: Vec<_> = refused.map(|one| NotAccepted { deed: one.deed, because: one.message }).collect();
        let mut jobs = BTreeMap::new();
        for id in not_sent.iter().chain(not_accepted.iter().map(|one| &one.deed)).flat_map(Deed::parts) {
            let name = |row: JobRow| JobName {
                tracking_number: row.tracking_number,
                service_code: row.service_code,
                address: row.address,
            };
            jobs.extend(jobs::one(db, id)?.map(|row| (id, name(row))));
        }
        let export = Export {
            what: "What a phone of Coldpatch had not sent to the city, with everything that was typed. Photos are named by their \
                   SHA-256; their files are on the phone.",
            who: meta::signed_in(db)?.map(|signed_in| signed_in.session),
            made_at: self.device_now(),
            jobs,
            not_sent,
            not_accepted,
            open_forms: drafts::forms(db)?,
            drafts: drafts::all(db)?,
            photo_files_on_this_phone: files::waiting(db)?.into_iter().map(|file| file.sha256).collect(),
        };
        let text = serde_json::to_string(&export)
            .map_err(|error| StoreError::Damaged { what: "export", why: error.to_string() })?;
        Ok(Reply::Export(text))
    }
}
