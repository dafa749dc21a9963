//! Counts what passed, and times each step.

use anyhow::Result;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What a run of tests came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Tally {
    /// One check, as one test.
    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    /// Whether there was something to run and all of it passed.
    pub(crate) fn is_success(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Runs one step, says how long it took, and counts it. A step that could not run counts as failed: the ones after it
/// still run, so that one look shows everything.
pub(crate) fn step(total: &mut Tally, name: &str, work: impl FnOnce() -> Result<Tally>) {
    println!("\n=== {name}");
    let start = Instant::now();
    let tally = work().unwrap_or_else(|error| {
        eprintln!("{name}: {error:#}");
        Tally::one(false)
    });
    let verdict = if tally.failed > 0 { "FAILED" } else { "ok" };
    println!("--- {name}: {verdict} ({tally}), {:.1} s", start.elapsed().as_secs_f32());
    *total += tally;
}

/// Runs a test program, passes its output on, and adds up the counts that `count` finds in its lines. A program that
/// fails without a failed test (it did not compile, it crashed) counts as one failure.
pub(crate) fn counted(command: &mut Command, count: fn(&str) -> Option<Tally>) -> Result<Tally> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            if let Some(found) = count(&line) {
                tally += found;
            }
        }
    }
    if !child.wait()?.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

/// `test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.00s`
pub(crate) fn libtest(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number =
        |unit: &str| counts.split("; ").find_map(|part| part.strip_suffix(unit)?.trim().parse().ok()).unwrap_or(0);
    Some(Tally { passed: number("passed"), failed: number("failed"), skipped: number("ignored") })
}

/// The closing lines of `node --test`: `# pass 4` or `ℹ pass 4`, one count each.
pub(crate) fn node(line: &str) -> Option<Tally> {
    let (unit, number) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?.split_once(' ')?;
    let number = number.trim().parse().ok()?;
    let mut tally = Tally::default();
    match unit {
        "pass" => tally.passed = number,
        "fail" | "cancelled" => tally.failed = number,
        "skipped" | "todo" => tally.skipped = number,
        _ => return None,
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_counts_are_read() {
        let line = "test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.00s";
        assert_eq!(libtest(line), Some(Tally { passed: 5, failed: 1, skipped: 2 }));
        assert_eq!(libtest("test result of something else"), None);
    }

    #[test]
    fn nodes_closing_lines_are_read_in_both_of_its_formats() {
        for mark in ["#", "ℹ"] {
            let text = format!(
                "{mark} tests 9\n{mark} suites 0\n{mark} pass 4\n{mark} fail 2\n{mark} cancelled 1\n{mark} skipped 1\n{mark} todo 1"
            );
            let mut sum = Tally::default();
            text.lines().filter_map(node).for_each(|found| sum += found);
            assert_eq!(sum, Tally { passed: 4, failed: 3, skipped: 2 });
        }
    }

    #[test]
    fn a_run_of_nothing_is_no_success() {
        assert!(!Tally::default().is_success());
    }
}
