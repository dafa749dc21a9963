//! How the screen looks on this device: by the device's own setting, or a theme of the token sheet that the person chose.

use super::platform::Handle;
use super::words;
use dioxus::prelude::*;

/// Under which key the look is kept; `mobile/web/look.js` reads it before the first paint.
const KEY: &str = "look";

/// The look: empty for the device's own setting, else the name of a theme.
#[derive(Clone, Copy, PartialEq)]
pub struct Look(Signal<String>);

impl Look {
    /// The one that was chosen on this device. Call it once, in the root component.
    #[must_use]
    pub fn kept(platform: &Handle) -> Self {
        let known = |theme: &String| words::account::LOOKS.iter().any(|(each, _)| each == theme);
        Self(Signal::new(platform.0.preference(KEY).filter(known).unwrap_or_default()))
    }

    /// The theme.
    #[must_use]
    pub fn theme(&self) -> String {
        self.0.read().clone()
    }

    /// Chooses another, at once, and keeps it.
    pub fn choose(mut self, theme: &str, platform: &Handle) {
        platform.0.set_preference(KEY, theme);
        self.0.set(theme.to_owned());
    }
}
