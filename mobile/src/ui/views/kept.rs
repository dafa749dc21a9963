//! Words that somebody types: kept at every keystroke, and forgotten only once what they were typed for is durable.

use crate::ui::state::Device;
use coldpatch_shared::action::Action;
use coldpatch_shared::ids::WorkOrderId;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// A text that the engine keeps under a key.
#[derive(Clone, PartialEq)]
pub(crate) struct Kept {
    device: Device,
    key: String,
    /// `None` until the engine has said what was kept.
    text: Signal<Option<String>>,
    /// Whose words `text` holds: another job may come into the same place of the screen.
    showing: Signal<String>,
    sending: Signal<bool>,
}

/// The text that is kept under `key`.
pub(crate) fn use_kept(device: Device, key: String) -> Kept {
    let mut text = use_signal(|| None::<String>);
    let sending = use_signal(|| false);
    let mut showing = use_signal(String::new);
    use_effect(use_reactive((&key,), move |(key,)| {
        text.set(None);
        showing.set(key.clone());
        spawn(async move {
            let kept = device.form(key.clone()).await.ok().flatten();
            // Typing, or another job, may have come before the answer.
            if text.peek().is_none() && *showing.peek() == key {
                text.set(Some(kept.unwrap_or_default()));
            }
        });
    }));
    Kept { device, key, text, showing, sending }
}

impl Kept {
    /// What is typed so far.
    pub(crate) fn typed(&self) -> String {
        self.text.read().clone().unwrap_or_default()
    }

    /// What is typed so far, without listening.
    pub(crate) fn peek(&self) -> String {
        self.text.peek().clone().unwrap_or_default().trim().to_owned()
    }

    /// One keystroke.
    pub(crate) fn keep(&self, typed: String) {
        self.device.save_form(self.key.clone(), &typed);
        let mut text = self.text;
        text.set(Some(typed));
    }

    /// As [`Kept::act`], for a dialog that closes at once; says so when it is done, on whatever screen is open then.
    pub(crate) fn act_and_say(&self, work_order: WorkOrderId, action: Action, done: &'static str) {
        let (device, mut sending) = (self.device, self.sending);
        if *sending.peek() {
            return;
        }
        sending.set(true);
        let durable = device.act_on_form(self.key.clone(), work_order, action);
        spawn_forever(async move {
            if durable.await.unwrap_or(false) {
                device.remark(done.to_owned());
            }
        });
    }

    /// Does what the words were typed for; a second tap while that is under way does nothing.
    pub(crate) fn act(&self, work_order: WorkOrderId, action: Action) {
        let (mut text, showing, mut sending) = (self.text, self.showing, self.sending);
        if *sending.peek() {
            return;
        }
        sending.set(true);
        let (key, sent) = (self.key.clone(), text.peek().clone());
        let done = self.device.act_on_form(self.key.clone(), work_order, action);
        spawn(async move {
            // What was typed since, or belongs to another job, stays.
            if done.await.unwrap_or(false) && *showing.peek() == key && *text.peek() == sent {
                text.set(Some(String::new()));
            }
            sending.set(false);
        });
    }
}
