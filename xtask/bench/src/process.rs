//! A process's processor time and memory, as Linux has them in `/proc`.

use anyhow::{Context, Result, bail};
use std::fs;
use std::time::Duration;

/// Ticks of `/proc/<pid>/stat` in a second: fixed by the kernel's interface (`USER_HZ`), whatever the kernel's own clock.
const TICKS: f64 = 100.0;

/// Which process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// This one.
    This,
    /// The one with this id.
    Id(u32),
}

impl Process {
    fn file(self, name: &str) -> Result<String> {
        let path = match self {
            Self::This => format!("/proc/self/{name}"),
            Self::Id(id) => format!("/proc/{id}/{name}"),
        };
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}: this bench needs Linux and the process"))
    }

    /// Processor time so far, user and system, all threads; in steps of 10 ms.
    ///
    /// # Errors
    /// When the process has ended or this is not Linux.
    pub fn cpu(self) -> Result<Duration> {
        let (user, system) = self.cpu_parts()?;
        Ok(user + system)
    }

    /// The same in its two parts: user, system.
    ///
    /// # Errors
    /// As [`Process::cpu`].
    pub fn cpu_parts(self) -> Result<(Duration, Duration)> {
        let stat = self.file("stat")?;
        // The name in parentheses may hold blanks and parentheses; what follows its last one does not.
        let (_, fields) = stat.rsplit_once(") ").context("/proc/<pid>/stat has no name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let [user, system] = [fields.get(11), fields.get(12)].map(|field| field.and_then(|f| f.parse::<f64>().ok()));
        let (Some(user), Some(system)) = (user, system) else { bail!("/proc/<pid>/stat has no times") };
        Ok((Duration::from_secs_f64(user / TICKS), Duration::from_secs_f64(system / TICKS)))
    }

    /// Resident memory now, in bytes.
    ///
    /// # Errors
    /// As [`Process::cpu`].
    pub fn resident(self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most resident memory that it has had, in bytes.
    ///
    /// # Errors
    /// As [`Process::cpu`].
    pub fn most_resident(self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(self, name: &str) -> Result<u64> {
        let status = self.file("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim_end().parse()?;
        Ok(kilobytes * 1_024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_grows_with_work() {
        let before = Process::This.cpu().unwrap();
        let mut sum = 0_u64;
        while Process::This.cpu().unwrap() < before + Duration::from_millis(30) {
            sum = (0..100_000).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        assert_eq!(Process::Id(std::process::id()).cpu().unwrap() >= before, std::hint::black_box(sum) < u64::MAX);
    }

    #[test]
    fn memory_that_is_used_is_resident() {
        let before = Process::This.resident().unwrap();
        let held = std::hint::black_box(vec![1_u8; 40 << 20]);
        let during = Process::This.resident().unwrap();
        assert!(during >= before + (30 << 20), "{before} then {during}");
        assert!(Process::This.most_resident().unwrap() >= during);
        drop(held);
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Process::Id(u32::MAX).cpu().is_err());
    }
}
