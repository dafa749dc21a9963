//! Every screen and its address, with typed ids. The app's base path is put before them by the page.

use super::views::{
    Accounts, Desk, DeviceRoom, Drafts, JobMap, JobScreen, New, NotFound, Shell, SignIn, SignInWith, Sync, Today,
};
use coldpatch_shared::city::Role;
use coldpatch_shared::ids::{DeviceId, WorkOrderId};
use dioxus::prelude::*;

/// A screen of the staff app.
#[derive(Debug, Clone, PartialEq, Routable)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "named after the screens, which say what they are")]
pub enum Route {
    #[layout(Shell)]
        #[route("/")]
        Accounts {},
        #[route("/sign-in")]
        SignIn {},
        #[route("/sign-in/:code")]
        SignInWith { code: String },
        #[nest("/d/:device")]
            #[layout(DeviceRoom)]
                #[route("/today")]
                Today { device: DeviceId },
                #[route("/jobs")]
                JobMap { device: DeviceId },
                #[route("/job/:id")]
                JobScreen { device: DeviceId, id: WorkOrderId },
                #[route("/sync")]
                Sync { device: DeviceId },
                #[route("/drafts")]
                Drafts { device: DeviceId },
                #[route("/new")]
                New { device: DeviceId },
                #[route("/desk")]
                Desk { device: DeviceId },
            #[end_layout]
        #[end_nest]
        #[route("/:..rest")]
        NotFound { rest: Vec<String> },
}

impl Route {
    /// Where somebody with this role begins.
    #[must_use]
    pub fn home(device: DeviceId, role: Role) -> Self {
        match role {
            Role::Inspector => Self::Drafts { device },
            Role::Supervisor => Self::Desk { device },
            Role::Crew | Role::Resident | Role::Server => Self::Today { device },
        }
    }
}
