//! The Worker's side: takes over from `worker.js`, and leads the tabs of its database or speaks through the one that does.
//!
//! `worker.js` has been queuing since before the wasm was there; nothing that the page posted early is lost.

use super::leader;
use super::tabs::{PageAsk, TabMessage, ToPage, decode, encode};
use crate::engine::Door;
use crate::engine::api::{Ask, EngineError, Reply};
use crate::engine::stopped;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};

#[wasm_bindgen]
extern "C" {
    /// What `worker.js` leaves on the Worker's global.
    type Start;

    #[wasm_bindgen(thread_local_v2, js_namespace = globalThis, js_name = coldpatch)]
    static START: Option<Start>;

    #[wasm_bindgen(method, getter)]
    fn device(this: &Start) -> String;

    /// Messages that came before the wasm did.
    #[wasm_bindgen(method, getter)]
    fn waiting(this: &Start) -> js_sys::Array;
}

/// Messages from the page, each once, in the order in which they were posted. Those that come while the engine is
/// busy wait in it.
pub type Inbox = UnboundedReceiver<JsValue>;

/// Runs the Worker: moves the queue of `worker.js` into an [`Inbox`], replaces its handler, and starts the engine.
pub fn run(scope: DedicatedWorkerGlobalScope) {
    let Some((device, waiting)) = START.with(|start| start.as_ref().map(|start| (start.device(), start.waiting())))
    else {
        wasm_bindgen::throw_str("the Worker was not started by worker.js");
    };
    let (sender, inbox) = unbounded();
    // A send fails only when the engine has dropped its inbox, that is, when it has ended.
    for message in waiting.iter() {
        let _ = sender.unbounded_send(message);
    }
    let on_message = handler(sender);
    scope.set_onmessage(Some(on_message.unchecked_ref()));
    wasm_bindgen_futures::spawn_local(serve(scope, device, inbox));
}

/// A message handler that lasts as long as the Worker.
fn handler(sender: UnboundedSender<JsValue>) -> JsValue {
    Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let _ = sender.unbounded_send(event.data());
    })
    .into_js_value()
}

/// One tab's Worker.
pub(super) struct Tab {
    /// Tells this Worker from those of other tabs.
    id: u64,
    scope: DedicatedWorkerGlobalScope,
    others: BroadcastChannel,
    /// What the page asked and nobody has answered yet.
    unanswered: RefCell<BTreeMap<u64, Ask>>,
    /// The engine's door, in the Worker that leads.
    door: RefCell<Option<Door>>,
    /// Why this Worker, whose turn it is to lead, cannot (yet).
    trouble: RefCell<Option<EngineError>>,
}

async fn serve(scope: DedicatedWorkerGlobalScope, device: String, mut inbox: Inbox) {
    let name = format!("coldpatch-{device}");
    let others = match BroadcastChannel::new(&name) {
        Ok(others) => others,
        Err(error) => wasm_bindgen::throw_val(error),
    };
    let (sender, mut from_others) = unbounded();
    others.set_onmessage(Some(handler(sender).unchecked_ref()));
    let mut id = [0; 8];
    crate::platform::fill_random(&mut id);
    let tab = Rc::new(Tab {
        id: u64::from_le_bytes(id),
        scope,
        others,
        unanswered: RefCell::default(),
        door: RefCell::default(),
        trouble: RefCell::default(),
    });
    wasm_bindgen_futures::spawn_local(leader::lead_when_it_is_our_turn(tab.clone(), name, device));
    let listening = tab.clone();
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(message) = from_others.next().await {
            if let Some(message) = decode(&message) {
                listening.hear(message);
            }
        }
    });
    while let Some(message) = inbox.next().await {
        if let Some(PageAsk { id, ask }) = decode(&message) {
            tab.unanswered.borrow_mut().insert(id, ask.clone());
            tab.ask(id, ask);
        }
    }
}

impl Tab {
    /// Asks whoever leads. When nobody does yet, it is asked again as soon as somebody does.
    fn ask(self: &Rc<Self>, id: u64, ask: Ask) {
        if !self.our_turn() {
            self.broadcast(&TabMessage::Ask { tab: self.id, id, ask });
            return;
        }
        let tab = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let result = tab.answer(ask).await;
            tab.replied(id, result);
        });
    }

    /// Whether this Worker answers: it leads, or is the one that should and cannot.
    fn our_turn(&self) -> bool {
        self.door.borrow().is_some() || self.trouble.borrow().is_some()
    }

    async fn answer(&self, ask: Ask) -> Result<Reply, EngineError> {
        let door = self.door.borrow().clone();
        match door {
            Some(door) => door.ask(ask).await,
            None => {
                let trouble = self.trouble.borrow().clone();
                Err(trouble.unwrap_or_else(stopped))
            }
        }
    }

    fn hear(self: &Rc<Self>, message: TabMessage) {
        match message {
            TabMessage::Ask { tab: asker, id, ask } if self.our_turn() => {
                let tab = self.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let result = tab.answer(ask).await;
                    tab.broadcast(&TabMessage::Reply { tab: asker, id, result });
                });
            }
            TabMessage::Reply { tab, id, result } if tab == self.id => self.replied(id, result),
            TabMessage::Ask { .. } | TabMessage::Reply { .. } => {}
            TabMessage::Changed(changed) => self.post(&ToPage::Changed(changed)),
            TabMessage::Leading => self.ask_again(),
        }
    }

    /// Another leads now, or this one: whatever has no answer yet is asked again.
    fn ask_again(self: &Rc<Self>) {
        let unanswered = self.unanswered.borrow().clone();
        for (id, ask) in unanswered {
            self.ask(id, ask);
        }
    }

    fn replied(&self, id: u64, result: Result<Reply, EngineError>) {
        // The second answer to what was asked twice says nothing new.
        if self.unanswered.borrow_mut().remove(&id).is_some() {
            self.post(&ToPage::Reply { id, result });
        }
    }

    /// This Worker has the database open: it leads.
    pub(super) fn lead(self: &Rc<Self>, door: Door) {
        let mut changes = door.changes();
        *self.door.borrow_mut() = Some(door);
        let tab = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            while let Some(changed) = changes.next().await {
                tab.post(&ToPage::Changed(changed.clone()));
                tab.broadcast(&TabMessage::Changed(changed));
            }
        });
        self.broadcast(&TabMessage::Leading);
        self.ask_again();
    }

    /// The database does not open: whoever waits hears it, here and in the other tabs, and may ask again.
    pub(super) fn cannot_lead(self: &Rc<Self>, error: EngineError) {
        *self.trouble.borrow_mut() = Some(error);
        self.broadcast(&TabMessage::Leading);
        self.ask_again();
    }

    fn post(&self, message: &ToPage) {
        let Some(bytes) = encode(message) else { return };
        let transfer = js_sys::Array::of1(&bytes.buffer());
        if let Err(error) = self.scope.post_message_with_transfer(&bytes, &transfer) {
            tracing::error!(?error, "a message to the page");
        }
    }

    fn broadcast(&self, message: &TabMessage) {
        let Some(bytes) = encode(message) else { return };
        if let Err(error) = self.others.post_message(&bytes) {
            tracing::error!(?error, "a message to the other tabs");
        }
    }
}
