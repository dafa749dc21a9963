//! The network between phones and the server: one request, at most one answer, and everything that can come between.
//!
//! Pure. [`Network::send`] and [`Network::answer`] say what will arrive when; the world puts that in its
//! [`Agenda`](crate::agenda::Agenda), and asks [`Network::receive`] when the time has come whether it really arrives. Each
//! request ends on the phone exactly once, with the answer or without. Requests that the phone has given up can still
//! reach the server, late and beside newer ones: so do those of real phones.

mod weather;

pub use weather::Weather;

use crate::agenda::Ms;
use crate::seed::{Dice, Seed};
use std::collections::BTreeMap;

/// A phone waits so long for an answer.
pub const TIMEOUT: Ms = 30_000;

/// A phone, by its number in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneId(pub u8);

/// A request, by its number in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(u64);

/// Why there was no answer. The phone cannot know whether the server has seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// There is no network, or no server.
    Unreachable,
    /// Nothing came in time.
    TimedOut,
}

/// Something that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// A request (or its duplicate) at the server, perhaps cut short.
    AtServer {
        /// Which one.
        request: RequestId,
        /// From whom.
        phone: PhoneId,
        /// What is there of it.
        body: Vec<u8>,
    },
    /// The end of a request at the phone; an answer may be cut short.
    AtPhone {
        /// Which one.
        request: RequestId,
        /// At whom.
        phone: PhoneId,
        /// The answer, or why there is none.
        ended: Result<Vec<u8>, NoAnswer>,
    },
}

/// When something arrives, if it does.
pub type Underway = Vec<(Ms, Arrival)>;

#[derive(Debug)]
struct Link {
    weather: Weather,
    cut_until: Ms,
    dice: Dice,
}

/// The network of a world.
#[derive(Debug, Default)]
pub struct Network {
    links: BTreeMap<PhoneId, Link>,
    waiting: BTreeMap<RequestId, PhoneId>,
    sent: u64,
}

impl Network {
    /// Connects a phone, or changes its weather. Each link draws from a stream of its own.
    pub fn set_weather(&mut self, phone: PhoneId, weather: Weather, seed: Seed) {
        if let Some(link) = self.links.get_mut(&phone) {
            link.weather = weather;
        } else {
            let dice = seed.part("link", u64::from(phone.0)).dice();
            self.links.insert(phone, Link { weather, cut_until: 0, dice });
        }
    }

    /// Cuts a phone off until then; what is under way to or from it is lost if it would arrive before.
    pub fn cut(&mut self, phone: PhoneId, until: Ms) {
        if let Some(link) = self.links.get_mut(&phone) {
            link.cut_until = link.cut_until.max(until);
        }
    }

    /// Whether a phone has network.
    #[must_use]
    pub fn is_connected(&self, phone: PhoneId, now: Ms) -> bool {
        self.links.get(&phone).is_some_and(|link| now >= link.cut_until)
    }

    /// A phone sends a request.
    pub fn send(&mut self, now: Ms, phone: PhoneId, body: &[u8]) -> (RequestId, Underway) {
        self.sent += 1;
        let request = RequestId(self.sent);
        self.waiting.insert(request, phone);
        let ends = |at: Ms, why| (at, Arrival::AtPhone { request, phone, ended: Err(why) });
        let connected = self.is_connected(phone, now);
        let Some(link) = self.links.get_mut(&phone).filter(|_| connected) else {
            return (request, vec![ends(now.saturating_add(10), NoAnswer::Unreachable)]);
        };
        let Link { weather, dice, .. } = link;
        let mut underway = vec![ends(now.saturating_add(TIMEOUT), NoAnswer::TimedOut)];
        let copies = 1 + u32::from(weather.duplicates(dice));
        for _ in 0..copies {
            let at = now.saturating_add(weather.delay(dice));
            if !weather.loses_request(dice) {
                let body = weather.shorten(weather.cuts_request, body, dice);
                underway.push((at, Arrival::AtServer { request, phone, body }));
            }
        }
        (request, underway)
    }

    /// The server answers. Nobody may wait for it any more.
    pub fn answer(&mut self, now: Ms, request: RequestId, body: &[u8]) -> Underway {
        let Some(phone) = self.waiting.get(&request).copied() else { return Vec::new() };
        let Some(Link { weather, dice, .. }) = self.links.get_mut(&phone) else { return Vec::new() };
        let at = now.saturating_add(weather.delay(dice));
        if weather.loses_answer(dice) {
            return Vec::new();
        }
        let ended = Ok(weather.shorten(weather.cuts_answer, body, dice));
        vec![(at, Arrival::AtPhone { request, phone, ended })]
    }

    /// The server is not running: the phone hears so.
    pub fn refuse(&mut self, now: Ms, request: RequestId) -> Underway {
        let Some(phone) = self.waiting.get(&request).copied() else { return Vec::new() };
        let ended = Err(NoAnswer::Unreachable);
        vec![(now.saturating_add(10), Arrival::AtPhone { request, phone, ended })]
    }

    /// The phone's process is gone: nobody waits for its requests any more, which may still reach the server.
    pub fn forget(&mut self, phone: PhoneId) {
        self.waiting.retain(|_, waits| *waits != phone);
    }

    /// The time of something that was under way has come; `None` when it does not arrive after all.
    pub fn receive(&mut self, now: Ms, arrival: Arrival) -> Option<Arrival> {
        match &arrival {
            Arrival::AtServer { phone, .. } => self.is_connected(*phone, now).then_some(arrival),
            Arrival::AtPhone { request, phone, ended } => {
                if ended.is_ok() && !self.is_connected(*phone, now) {
                    return None;
                }
                self.waiting.remove(request)?;
                Some(arrival)
            }
        }
    }
}

#[cfg(test)]
mod tests;
