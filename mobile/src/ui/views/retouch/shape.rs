//! The geometry of what is drawn on a photo. Positions are fractions of the picture.

use coldpatch_shared::order::{Mark, Shape};
use coldpatch_shared::photo::Area;

/// A place on the picture.
pub(super) type At = (f64, f64);

/// What the finger draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Arrow,
    Circle,
    Text,
    Cover,
}

/// Something on the photo.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Mark(Mark),
    Cover(Area),
}

/// The nearest place on the picture.
pub(super) fn inside((x, y): At) -> At {
    // What is no number is in the corner: a place that a person did not mean, and can take back.
    let clamp = |at: f64| if at.is_finite() { at.clamp(0.0, 1.0) } else { 0.0 };
    (clamp(x), clamp(y))
}

/// As fractions of the width; `ratio` is the picture's height over its width.
pub(super) fn apart(a: At, b: At, ratio: f64) -> f64 {
    (a.0 - b.0).hypot((a.1 - b.1) * ratio)
}

/// What a stroke draws; a text needs words.
pub(super) fn drawn(tool: Tool, from: At, to: At, ratio: f64) -> Option<Item> {
    Some(match tool {
        Tool::Arrow => Item::Mark(Shape::Arrow { x: from.0, y: from.1, to_x: to.0, to_y: to.1 }.into()),
        Tool::Circle => {
            Item::Mark(Shape::Circle { x: from.0, y: from.1, radius: apart(from, to, ratio).min(1.0) }.into())
        }
        Tool::Cover => Item::Cover(Area {
            x: from.0.min(to.0),
            y: from.1.min(to.1),
            width: (from.0 - to.0).abs(),
            height: (from.1 - to.1).abs(),
        }),
        Tool::Text => return None,
    })
}

/// The same, elsewhere, or (`stretch`) with its far end elsewhere; `None` for what this version does not know.
pub(super) fn moved(item: &Item, (x, y): At, stretch: bool) -> Option<Item> {
    let by = |at: f64, by: f64| (at + by).clamp(0.0, 1.0);
    Some(match item {
        Item::Cover(area) if stretch => Item::Cover(Area {
            width: (area.width + x).clamp(0.01, 1.0 - area.x),
            height: (area.height + y).clamp(0.01, 1.0 - area.y),
            ..*area
        }),
        Item::Cover(area) => Item::Cover(Area {
            x: (area.x + x).clamp(0.0, 1.0 - area.width),
            y: (area.y + y).clamp(0.0, 1.0 - area.height),
            ..*area
        }),
        Item::Mark(mark) => Item::Mark(
            match (mark.shape()?, stretch) {
                (Shape::Arrow { x: tail_x, y: tail_y, to_x, to_y }, true) => {
                    Shape::Arrow { x: tail_x, y: tail_y, to_x: by(to_x, x), to_y: by(to_y, y) }
                }
                (Shape::Arrow { x: tail_x, y: tail_y, to_x, to_y }, false) => {
                    Shape::Arrow { x: by(tail_x, x), y: by(tail_y, y), to_x: by(to_x, x), to_y: by(to_y, y) }
                }
                (Shape::Circle { x: at_x, y: at_y, radius }, true) => {
                    Shape::Circle { x: at_x, y: at_y, radius: (radius + x + y).clamp(0.01, 1.0) }
                }
                (Shape::Circle { x: at_x, y: at_y, radius }, false) => {
                    Shape::Circle { x: by(at_x, x), y: by(at_y, y), radius }
                }
                (Shape::Text { x: at_x, y: at_y, text }, _) => Shape::Text { x: by(at_x, x), y: by(at_y, y), text },
            }
            .into(),
        ),
    })
}

/// How far a tap is from something, as a fraction of the width; beside what this version does not know, everything is far.
pub(super) fn distance(item: &Item, at: At, ratio: f64) -> f64 {
    match item {
        Item::Cover(area) => {
            let outside = |at: f64, from: f64, long: f64| (from - at).max(at - from - long).max(0.0);
            outside(at.0, area.x, area.width).hypot(outside(at.1, area.y, area.height) * ratio)
        }
        Item::Mark(mark) => match mark.shape() {
            None => f64::INFINITY,
            Some(Shape::Arrow { x, y, to_x, to_y }) => {
                let (dx, dy) = (to_x - x, (to_y - y) * ratio);
                let along = ((at.0 - x) * dx + (at.1 - y) * ratio * dy) / (dx * dx + dy * dy).max(1e-9);
                let along = along.clamp(0.0, 1.0);
                apart(at, (x + along * (to_x - x), y + along * (to_y - y)), ratio)
            }
            Some(Shape::Circle { x, y, radius }) => (apart(at, (x, y), ratio) - radius).abs(),
            Some(Shape::Text { x, y, .. }) => {
                let (from, to) = if x > 0.5 { (x - 0.4, x) } else { (x, x + 0.4) };
                let across = (from - at.0).max(at.0 - to).max(0.0);
                let down = (y - at.1).max(at.1 - y - 0.06).max(0.0) * ratio;
                across.hypot(down)
            }
        },
    }
}
