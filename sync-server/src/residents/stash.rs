//! Photos of forms that came back with an error. Browsers empty a file field then; so that nobody takes the photo again,
//! the server holds it for half an hour, in memory. Whoever knows the form's secret gets it back, nobody else.

use coldpatch_shared::ids::ServiceRequestId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const KEEP: Duration = Duration::from_secs(30 * 60);
/// All photos together, in bytes. The oldest makes room.
const ROOM: usize = 128 << 20;

type Key = (ServiceRequestId, String);

/// Photos waiting for their form.
#[derive(Debug, Default)]
pub(super) struct Stash {
    photos: Mutex<HashMap<Key, (Instant, Vec<u8>)>>,
}

impl Stash {
    /// Holds a photo for a form.
    pub(super) fn put(&self, request: ServiceRequestId, secret: &str, photo: Vec<u8>, now: Instant) {
        let mut photos = self.photos.lock().unwrap_or_else(PoisonError::into_inner);
        photos.retain(|_, (since, _)| now.duration_since(*since) < KEEP);
        photos.insert((request, secret.to_owned()), (now, photo));
        while photos.values().map(|(_, photo)| photo.len()).sum::<usize>() > ROOM {
            let oldest = photos.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            photos.remove(&oldest);
        }
    }

    /// Gives a photo back, if it is still here.
    pub(super) fn take(&self, request: ServiceRequestId, secret: &str, now: Instant) -> Option<Vec<u8>> {
        let mut photos = self.photos.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, photo) = photos.remove(&(request, secret.to_owned()))?;
        (now.duration_since(since) < KEEP).then_some(photo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ServiceRequestId {
        ServiceRequestId(Uuid::from_u128(n))
    }

    #[test]
    fn only_the_forms_own_secret_gets_the_photo_back_and_only_for_half_an_hour() {
        let (stash, now) = (Stash::default(), Instant::now());
        stash.put(id(1), "secret", vec![1], now);
        assert_eq!(stash.take(id(1), "another", now), None);
        assert_eq!(stash.take(id(1), "secret", now), Some(vec![1]));
        stash.put(id(1), "secret", vec![1], now);
        assert_eq!(stash.take(id(1), "secret", now + KEEP), None);
    }

    #[test]
    fn the_oldest_photo_makes_room() {
        let (stash, now) = (Stash::default(), Instant::now());
        for n in 0..5_u32 {
            stash.put(id(n.into()), "s", vec![0; ROOM / 4], now + Duration::from_secs(n.into()));
        }
        assert_eq!(stash.take(id(0), "s", now), None);
        assert!(stash.take(id(4), "s", now + Duration::from_secs(4)).is_some());
    }
}
