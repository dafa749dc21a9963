//! What people drew over a photo, as a picture over the picture.

use crate::ui::words;
use coldpatch_shared::order::{Mark, Photo, RenditionKind, Shape};
use coldpatch_shared::photo::Area;
use dioxus::prelude::*;

/// Letters on one line of a text: half the picture's width.
const LINE: usize = 18;
/// Sizes as fractions of the picture's width: a stroke, a letter, the head of an arrow.
const STROKE: f64 = 0.009;
const LETTER: f64 = 0.05;
const HEAD: f64 = 0.045;

/// The marks of a photo, and the shape of its picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    /// The marks.
    pub marks: Vec<Mark>,
    /// Pixels across of the upright picture.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Drawing {
    /// What is drawn over a photo. Nothing where no picture of it is known to be upright.
    #[must_use]
    pub fn of(photo: &Photo) -> Self {
        let shown = photo.rendition(RenditionKind::Display).or_else(|| photo.rendition(RenditionKind::Thumbnail));
        shown.map_or_else(Self::default, |shown| Self {
            marks: photo.marks.clone(),
            width: shown.width,
            height: shown.height,
        })
    }
}

/// Lies over a picture that fills the same box: cut off as `object-fit: cover` does, or (`whole`) as `contain`.
#[component]
pub fn MarksLayer(
    drawing: Drawing,
    #[props(default)] whole: bool,
    /// Rectangles that are to be covered.
    #[props(default)]
    covers: Vec<Area>,
    /// The mark that is chosen, by its number; covers count after the marks.
    chosen: Option<usize>,
) -> Element {
    let Drawing { marks, width, height } = drawing;
    if width == 0 || height == 0 || (marks.is_empty() && covers.is_empty()) {
        return rsx! {};
    }
    let (wide, high) = (f64::from(width), f64::from(height));
    let count = marks.len();
    let class = |number: usize| if chosen == Some(number) { "mark chosen" } else { "mark" };
    rsx! {
        svg {
            class: "marks",
            view_box: "0 0 {width} {height}",
            preserve_aspect_ratio: if whole { "xMidYMid meet" } else { "xMidYMid slice" },
            role: "img",
            "aria-label": words::camera::drawn(&marks, covers.len()),
            "data-testid": "marks",
            for (number, area) in covers.iter().enumerate() {
                rect {
                    key: "cover-{number}",
                    class: if chosen == Some(count + number) { "cover chosen" } else { "cover" },
                    x: "{area.x * wide:.1}", y: "{area.y * high:.1}", width: "{area.width * wide:.1}", height: "{area.height * high:.1}",
                    stroke_width: "{STROKE * wide:.1}",
                }
            }
            for (number, mark) in marks.iter().enumerate() {
                if let Some(shape) = mark.shape() {
                    g { key: "{number}", class: class(number), stroke_width: "{STROKE * wide:.1}", font_size: "{LETTER * wide:.1}",
                        Drawn { shape, wide, high }
                    }
                }
            }
        }
    }
}

#[component]
fn Drawn(shape: Shape, wide: f64, high: f64) -> Element {
    match shape {
        Shape::Arrow { x, y, to_x, to_y } => {
            let (x, y, to_x, to_y) = (x * wide, y * high, to_x * wide, to_y * high);
            let path = arrow((x, y), (to_x, to_y), HEAD * wide);
            rsx! {
                path { class: "under", d: "{path}" }
                path { class: "over", d: "{path}" }
            }
        }
        Shape::Circle { x, y, radius } => rsx! {
            circle { class: "under", cx: "{x * wide:.1}", cy: "{y * high:.1}", r: "{radius * wide:.1}" }
            circle { class: "over", cx: "{x * wide:.1}", cy: "{y * high:.1}", r: "{radius * wide:.1}" }
        },
        Shape::Text { x, y, text } => {
            let anchor = if x > 0.5 { "end" } else { "start" };
            rsx! {
                text { class: "words", text_anchor: anchor, x: "{x * wide:.1}", y: "{y * high:.1}",
                    for (number, line) in lines(&text).into_iter().enumerate() {
                        tspan { key: "{number}", x: "{x * wide:.1}", dy: if number == 0 { "0.9em" } else { "1.15em" }, "{line}" }
                    }
                }
            }
        }
    }
}

/// A line with an open head of so many pixels.
fn arrow((x, y): (f64, f64), (to_x, to_y): (f64, f64), head: f64) -> String {
    let turn = (to_y - y).atan2(to_x - x);
    let barb = |by: f64| (to_x - head * (turn + by).cos(), to_y - head * (turn + by).sin());
    let ((a_x, a_y), (b_x, b_y)) = (barb(0.5), barb(-0.5));
    format!("M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}M{a_x:.1} {a_y:.1}L{to_x:.1} {to_y:.1}L{b_x:.1} {b_y:.1}")
}

/// A text in lines that fit half a picture. A word that is longer than a line is broken.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for (part, piece) in letters.chunks(LINE).enumerate() {
            let piece: String = piece.iter().collect();
            match lines.last_mut() {
                Some(line) if part == 0 && line.chars().count() + 1 + piece.chars().count() <= LINE => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> Element {
        let marks = [
            Shape::Arrow { x: 0.1, y: 0.2, to_x: 0.3, to_y: 0.4 },
            Shape::Text { x: 0.9, y: 0.1, text: "<b>Leck</b> am Schacht".to_owned() },
        ];
        let drawing = Drawing { marks: marks.map(Mark::from).to_vec(), width: 1000, height: 500 };
        rsx! {
            MarksLayer { drawing }
        }
    }

    #[test]
    fn marks_are_drawn_where_their_fractions_say_and_words_are_only_words() {
        let html = crate::ui::components::drawn(app);
        assert!(html.contains("viewBox=\"0 0 1000 500\""), "{html}");
        assert!(html.contains("M100.0 100.0L300.0 200.0"), "{html}");
        assert!(html.contains("&#60;b&#62;Leck") || html.contains("&lt;b&gt;Leck"), "{html}");
        assert!(html.contains("text-anchor=\"end\""), "a text in the right half ends there");
    }

    #[test]
    fn no_line_is_longer_than_half_a_picture_and_no_letter_is_lost() {
        for text in ["a b c", "Donaudampfschifffahrtsgesellschaft", "Riß im Bordstein, läuft bis zum Schacht"] {
            let lines = lines(text);
            assert!(lines.iter().all(|line| line.chars().count() <= LINE), "{lines:?}");
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
        assert!(lines("  ").is_empty());
    }
}
