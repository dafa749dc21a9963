//! A list of any length of which only what is near the screen is drawn.
//!
//! The empty spaces before and after it are watched by the browser's own observer, so that scrolling costs the page nothing
//! until a space comes near; a space is a new element each time that the window moved, because the observer speaks only
//! once. A screen reader is told the place of each row and how many there are. What is not drawn, *find in page* does not
//! find: the search field looks through everything.

use super::model::{Row, day_row};
use crate::ui::components::job_row::JobRow as RowView;
use crate::ui::routes::Route;
use crate::ui::state::{Here, NEAR, ROWS_TOGETHER, Seen, Window, use_rows};
use coldpatch_shared::ids::WorkOrderId;
use dioxus::prelude::*;

/// The list. `name` is under what it is remembered how it stood, when it is left.
#[component]
pub(crate) fn LongList(here: Here, name: &'static str, ids: Vec<WorkOrderId>, row: Row) -> Element {
    let device = here.device;
    // Measuring draws nothing; moving does.
    let mut window = use_hook(|| CopyValue::new(device.windows.peek().get(name).cloned().unwrap_or_default()));
    let mut moves = use_signal(|| 0_u32);
    use_drop(move || {
        let mut windows = device.windows;
        windows.write().insert(name, window.peek().clone());
    });
    moves.read();
    let rows = ids.len();
    let (from, to) = window.read().over(rows);
    let blocks = Window::blocks(rows);
    let (before, after) = (window.read().height(0..from, rows), window.read().height(to..blocks, rows));
    let moved = use_callback(move |(is_before, rows, seen): (bool, usize, Seen)| {
        let (from, to) = window.peek().moved(rows, is_before, seen);
        let mut window = window.write();
        (window.from, window.to) = (from, to);
        moves += 1;
    });
    let measured = use_callback(move |(block, rows, height): (usize, usize, f64)| {
        // What is drawn has its height; the spaces learn of it when the window moves.
        window.write().measured(block, rows, height);
    });
    rsx! {
        div { class: "card long", role: "list",
            if from > 0 {
                for key in [format!("before-{from}")] {
                    div { key: "{key}", class: "long-space", style: "height: {before}px",
                        span { class: "long-sense before", onvisible: move |event| if let Some(seen) = seen(&event, 0.0) { moved.call((true, rows, seen)) } }
                    }
                }
            }
            for block in from..to {
                Block {
                    key: "{block}",
                    here: here.clone(),
                    ids: ids[block * ROWS_TOGETHER..rows.min((block + 1) * ROWS_TOGETHER)].to_vec(),
                    first: block * ROWS_TOGETHER,
                    rows,
                    height: window.peek().height(block..block + 1, rows),
                    row,
                    onmeasured: move |(of_it, height)| measured.call((block, of_it, height)),
                }
            }
            if to < blocks {
                for key in [format!("after-{to}")] {
                    div { key: "{key}", class: "long-space", style: "height: {after}px",
                        span { class: "long-sense after", onvisible: move |event| if let Some(seen) = seen(&event, NEAR) { moved.call((false, rows, seen)) } }
                    }
                }
            }
        }
    }
}

/// Where a space is that came near the screen; its sense begins so far above it.
fn seen(event: &Event<VisibleData>, above: f64) -> Option<Seen> {
    let near = event.is_intersecting().ok()?;
    let sense = event.get_bounding_client_rect().ok().filter(|_| near)?;
    // A frame within another one is not told how high the screen is; the part of the sense that is seen ends there at most.
    let screen = event.get_root_bounds().or_else(|_| event.get_intersection_rect()).ok()?;
    Some(Seen { top: sense.min_y() + above, screen: screen.max_y() })
}

/// A few rows.
#[component]
fn Block(
    here: Here,
    ids: Vec<WorkOrderId>,
    first: usize,
    rows: usize,
    height: f64,
    row: Row,
    onmeasured: EventHandler<(usize, f64)>,
) -> Element {
    let device = here.device;
    let known = use_rows(device, &ids);
    let whole = known.iter().all(Option::is_some);
    let count = ids.len();
    rsx! {
        div {
            class: "long-block",
            style: if !whole { "min-height: {height}px" },
            onresize: move |event| if let Ok(size) = event.get_border_box_size() && whole { onmeasured.call((count, size.height)) },
            for (index, (id, job)) in ids.into_iter().zip(known).enumerate() {
                div { key: "{id}", class: "long-row", role: "listitem", aria_posinset: "{first + index + 1}", aria_setsize: "{rows}",
                    if let Some(job) = job {
                        Link { class: "row", to: Route::JobScreen { device: device.id, id }, "data-testid": "job-row",
                            RowView { model: day_row(&job, &here, row, first + index) }
                        }
                    }
                }
            }
        }
    }
}
