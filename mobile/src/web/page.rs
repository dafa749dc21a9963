//! The page's side: starts the Worker that owns a device's database, and stands between it and the page's door.
//!
//! The module that `boot.js` compiled is handed over, so that the browser compiles it once and the page and its
//! Worker are always of one version. A Worker that dies is replaced, and asked again what it had not answered.

use super::tabs::{PageAsk, ToPage, decode, encode};
use crate::engine::api::{Ask, Changed, EngineError, ErrorKind, Reply};
use crate::engine::{Command, Door, Inbox};
use coldpatch_shared::ids::DeviceId;
use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::stream::select;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

#[wasm_bindgen]
extern "C" {
    /// What `boot.js` leaves on the page's global.
    type Boot;

    #[wasm_bindgen(thread_local_v2, js_namespace = globalThis, js_name = coldpatch)]
    static BOOT: Option<Boot>;

    #[wasm_bindgen(method, getter)]
    fn module(this: &Boot) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = workerUrl)]
    fn worker_url(this: &Boot) -> String;
}

/// So many Workers may die over one ask before it is given up: it is the ask that kills them.
const MOST_DEATHS: u32 = 2;

/// Why no Worker could be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The page was not started by `boot.js`, so there is no compiled module to hand over.
    #[error("the page was not started by boot.js")]
    NotBooted,
    /// The browser refused (no Worker support, a content security policy, a file that is gone after an update).
    #[error("the browser did not start the Worker: {0}")]
    Refused(String),
}

/// Opens the engine of `device` in this browser, beside whatever other tabs have it open.
///
/// # Errors
/// [`EngineError`] when the browser starts no Worker.
pub fn open_web(device: DeviceId) -> Result<Door, EngineError> {
    let (door, inbox) = Door::new();
    let (events, heard) = unbounded();
    let keeper = Keeper::new(device.to_string(), events).map_err(|why| {
        tracing::error!(%why, "no Worker");
        EngineError {
            kind: ErrorKind::Storage,
            message:
                "This browser did not start the app's storage. Nothing was touched. Reload the page; if that does not \
                      help, update the browser."
                    .to_owned(),
        }
    })?;
    wasm_bindgen_futures::spawn_local(keeper.run(inbox, heard));
    Ok(door)
}

/// What a Worker said, or that it died. Which Worker: one that was replaced may still have something on its way.
enum Heard {
    Message(u32, JsValue),
    Died(u32),
}

enum Next {
    Command(Command),
    Heard(Heard),
    Closed,
}

struct Pending {
    ask: Ask,
    answer: oneshot::Sender<Result<Reply, EngineError>>,
    deaths: u32,
}

/// Keeps a Worker alive for as long as the page has a door.
struct Keeper {
    device: String,
    events: UnboundedSender<Heard>,
    worker: RunningWorker,
    generation: u32,
    pending: BTreeMap<u64, Pending>,
    last_id: u64,
    listeners: Vec<UnboundedSender<Changed>>,
}

/// A Worker and the closures that it calls.
struct RunningWorker {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Keeper {
    fn new(device: String, events: UnboundedSender<Heard>) -> Result<Self, SpawnError> {
        let worker = start(&device, 0, &events)?;
        Ok(Self { device, events, worker, generation: 0, pending: BTreeMap::new(), last_id: 0, listeners: Vec::new() })
    }

    async fn run(mut self, inbox: Inbox, heard: futures_channel::mpsc::UnboundedReceiver<Heard>) {
        let commands = inbox.map(Next::Command).chain(futures_util::stream::iter([Next::Closed]));
        let mut next = select(commands, heard.map(Next::Heard));
        while let Some(next) = next.next().await {
            match next {
                Next::Command(Command::Subscribe(listener)) => self.listeners.push(listener),
                Next::Command(Command::Ask { ask, answer }) => {
                    self.last_id += 1;
                    self.post(self.last_id, &ask);
                    self.pending.insert(self.last_id, Pending { ask: *ask, answer, deaths: 0 });
                }
                Next::Heard(Heard::Message(generation, message)) if generation == self.generation => {
                    self.hear(&message);
                }
                Next::Heard(Heard::Died(generation)) if generation == self.generation => self.replace().await,
                Next::Heard(_) => {}
                // Every door is closed: the Worker ends with this, and its lock goes to another tab.
                Next::Closed => return,
            }
        }
    }

    fn post(&self, id: u64, ask: &Ask) {
        let Some(bytes) = encode(&PageAsk { id, ask: ask.clone() }) else { return };
        let transfer = js_sys::Array::of1(&bytes.buffer());
        if let Err(error) = self.worker.worker.post_message_with_transfer(&bytes, &transfer) {
            tracing::error!(?error, "a message to the Worker");
        }
    }

    fn hear(&mut self, message: &JsValue) {
        match decode::<ToPage>(message) {
            Some(ToPage::Reply { id, result }) => {
                if let Some(pending) = self.pending.remove(&id) {
                    // Whoever asked may have left the screen.
                    let _ = pending.answer.send(result);
                }
            }
            Some(ToPage::Changed(changed)) => {
                self.listeners.retain(|listener| listener.unbounded_send(changed.clone()).is_ok());
            }
            None => {}
        }
    }

    /// The Worker died without an answer: another one takes its place, and is asked the same again.
    async fn replace(&mut self) {
        self.generation += 1;
        let mut pause = 0;
        loop {
            crate::platform::web::sleep(pause).await;
            match start(&self.device, self.generation, &self.events) {
                Ok(worker) => {
                    self.worker = worker;
                    break;
                }
                Err(why) => {
                    tracing::error!(%why, "no other Worker");
                    pause = (pause * 2).clamp(500, 30_000);
                }
            }
        }
        for (id, mut pending) in std::mem::take(&mut self.pending) {
            pending.deaths += 1;
            if pending.deaths > MOST_DEATHS {
                // Dropping the sender tells the asker that the engine stopped.
                continue;
            }
            self.post(id, &pending.ask);
            self.pending.insert(id, pending);
        }
    }
}

/// Starts a Worker over the database of `device`. Messages may be posted to it at once: it queues them until its database
/// is open.
fn start(device: &str, generation: u32, events: &UnboundedSender<Heard>) -> Result<RunningWorker, SpawnError> {
    let worker = spawn_worker(device)?;
    let heard = events.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let _ = heard.unbounded_send(Heard::Message(generation, event.data()));
    });
    let died = events.clone();
    let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        let _ = died.unbounded_send(Heard::Died(generation));
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(RunningWorker { worker, _on_message: on_message, _on_error: on_error })
}

fn spawn_worker(device: &str) -> Result<Worker, SpawnError> {
    BOOT.with(|boot| {
        let boot = boot.as_ref().ok_or(SpawnError::NotBooted)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(&format!("coldpatch engine {device}"));
        let worker = Worker::new_with_options(&boot.worker_url(), &options).map_err(refused)?;

        let start = js_sys::Object::new();
        for (key, value) in [("module", boot.module()), ("device", device.into())] {
            js_sys::Reflect::set(&start, &key.into(), &value).map_err(refused)?;
        }
        let message = js_sys::Object::new();
        js_sys::Reflect::set(&message, &"start".into(), &start).map_err(refused)?;
        worker.post_message(&message).map_err(refused)?;
        Ok(worker)
    })
}

fn refused(error: JsValue) -> SpawnError {
    SpawnError::Refused(format!("{error:?}"))
}
