//! One process of a contender, spoken to over stdin and stdout, one JSON line each way, and the folder that it works in.

use crate::process::Process;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The longest that a command may take that is not measured.
const PATIENCE: Duration = Duration::from_secs(120);

/// One process.
pub(crate) struct Side {
    child: Child,
    input: ChildStdin,
    /// Each answer with the instant at which it came.
    answers: Receiver<(Instant, String)>,
    patience: Duration,
}

impl Side {
    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let shown = format!("{command:?}");
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.with_context(|| format!("cannot start {shown}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("{shown} has no stdin or stdout");
        };
        let (send, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // A peer may print other things; only JSON objects are answers.
                if line.starts_with('{') && send.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, input, answers, patience: PATIENCE })
    }

    /// From now on, an answer may take so long.
    pub(crate) fn may_take(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Whose processor time it is.
    pub(crate) fn process(&self) -> Process {
        Process::Id(self.child.id())
    }

    /// Says a command, and does not wait for its answer.
    pub(crate) fn tell(&mut self, command: &Value) -> Result<()> {
        writeln!(self.input, "{command}").context("the peer's process has ended")?;
        Ok(self.input.flush()?)
    }

    fn answer(&mut self) -> Result<(Instant, Value)> {
        let (at, line) = match self.answers.recv_timeout(self.patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => bail!("did not finish in {} s", self.patience.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("the peer's process has ended"),
        };
        let answer: Value = serde_json::from_str(&line)?;
        match answer["error"].as_str() {
            Some(error) => bail!("the peer says: {error}"),
            None => Ok((at, answer)),
        }
    }

    /// Says a command; its answer.
    pub(crate) fn ask(&mut self, command: &Value) -> Result<Value> {
        self.tell(command)?;
        Ok(self.answer()?.1)
    }

    /// When the answer to what was told came.
    pub(crate) fn hear(&mut self) -> Result<Instant> {
        Ok(self.answer()?.0)
    }

    /// Ends it in its own way.
    pub(crate) fn quit(mut self) -> Result<()> {
        self.tell(&json!({"do": "quit"}))?;
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the peer does not end")
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_an_error_with_its_words_and_not_a_hang() {
        let mut ends = Side::start(&mut Command::new("true")).unwrap();
        assert!(ends.ask(&json!({"do": "serve"})).is_err());
        let mut echo =
            Side::start(Command::new("sh").args(["-c", "read a; echo noise; echo '{\"error\": \"no disk\"}'"]))
                .unwrap();
        let error = echo.ask(&json!({"do": "serve"})).unwrap_err();
        assert!(error.to_string().contains("no disk"), "{error}");
        assert!(Side::start(&mut Command::new("/nowhere/peer")).is_err());
    }

    #[test]
    fn who_takes_too_long_did_not_finish() {
        let mut waits = Side::start(&mut Command::new("cat")).unwrap();
        waits.may_take(Duration::ZERO);
        // What it says back is no answer: it does not begin as one.
        writeln!(waits.input, "nothing").unwrap();
        assert_eq!(waits.hear().unwrap_err().to_string(), "did not finish in 0 s");
    }

    #[test]
    fn a_copied_folder_has_everything_in_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/file"), "kept").unwrap();
        copy(&dir.path().join("a"), &dir.path().join("c")).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("c/b/file")).unwrap(), "kept");
    }
}
