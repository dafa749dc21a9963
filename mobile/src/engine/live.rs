//! Hears the server's pokes: server-sent events that say only *there is something new*.
//!
//! The connection is a convenience. Without it the phone asks on its own once a minute.

use super::core::Engine;
use super::driver::jitter;
use super::store::meta;
use crate::platform::ByteStream;
use coldpatch_shared::sync::phone::Event;
use futures_channel::oneshot;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use std::rc::Rc;

const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 60_000;
/// A connection that says nothing for so long is dead: the server sends a comment every few seconds.
const SILENCE_MS: i64 = 90_000;

/// How a connection ended.
enum Ended {
    /// It was there, and then it was not.
    Lost,
    /// It did not come about.
    Failed,
    /// Nobody is signed in, or the server does not know the device.
    NotSignedIn,
}

impl Engine {
    /// Listens for as long as the engine lives.
    pub(super) async fn listen(self: Rc<Self>) {
        let mut pause = FIRST_PAUSE_MS;
        loop {
            pause = match self.listen_once().await {
                Ended::Lost => {
                    // Whether the server is there is known at once, and not when the next sync would be due.
                    self.happened(Event::LineLost);
                    FIRST_PAUSE_MS
                }
                Ended::Failed => (pause * 2).min(LONGEST_PAUSE_MS),
                Ended::NotSignedIn => LONGEST_PAUSE_MS,
            };
            let (wake, woken) = oneshot::channel();
            self.sync.borrow_mut().wake_listener = Some(wake);
            #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "at most a minute of ms")]
            let spread = (pause as f64 * (0.5 + jitter() / 2.0)) as i64;
            select(self.platform.host.sleep(spread), woken).await;
        }
    }

    /// Ends the listener's pause: somebody signed in, or the network is back.
    pub(super) fn wake_listener(&self) {
        if let Some(wake) = self.sync.borrow_mut().wake_listener.take() {
            // It is not waiting just now, which is as good.
            let _ = wake.send(());
        }
    }

    async fn listen_once(self: &Rc<Self>) -> Ended {
        let token = match meta::signed_in(self.store().db()) {
            Ok(Some(signed_in)) => signed_in.token,
            Ok(None) | Err(_) => return Ended::NotSignedIn,
        };
        match self.platform.transport.listen("/api/live", &token).await {
            Ok(Ok(stream)) => {
                // What came while nobody listened.
                self.happened(Event::Poked);
                self.hear_pokes(stream).await;
                Ended::Lost
            }
            Ok(Err(401)) => Ended::NotSignedIn,
            Ok(Err(status)) => {
                tracing::info!(status, "live");
                Ended::Failed
            }
            Err(_) => Ended::Failed,
        }
    }

    async fn hear_pokes(self: &Rc<Self>, mut stream: ByteStream) {
        let mut lines = Lines::default();
        loop {
            match select(stream.next(), self.platform.host.sleep(SILENCE_MS)).await {
                Either::Left((Some(Ok(bytes)), _)) => {
                    if lines.push(&bytes) {
                        self.happened(Event::Poked);
                    }
                }
                Either::Left(_) | Either::Right(_) => return,
            }
        }
    }
}

/// Finds `event: poke` in the stream, however it is cut into pieces.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// The longest line that can matter; of a longer one the rest is dropped.
    const LONGEST: usize = 1024;

    /// Takes in a piece. → whether a poke was among it.
    fn push(&mut self, bytes: &[u8]) -> bool {
        let mut poked = false;
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    poked |= matches!(self.line.as_slice(), b"event: poke" | b"event:poke");
                    self.line.clear();
                }
                _ if self.line.len() < Self::LONGEST => self.line.push(*byte),
                _ => {}
            }
        }
        poked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poke_is_heard_however_it_is_cut() {
        let mut lines = Lines::default();
        assert!(!lines.push(b": hello\n\nevent: po"));
        assert!(lines.push(b"ke\r\ndata: 1\n\n"));
        assert!(!lines.push(b"data: event: poke\n\n"));
    }
}
