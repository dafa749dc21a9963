//! One enrolled device: its door, and what it last said.

use super::rows::Rows;
use super::sought::Sought;
use super::{Town, Window};
use crate::engine::api::{
    Ask, Changed, Day, DayFilter, Draft, EngineError, ErrorKind, FileContent, Job, JobsFilter, JobsPage, NearbyJob,
    Picking, Reply, Shot, Stored, SyncLine, SyncSheet,
};
use crate::engine::{Door, fresh_action};
use crate::platform::now_ms;
use crate::ui::platform::Handle;
use crate::ui::tone::Tone;
use crate::ui::words;
use coldpatch_shared::action::Action;
use coldpatch_shared::api::Session;
use coldpatch_shared::geo::LatLon;
use coldpatch_shared::ids::{ActionId, DeviceId, WorkOrderId};
use coldpatch_shared::order::PlaceFix;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use futures_channel::oneshot;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::rc::Rc;

/// Something that was asked for. Broken is never the same as empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded<T> {
    /// Not yet answered.
    Waiting,
    /// The answer.
    Here(T),
    /// There is none, and why.
    Failed(EngineError),
}

/// Something to say on whatever screen is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// For the person.
    pub text: String,
    /// [`Tone::Stop`] when something could not be done.
    pub tone: Tone,
    /// How often it was said since it was last read.
    pub times: usize,
}

/// Adds a message; one that already waits to be read is only counted.
fn add(messages: &mut Vec<Message>, text: String, tone: Tone) {
    match messages.iter_mut().find(|known| known.text == text && known.tone == tone) {
        Some(known) => known.times += 1,
        None => messages.push(Message { text, tone, times: 1 }),
    }
}

/// The pictures that screens have shown, as URLs; a plain cache, nothing reacts to it.
pub(super) type Pictures = HashMap<String, Rc<str>>;

/// One device. A handle: copies are the same device.
#[derive(Clone, Copy, PartialEq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    door: CopyValue<Door>,
    /// Whose it is; `None` when nobody signed in.
    pub session: Signal<Loaded<Option<Session>>>,
    /// The city; `None` until its files have come.
    pub town: Signal<Loaded<Option<Town>>>,
    /// The sync line.
    pub sync: Signal<SyncLine>,
    /// Changes whenever a work order did.
    pub jobs_changed: Signal<u64>,
    /// Changes whenever a draft did.
    pub drafts_changed: Signal<u64>,
    /// How far picked photos are.
    pub picking: Signal<Picking>,
    /// What could not be done, and what else the person should know, until it has been read.
    pub messages: Signal<Vec<Message>>,
    /// Changes every few seconds: what shows the time reads it.
    pub tick: Signal<i64>,
    pub(super) pictures: CopyValue<Pictures>,
    scrolled: CopyValue<HashMap<&'static str, f64>>,
    pub(super) rows: CopyValue<Rows>,
    /// How long lists stood when they were left.
    pub(crate) windows: CopyValue<HashMap<&'static str, Window>>,
    /// What Today is narrowed to.
    pub sought: Signal<Sought>,
    /// Where the device was last, if it may say so without asking anybody.
    pub fix: Signal<Option<PlaceFix>>,
    ahead: CopyValue<i64>,
}

/// How often "12 min ago" is looked at again.
const TICK_MS: i64 = 10_000;

impl Device {
    pub(super) fn open(platform: &Handle, id: DeviceId) -> Result<Self, EngineError> {
        let door = platform.0.open(id)?;
        let device = Self {
            id,
            door: CopyValue::new_in_scope(door, ScopeId::ROOT),
            session: Signal::new_in_scope(Loaded::Waiting, ScopeId::ROOT),
            town: Signal::new_in_scope(Loaded::Waiting, ScopeId::ROOT),
            sync: Signal::new_in_scope(SyncLine::default(), ScopeId::ROOT),
            jobs_changed: Signal::new_in_scope(0, ScopeId::ROOT),
            drafts_changed: Signal::new_in_scope(0, ScopeId::ROOT),
            picking: Signal::new_in_scope(Picking::default(), ScopeId::ROOT),
            messages: Signal::new_in_scope(Vec::new(), ScopeId::ROOT),
            tick: Signal::new_in_scope(now_ms(), ScopeId::ROOT),
            pictures: CopyValue::new_in_scope(HashMap::new(), ScopeId::ROOT),
            scrolled: CopyValue::new_in_scope(HashMap::new(), ScopeId::ROOT),
            rows: CopyValue::new_in_scope(HashMap::new(), ScopeId::ROOT),
            windows: CopyValue::new_in_scope(HashMap::new(), ScopeId::ROOT),
            sought: Signal::new_in_scope(Sought::default(), ScopeId::ROOT),
            fix: Signal::new_in_scope(None, ScopeId::ROOT),
            ahead: CopyValue::new_in_scope(0, ScopeId::ROOT),
        };
        spawn_forever(device.listen());
        spawn_forever(device.watch_network(platform.clone()));
        spawn_forever(device.watch_resumed(platform.clone()));
        spawn_forever(device.watch_clock(platform.clone()));
        Ok(device)
    }

