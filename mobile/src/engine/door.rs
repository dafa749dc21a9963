//! The door between the UI and the engine: a channel of commands, the same whether the engine runs in a thread or, on
//! the web, in a Worker.

use super::api::{Ask, Changed, EngineError, ErrorKind, Reply};
use coldpatch_shared::ids::ActionId;
use futures_channel::{mpsc, oneshot};
use uuid::Uuid;

/// What goes through the door.
#[derive(Debug)]
pub enum Command {
    /// A question or command, and where its answer goes.
    Ask {
        /// What is asked.
        ask: Box<Ask>,
        /// Dropped when the engine stops before it answers; the asker then hears [`ErrorKind::Stopped`].
        answer: oneshot::Sender<Result<Reply, EngineError>>,
    },
    /// Somebody wants to hear what changes.
    Subscribe(mpsc::UnboundedSender<Changed>),
}

/// The engine's end of the door.
pub type Inbox = mpsc::UnboundedReceiver<Command>;

/// The UI's end of the door. Cloning it is cheap; when the last clone is dropped, the engine ends.
#[derive(Debug, Clone)]
pub struct Door {
    commands: mpsc::UnboundedSender<Command>,
}

impl Door {
    /// A door and what comes through it.
    #[must_use]
    pub fn new() -> (Self, Inbox) {
        let (commands, inbox) = mpsc::unbounded();
        (Self { commands }, inbox)
    }

    /// Asks, and waits for the answer. A command is durable when it answers.
    ///
    /// # Errors
    /// What the engine answered; [`ErrorKind::Stopped`] when it ended before it did. Asking again is then safe:
    /// commands carry their own ids.
    pub async fn ask(&self, ask: Ask) -> Result<Reply, EngineError> {
        let (answer, answered) = oneshot::channel();
        self.commands.unbounded_send(Command::Ask { ask: Box::new(ask), answer }).map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// From now on, everything that changes; one receiver for each who listens. Dropping it ends the subscription.
    #[must_use]
    pub fn changes(&self) -> mpsc::UnboundedReceiver<Changed> {
        let (sender, receiver) = mpsc::unbounded();
        // An engine that has ended drops the sender: the receiver then ends too.
        let _ = self.commands.unbounded_send(Command::Subscribe(sender));
        receiver
    }
}

/// Two doors are equal when they lead to the same engine.
impl PartialEq for Door {
    fn eq(&self, other: &Self) -> bool {
        self.commands.same_receiver(&other.commands)
    }
}

/// What somebody hears whose engine ended before it answered.
pub(crate) fn stopped() -> EngineError {
    EngineError {
        kind: ErrorKind::Stopped,
        message: "The app was interrupted. Everything that it confirmed is safe; please try that once more.".to_owned(),
    }
}

/// A fresh UUIDv7: the time of the device's clock, then random bits. For the ids that the UI makes ([`ActionId`] and the
/// like); the same on every platform.
#[must_use]
pub fn fresh_id() -> Uuid {
    let mut random = [0; 10];
    crate::platform::fill_random(&mut random);
    let now = u64::try_from(crate::platform::now_ms()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(now, &random).into_uuid()
}

/// A fresh id for something that the person just did.
#[must_use]
pub fn fresh_action() -> ActionId {
    ActionId(fresh_id())
}
