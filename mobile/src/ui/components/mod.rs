//! Components: they take values and callbacks and know no services. The server renders them too, so nothing here needs a
//! feature of this crate. Each has its style in the `.css` file beside it; `ui::stylesheet` puts them together.

pub mod button;
pub mod camera;
pub mod card;
pub mod chip;
pub mod desk;
pub mod dialog;
pub mod draft;
pub mod field;
pub mod flag;
pub mod frame;
pub mod heading;
pub mod history;
pub mod icon;
pub mod job_row;
pub mod links;
pub mod map;
pub mod marks;
pub mod modal;
pub mod notice;
pub mod photo;
pub mod seek;
pub mod sending;
pub mod status;
pub mod stepper;
pub mod switch;
pub mod sync;

/// Every component's style, in the order in which they may override each other.
pub(super) const STYLES: [&str; 24] = [
    include_str!("frame.css"),
    include_str!("icon.css"),
    include_str!("status.css"),
    include_str!("card.css"),
    include_str!("button.css"),
    include_str!("chip.css"),
    include_str!("field.css"),
    include_str!("stepper.css"),
    include_str!("switch.css"),
    include_str!("photo.css"),
    include_str!("notice.css"),
    include_str!("sync.css"),
    include_str!("job_row.css"),
    include_str!("long_list.css"),
    include_str!("seek.css"),
    include_str!("history.css"),
    include_str!("links.css"),
    include_str!("draft.css"),
    include_str!("map/map.css"),
    include_str!("dialog.css"),
    include_str!("marks.css"),
    include_str!("camera.css"),
    include_str!("desk.css"),
    include_str!("forced.css"),
];

/// What a component with handlers draws, for tests: handlers need a running app around them.
#[cfg(test)]
fn drawn(app: fn() -> dioxus::prelude::Element) -> String {
    let mut dom = dioxus::prelude::VirtualDom::new(app);
    dom.rebuild_in_place();
    dioxus_ssr::render(&dom)
}
