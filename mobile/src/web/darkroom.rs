//! The engine's side of the Workers in which photos are made, so that its own Worker goes on answering meanwhile.
//!
//! They are started when the first photo comes, at most two, and end when nothing has come for a while: wasm never gives
//! memory back, and decoding takes much. One that dies, or is ended because it says nothing any more, takes only its photo's
//! renditions with it.

use super::maker::Done;
use crate::engine::Developed;
use crate::engine::api::EngineError;
use crate::platform::given_up;
use crate::platform::web::{get, sleep, string};
use coldpatch_shared::photo::{Blur, JpegFile, Made, Reading};
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use js_sys::{Object, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// A phone has more processors, but each photo takes 50 MB and more while it is decoded.
const MOST_WORKERS: usize = 2;
/// How long an idle Worker stays, ms.
const IDLE_MS: i64 = 20_000;
/// One that has a photo and says nothing for so long will not end, ms. On a slow phone a photo takes some seconds.
const PATIENCE_MS: i64 = 60_000;

#[wasm_bindgen]
extern "C" {
    /// What `worker.js` leaves on the engine's Worker's global.
    type Start;

    #[wasm_bindgen(thread_local_v2, js_namespace = globalThis, js_name = coldpatch)]
    static START: Option<Start>;

    #[wasm_bindgen(method, getter)]
    fn module(this: &Start) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = makerUrl)]
    fn maker_url(this: &Start) -> Option<String>;

    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = hardwareConcurrency)]
    static PROCESSORS: Option<f64>;
}

/// How many photos are made at once. A browser's decoder works aside from its Worker, so two are worth it on two processors.
pub(crate) fn lanes() -> usize {
    let processors = PROCESSORS.with(|processors| processors.unwrap_or(2.0));
    if processors >= 2.0 { MOST_WORKERS } else { 1 }
}

/// The Workers.
#[derive(Clone, Default)]
pub(crate) struct Darkroom(Rc<State>);

#[derive(Default)]
struct State {
    idle: RefCell<Vec<Maker>>,
    running: Cell<usize>,
    queue: RefCell<VecDeque<oneshot::Sender<()>>>,
    /// Changes whenever a Worker is taken: who wants to end idle ones sees whether they were.
    taken: Cell<u64>,
    next: Cell<u32>,
}

impl std::fmt::Debug for Darkroom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Darkroom")
    }
}

