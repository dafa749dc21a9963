//! What is armed to go wrong on a disk: a crash at a call, a full medium, calls that fail.

/// How a process ends against its will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// The power goes: unsynced writes are kept, lost or torn.
    Power,
    /// The process is killed: the operating system still has its unsynced writes.
    Kill,
}

/// A kind of call that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Cutting a file short, or making it longer.
    Resize,
    /// Making a file's writes durable.
    Sync,
    /// Making a new file.
    Create,
    /// Deleting a file.
    Delete,
}

#[derive(Debug, Clone, Copy)]
struct Failing {
    call: Call,
    after: u32,
    times: u32,
}

/// Everything that is armed.
#[derive(Debug, Default)]
pub(super) struct Faults {
    crash: Option<(u64, Blow)>,
    capacity: Option<usize>,
    failing: Vec<Failing>,
}

impl Faults {
    pub(super) fn arm_crash(&mut self, at_call: u64, blow: Blow) {
        self.crash = Some((at_call, blow));
    }

    /// The blow that is due at this call, if one is.
    pub(super) fn due(&mut self, call_number: u64) -> Option<Blow> {
        let (at, blow) = self.crash?;
        (call_number >= at).then(|| {
            self.crash = None;
            blow
        })
    }

    pub(super) fn disarm_crash(&mut self) {
        self.crash = None;
    }

    /// From now on the disk holds so many bytes; `None` is as many as you like.
    pub(super) fn set_capacity(&mut self, bytes: Option<usize>) {
        self.capacity = bytes;
    }

    /// How many of `growth` more bytes fit when `used` are there.
    pub(super) fn room(&self, used: usize, growth: usize) -> usize {
        self.capacity.map_or(growth, |capacity| capacity.saturating_sub(used).min(growth))
    }

    pub(super) fn fail(&mut self, call: Call, after: u32, times: u32) {
        self.failing.push(Failing { call, after, times });
    }

    pub(super) fn repair(&mut self) {
        self.failing.clear();
    }

    /// Whether this call fails; each armed failure counts the calls of its kind.
    pub(super) fn fails(&mut self, call: Call) -> bool {
        let mut fails = false;
        for failing in self.failing.iter_mut().filter(|failing| failing.call == call) {
            if failing.after > 0 {
                failing.after -= 1;
            } else {
                fails |= failing.times > 0;
                failing.times = failing.times.saturating_sub(1);
            }
        }
        self.failing.retain(|failing| failing.times > 0);
        fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_when_and_as_often_as_it_was_armed() {
        let mut faults = Faults::default();
        faults.fail(Call::Write, 2, 2);
        let writes: Vec<bool> = (0..6).map(|_| faults.fails(Call::Write)).collect();
        assert_eq!(writes, [false, false, true, true, false, false]);
        assert!(!faults.fails(Call::Read));
    }

    #[test]
    fn a_crash_comes_once() {
        let mut faults = Faults::default();
        faults.arm_crash(3, Blow::Kill);
        assert_eq!((1..=5).map(|nth| faults.due(nth)).collect::<Vec<_>>(), [None, None, Some(Blow::Kill), None, None]);
    }
}
