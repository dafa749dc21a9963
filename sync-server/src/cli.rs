//! The command line.

use crate::config::Settings;
use clap::{Args, Parser, Subcommand};
use coldpatch_shared::ids::{DeviceId, UserId};

/// Street work for a city: phones sync with it, residents report to it, and it needs nothing but a folder to write to.
#[derive(Debug, Parser)]
#[command(
    name = "coldpatch-server",
    version,
    after_help = "Settings come from flags, then environment variables, then the file that --config names, then defaults."
)]
pub struct Cli {
    /// Settings that every command shares.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: sync, residents' pages, Open311 and the app, until Ctrl-C
    #[command(
        long_about = "Run the server: sync with phones, the residents' pages, Open311 GeoReport v2 and the app's own \
            files, from one data folder. Ctrl-C or SIGTERM ends it; what is under way is finished first. Killing it \
            loses nothing that it has answered for."
    )]
    Serve,
    /// Make a one-time code with which a person signs in a device
    #[command(
        long_about = "Make a one-time code with which a person signs in one device, and print it with its link. \
            People are those of the city's organization.json. Works beside a running server."
    )]
    Enroll(Enroll),
    /// Take in a city's published export of service requests
    #[command(
        long_about = "Take in a city's published export of service requests (CSV). Every row is accepted, was there \
            already, or is refused with its line, field and reason; one bad row does not touch its neighbors. Running \
            it again creates nothing twice. Works beside a running server."
    )]
    Import(Import),
    /// Copy the database, and photos, while the server runs
    #[command(
        long_about = "Copy the database to a new file, whole and consistent, while the server runs; and with --photos \
            those photos that the folder does not have yet. Only with --photos phones are told that what they sent is \
            safe, and keep their originals until then. Keep the file server.key of the data folder with it, but not in \
            the same place: with it phones prove what a restored server has lost."
    )]
    Backup(Backup),
    /// List the devices that are signed in, with when each was last heard from
    #[command(
        long_about = "List every device that was ever signed in: its id, whose it is, what the person calls it, since when, when \
            it was last heard from, and whether it was signed out since."
    )]
    Devices,
    /// Sign out a device that was lost or stolen, or all devices of a person
    #[command(
        long_about = "Sign out one device, or all devices of a person, at once and beside a running server. Nothing on the \
            device is deleted: its app says that the city has signed it out. What it had not sent is sent once the same \
            person signs in on it with a new code. It outlasts restarts, and a restore while the data folder's file \
            signed-out.txt is kept."
    )]
    Revoke(Revoke),
    /// After a restore from a backup: let phones give back what is lost, without waiting for the first to prove it
    #[command(
        long_about = "Begin a new life of the log. The server does so by itself as soon as a phone speaks that has seen \
            more than the restored database holds. Doing it by hand right after the restore, before the server runs \
            again, keeps it from giving a tracking number until then that it has given before."
    )]
    NewEpoch(NewEpoch),
    /// Fill an empty server with the demo city's work, and make sign-in links for its people
    #[command(
        long_about = "Fill the server with 60 open work orders of the demo city, always the same ones, dated relative \
            to now; then make fresh one-time sign-in links for a person of each crew, the inspector and the \
            supervisor, and print everything as one JSON object. Running it again only makes fresh links."
    )]
    SeedDemo,
}

/// `enroll`.
#[derive(Debug, Args)]
pub struct Enroll {
    /// Who, by the id in organization.json (ana-ruiz)
    #[arg(long, value_name = "ID", value_parser = |id: &str| Ok::<_, std::convert::Infallible>(UserId::from(id)))]
    pub person: UserId,
    /// For how many hours the code works
    #[arg(long, value_name = "N", default_value_t = crate::enrollment::DEFAULT_HOURS, value_parser = clap::value_parser!(u32).range(1..=24 * 90))]
    pub hours: u32,
}

/// `revoke`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Revoke {
    /// All devices of a person, by the id in organization.json
    #[arg(long, value_name = "ID", value_parser = |id: &str| Ok::<_, std::convert::Infallible>(UserId::from(id)))]
    pub person: Option<UserId>,
    /// One device, by the id that `devices` lists
    #[arg(long, value_name = "ID", value_parser = |id: &str| id.parse::<DeviceId>().map_err(|_| "this is no device's id; `devices` lists them"))]
    pub device: Option<DeviceId>,
}

/// `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Whose export it is
    #[arg(long, value_enum)]
    pub format: crate::import::Format,
    /// The CSV file
    #[arg(value_name = "FILE.csv")]
    pub file: std::path::PathBuf,
    /// Read only so many rows
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Write what became of the rows, each refusal with line, field and reason, to a JSON file
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<std::path::PathBuf>,
}

/// `new-epoch`.
#[derive(Debug, Args)]
pub struct NewEpoch {
    /// The smallest number that the new life may have; after a second restore, larger than any that was printed before
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub at_least: u32,
}

/// `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    pub to: std::path::PathBuf,
    /// A folder to which new photos are copied
    #[arg(long, value_name = "DIR")]
    pub photos: Option<std::path::PathBuf>,
}
