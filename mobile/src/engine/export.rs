//! What only this phone has, as one JSON text: for the day on which it cannot be sent.

use super::api::{Draft, EngineError, Reply};
use super::core::Engine;
use super::store::{StoreError, drafts, files, journal, meta, outbox};
use coldpatch_shared::action::Deed;
use coldpatch_shared::api::Session;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Export {
    what: &'static str,
    who: Option<Session>,
    /// By this device's clock, ms since the Unix epoch.
    made_at: i64,
    not_sent: Vec<Deed>,
    not_accepted: Vec<NotAccepted>,
    drafts: Vec<Draft>,
    photo_files_on_this_phone: Vec<String>,
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
        let export = Export {
            what: "What a phone of Coldpatch had not sent to the city, with everything that was typed. Photos are named by their \
                   SHA-256; their files are on the phone.",
            who: meta::signed_in(db)?.map(|signed_in| signed_in.session),
            made_at: self.device_now(),
            not_sent,
            not_accepted: refused.map(|one| NotAccepted { deed: one.deed, because: one.message }).collect(),
            drafts: drafts::all(db)?,
            photo_files_on_this_phone: files::waiting(db)?.into_iter().map(|file| file.sha256).collect(),
        };
        let text = serde_json::to_string(&export)
            .map_err(|error| StoreError::Damaged { what: "export", why: error.to_string() })?;
        Ok(Reply::Export(text))
    }
}
