//! The engine itself: what it holds, and how an ask finds its answer.
//!
//! Everything runs on one thread. Each ask is a task of its own: those that only touch the database are answered at once
//! and in order; a photo or a download waits aside and holds up nobody. No borrow of the store lives across an `await`.

use super::api::{Ask, Changed, EngineError, Reply};
use super::door::{Command, Inbox};
use super::driver::SyncState;
use super::errors::not_signed_in;
use super::picked::PickingState;
use super::placing::Placing;
use super::retouch::Retouched;
use super::store::find::Kinds;
use super::store::makings::May;
use super::store::{Store, meta};
use crate::platform::Platform;
use coldpatch_shared::city::{Catalog, City};
use coldpatch_shared::ids::WorkOrderId;
use coldpatch_shared::order::Stamp;
use coldpatch_shared::sync::phone::Event;
use futures_channel::mpsc::UnboundedSender;
use futures_util::lock::Mutex;
use futures_util::{FutureExt, StreamExt};
use std::cell::{Ref, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

/// More changed work orders than this are told as "many".
const MOST_NAMED: usize = 100;

/// The engine of one device's database.
pub struct Engine {
    pub(super) platform: Platform,
    store: RefCell<Store>,
    listeners: RefCell<Vec<UnboundedSender<Changed>>>,
    /// The city as parsed from the files in the database, once it was asked for.
    city: RefCell<Option<Rc<City>>>,
    /// By which words its types are found, once somebody searched.
    kinds: RefCell<Option<Rc<Kinds>>>,
    pub(super) sync: RefCell<SyncState>,
    /// Held from keeping a photo's bytes to writing the rows that use them, and while unused bytes are removed.
    pub(super) bytes: Mutex<()>,
    /// Kept photos that are being made just now, by their original's SHA-256: how far, and for how many.
    pub(super) making: RefCell<BTreeMap<String, (May, u32)>>,
    /// Each makes one photo at a time.
    pub(super) hands: [Mutex<()>; 2],
    /// Photos whose place is being looked for.
    pub(super) placing: RefCell<BTreeMap<Uuid, Placing>>,
    /// Held while a photo is made that the engine has to bring the bytes of.
    pub(super) developing: Mutex<()>,
    /// Photos that were picked and are being made.
    pub(super) picking: RefCell<PickingState>,
    /// Drafts, and jobs with photos that wait for them: how many of these are being made, marked or covered.
    pub(super) retouching: RefCell<BTreeMap<WorkOrderId, u32>>,
}

impl Engine {
    /// An engine over an open database.
    #[must_use]
    pub fn new(store: Store, platform: Platform) -> Rc<Self> {
        Rc::new(Self {
            platform,
            store: RefCell::new(store),
            listeners: RefCell::default(),
            city: RefCell::default(),
            kinds: RefCell::default(),
            sync: RefCell::default(),
            bytes: Mutex::default(),
            making: RefCell::default(),
            hands: Default::default(),
            placing: RefCell::default(),
            developing: Mutex::default(),
            picking: RefCell::default(),
            retouching: RefCell::default(),
        })
    }

    /// Serves until every door is closed.
    pub async fn run(self: Rc<Self>, mut inbox: Inbox) {
        self.happened(Event::Opened);
        self.resume_picking();
        self.platform.host.spawn(self.clone().erase_the_rest().boxed_local());
        self.platform.host.spawn(self.clone().complete_the_rest().boxed_local());
        self.platform.host.spawn(self.clone().listen().boxed_local());
        while let Some(command) = inbox.next().await {
            match command {
                Command::Subscribe(listener) => self.listeners.borrow_mut().push(listener),
                Command::Ask { ask, answer } => {
                    let engine = self.clone();
                    let task = async move {
                        let reply = engine.answer(*ask).await;
                        // Whoever asked may have gone; what was done is done.
                        let _ = answer.send(reply);
                    };
                    self.platform.host.spawn(task.boxed_local());
                }
            }
        }
    }

    /// Answers one ask.
    ///
    /// # Errors
    /// [`EngineError`], in words for the person.
    pub async fn answer(self: &Rc<Self>, ask: Ask) -> Result<Reply, EngineError> {
        match ask {
            Ask::Session => self.session(),
            Ask::Enroll { code, device_name, beside } => self.enroll(code, device_name, beside).await,
            Ask::City => Ok(Reply::City(meta::city(self.store().db())?)),
            Ask::Jobs(filter) => self.jobs(&filter),
            Ask::Day(filter) => self.day(&filter),
            Ask::JobRows(ids) => self.job_rows(&ids),
            Ask::Job(id) => self.job(id),
            Ask::Nearby { place, radius_m } => self.nearby(place, radius_m),
            Ask::Do { action_id, work_order, action } => self.act(action_id, work_order, action),
            Ask::AttachPhoto { action_id, work_order, slot, file, place_follows } => {
                self.attach_photo(action_id, work_order, slot, file, place_follows).await
            }
            Ask::DraftFromPhoto { ids, file, device_place } => self.draft_from_photo(ids, file, device_place).await,
            Ask::ExpectPhotos => {
                self.platform.host.expect_photos();
                Ok(Reply::Done)
            }
            Ask::Picked { batch, picks, left_out } => self.picked(batch, &picks, left_out.as_ref()),
            Ask::PickedBytes { id, file } => self.picked_bytes(id, file).await,
            Ask::PickedPlace { batch, place } => self.picked_place(batch, place).await,
            Ask::Picking => self.picking(),
            Ask::StopPicking => self.stop_picking().await,
            Ask::ForgetPick(id) => self.forget_pick(id),
            Ask::JoinDrafts { from, into } => self.join_drafts(from, into),
            Ask::PartDraft { from, photo, ids } => self.part_draft(from, &photo, ids),
            Ask::DraftFromShot { ids, shot, file, taken } => self.draft_from_shot(ids, shot, file, taken).await,
            Ask::PlacePhoto { photo, place } => self.place_photo(photo, place),
            Ask::KeepShot { shot, work_order, slot, file, taken } => {
                self.keep_shot(shot, work_order, slot, file, taken).await
            }
            Ask::Shots(work_order) => self.shots(work_order),
            Ask::DropShot { work_order, shot } => self.drop_shot(work_order, shot).await,
            Ask::AddShots(work_order) => self.add_shots(work_order),
            Ask::Retouch { work_order, photo, marks, cover } => {
                self.retouch(Retouched { work_order, photo }, marks, cover).await
            }
            Ask::MakeAgain { work_order, photo } => self.make_again(Retouched { work_order, photo }).await,
            Ask::Drafts => self.drafts(),
            Ask::SaveDraft(draft) => self.save_draft(*draft).await,
            Ask::DiscardDraft(id) => self.discard_draft(id).await,
            Ask::FileDraft(id) => self.file_draft(id),
            Ask::SaveForm { key, value } => self.save_form(&key, value.as_deref()),
            Ask::Form { key } => self.form(&key),
            Ask::File { sha256 } => self.file(sha256).await,
            Ask::SyncLine => Ok(Reply::SyncLine(self.sync_line()?)),
            Ask::SyncSheet => self.sync_sheet(),
            Ask::SyncNow => {
                self.retry_files(None)?;
                Ok(self.hear(Event::ByHand))
            }
            Ask::RetryFile { sha256 } => self.retry_files(Some(&sha256)),
            Ask::LetFileGo { sha256 } => self.let_file_go(&sha256),
            Ask::Export => self.export(),
            Ask::Stored => self.stored().await,
            Ask::SetOriginalsOnWifi(wait) => self.set_originals_on_wifi(wait),
            Ask::SendOriginalsNow => Ok(self.send_originals_now()),
            Ask::Resumed => Ok(self.resumed()),
            Ask::Network(there) => Ok(self.network(there)),
            Ask::LetGo(id) => self.let_go(id),
            Ask::SendAsNote { refused, action_id } => self.send_as_note(refused, action_id),
        }
    }

    /// The database, to read. Not across an `await`.
    pub(super) fn store(&self) -> Ref<'_, Store> {
        self.store.borrow()
    }

    /// The database, to write. Not across an `await`.
    pub(super) fn store_mut(&self) -> RefMut<'_, Store> {
        self.store.borrow_mut()
    }

    /// Tells everybody who listens.
    pub(super) fn tell(&self, changed: &Changed) {
        self.listeners.borrow_mut().retain(|listener| listener.unbounded_send(changed.clone()).is_ok());
    }

    /// Tells that these work orders look different now.
    pub(super) fn tell_jobs(&self, mut changed: BTreeSet<WorkOrderId>) {
        if changed.is_empty() {
            return;
        }
        if changed.len() > MOST_NAMED {
            changed.clear();
        }
        self.tell(&Changed::Jobs(changed));
    }

    /// Tells the sync line, if it says something new.
    pub(super) fn tell_sync(&self) {
        match self.sync_line() {
            Ok(line) => {
                if self.sync.borrow_mut().is_new(&line) {
                    self.tell(&Changed::Sync(line));
                }
            }
            Err(error) => tracing::error!(%error, "the sync line cannot be told"),
        }
    }

    /// This device's clock.
    pub(super) fn device_now(&self) -> i64 {
        self.platform.host.now()
    }

    /// Now by the server's clock, as far as the phone knows it.
    pub(super) fn now(&self) -> Result<i64, EngineError> {
        let offset = meta::clock(self.store().db())?.map_or(0, |clock| clock.offset_ms);
        Ok(self.device_now().saturating_add(offset))
    }

    /// Who does something now, and when.
    pub(super) fn stamp(&self) -> Result<Stamp, EngineError> {
        let store = self.store();
        let session = meta::signed_in(store.db())?.ok_or_else(not_signed_in)?.session;
        let clock = meta::clock(store.db())?;
        let at = self.device_now();
        Ok(Stamp {
            by: session.user,
            role: session.role,
            crew: session.crew,
            at,
            offset_ms: clock.map(|clock| clock.offset_ms),
            offset_age_s: clock.map(|clock| at.saturating_sub(clock.measured_at).max(0) / 1000),
        })
    }

    /// The city, once its files are here. Files that cannot be read are as good as none: the next ones may be better.
    pub(super) fn city(&self) -> Result<Option<Rc<City>>, EngineError> {
        if let Some(city) = &*self.city.borrow() {
            return Ok(Some(city.clone()));
        }
        let Some(files) = meta::city(self.store().db())? else { return Ok(None) };
        match City::parse(&files) {
            Ok(city) => {
                let city = Rc::new(city);
                *self.city.borrow_mut() = Some(city.clone());
                Ok(Some(city))
            }
            Err(error) => {
                tracing::error!(%error, "the city's files cannot be read");
                Ok(None)
            }
        }
    }

    /// By which words the city's types are found. Only the catalog is read for it: a whole city takes longer than a search.
    pub(super) fn kinds(&self) -> Result<Rc<Kinds>, EngineError> {
        if let Some(kinds) = &*self.kinds.borrow() {
            return Ok(kinds.clone());
        }
        let files = meta::city(self.store().db())?;
        let catalog = files.as_ref().and_then(|files| serde_json::from_str::<Catalog>(files.get("catalog.json")?).ok());
        let kinds = Rc::new(catalog.as_ref().map(Kinds::of).unwrap_or_default());
        *self.kinds.borrow_mut() = Some(kinds.clone());
        Ok(kinds)
    }

    /// The city's files changed.
    pub(super) fn forget_city(&self) {
        *self.city.borrow_mut() = None;
        *self.kinds.borrow_mut() = None;
    }
}
