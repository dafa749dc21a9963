//! The root: stylesheet, look, the devices, the router.

use super::components::heading::Arrival;
use super::components::modal::Alone;
use super::look::Look;
use super::platform::Handle;
use super::routes::Route;
use super::state::Devices;
use super::stylesheet;
use super::words;
use dioxus::prelude::*;
use std::rc::Rc;

/// The whole app. The platform is the one in the root context, else the one of this build.
#[component]
pub fn App() -> Element {
    let platform = use_hook(|| try_consume_context::<Handle>().unwrap_or_else(Handle::of_this_build));
    use_context_provider(|| Devices::new(platform.clone()));
    use_context_provider(|| {
        let platform = platform.clone();
        Alone(Callback::new(move |element: Rc<MountedData>| platform.0.alone(&element)))
    });
    use_context_provider(|| {
        let platform = platform.clone();
        Arrival::new(Callback::new(move |title: String| platform.0.name(&words::window(&title))))
    });
    let look = use_context_provider(|| Look::kept(&platform));
    use_hook(|| platform.0.keep_focus());
    use_effect(move || platform.0.wear(&look.theme()));
    let sheet = use_hook(stylesheet);
    rsx! {
        div { class: "app",
            style { "{sheet}" }
            Router::<Route> {}
        }
    }
}
