//! The name of a screen: its only `h1`, the title of the window, and where the focus goes when somebody arrives, so that a
//! screen reader says where one is and the next press of Tab goes on from there.

use dioxus::prelude::*;

/// Whether somebody is on the way to another screen, and who is told what a screen is called. The root of the app provides
/// it; without one, as on the server, a heading is only a heading.
#[derive(Clone, Copy, PartialEq)]
pub struct Arrival {
    due: CopyValue<bool>,
    named: Callback<String>,
}

impl Arrival {
    /// Nobody is on the way. Call it once, in the root component.
    #[must_use]
    pub fn new(named: Callback<String>) -> Self {
        Self { due: CopyValue::new(false), named }
    }

    /// The next heading that is drawn is another screen's.
    pub fn expect(mut self) {
        self.due.set(true);
    }

    fn take(mut self) -> bool {
        std::mem::take(&mut *self.due.write())
    }
}

/// The name of the screen.
#[component]
pub fn Heading(
    #[props(into)] title: String,
    /// Only for those who cannot see where they are.
    #[props(default)]
    hidden: bool,
    #[props(default, into)] testid: String,
) -> Element {
    let arrival = use_hook(try_consume_context::<Arrival>);
    use_effect(use_reactive(&title, move |title| {
        if let Some(arrival) = arrival.filter(|_| !title.is_empty()) {
            arrival.named.call(title);
        }
    }));
    rsx! {
        h1 {
            class: if hidden { "hidden" },
            tabindex: "-1",
            "data-testid": if !testid.is_empty() { testid },
            onmounted: move |event| {
                if arrival.is_some_and(Arrival::take) {
                    spawn(async move {
                        // What cannot have the focus leaves it where it is.
                        let _ = event.set_focus(true).await;
                    });
                }
            },
            "{title}"
        }
    }
}
