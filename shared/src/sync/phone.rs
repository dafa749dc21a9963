//! When a phone speaks to the server: one sync at a time, at once when there is a reason, later after a failure.
//!
//! The driver (in `mobile`) feeds events with the time and carries out the effects. It owns the network and the
//! database; this owns the decisions.

use serde::{Deserialize, Serialize};

/// The pause after the first failure, ms. Doubled after each further one, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: i64 = 1_000;
/// The longest pause between two tries, ms.
const LONGEST_PAUSE: i64 = 60_000;
/// A phone that hears nothing asks on its own, ms.
const HEARTBEAT: i64 = 60_000;

/// Something that happened to the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The database was opened.
    Opened,
    /// The person did something; there is a change to send.
    LocalChange,
    /// The server said that there is something new.
    Poked,
    /// The platform says that there is a network, or none. Only a hint: the network may still be dead.
    Network(bool),
    /// The connection on which the server pokes was there, and broke.
    LineLost,
    /// The app is in front again, or the device woke up.
    Resumed,
    /// The person asked.
    ByHand,
    /// The time that [`Effect::WakeAt`] named has come.
    Timer,
    /// A round trip ended well. `more`: the server has another page, or the phone has more to send.
    Synced {
        /// Whether to go on at once.
        more: bool,
    },
    /// A round trip failed.
    Failed(Failure),
}

/// How a round trip failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// No answer: no signal, no server, or the connection broke.
    Unreachable,
    /// The server answered that it cannot now (5xx, 429).
    ServerTrouble,
    /// The server no longer knows this device; the person must sign in again. Nothing is lost.
    SignedOut,
    /// The city has signed this device out; the same person may sign in again. Nothing is lost.
    Revoked,
    /// The answer is not one that this version understands.
    NotUnderstood,
}

/// Something for the driver to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Make one round trip, then say [`Event::Synced`] or [`Event::Failed`].
    Sync,
    /// Say [`Event::Timer`] at this time (ms since the Unix epoch); takes the place of an earlier one.
    WakeAt(i64),
}

/// The state of a phone's sync.
#[derive(Debug, Clone, Default)]
pub struct PhoneSync {
    in_flight: bool,
    again: bool,
    no_network: bool,
    failures: u32,
    last_failure: Option<Failure>,
    wake_at: Option<i64>,
}

impl PhoneSync {
    /// Takes in one event. `now` in ms since the Unix epoch; `jitter` in 0..1 spreads phones that failed together.
    pub fn handle(&mut self, event: Event, now: i64, jitter: f64) -> Vec<Effect> {
        if event == Event::Timer {
            self.wake_at = None;
        }
        let effects = self.decide(event, now, jitter);
        if let Some(Effect::WakeAt(at)) = effects.first() {
            self.wake_at = Some(*at);
        }
        effects
    }

    fn decide(&mut self, event: Event, now: i64, jitter: f64) -> Vec<Effect> {
        match event {
            Event::Opened | Event::LocalChange | Event::Poked => self.want(now),
            // Whatever the platform says about the network, now and then it is tried.
            Event::Timer if self.in_flight => Vec::new(),
            Event::Timer => self.start(),
            // One try at once says whether the server is there. While it is known to be away, the pauses go on.
            Event::LineLost if self.failures > 0 => Vec::new(),
            Event::LineLost => self.want(now),
            // A person who asks, and a network that comes back, do not wait out an earlier failure.
            Event::ByHand | Event::Resumed => {
                self.no_network = false;
                self.failures = 0;
                self.want(now)
            }
            Event::Network(true) => {
                self.no_network = false;
                self.failures = 0;
                self.want(now)
            }
            Event::Network(false) => {
                self.no_network = true;
                Vec::new()
            }
            Event::Synced { more } => {
                self.in_flight = false;
                self.failures = 0;
                self.last_failure = None;
                if more || std::mem::take(&mut self.again) {
                    return self.start();
                }
                vec![Effect::WakeAt(now + HEARTBEAT)]
            }
            Event::Failed(failure) => {
                self.in_flight = false;
                self.again = false;
                self.failures = self.failures.saturating_add(1);
                self.last_failure = Some(failure);
                vec![Effect::WakeAt(now + self.pause(jitter))]
            }
        }
    }

    /// How the last round trip failed, if it did.
    #[must_use]
    pub fn last_failure(&self) -> Option<Failure> {
        self.last_failure
    }

    /// Whether a round trip is under way.
    #[must_use]
    pub fn in_flight(&self) -> bool {
        self.in_flight
    }

    fn want(&mut self, now: i64) -> Vec<Effect> {
        if self.in_flight {
            // What is new may have missed the request that is under way.
            self.again = true;
            return Vec::new();
        }
        if self.no_network {
            // The platform's word is only a hint: the timer tries all the same. Whoever types every few seconds must
            // not put that off for ever.
            return match self.wake_at {
                Some(at) if at > now => Vec::new(),
                _ => vec![Effect::WakeAt(now + HEARTBEAT)],
            };
        }
        self.start()
    }

