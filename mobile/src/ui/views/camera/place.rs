//! Where the phone is while the camera is open: looked up again and again, so that a shot has the place of its moment.

use crate::platform::now_ms;
use crate::ui::platform::{Handle, LocateError};
use crate::ui::state::Devices;
use crate::ui::words;
use coldpatch_shared::city::Units;
use coldpatch_shared::order::PlaceFix;
use dioxus::prelude::*;

/// Between two fixes, ms.
const EVERY_MS: i64 = 4_000;
/// How old a fix may be to be the place of a shot, ms: some steps.
const FRESH_MS: i64 = 15_000;
/// How long the place of a shot is waited for, ms, and how often it is looked for.
const WAIT_MS: i64 = 3_000;
const LOOK_MS: i64 = 100;

/// A handle to what is known.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Fix {
    last: Signal<Option<(PlaceFix, i64)>>,
    /// There will be none.
    none: Signal<bool>,
    platform: CopyValue<Handle>,
}

/// Looks for the place while the screen is there.
pub(super) fn use_fix() -> Fix {
    let platform = use_context::<Devices>().platform();
    let fix =
        Fix { last: use_signal(|| None), none: use_signal(|| false), platform: use_hook(|| CopyValue::new(platform)) };
    use_hook(move || spawn(fix.follow()));
    fix
}

impl Fix {
    async fn follow(self) {
        let platform = self.platform.read().clone();
        let (mut last, mut none) = (self.last, self.none);
        loop {
            match platform.0.locate().await {
                Ok(fix) => {
                    last.set(Some((fix, now_ms())));
                    none.set(false);
                }
                Err(LocateError::NoFix) => none.set(true),
                // Asking again would only annoy.
                Err(LocateError::Denied | LocateError::Unsupported) => return none.set(true),
            }
            platform.0.sleep(EVERY_MS).await;
        }
    }

    /// The place of a shot of this moment, if it is known and not of some time ago: whoever drove on is elsewhere.
    pub(super) fn of(self, moment_ms: i64) -> Option<PlaceFix> {
        // The screen may be left meanwhile, and its signals with it.
        let last = self.last.try_peek().ok()?;
        let (fix, at) = last.as_ref()?;
        let since = moment_ms.saturating_sub(*at);
        (since.abs() <= FRESH_MS).then(|| fix.clone().aged(since))
    }

    /// The same, waiting for the first fix. The shot is kept meanwhile.
    pub(super) fn comes(self, moment_ms: i64) -> impl Future<Output = Option<PlaceFix>> {
        let platform = self.platform.read().clone();
        async move {
            let mut waited = 0;
            let mut found = self.of(moment_ms);
            while found.is_none() && waited < WAIT_MS && self.none.try_peek().is_ok_and(|none| !*none) {
                platform.0.sleep(LOOK_MS).await;
                waited += LOOK_MS;
                found = self.of(moment_ms);
            }
            found
        }
    }

    /// In words, with how exact it is.
    pub(super) fn said(self, units: Units) -> String {
        match &*self.last.read() {
            Some((fix, _)) => words::draft::source(fix, units),
            None if *self.none.read() => words::camera::NO_PLACE.to_owned(),
            None => words::camera::LOCATING.to_owned(),
        }
    }
}