    fn door(&self) -> Door {
        self.door.read().clone()
    }

    /// Follows what the engine says unasked.
    async fn listen(mut self) {
        let mut changes = self.door().changes();
        self.load_session().await;
        self.load_town().await;
        if let Ok(Reply::SyncLine(line)) = self.ask(Ask::SyncLine).await {
            self.sync.set(line);
        }
        if let Ok(Reply::Picking(picking)) = self.ask(Ask::Picking).await {
            self.picking.set(picking);
        }
        while let Some(change) = changes.next().await {
            match change {
                Changed::Session => self.load_session().await,
                Changed::City => self.load_town().await,
                Changed::Jobs(_) => *self.jobs_changed.write() += 1,
                Changed::Drafts => *self.drafts_changed.write() += 1,
                Changed::Picking(picking) => self.picking.set(picking),
                Changed::Sync(line) => {
                    // Every screen shows it; the same words again are no reason to draw.
                    if *self.sync.peek() != line {
                        self.sync.set(line);
                    }
                }
            }
        }
    }

    async fn watch_network(self, platform: Handle) {
        let mut network = platform.0.network();
        while let Some(online) = network.next().await {
            // An engine that cannot hear it finds out by trying.
            let _ = self.ask(Ask::Network(online)).await;
        }
    }

    async fn watch_resumed(self, platform: Handle) {
        let mut resumed = platform.0.resumed();
        while resumed.next().await.is_some() {
            let _ = self.ask(Ask::Resumed).await;
        }
    }

    async fn watch_clock(mut self, platform: Handle) {
        loop {
            platform.0.sleep(TICK_MS).await;
            self.tick.set(now_ms());
        }
    }

    async fn load_session(&mut self) {
        let answer = self.ask(Ask::Session).await;
        self.session.set(match answer {
            Ok(Reply::Session(session)) => Loaded::Here(session),
            Ok(_) => Loaded::Failed(unexpected()),
            Err(error) => Loaded::Failed(error),
        });
    }

    async fn load_town(&mut self) {
        let answer = self.ask(Ask::City).await;
        self.town.set(match answer {
            Ok(Reply::City(None)) => Loaded::Here(None),
            Ok(Reply::City(Some(files))) => match Town::read(&files) {
                Ok(town) => Loaded::Here(Some(town)),
                Err(error) => {
                    tracing::error!(%error, "the city's files");
                    let message = words::account::BROKEN_CITY.to_owned();
                    Loaded::Failed(EngineError { kind: ErrorKind::Storage, message })
                }
            },
            Ok(_) => Loaded::Failed(unexpected()),
            Err(error) => Loaded::Failed(error),
        });
    }

    /// Asks everything again that a screen cannot do without.
    pub fn reload(mut self) {
        spawn_forever(async move {
            self.load_session().await;
            self.load_town().await;
        });
    }

