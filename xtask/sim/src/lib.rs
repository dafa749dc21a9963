//! The simulator: one seed is one world. Up to twenty phones and one server live three days in one process, in virtual time,
//! over disks that crash, fill up and come back from backups, and a network that delays, loses, doubles and cuts.
//!
//! | module | what it is |
//! |---|---|
//! | [`seed`] | one number, and a stream of draws for each part |
//! | [`agenda`] | virtual time: what comes next |
//! | [`disk`] | a disk in memory under real SQLite, with faults |
//! | [`network`] | one request, at most one answer, and what comes between |
//! | [`world`] | who is there and what happens to them, as data |
//! | [`run`] | a world while it happens, over the product's own code |
//! | `claims` | what must be true at the end |
//! | [`sabotage`] | bugs that are put back on purpose |
//!
//! Nothing reads a clock, starts a thread, touches a file or iterates a hash map, so that a seed repeats. One thing is the whole
//! process's: SQLite's own dice, which make journals' checksums. A run of worlds pins them with
//! [`disk::pin_sqlite_dice`] before each world and runs one world at a time in a process. (Worlds beside each other would differ only in
//! bytes of journals that decide nothing.)
//!
//! # How a world runs
//!
//! The parts that are real are the phone's store (`mobile/src/engine/store`), the server's ledger and storage
//! (`sync-server/src/{ledger,storage}`), and the sync core of `shared`. The world takes the place of everything around
//! them: their drivers, HTTP, time and randomness.
//!
//! 1. [`world::Plan::of`] a seed. Each phone and the server get a [`disk::Disk`]; the happenings go into one
//!    [`agenda::Agenda`], where the network's arrivals and the sync core's timers join them.
//! 2. One event after the other: the world calls the store or the ledger, as their drivers do, with the time that this
//!    phone's clock shows. A call that fails because its disk is down means that this process has ended: the world drops the store
//!    with its connections, [forgets](network::Network::forget) the phone's requests, and puts the restart into the agenda.
//!    [`disk::Disk::restart`] refuses while a connection of the dead process lives. The new process opens with a new incarnation.
//!    Any other error is what the person would be told; the action counts as entered only when the store has said so.
//! 3. The world keeps its own record of what was acknowledged: to persons (the store has kept it) and to phones
//!    (the server has accepted it). A restored disk takes back what only that disk knew: the phone's acknowledgments since its copy, unless
//!    they were sent; the server's since its copy, unless a phone still holds them.
//! 4. At [`world::TROUBLE_ENDS`] everything is repaired and everybody syncs until a whole round brings nothing new; a bound on the rounds
//!    finds those that never settle.
//! 5. Then the claims: everyone in a scope has the same documents; what a person entered is in the documents or in that person's
//!    needs-attention list; nothing is there twice; the derived invariants hold; every database passes `integrity_check`. A claim that
//!    fails prints the seed, the event and the command that replays it.
//!
//! # How databases are opened on a [`disk::Disk`]
//!
//! [`disk::Disk::connect`] gives a connection for reading and writing, [`disk::Disk::connect_read_only`] one for reading. Code that opens
//! by path takes [`disk::Disk::uri`]. The pragmas are those of browsers: `journal_mode = truncate; synchronous = full`
//! (`full` syncs a truncated journal, so that is durable; with `journal_mode = delete` only `extra` is). There is no shared memory, so
//! a request for WAL leaves the journal mode as it is.

pub mod agenda;
mod claims;
pub mod disk;
pub mod network;
pub mod run;
pub mod sabotage;
pub mod seed;
pub mod world;
