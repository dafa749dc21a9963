//! What is drawn on a photo while it is being drawn: a plain value, with one step back for each step. Positions are fractions of
//! the picture, as in [`coldpatch_shared::order::marks`].

use super::shape::{At, Item, Tool, apart, distance, drawn, inside, moved};
use coldpatch_shared::action::limits;
use coldpatch_shared::order::{Mark, Shape};
use coldpatch_shared::photo::Area;

/// Shorter than this, as a fraction of the picture, is a tap and not a stroke.
const TAP: f64 = 0.025;
/// How near a tap must be to choose something, as a fraction of the width.
const NEAR: f64 = 0.05;
/// Steps that can be taken back.
const MOST_STEPS: usize = 100;

/// What a finger that was lifted has done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Done {
    /// Something was drawn or chosen, or nothing happened.
    Nothing,
    /// A text is wanted here.
    Text(At),
}

/// A photo's marks and covers in the making.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Edit {
    items: Vec<Item>,
    steps: Vec<Vec<Item>>,
    chosen: Option<usize>,
    stroke: Option<(At, At)>,
}

impl Edit {
    pub(super) fn of(marks: &[Mark]) -> Self {
        Self { items: marks.iter().cloned().map(Item::Mark).collect(), ..Self::default() }
    }

    /// The finger is down.
    pub(super) fn begin(&mut self, at: At) {
        let at = inside(at);
        self.stroke = Some((at, at));
    }

    pub(super) fn is_drawing(&self) -> bool {
        self.stroke.is_some()
    }

    /// The finger moves.
    pub(super) fn draw(&mut self, at: At) {
        if let Some((_, to)) = &mut self.stroke {
            *to = inside(at);
        }
    }

    /// The stroke is none after all.
    pub(super) fn cancel(&mut self) {
        self.stroke = None;
    }

    /// The finger is lifted. `ratio` is the picture's height over its width.
    pub(super) fn end(&mut self, tool: Tool, ratio: f64) -> Done {
        let Some((from, to)) = self.stroke.take() else { return Done::Nothing };
        if apart(from, to, ratio) >= TAP && tool != Tool::Text {
            if let Some(item) = drawn(tool, from, to, ratio) {
                self.add(item);
            }
            return Done::Nothing;
        }
        match self.at(to, ratio) {
            Some(number) if self.chosen != Some(number) => self.chosen = Some(number),
            _ if tool == Tool::Text => return Done::Text(to),
            _ => self.chosen = None,
        }
        Done::Nothing
    }

    /// Without a finger: something in the middle, which arrow keys then move.
    pub(super) fn put_in_the_middle(&mut self, tool: Tool, ratio: f64) -> Done {
        let (from, to) = match tool {
            Tool::Text => return Done::Text((0.3, 0.45)),
            Tool::Circle => ((0.5, 0.5), (0.6, 0.5)),
            Tool::Arrow | Tool::Cover => ((0.35, 0.35), (0.6, 0.55)),
        };
        if let Some(item) = drawn(tool, from, to, ratio) {
            self.add(item);
        }
        Done::Nothing
    }

    /// Puts words somewhere; those that are too long are cut.
    pub(super) fn write(&mut self, (x, y): At, text: &str) {
        let text: String = text.trim().chars().take(limits::LONGEST_MARK).collect();
        if !text.is_empty() {
            self.add(Item::Mark(Shape::Text { x, y, text }.into()));
        }
    }

    /// Moves what is chosen, or (`stretch`) its far end.
    pub(super) fn nudge(&mut self, (x, y): At, stretch: bool) {
        let Some(item) = self.chosen.and_then(|number| self.items.get(number)).cloned() else { return };
        let Some(moved) = moved(&item, (x, y), stretch) else { return };
        self.step();
        if let Some(place) = self.chosen.and_then(|number| self.items.get_mut(number)) {
            *place = moved;
        }
    }

    /// Chooses the next one, after the last the first.
    pub(super) fn choose_next(&mut self) {
        let count = self.items.len();
        self.chosen = (count > 0).then(|| self.chosen.map_or(0, |number| (number + 1) % count));
    }

    /// Takes what is chosen away.
    pub(super) fn remove(&mut self) {
        if let Some(number) = self.chosen.take().filter(|number| *number < self.items.len()) {
            self.step();
            self.items.remove(number);
        }
    }