    /// Now by the server's clock as far as the phone knows it; whoever reads it is drawn again every few seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        let ticked = *self.tick.read();
        ticked.max(now_ms()) + *self.ahead.read()
    }

    /// Learns how far the server's clock is ahead, from an answer that said what time it is there.
    pub(super) fn learn_now(&self, server_now: i64) {
        let mut ahead = self.ahead;
        ahead.set(server_now - now_ms());
    }

    /// Asks the engine.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn ask(&self, ask: Ask) -> Result<Reply, EngineError> {
        let door = self.door();
        door.ask(ask).await
    }

    /// A list of jobs.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn jobs(&self, filter: JobsFilter) -> Result<JobsPage, EngineError> {
        match self.ask(Ask::Jobs(filter)).await? {
            Reply::Jobs(page) => {
                self.learn_now(page.now);
                Ok(page)
            }
            _ => Err(unexpected()),
        }
    }

    /// A crew's day.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn day(&self, filter: DayFilter) -> Result<Day, EngineError> {
        match self.ask(Ask::Day(filter)).await? {
            Reply::Day(day) => {
                self.learn_now(day.now);
                Ok(*day)
            }
            _ => Err(unexpected()),
        }
    }

    /// One job, if it is here.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn job(&self, id: WorkOrderId) -> Result<Option<Job>, EngineError> {
        match self.ask(Ask::Job(id)).await? {
            Reply::Job(job) => {
                if let Some(job) = &job {
                    self.learn_now(job.now);
                }
                Ok(job.map(|job| *job))
            }
            _ => Err(unexpected()),
        }
    }

    /// Open jobs near a place.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn nearby(&self, place: LatLon, radius_m: f64) -> Result<Vec<NearbyJob>, EngineError> {
        match self.ask(Ask::Nearby { place, radius_m }).await? {
            Reply::Nearby(jobs) => Ok(jobs),
            _ => Err(unexpected()),
        }
    }

    /// All drafts.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn drafts(&self) -> Result<Vec<Draft>, EngineError> {
        match self.ask(Ask::Drafts).await? {
            Reply::Drafts(drafts) => Ok(drafts),
            _ => Err(unexpected()),
        }
    }

    /// What is where.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn sync_sheet(&self) -> Result<SyncSheet, EngineError> {
        match self.ask(Ask::SyncSheet).await? {
            Reply::SyncSheet(sheet) => Ok(sheet),
            _ => Err(unexpected()),
        }
    }

    /// What photos take here.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn stored(&self) -> Result<Stored, EngineError> {
        match self.ask(Ask::Stored).await? {
            Reply::Stored(stored) => Ok(stored),
            _ => Err(unexpected()),
        }
    }

    /// A photo's file.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn file(&self, sha256: String) -> Result<Option<FileContent>, EngineError> {
        match self.ask(Ask::File { sha256 }).await? {
            Reply::File(file) => Ok(file),
            _ => Err(unexpected()),
        }
    }

    /// The photos that were taken for a job and not yet added.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn shots(&self, id: WorkOrderId) -> Result<Vec<Shot>, EngineError> {
        match self.ask(Ask::Shots(id)).await? {
            Reply::Shots(shots) => Ok(shots),
            _ => Err(unexpected()),
        }
    }

    /// What a form held when it was last touched.
    ///
    /// # Errors
    /// What the engine answered.
    pub async fn form(&self, key: String) -> Result<Option<String>, EngineError> {
        match self.ask(Ask::Form { key }).await? {
            Reply::Form(value) => Ok(value),
            _ => Err(unexpected()),
        }
    }

    /// Keeps what a form holds; nothing is kept for an empty one.
    pub fn save_form(self, key: String, value: &str) {
        let value = (!value.is_empty()).then(|| value.to_owned());
        self.send(Ask::SaveForm { key, value });
    }

    /// Tells the engine to do something, whether or not the screen stays. Trouble is shown on whatever screen is open.
    pub fn send(self, ask: Ask) {
        drop(self.send_and_hear(ask));
    }

    /// As [`Device::send`]; what it returns ends when the engine has answered.
    pub fn send_and_hear(self, ask: Ask) -> oneshot::Receiver<()> {
        let (answered, receiver) = oneshot::channel();
        spawn_forever(async move {
            if let Err(error) = self.ask(ask).await {
                self.trouble(error);
            }
            // Mostly nobody waits.
            let _ = answered.send(());
        });
        receiver
    }

    /// Does something to a work order; the id of the action tells which entries it makes.
    pub fn act(self, work_order: WorkOrderId, action: Action) -> ActionId {
        let action_id = fresh_action();
        self.send(Ask::Do { action_id, work_order, action });
        action_id
    }

    /// As [`Device::act`], with what was typed into a form, which is forgotten only when the action is durable. Ends with
    /// whether it is.
    pub fn act_on_form(self, form: String, work_order: WorkOrderId, action: Action) -> oneshot::Receiver<bool> {
        let (answered, receiver) = oneshot::channel();
        let action_id = fresh_action();
        spawn_forever(async move {
            let done = self.ask(Ask::Do { action_id, work_order, action }).await;
            let durable = done.is_ok();
            let trouble = match done {
                Ok(_) => self.ask(Ask::SaveForm { key: form, value: None }).await.err(),
                Err(error) => Some(error),
            };
            if let Some(error) = trouble {
                self.trouble(error);
            }
            // The screen may have gone.
            let _ = answered.send(durable);
        });
        receiver
    }

    /// Forgets pictures that must not be seen any more.
    pub fn forget_pictures(self, sha256s: &[String]) {
        let mut pictures = self.pictures;
        pictures.write().retain(|sha256, _| !sha256s.contains(sha256));
    }

    /// How far down a list was when a row of it was tapped; forgotten by saying it.
    pub(super) fn take_scrolled(self, list: &'static str) -> Option<f64> {
        let mut scrolled = self.scrolled;
        scrolled.write().remove(list)
    }

    /// Keeps how far down a list is.
    pub(super) fn keep_scrolled(self, list: &'static str, down: f64) {
        let mut scrolled = self.scrolled;
        scrolled.write().insert(list, down);
    }

    /// Shows a message on whatever screen is open.
    pub fn trouble(mut self, error: EngineError) {
        add(&mut self.messages.write(), error.message, Tone::Stop);
    }

    /// Says something that is no error on whatever screen is open.
    pub fn remark(mut self, text: String) {
        add(&mut self.messages.write(), text, Tone::Quiet);
    }
}

/// An answer that does not belong to its question: page and Worker of different versions have met.
fn unexpected() -> EngineError {
    EngineError { kind: ErrorKind::Stopped, message: words::account::VERSIONS_MET.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_messages_are_one_with_a_count() {
        let mut messages = Vec::new();
        for (text, tone) in [("a", Tone::Stop), ("b", Tone::Stop), ("a", Tone::Stop), ("a", Tone::Quiet)] {
            add(&mut messages, text.to_owned(), tone);
        }
        let said: Vec<_> =
            messages.iter().map(|message| (message.text.as_str(), message.tone, message.times)).collect();
        assert_eq!(said, [("a", Tone::Stop, 2), ("b", Tone::Stop, 1), ("a", Tone::Quiet, 1)]);
    }
}
