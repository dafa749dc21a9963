//! Marks over a photo: data beside the picture, so that the picture itself stays as it is.
//!
//! Positions are fractions, 0 to 1, of the width and the height of the upright picture: they hold for every rendition. What a
//! newer version drew is kept as it came, and not shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One mark, as its entry has it; nothing of it is lost by reading and writing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(Value);

/// What a mark of this version is. Read and written by hand: derived, that is ten times the code in what phones download.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// From a tail to a head.
    Arrow {
        /// The tail, across.
        x: f64,
        /// The tail, down.
        y: f64,
        /// The head, across.
        to_x: f64,
        /// The head, down.
        to_y: f64,
    },
    /// A circle.
    Circle {
        /// The middle, across.
        x: f64,
        /// The middle, down.
        y: f64,
        /// A fraction of the picture's width.
        radius: f64,
    },
    /// Words.
    Text {
        /// Where they begin, across; in the right half of the picture, where they end.
        x: f64,
        /// The top of the first line, down.
        y: f64,
        /// The words.
        text: String,
    },
}

impl Mark {
    /// What it is; `None` for what this version does not know.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        let number = |name: &str| self.0.get(name)?.as_f64();
        let (x, y) = (number("x")?, number("y")?);
        match self.0.get("kind")?.as_str()? {
            "arrow" => Some(Shape::Arrow { x, y, to_x: number("to_x")?, to_y: number("to_y")? }),
            "circle" => Some(Shape::Circle { x, y, radius: number("radius")? }),
            "text" => Some(Shape::Text { x, y, text: self.0.get("text")?.as_str()?.to_owned() }),
            _ => None,
        }
    }

    /// How long it is as JSON, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.to_string().len()
    }
}

impl From<Shape> for Mark {
    fn from(shape: Shape) -> Self {
        Self(match shape {
            Shape::Arrow { x, y, to_x, to_y } => json!({"kind": "arrow", "x": x, "y": y, "to_x": to_x, "to_y": to_y}),
            Shape::Circle { x, y, radius } => json!({"kind": "circle", "x": x, "y": y, "radius": radius}),
            Shape::Text { x, y, text } => json!({"kind": "text", "x": x, "y": y, "text": text}),
        })
    }
}

impl Shape {
    /// Whether it is on the picture: every number is between 0 and 1.
    #[must_use]
    pub fn is_on_the_picture(&self) -> bool {
        let on = |numbers: &[f64]| numbers.iter().all(|number| (0.0..=1.0).contains(number));
        match self {
            Self::Arrow { x, y, to_x, to_y } => on(&[*x, *y, *to_x, *to_y]),
            Self::Circle { x, y, radius } => on(&[*x, *y, *radius]),
            Self::Text { x, y, .. } => on(&[*x, *y]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_of_a_newer_version_is_not_shown_and_comes_back_as_it_was() {
        for raw in [
            json!({"kind": "polygon", "points": [[0.1, 0.2], [0.3, 0.4]]}),
            json!({"kind": "arrow", "x": 0.1}),
            json!("scribble"),
        ] {
            let mark: Mark = serde_json::from_value(raw.clone()).unwrap();
            assert_eq!(mark.shape(), None);
            assert_eq!(serde_json::to_value(&mark).unwrap(), raw);
        }
        // A known kind with more to say than this version knows.
        let raw = json!({"kind": "circle", "x": 0.5, "y": 0.5, "radius": 0.1, "color": "red"});
        let mark: Mark = serde_json::from_value(raw.clone()).unwrap();
        assert_eq!(mark.shape(), Some(Shape::Circle { x: 0.5, y: 0.5, radius: 0.1 }));
        assert_eq!(serde_json::to_value(&mark).unwrap(), raw);
    }
}
