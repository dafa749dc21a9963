//! Building the server: quickly for the demo and the tests, whole for production.

use crate::{command, paths, web};
use anyhow::Result;

/// The dev profile: its dependencies are compiled once, then a change is a matter of seconds. Reads the app's files
/// from `--pwa`.
pub(crate) fn debug() -> Result<()> {
    command::run(command::cargo().args(["build", "--package", "coldpatch-server"]))
}

/// One binary, the app's files inside.
pub(crate) fn release() -> Result<()> {
    web::run(&web::Options::default())?;
    command::run(
        command::cargo()
            .args(["build", "--release", "--package", "coldpatch-server"])
            .env("COLDPATCH_PWA", paths::pwa()),
    )?;
    println!("server: target/release/coldpatch-server");
    Ok(())
}
