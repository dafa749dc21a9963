//! A bug that the simulator puts back on purpose, to see that it finds it. Exists only with feature `sabotage`.

use std::sync::atomic::{AtomicBool, Ordering};

static BY_CLOCK: AtomicBool = AtomicBool::new(false);

/// From now on, in this process, entries are ordered by the clocks of the devices that made them; or not any more.
pub fn order_by_clock(on: bool) {
    BY_CLOCK.store(on, Ordering::Relaxed);
}

/// Whether they are.
pub(crate) fn by_clock() -> bool {
    BY_CLOCK.load(Ordering::Relaxed)
}
