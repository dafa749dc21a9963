//! HEIC and AVIF, by the program that comes with libheif (`heif-dec`, on older systems `heif-convert`), if the machine has it.
//!
//! A program and not a library: what strangers send meets a large decoder in C++ only in a process of its own, with bounds on
//! its memory and time, and the server builds and runs where there is none. See docs/adr/0011.

use crate::{clock, entropy};
use coldpatch_shared::photo::{self, Made, PhotoProblem, Reading};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// In the order in which they are tried.
const PROGRAMS: [&str; 2] = ["heif-dec", "heif-convert"];
/// A photo of 12 megapixels takes 80 MB and half a second.
const MOST_MEMORY: &str = "--as=1073741824";
const MOST_CPU_SECONDS: &str = "--cpu=20";
const LONGEST: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
/// Nearly nothing is lost on the way to the renditions.
const QUALITY: &str = "95";

/// One at a time: the memory of a dozen at once is more than small machines have.
static ONE: Mutex<()> = Mutex::new(());

/// The renditions of a HEIC or AVIF file; `None` where the machine has no program for it. Blocks for about a second.
///
/// # Errors
/// [`PhotoProblem::Damaged`] when the program cannot open it, or needs more than it is given.
pub(crate) fn renditions(original: &[u8]) -> Option<Result<Made, PhotoProblem>> {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    match PROGRAMS.iter().find_map(|program| converted(program, original)) {
        Some(Ok(jpeg)) => Some(made(&jpeg)),
        Some(Err(error)) => Some(Err(PhotoProblem::Damaged(error.to_string()))),
        None => None,
    }
}

fn made(jpeg: &[u8]) -> Result<Made, PhotoProblem> {
    // The pixels are upright already; the orientation that the program copies along is the original's.
    photo::make(jpeg, &Reading { orientation: 1, ..photo::read(jpeg)? })
}

/// `None` if there is no such program.
fn converted(program: &str, original: &[u8]) -> Option<io::Result<Vec<u8>>> {
    let program = found(program)?;
    Some(Folder::new().and_then(|folder| folder.convert(&program, original)))
}

/// Where `PATH` has this program.
fn found(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A folder that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let name = entropy::uuid(clock::now()).map_err(io::Error::other)?;
        let folder = std::env::temp_dir().join(format!("coldpatch-heif-{name}"));
        let mut builder = fs::DirBuilder::new();
        // Originals are private.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder))
    }

    fn convert(&self, program: &Path, original: &[u8]) -> io::Result<Vec<u8>> {
        let (from, to) = (self.0.join("photo.heic"), self.0.join("photo.jpg"));
        fs::write(&from, original)?;
        let mut bounded = Command::new("prlimit");
        bounded.args([MOST_MEMORY, MOST_CPU_SECONDS]).arg(program).args(["-q", QUALITY]).arg(&from).arg(&to);
        let child = bounded.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let status = ended(child)?;
        if !status.success() {
            return Err(io::Error::other(format!("{} ended with {status}", program.display())));
        }
        // A file with several pictures becomes several; the first is the photo.
        fs::read(&to).or_else(|_| fs::read(self.0.join("photo-1.jpg")))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "not removed");
        }
    }
}

/// Waits, but not for ever.
fn ended(mut child: Child) -> io::Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other("took too long"));
        }
        thread::sleep(LOOK);
    }
}

#[cfg(test)]
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
mod tests {
    use super::*;

    #[test]
    fn photos_of_iphones_come_out_upright_and_what_is_no_photo_is_refused() {
        let Some(refused) = renditions(b"\0\0\0\x1cftypheic\0\0\0\0mif1heic....") else {
            println!("skipped: this machine has none of {PROGRAMS:?}");
            return;
        };
        assert!(matches!(refused, Err(PhotoProblem::Damaged(_))), "{refused:?}");
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos"));
        for (name, display) in [("IMG_5195.HEIC", (1_586, 2_048)), ("iphone_13_pro_max.HEIC", (1_536, 2_048))] {
            let Ok(original) = fs::read(folder.join(name)) else {
                println!("skipped: no real photos in {}", folder.display());
                return;
            };
            let made = renditions(&original).unwrap().unwrap();
            assert_eq!((made.display.width, made.display.height), display, "{name}");
            assert!(made.blur.is_some() && made.damage.is_none(), "{name}");
        }
    }
}
