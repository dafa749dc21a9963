//! Automerge and picture decoders panic on some damaged input: such a panic becomes an answer, and stays out of the log.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static CONTAINING: Cell<bool> = const { Cell::new(false) };
}

/// From now on, panics that are contained are not reported; all others are, by the hook that was there before.
/// For programs to call at their start; calls after the first do nothing.
pub fn quiet_contained_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CONTAINING.get() {
                report(info);
            }
        }));
    });
}

/// Runs what meets bytes from outside; `None` when it panicked. It unwinds through nothing that is used again.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    let outer = CONTAINING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CONTAINING.set(outer);
    done.ok()
}
