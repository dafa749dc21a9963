//! Around every screen: whoever comes from another one arrives at its heading.

use crate::ui::components::heading::Arrival;
use crate::ui::routes::Route;
use dioxus::prelude::*;

/// The outermost layout.
#[component]
pub fn Shell() -> Element {
    let route = use_route::<Route>();
    let arrival = use_context::<Arrival>();
    let mut last = use_hook(|| CopyValue::new(None::<Route>));
    let before = last.replace(Some(route.clone()));
    // The first screen is where the browser puts whoever opens the app.
    if before.is_some_and(|before| before != route) {
        arrival.expect();
    }
    rsx! {
        Outlet::<Route> {}
    }
}
