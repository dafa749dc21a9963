//! What the UI knows: for each enrolled device its door, its session, the city and the sync line. Lives at the root, so
//! that leaving a screen neither forgets nor cancels anything.
//!
//! Commands ([`Device::act`] and the like) run on although their screen is left. No signal is read across an `await`.

mod device;
mod hooks;
mod rows;
mod scroll;
mod sought;
mod town;
mod window;

pub use device::{Device, Loaded};
pub use hooks::{Here, use_day, use_fix, use_here, use_job, use_jobs, use_picture};
pub use rows::use_rows;
pub use scroll::{Scroll, use_scroll};
pub use sought::{Sought, toggle};
pub use town::Town;
pub use window::{BLOCK as ROWS_TOGETHER, NEAR, Seen, Window};

use crate::engine::api::EngineError;
use crate::ui::platform::Handle;
use coldpatch_shared::ids::DeviceId;
use dioxus::prelude::*;
use std::collections::HashMap;

/// Every device that was opened since the app started, and the platform that opens them.
#[derive(Clone, Copy)]
pub struct Devices {
    platform: CopyValue<Handle>,
    open: CopyValue<HashMap<DeviceId, Device>>,
}

impl Devices {
    /// Nothing open yet. Call it once, in the root component.
    #[must_use]
    pub fn new(platform: Handle) -> Self {
        Self {
            platform: CopyValue::new_in_scope(platform, ScopeId::ROOT),
            open: CopyValue::new_in_scope(HashMap::new(), ScopeId::ROOT),
        }
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> Handle {
        self.platform.read().clone()
    }

    /// The device, opened once.
    ///
    /// # Errors
    /// [`EngineError`] when its engine cannot be opened.
    pub fn device(&self, id: DeviceId) -> Result<Device, EngineError> {
        if let Some(device) = self.open.read().get(&id) {
            return Ok(*device);
        }
        let device = Device::open(&self.platform(), id)?;
        let mut open = self.open;
        open.write().insert(id, device);
        Ok(device)
    }
}