/// A Worker and what it says; `None` says that it died.
struct Maker {
    worker: Worker,
    heard: UnboundedReceiver<Option<JsValue>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Darkroom {
    /// Makes a photo: `file` is a `Blob`, or a `Uint8Array` that is handed over. `None` where this browser starts no Worker
    /// of a Worker: then it is to be made here.
    pub(crate) async fn develop(&self, file: &JsValue, sha256: Option<&str>) -> Option<Result<Developed, EngineError>> {
        let mut maker = self.take().await?;
        let id = f64::from(self.0.next.replace(self.0.next.get().wrapping_add(1)));
        let message = Object::new();
        let sha256 = sha256.map_or(JsValue::UNDEFINED, JsValue::from);
        for (name, value) in [("id", id.into()), ("file", file.clone()), ("sha256", sha256)] {
            // Setting a plain object's property cannot fail.
            let _ = Reflect::set(&message, &name.into(), &value);
        }
        if let Err(error) = maker.worker.post_message(&message) {
            tracing::error!(?error, "a photo to its Worker");
            self.give_back(None);
            return Some(Err(given_up()));
        }
        let (developed, lives) = outcome(&mut maker, id).await;
        self.give_back(lives.then_some(maker));
        Some(developed)
    }

    /// Starts a Worker if there is none: that takes as long as a photo.
    pub(crate) async fn warm_up(&self) {
        if self.0.running.get() == 0
            && let Some(maker) = self.take().await
        {
            self.give_back(Some(maker));
        }
    }

    async fn take(&self) -> Option<Maker> {
        loop {
            self.0.taken.set(self.0.taken.get() + 1);
            if let Some(maker) = self.0.idle.borrow_mut().pop() {
                return Some(maker);
            }
            if self.0.running.get() < lanes() {
                let maker = start()?;
                self.0.running.set(self.0.running.get() + 1);
                return Some(maker);
            }
            let (sender, free) = oneshot::channel();
            self.0.queue.borrow_mut().push_back(sender);
            // A sender that is dropped says the same: look again.
            let _ = free.await;
        }
    }

    /// A Worker that died makes place for another.
    fn give_back(&self, maker: Option<Maker>) {
        match maker {
            Some(maker) => self.0.idle.borrow_mut().push(maker),
            None => self.0.running.set(self.0.running.get().saturating_sub(1)),
        }
        if let Some(next) = self.0.queue.borrow_mut().pop_front() {
            let _ = next.send(());
        }
        let (darkroom, taken) = (self.clone(), self.0.taken.get());
        wasm_bindgen_futures::spawn_local(async move {
            sleep(IDLE_MS).await;
            if darkroom.0.taken.get() == taken {
                let ended = darkroom.0.idle.take();
                darkroom.0.running.set(darkroom.0.running.get().saturating_sub(ended.len()));
            }
        });
    }
}

fn start() -> Option<Maker> {
    let (url, module) =
        START.with(|start| start.as_ref().and_then(|start| Some((start.maker_url()?, start.module()))))?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("coldpatch photos");
    let worker = Worker::new_with_options(&url, &options)
        .inspect_err(|why| tracing::warn!(?why, "no Worker for photos"))
        .ok()?;
    let (sender, heard) = unbounded();
    let died = sender.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let _ = sender.unbounded_send(Some(event.data()));
    });
    let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        let _ = died.unbounded_send(None);
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let (message, start) = (Object::new(), Object::new());
    let _ = Reflect::set(&start, &"module".into(), &module);
    let _ = Reflect::set(&message, &"start".into(), &start);
    worker.post_message(&message).ok()?;
    Some(Maker { worker, heard, _on_message: on_message, _on_error: on_error })
}

/// What the Worker says of a photo, and whether it lives.
async fn outcome(maker: &mut Maker, id: f64) -> (Result<Developed, EngineError>, bool) {
    let mut reading: Option<Reading> = None;
    while let Some(message) = heard_in_time(maker).await {
        if get(&message, "id").as_f64() != Some(id) {
            continue;
        }
        if let Some(said) = string(&message, "reading") {
            reading = serde_json::from_str(&said).ok();
        } else if let Some(problem) = string(&message, "problem") {
            return (Err(serde_json::from_str(&problem).unwrap_or_else(|_| given_up())), true);
        } else {
            return (developed(&message).ok_or_else(given_up), true);
        }
    }
    // Decoding is what kills: no memory for so many pixels. The file itself is whole.
    (reading.map(Developed::given_up).ok_or_else(given_up), false)
}

/// The next thing that the Worker says; nothing when it died, or is silent for too long.
async fn heard_in_time(maker: &mut Maker) -> Option<JsValue> {
    let silence = pin!(sleep(PATIENCE_MS));
    match select(maker.heard.next(), silence).await {
        Either::Left((Some(Some(message)), _)) => Some(message),
        Either::Left(_) => {
            tracing::error!("a Worker for photos died");
            None
        }
        Either::Right(_) => {
            tracing::error!("a Worker for photos is silent");
            None
        }
    }
}

fn developed(message: &JsValue) -> Option<Developed> {
    let done: Done = serde_json::from_str(&string(message, "done")?).ok()?;
    let made = match done.files {
        None => None,
        Some([display, thumbnail]) => {
            let file = |name: &str, (width, height, sha256): (u32, u32, String)| JpegFile {
                bytes: Uint8Array::new(&get(message, name)).to_vec(),
                width,
                height,
                sha256,
            };
            let blur = done.blur.as_deref().and_then(Blur::from_text);
            let (display, thumbnail) = (file("display", display), file("thumbnail", thumbnail));
            Some(Made { display, thumbnail, blur, damage: None })
        }
    };
    Some(Developed { original: None, reading: done.reading, made, remark: done.remark, given_up: false })
}
