//! Slows down guessing: a bucket of wrong tries that refills with time. One for the process. What is right is never held
//! up by it, or anybody could lock everybody out; one-time codes, of which there are 30^8 that last for days, bear that.

use coldpatch_shared::ids::DeviceId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A bucket of tries.
#[derive(Debug)]
pub struct Limiter {
    per_minute: f64,
    state: Mutex<(f64, Instant)>,
}

impl Limiter {
    /// So many tries at once, and so many more each minute.
    #[must_use]
    pub fn per_minute(tries: u32) -> Self {
        let tries = f64::from(tries);
        Self { per_minute: tries, state: Mutex::new((tries, Instant::now())) }
    }

    /// Whether a try is left. Does not use it up: only what fails costs one ([`Limiter::spend`]).
    #[must_use]
    pub fn allows(&self) -> bool {
        self.refilled(Instant::now(), 0.0) >= 1.0
    }

    /// Uses up a try.
    pub fn spend(&self) {
        self.refilled(Instant::now(), 1.0);
    }

    fn refilled(&self, now: Instant, spent: f64) -> f64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let minutes = now.saturating_duration_since(state.1).as_secs_f64() / 60.0;
        let tries = (state.0 + minutes * self.per_minute).min(self.per_minute);
        *state = ((tries - spent).max(0.0), now);
        state.0
    }
}

/// One request of each device at a time; few others wait for their turn.
#[derive(Debug, Default)]
pub struct OneEach(Mutex<HashMap<DeviceId, Arc<tokio::sync::Mutex<()>>>>);

/// One is answered, so many wait.
const WAITING: usize = 3;

impl OneEach {
    /// Waits until the device's earlier requests are answered; `None` when too many wait already.
    pub async fn enter(&self, device: DeviceId) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            let turn = turns.entry(device).or_default();
            // The map's own, and one for each request.
            if Arc::strong_count(turn) > 1 + WAITING {
                return None;
            }
            Arc::clone(turn)
        };
        Some(turn.lock_owned().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn tries_run_out_and_come_back_with_time() {
        let limiter = Limiter::per_minute(3);
        for _ in 0..3 {
            assert!(limiter.allows());
            limiter.spend();
        }
        assert!(!limiter.allows());
        assert!(limiter.refilled(Instant::now() + Duration::from_secs(60), 0.0) >= 1.0);
    }

    #[tokio::test]
    async fn a_device_has_one_request_answered_a_few_wait_and_others_go_on() {
        let (one, busy, other) =
            (OneEach::default(), DeviceId(uuid::Uuid::from_u128(1)), DeviceId(uuid::Uuid::from_u128(7)));
        let first = one.enter(busy).await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(one.enter(busy))).collect();
        for each in &mut waiting {
            assert!(futures_util::poll!(each).is_pending());
        }
        assert!(one.enter(busy).await.is_none(), "one more than may wait");
        assert!(one.enter(other).await.is_some());
        drop(first);
        for each in waiting {
            assert!(each.await.is_some());
        }
        assert!(one.enter(busy).await.is_some());
    }
}
