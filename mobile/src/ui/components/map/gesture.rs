//! Fingers and mouse on the map: one pans, two pinch, none that moved is a tap.

use dioxus::html::geometry::ClientPoint;

/// More than so many pixels are a movement, not a tap with a trembling hand.
const TAP: f64 = 8.0;

/// What a movement does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// The map follows the finger, in pixels.
    Pan { x: f64, y: f64 },
    /// The map grows or shrinks.
    Pinch { factor: f64 },
}

/// The pointers that are down.
#[derive(Debug, Clone, Default)]
pub(super) struct Gesture {
    pointers: Vec<(i32, f64, f64)>,
    traveled: f64,
}

impl Gesture {
    pub(super) fn idle(&self) -> bool {
        self.pointers.is_empty()
    }

    pub(super) fn down(&mut self, id: i32, at: ClientPoint) {
        if self.pointers.is_empty() {
            self.traveled = 0.0;
        }
        self.pointers.retain(|pointer| pointer.0 != id);
        self.pointers.push((id, at.x, at.y));
    }

    pub(super) fn moved(&mut self, id: i32, at: ClientPoint) -> Option<Move> {
        let before = self.spread();
        let pointer = self.pointers.iter_mut().find(|pointer| pointer.0 == id)?;
        let (x, y) = (at.x - pointer.1, at.y - pointer.2);
        (pointer.1, pointer.2) = (at.x, at.y);
        self.traveled += x.hypot(y);
        match (before, self.spread()) {
            (Some(before), Some(after)) if before > 1.0 => Some(Move::Pinch { factor: after / before }),
            (None, None) if self.traveled > TAP => Some(Move::Pan { x, y }),
            _ => None,
        }
    }

    /// Whether that was a tap.
    pub(super) fn up(&mut self, id: i32) -> bool {
        let was_down = self.pointers.iter().any(|pointer| pointer.0 == id);
        self.pointers.retain(|pointer| pointer.0 != id);
        was_down && self.pointers.is_empty() && self.traveled <= TAP
    }

    /// How far two fingers are apart.
    fn spread(&self) -> Option<f64> {
        match self.pointers.as_slice() {
            [a, b] => Some((a.1 - b.1).hypot(a.2 - b.2)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trembling_press_is_a_tap_and_a_drag_is_not() {
        let mut gesture = Gesture::default();
        gesture.down(1, ClientPoint::new(10.0, 10.0));
        assert_eq!(gesture.moved(1, ClientPoint::new(12.0, 11.0)), None);
        assert!(gesture.up(1));
        gesture.down(1, ClientPoint::new(10.0, 10.0));
        assert!(matches!(gesture.moved(1, ClientPoint::new(40.0, 10.0)), Some(Move::Pan { .. })));
        assert!(!gesture.up(1));
    }

    #[test]
    fn two_fingers_going_apart_zoom_in() {
        let mut gesture = Gesture::default();
        gesture.down(1, ClientPoint::new(0.0, 0.0));
        gesture.down(2, ClientPoint::new(100.0, 0.0));
        assert_eq!(gesture.moved(2, ClientPoint::new(200.0, 0.0)), Some(Move::Pinch { factor: 2.0 }));
    }
}
