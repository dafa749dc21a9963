//! What comes before everything else: a dialog, the camera, the editor. One hook for all of them.

use dioxus::prelude::*;
use std::any::Any;
use std::rc::Rc;

/// Makes everything but an element inert and puts the focus into it, until what is returned is dropped; then the focus is where it
/// was. `None` where that cannot be done. The root of the app provides it.
#[derive(Clone, Copy, PartialEq)]
pub struct Alone(pub Callback<Rc<MountedData>, Option<Rc<dyn Any>>>);

/// For the `onmounted` of the outermost element of a modal: it is alone for as long as the component is there. The focus goes to
/// what has `autofocus`, else to the element with `role="dialog"`, which therefore needs a `tabindex`.
pub fn use_modal() -> Callback<Event<MountedData>> {
    let alone = use_hook(try_consume_context::<Alone>);
    let mut held = use_hook(|| CopyValue::new(None::<Rc<dyn Any>>));
    use_drop(move || {
        held.take();
    });
    use_callback(move |event: Event<MountedData>| {
        let found = alone.and_then(|alone| alone.0.call(event.data()));
        if found.is_none() {
            // A place without a page of ours can still move its focus.
            spawn(async move {
                let _ = event.set_focus(true).await;
            });
        }
        held.set(found);
    })
}
