//! The root: stylesheet, look, the devices, the router.

use super::components::modal::Alone;
use super::platform::Handle;
use super::routes::Route;
use super::state::Devices;
use super::stylesheet;
use dioxus::prelude::*;
use std::rc::Rc;

/// Under which key the look is kept.
const LOOK: &str = "look";

/// How the screen looks: empty for the device's own setting, else a theme of the token sheet.
#[derive(Clone, Copy, PartialEq)]
pub struct Look(Signal<String>);

impl Look {
    /// The theme.
    #[must_use]
    pub fn theme(&self) -> String {
        self.0.read().clone()
    }

    /// Chooses another, and keeps it.
    pub fn choose(mut self, theme: &str, platform: &Handle) {
        platform.0.set_preference(LOOK, theme);
        self.0.set(theme.to_owned());
    }
}

/// The whole app. The platform is the one in the root context, else the one of this build.
#[component]
pub fn App() -> Element {
    let platform = use_hook(|| try_consume_context::<Handle>().unwrap_or_else(Handle::of_this_build));
    use_context_provider(|| Devices::new(platform.clone()));
    use_context_provider(|| {
        let platform = platform.clone();
        Alone(Callback::new(move |element: Rc<MountedData>| platform.0.alone(&element)))
    });
    let look = use_context_provider(|| {
        let theme = platform.0.preference(LOOK).unwrap_or_default();
        Look(Signal::new(theme))
    });
    let sheet = use_hook(stylesheet);
    let theme = look.theme();
    rsx! {
        div { class: "app", "data-theme": if !theme.is_empty() { theme },
            style { "{sheet}" }
            Router::<Route> {}
        }
    }
}
