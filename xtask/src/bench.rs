//! `cargo xtask bench`: figures that decide whether something is fast or small enough, each against its goal.
//!
//! - `app`: the phone with 2,000 work orders. What runs in a browser is measured by `e2e/bench-app.mjs`, what runs
//!   natively by `mobile/examples/engine_memory.rs`; both print figures, one JSON line each.
//! - `sync`: a day's catch-up and a first sync over two links, beside other people's programs, by `xtask/bench`; the phone's
//!   part of it in a browser, by `e2e/bench-sync.mjs`. With `--scale`, a server with a million work orders.
//! - `photos`: what people are shown of a photo, beside other people's programs, by `xtask/photobench`; in a browser, one
//!   and fifty at once, by `e2e/bench-photos.mjs`.
//! - `lighthouse`: what Lighthouse says of the pages that people open from a link, by `e2e/bench-lighthouse.mjs`.
//! - `program`: benches that are programs of their own.
//! - `figure`: what a figure is, as a table or as JSON.

mod app;
mod figure;
mod lighthouse;
mod photos;
mod program;
mod sync;

use anyhow::Result;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The app with 2,000 work orders, offline, with the page's processor throttled four times.
    App {
        /// One JSON line for each figure instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Lighthouse's accessibility and best practices, on the pages that people open from a link.
    Lighthouse {
        /// One JSON line for each figure instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// A photo's renditions, beside vipsthumbnail, ImageMagick and sharp.
    Photos {
        /// JSON lines instead of tables.
        #[arg(long)]
        json: bool,
    },
    /// Sync over a slow and a fast link, beside samod, automerge-repo and PouchDB.
    Sync {
        /// JSON lines instead of tables.
        #[arg(long)]
        json: bool,
        /// Instead: a server with up to a million work orders and a thousand live phones. Up to 20 minutes, 10 GB.
        #[arg(long)]
        scale: bool,
    },
}

/// Measures; whether every goal is met.
pub(crate) fn run(options: &Options) -> Result<bool> {
    match options.what {
        What::App { json } => {
            let figures = app::measure()?;
            figure::print(&figures, json)?;
            Ok(figure::hold(&figures))
        }
        What::Lighthouse { json } => {
            let figures = lighthouse::measure()?;
            figure::print(&figures, json)?;
            Ok(figure::hold(&figures))
        }
        What::Photos { json } => {
            let measured = photos::measure()?;
            measured.print_rows(json, photos::table);
            figure::print(&measured.figures, json)?;
            Ok(figure::hold(&measured.figures))
        }
        What::Sync { json, scale } => {
            let measured = if scale { sync::scale()? } else { sync::measure()? };
            measured.print_rows(json, sync::table);
            figure::print(&measured.figures, json)?;
            if !scale {
                eprintln!("what grows with the number of work orders stored: `cargo xtask bench sync --scale`");
            }
            Ok(figure::hold(&measured.figures))
        }
    }
}
