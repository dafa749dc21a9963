//! Virtual time: what happens next, in the order of its time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Milliseconds since the world began; the true time, which no phone's clock need show.
pub type Ms = u64;

/// What is still to come. Time passes only when something is taken out.
#[derive(Debug)]
pub struct Agenda<E> {
    now: Ms,
    put_in: u64,
    heap: BinaryHeap<Reverse<Entry<E>>>,
}

#[derive(Debug)]
struct Entry<E> {
    at: Ms,
    nth: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> (Ms, u64) {
        (self.at, self.nth)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { now: 0, put_in: 0, heap: BinaryHeap::new() }
    }
}

impl<E> Agenda<E> {
    /// The time of what was taken out last.
    #[must_use]
    pub fn now(&self) -> Ms {
        self.now
    }

    /// Puts an event in, at once if its time has passed. Of two at the same time, the one put in first comes first.
    pub fn at(&mut self, at: Ms, event: E) {
        self.put_in += 1;
        self.heap.push(Reverse(Entry { at: at.max(self.now), nth: self.put_in, event }));
    }

    /// Puts an event in, so many milliseconds from now.
    pub fn after(&mut self, delay: Ms, event: E) {
        self.at(self.now.saturating_add(delay), event);
    }

    /// Takes out the next event; it is now that time.
    pub fn take(&mut self) -> Option<E> {
        let Reverse(Entry { at, event, .. }) = self.heap.pop()?;
        self.now = at;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_at_one_time_as_they_were_put_in() {
        let mut agenda = Agenda::default();
        for (at, event) in [(30, "d"), (10, "a"), (20, "b"), (20, "c")] {
            agenda.at(at, event);
        }
        let mut seen = Vec::new();
        while let Some(event) = agenda.take() {
            if event == "a" {
                agenda.at(3, "at once");
                agenda.after(10, "after b and c");
            }
            seen.push((agenda.now(), event));
        }
        assert_eq!(seen, [(10, "a"), (10, "at once"), (20, "b"), (20, "c"), (20, "after b and c"), (30, "d")]);
    }
}
