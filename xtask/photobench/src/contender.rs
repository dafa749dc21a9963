//! Who makes both renditions of a photo: upright, sRGB, without metadata, 2,048 px at quality 80 and 320 px.
//!
//! Each as its manual says that it is quickest, on one thread. The thumbnail's limit of 16 KB is asked of nobody but us.

use crate::process::{self, Spent};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One way of making both.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    way: Way,
}

enum Way {
    Ours(PathBuf),
    Vips,
    VipsOnce,
    ImageMagick,
    Sharp(PathBuf),
}

/// We first, then vipsthumbnail, then the others.
pub(crate) fn all(js: &Path) -> Result<Vec<Contender>> {
    let ours = std::env::current_exe().context("who am I?")?;
    Ok(vec![
        Contender { name: "Coldpatch", way: Way::Ours(ours) },
        Contender { name: "vipsthumbnail", way: Way::Vips },
        Contender { name: "vipsthumbnail, thumbnail from display", way: Way::VipsOnce },
        Contender { name: "ImageMagick", way: Way::ImageMagick },
        Contender { name: "sharp", way: Way::Sharp(js.join("sharp.mjs")) },
    ])
}

impl Contender {
    /// Runs it on one core.
    pub(crate) fn run(&self, photo: &Path, folder: &Path) -> Result<Spent> {
        let (display, thumbnail) = (folder.join("peer-display.jpg"), folder.join("peer-thumbnail.jpg"));
        match &self.way {
            Way::Ours(program) => {
                let mut command = Command::new(program);
                command.arg("make").arg(photo).arg(folder);
                process::run(&command)
            }
            Way::Vips => {
                let first = process::run(&vips(photo, 2_048, &display, 80))?;
                Ok(first.then(&process::run(&vips(photo, 320, &thumbnail, 75))?))
            }
            Way::VipsOnce => {
                let first = process::run(&vips(photo, 2_048, &display, 80))?;
                Ok(first.then(&process::run(&vips(&display, 320, &thumbnail, 75))?))
            }
            Way::ImageMagick => {
                let mut command = Command::new("convert");
                command.args(["-limit", "thread", "1"]).arg(photo).args([
                    "-auto-orient",
                    "-resize",
                    "2048x2048",
                    "-strip",
                ]);
                command.args(["-sampling-factor", "4:2:0", "-quality", "80", "-write"]).arg(&display);
                command.args(["-resize", "320x320", "-quality", "75"]).arg(&thumbnail);
                process::run(&command)
            }
            Way::Sharp(script) => {
                let mut command = Command::new("node");
                command.arg(script).arg(photo).arg(&display).arg(&thumbnail);
                process::run(&command)
            }
        }
    }
}

/// One rendition by vipsthumbnail, which turns upright by itself.
pub(crate) fn vips(photo: &Path, side: u32, to: &Path, quality: u32) -> Command {
    let mut command = Command::new("vipsthumbnail");
    // Without `--eprofile`: these photos have no profile, and vips would take time and quality to convert sRGB to sRGB.
    command.env("VIPS_CONCURRENCY", "1").arg(photo).args(["--size", &format!("{side}x{side}")]);
    command.arg("--output").arg(format!("{}[Q={quality},strip]", to.display()));
    command
}