    /// One step back.
    pub(super) fn undo(&mut self) {
        if let Some(items) = self.steps.pop() {
            self.items = items;
            self.chosen = None;
        }
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether there are as many of this kind as there may be: then only what is there can be changed.
    fn is_full(&self, item: &Item) -> bool {
        let same = |other: &&Item| matches!(other, Item::Cover(_)) == matches!(item, Item::Cover(_));
        self.items.iter().filter(same).count() >= limits::MOST_MARKS
    }

    pub(super) fn marks(&self) -> Vec<Mark> {
        self.items
            .iter()
            .filter_map(|item| if let Item::Mark(mark) = item { Some(mark.clone()) } else { None })
            .collect()
    }

    pub(super) fn covers(&self) -> Vec<Area> {
        self.items.iter().filter_map(|item| if let Item::Cover(area) = item { Some(*area) } else { None }).collect()
    }

    /// What is chosen, as pictures count: marks first, then covers.
    pub(super) fn chosen_shown(&self) -> Option<usize> {
        let number = self.chosen?;
        let is_mark = |item: &&Item| matches!(item, Item::Mark(_));
        let before = self.items.get(..number)?;
        Some(match self.items.get(number)? {
            Item::Mark(_) => before.iter().filter(is_mark).count(),
            Item::Cover(_) => {
                self.items.iter().filter(is_mark).count() + before.iter().filter(|item| !is_mark(item)).count()
            }
        })
    }

    pub(super) fn has_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// What the finger is about to draw.
    pub(super) fn preview(&self, tool: Tool, ratio: f64) -> Option<Item> {
        let (from, to) = self.stroke?;
        (apart(from, to, ratio) >= TAP).then(|| drawn(tool, from, to, ratio)).flatten()
    }

    fn add(&mut self, item: Item) {
        if self.is_full(&item) {
            return;
        }
        self.step();
        self.items.push(item);
        self.chosen = Some(self.items.len() - 1);
    }

    fn step(&mut self) {
        self.steps.push(self.items.clone());
        if self.steps.len() > MOST_STEPS {
            self.steps.remove(0);
        }
    }

    /// The topmost thing at a place.
    fn at(&self, at: At, ratio: f64) -> Option<usize> {
        self.items.iter().rposition(|item| distance(item, at, ratio) <= NEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIO: f64 = 0.75;

    fn stroke(edit: &mut Edit, tool: Tool, from: At, to: At) -> Done {
        edit.begin(from);
        edit.draw(to);
        edit.end(tool, RATIO)
    }

    #[test]
    fn a_stroke_draws_and_every_step_can_be_taken_back() {
        let mut edit = Edit::of(&[]);
        stroke(&mut edit, Tool::Arrow, (0.1, 0.1), (0.5, 0.5));
        stroke(&mut edit, Tool::Circle, (0.5, 0.5), (0.5, 0.9));
        stroke(&mut edit, Tool::Cover, (0.9, 0.9), (0.7, 0.6));
        edit.write((0.2, 0.2), "  curb ");
        let circle = edit.marks()[1].shape().unwrap();
        assert!(matches!(circle, Shape::Circle { radius, .. } if (radius - 0.3).abs() < 1e-9), "{circle:?}");
        let cover = edit.covers()[0];
        assert!((cover.x - 0.7).abs() < 1e-9 && (cover.height - 0.3).abs() < 1e-9, "{cover:?}");
        assert_eq!(edit.marks().len(), 3);
        edit.remove();
        assert_eq!(edit.marks().len(), 2);
        for _ in 0..5 {
            edit.undo();
        }
        assert!(!edit.can_undo() && edit.marks().is_empty() && edit.covers().is_empty());
    }

    #[test]
    fn a_tap_chooses_what_is_there_and_with_the_text_tool_asks_for_words() {
        let mut edit = Edit::of(&[]);
        stroke(&mut edit, Tool::Arrow, (0.1, 0.1), (0.5, 0.5));
        stroke(&mut edit, Tool::Cover, (0.6, 0.6), (0.9, 0.9));
        stroke(&mut edit, Tool::Circle, (0.3, 0.31), (0.301, 0.31));
        assert_eq!(edit.chosen_shown(), Some(0), "the arrow, not a circle of a trembling finger");
        stroke(&mut edit, Tool::Circle, (0.7, 0.7), (0.7, 0.7));
        assert_eq!(edit.chosen_shown(), Some(1), "the cover counts after the marks");
        assert_eq!(stroke(&mut edit, Tool::Text, (0.9, 0.1), (0.9, 0.1)), Done::Text((0.9, 0.1)));
        stroke(&mut edit, Tool::Circle, (0.9, 0.1), (0.9, 0.1));
        assert!(!edit.has_chosen());
    }

    #[test]
    fn nothing_leaves_the_picture_however_it_is_pushed() {
        let mut edit = Edit::of(&[]);
        for tool in [Tool::Arrow, Tool::Circle, Tool::Cover] {
            stroke(&mut edit, tool, (-3.0, f64::NAN), (7.0, 0.6));
            for _ in 0..50 {
                edit.nudge((0.1, -0.1), false);
                edit.nudge((0.1, 0.1), true);
            }
        }
        assert!(edit.marks().iter().all(|mark| mark.shape().unwrap().is_on_the_picture()));
        for area in edit.covers() {
            assert!(area.x >= 0.0 && area.x + area.width <= 1.0 + 1e-9, "{area:?}");
            assert!(area.y >= 0.0 && area.y + area.height <= 1.0 + 1e-9, "{area:?}");
        }
    }

    #[test]
    fn a_mark_of_a_newer_version_is_kept_and_neither_chosen_nor_moved_by_a_tap() {
        let unknown: Mark = serde_json::from_str(r#"{"kind":"polygon","corners":5}"#).unwrap();
        let mut edit = Edit::of(std::slice::from_ref(&unknown));
        stroke(&mut edit, Tool::Cover, (0.5, 0.5), (0.5, 0.5));
        assert!(!edit.has_chosen());
        edit.choose_next();
        edit.nudge((0.1, 0.1), false);
        assert_eq!(edit.marks(), [unknown]);
    }

    #[test]
    fn more_than_a_photo_may_bear_is_not_drawn() {
        let mut edit = Edit::of(&[]);
        for _ in 0..limits::MOST_MARKS + 3 {
            edit.put_in_the_middle(Tool::Circle, RATIO);
        }
        edit.write((0.1, 0.1), &"x".repeat(500));
        assert_eq!(edit.marks().len(), limits::MOST_MARKS);
        edit.undo();
        edit.write((0.1, 0.1), &"x".repeat(500));
        let Some(Shape::Text { text, .. }) = edit.marks().last().unwrap().shape() else { panic!("no text") };
        assert_eq!(text.len(), limits::LONGEST_MARK);
    }
}