    fn start(&mut self) -> Vec<Effect> {
        self.in_flight = true;
        self.again = false;
        vec![Effect::Sync]
    }

    /// Doubles with each failure; half of it is spread by `jitter`.
    fn pause(&self, jitter: f64) -> i64 {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "at most a minute of ms")]
        let spread = (doubled as f64 / 2.0 * jitter.clamp(0.0, 1.0)) as i64;
        doubled / 2 + spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_change_during_a_sync_is_sent_right_after_it() {
        let mut phone = PhoneSync::default();
        assert_eq!(phone.handle(Event::Opened, 0, 0.0), [Effect::Sync]);
        assert_eq!(phone.handle(Event::LocalChange, 1, 0.0), []);
        assert_eq!(phone.handle(Event::Synced { more: false }, 2, 0.0), [Effect::Sync]);
    }

    #[test]
    fn failures_wait_longer_and_longer_but_never_more_than_a_minute() {
        let mut phone = PhoneSync::default();
        let mut last = 0;
        for _ in 0..12 {
            phone.handle(Event::ByHand, 0, 0.0);
            phone.failures = phone.failures.max(u32::try_from(last / 1000).unwrap_or(0));
            let effects = phone.handle(Event::Failed(Failure::Unreachable), 0, 1.0);
            let [Effect::WakeAt(at)] = effects[..] else { panic!("{effects:?}") };
            assert!(at <= LONGEST_PAUSE);
            last = at;
        }
    }

    #[test]
    fn a_network_that_comes_back_does_not_wait_out_a_failure() {
        let mut phone = PhoneSync::default();
        phone.handle(Event::Opened, 0, 0.0);
        phone.handle(Event::Failed(Failure::Unreachable), 0, 0.0);
        assert_eq!(phone.handle(Event::Network(true), 1, 0.0), [Effect::Sync]);
    }

    #[test]
    fn a_line_that_breaks_is_looked_into_once_and_at_once() {
        let mut phone = PhoneSync::default();
        phone.handle(Event::Opened, 0, 0.0);
        phone.handle(Event::Synced { more: false }, 1, 0.0);
        assert_eq!(phone.handle(Event::LineLost, 2, 0.0), [Effect::Sync]);
        phone.handle(Event::Failed(Failure::Unreachable), 3, 0.0);
        assert_eq!(phone.handle(Event::LineLost, 4, 0.0), [], "the pause goes on");
        assert_eq!(phone.handle(Event::Resumed, 5, 0.0), [Effect::Sync], "whoever looks does not wait it out");
    }

    #[test]
    fn whatever_happens_there_is_one_sync_at_a_time_and_always_a_next_one() {
        for seed in 0..200_u64 {
            let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut phone = PhoneSync::default();
            let (mut in_flight, mut wakes) = (false, false);
            for now in 0..300 {
                word ^= word << 13;
                word ^= word >> 7;
                word ^= word << 17;
                let event = match word % 11 {
                    0 => Event::Opened,
                    1 => Event::LocalChange,
                    2 => Event::Poked,
                    3 => Event::Network(word & 64 == 0),
                    4 => Event::ByHand,
                    5 => Event::LineLost,
                    6 => Event::Resumed,
                    7 if wakes => Event::Timer,
                    8 | 9 if in_flight => Event::Synced { more: word & 64 == 0 },
                    10 if in_flight => Event::Failed(Failure::Unreachable),
                    _ => continue,
                };
                if matches!(event, Event::Synced { .. } | Event::Failed(_)) {
                    in_flight = false;
                }
                wakes &= event != Event::Timer;
                for effect in phone.handle(event, now, 0.5) {
                    match effect {
                        Effect::Sync => assert!(!std::mem::replace(&mut in_flight, true), "seed {seed}: two at a time"),
                        Effect::WakeAt(_) => wakes = true,
                    }
                }
                let begun = event != Event::Network(false) && event != Event::LineLost;
                assert!(in_flight || wakes || !begun, "seed {seed}: after {event:?} nothing would ever happen again");
            }
        }
    }

    #[test]
    fn without_a_network_a_change_waits_but_the_timer_still_tries() {
        let mut phone = PhoneSync::default();
        phone.handle(Event::Network(false), 0, 0.0);
        assert_eq!(phone.handle(Event::LocalChange, 0, 0.0), [Effect::WakeAt(HEARTBEAT)]);
        assert_eq!(phone.handle(Event::LocalChange, 10, 0.0), [], "the first try stays");
        assert_eq!(phone.handle(Event::Timer, HEARTBEAT, 0.0), [Effect::Sync]);
        phone.handle(Event::Failed(Failure::Unreachable), HEARTBEAT, 0.0);
        assert_eq!(phone.handle(Event::ByHand, 1, 0.0), [Effect::Sync]);
    }
}
