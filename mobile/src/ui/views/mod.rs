//! Views: they wire what the engine says to the components, and what people do to the engine.

mod accounts;
mod camera;
mod desk;
mod drafts;
mod job;
mod job_map;
mod kept;
mod long_list;
mod look;
mod model;
mod not_found;
mod picture;
mod pin;
mod retouch;
mod room;
mod shell;
mod sign_in;
mod sync;
mod today;

pub use accounts::Accounts;
pub use desk::Desk;
pub use drafts::{Drafts, New};
pub use job::JobScreen;
pub use job_map::JobMap;
pub use not_found::NotFound;
pub use room::DeviceRoom;
pub use shell::Shell;
pub use sign_in::{SignIn, SignInWith};
pub use sync::Sync;
pub use today::Today;
