//! Which part of a long list is drawn: the rows near the screen, in blocks, with empty space of the right height before and
//! after them. Arithmetic only; `views::long_list` draws it.

use std::collections::HashMap;

/// So many rows are drawn or left out together.
pub const BLOCK: usize = 8;
/// Rows are drawn as soon as they are this near to the screen, in pixels. The style of `.long-sense` says the same.
pub const NEAR: f64 = 800.0;
/// And then up to this far from it, so that not every pixel moves the window.
const AHEAD: f64 = 1_300.0;
/// How high a row is as long as none was measured, in pixels.
const ROW: f64 = 116.0;
/// So many blocks are drawn before anybody knows how high the screen is.
const AT_FIRST: usize = 2;

/// The part that is drawn, in blocks, and how high blocks were when they were.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The first block that is drawn.
    pub from: usize,
    /// The first block after it that is not.
    pub to: usize,
    /// Rows and pixels.
    heights: HashMap<usize, (usize, f64)>,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: 0, to: AT_FIRST, heights: HashMap::new() }
    }
}

/// An empty space came near the screen; all in pixels, from the screen's upper edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The upper edge of the space.
    pub top: f64,
    /// The screen's lower edge.
    pub screen: f64,
}

impl Window {
    /// How many blocks so many rows are.
    #[must_use]
    pub fn blocks(rows: usize) -> usize {
        rows.div_ceil(BLOCK)
    }

    /// The same window over a list of so many rows: it may have become shorter.
    #[must_use]
    pub fn over(&self, rows: usize) -> (usize, usize) {
        let blocks = Self::blocks(rows);
        if self.from < blocks { (self.from, self.to.min(blocks)) } else { (0, blocks.min(AT_FIRST)) }
    }

    /// Keeps how high a block is. → whether that is new.
    pub fn measured(&mut self, block: usize, rows: usize, height: f64) -> bool {
        let known = self.heights.get(&block);
        let new = known.is_none_or(|(known_rows, known)| *known_rows != rows || (known - height).abs() >= 1.0);
        if new {
            self.heights.insert(block, (rows, height));
        }
        new
    }

    /// How high these blocks are together, of a list of so many rows.
    #[must_use]
    pub fn height(&self, blocks: std::ops::Range<usize>, rows: usize) -> f64 {
        let row = self.row();
        blocks.map(|block| self.block(block, rows, row)).sum()
    }

    fn row(&self) -> f64 {
        let (rows, height) = self.heights.values().fold((0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if rows == 0 { ROW } else { height / rows as f64 }
    }

    fn block(&self, block: usize, rows: usize, row: f64) -> f64 {
        let of_it = rows.saturating_sub(block * BLOCK).min(BLOCK);
        match self.heights.get(&block) {
            Some((known, height)) if *known == of_it => *height,
            _ => of_it as f64 * row,
        }
    }

    /// What to draw when the space before (`before`) or after what is drawn came near the screen.
    #[must_use]
    pub fn moved(&self, rows: usize, before: bool, seen: Seen) -> (usize, usize) {
        let (blocks, row) = (Self::blocks(rows), self.row());
        let start = if before { 0 } else { self.over(rows).1 };
        // Where the list itself begins, from the screen's upper edge.
        let list = seen.top - self.height(0..start, rows);
        let (first, last) = (-AHEAD - list, seen.screen + AHEAD - list);
        let (mut from, mut to, mut at) = (0, blocks, 0.0);
        for block in 0..blocks {
            let end = at + self.block(block, rows, row);
            if end <= first {
                from = block + 1;
            }
            if at >= last {
                to = to.min(block);
            }
            at = end;
        }
        // Something of it is always drawn: whoever is beyond its end comes back.
        let from = from.min(blocks.saturating_sub(1));
        (from, to.clamp((from + 1).min(blocks), blocks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: f64 = 800.0;

    /// The list begins at `list`, and the space after what is drawn is seen.
    fn scrolled(window: &Window, rows: usize, list: f64, before: bool) -> (usize, usize) {
        let start = if before { 0 } else { window.over(rows).1 };
        let top = list + window.height(0..start, rows);
        window.moved(rows, before, Seen { top, screen: SCREEN })
    }

    #[test]
    fn what_is_near_the_screen_is_drawn_wherever_somebody_jumps_to() {
        let window = Window::default();
        let block = ROW * BLOCK as f64;
        for down in [0.0, 500.0, 4_000.0, 100_000.0, 230_000.0, 1_000_000.0] {
            for before in [true, false] {
                let (from, to) = scrolled(&window, 2_000, -down, before);
                assert!(from < to && to <= 250, "{down}: {from}..{to}");
                assert!(to - from <= 6, "only what is near: {from}..{to}");
                let end = 250.0 * block;
                if down + SCREEN < end {
                    assert!(from as f64 * block <= (down - NEAR).max(0.0), "{down}: {from}");
                    assert!(to as f64 * block >= (down + SCREEN + NEAR).min(end), "{down}: {to}");
                }
            }
        }
        assert_eq!(scrolled(&window, 3, 0.0, false), (0, 1));
    }

    #[test]
    fn a_space_that_is_near_always_moves_the_window() {
        let window = Window::default();
        let drawn = window.height(0..2, 2_000);
        // Its upper edge is just as far below the screen as counts as near.
        let (_, to) = window.moved(2_000, false, Seen { top: SCREEN + NEAR, screen: SCREEN });
        assert!(to > 2, "{to} of {drawn}");
    }

    #[test]
    fn measured_blocks_are_as_high_as_they_were_and_others_as_the_mean() {
        let mut window = Window::default();
        assert!(window.measured(0, 8, 800.0));
        assert!(!window.measured(0, 8, 800.4));
        assert_eq!(window.height(0..2, 16), 1_600.0);
        assert_eq!(window.height(0..2, 12), 1_200.0, "the second one is half as long");
        assert!(window.measured(0, 4, 400.0));
        assert_eq!(window.height(0..1, 16), 800.0, "it was measured when it had fewer rows");
    }

    #[test]
    fn a_list_that_became_shorter_is_drawn_from_its_beginning() {
        let window = Window { from: 40, to: 43, ..Window::default() };
        assert_eq!(window.over(2_000), (40, 43));
        assert_eq!(window.over(330), (40, 42));
        assert_eq!(window.over(20), (0, 2));
        assert_eq!(window.over(0), (0, 0));
    }
}
