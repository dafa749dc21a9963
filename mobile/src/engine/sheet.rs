//! The honest account: what is only on this phone, what is on its way, what needs the person.

use super::api::{
    EngineError, FileInTrouble, FileTrouble, OriginalsHeld, RefusedItem, Reply, ShotsOf, SyncLine, SyncSheet,
    WaitingItem,
};
use super::core::Engine;
use super::store::{drafts, files, jobs, journal, meta, outbox, shots};
use coldpatch_shared::ids::WorkOrderId;
use std::collections::{BTreeSet, HashMap};

impl Engine {
    /// An action together with its photos is one thing; a photo whose action has arrived is one by itself.
    pub(super) fn sync_line(&self) -> Result<SyncLine, EngineError> {
        let store = self.store();
        let db = store.db();
        // What touches two work orders is one thing that a person did.
        let actions: BTreeSet<_> = outbox::actions(db)?.into_iter().map(|(action, ..)| action).collect();
        let files = files::total(db)?;
        // Photos that are still being made for their job are only here as well.
        let adding = u32::try_from(shots::adding_themselves(db)?.len()).unwrap_or(u32::MAX);
        let held = self.originals_are_held();
        let sync = self.sync.borrow();
        Ok(SyncLine {
            only_here: u32::try_from(actions.len())
                .unwrap_or(u32::MAX)
                .saturating_add(files.photos_alone)
                .saturating_add(adding),
            sending: sync.sending(),
            drafts: drafts::count(db)?,
            needs_you: journal::count_refused(db)?.saturating_add(files.in_trouble),
            photos_waiting: files.files,
            bytes_waiting: files.bytes,
            last_contact: meta::clock(db)?.map(|clock| clock.measured_at),
            failure: sync.failure(),
            no_network: sync.no_network(),
            jobs: jobs::count(db)?,
            progress: sync.progress,
            originals_held: if held { files.originals } else { 0 },
            shots: shots::all(db)?.into_iter().map(|(_, photos)| photos).sum(),
        })
    }

    pub(super) fn sync_sheet(&self) -> Result<Reply, EngineError> {
        let line = self.sync_line()?;
        let store = self.store();
        let db = store.db();
        let mut needs_you = Vec::new();
        for refused in journal::refused(db)? {
            needs_you.push(RefusedItem {
                action_id: refused.deed.id,
                work_order: refused.deed.work_order,
                row: jobs::one(db, refused.deed.work_order)?,
                action: refused.deed.action,
                code: refused.code,
                message: refused.message,
                at: refused.deed.stamp.at,
            });
        }
        let mut only_here: Vec<WaitingItem> = Vec::new();
        let mut places: HashMap<WorkOrderId, usize> = HashMap::new();
        for (action, work_order, not_now) in outbox::actions(db)? {
            let item = item_of(&mut only_here, &mut places, work_order);
            if let Some(deed) = journal::deed(db, action)? {
                item.actions.push(deed.action);
            }
            item.not_now = item.not_now.take().or(not_now);
            item.sending |= self.sync.borrow().is_sending(action);
        }
        for (work_order, _) in shots::adding_themselves(db)? {
            item_of(&mut only_here, &mut places, work_order).files += 1;
        }
        let mut files_in_trouble = Vec::new();
        for file in files::waiting(db)? {
            // What is lost is not here.
            if file.trouble != Some(FileTrouble::Gone) {
                let item = item_of(&mut only_here, &mut places, file.work_order);
                item.files += 1;
                item.bytes += file.bytes;
                item.sending |= self.sync.borrow().sending_files.contains(&file.sha256);
                let trouble = file.trouble.map(|trouble| trouble.in_words().to_owned());
                item.not_now = item.not_now.take().or(trouble);
            }
            if let Some(trouble) = file.trouble {
                files_in_trouble.push(FileInTrouble {
                    row: jobs::one(db, file.work_order)?,
                    work_order: file.work_order,
                    sha256: file.sha256,
                    bytes: file.bytes,
                    kind: trouble,
                    message: trouble.in_words().to_owned(),
                });
            }
        }
        let originals_bytes = files::total(db)?.originals_bytes;
        let originals_held = (line.originals_held > 0).then(|| OriginalsHeld {
            files: line.originals_held,
            bytes: originals_bytes,
            message: "This connection may cost by the megabyte, so the full-size photos wait for wifi. What people look at is \
                      sent already or goes first."
                .to_owned(),
        });
        for item in &mut only_here {
            item.row = jobs::one(db, item.work_order)?;
        }
        let originals_on_wifi = self.originals_on_wifi();
        let mut shots = Vec::new();
        for (work_order, photos) in shots::all(db)? {
            shots.push(ShotsOf { work_order, row: jobs::one(db, work_order)?, photos });
        }
        let sheet =
            SyncSheet { line, needs_you, only_here, files_in_trouble, originals_held, originals_on_wifi, shots };
        Ok(Reply::SyncSheet(sheet))
    }
}

fn item_of<'a>(
    items: &'a mut Vec<WaitingItem>,
    places: &mut HashMap<WorkOrderId, usize>,
    work_order: WorkOrderId,
) -> &'a mut WaitingItem {
    let at = *places.entry(work_order).or_insert_with(|| {
        items.push(WaitingItem {
            work_order,
            row: None,
            actions: Vec::new(),
            files: 0,
            bytes: 0,
            sending: false,
            not_now: None,
        });
        items.len() - 1
    });
    &mut items[at]
}
