//! The demo city with crews and people of the bench's own, in a folder as a server reads it, and a server's data in another.

use crate::generate::people::Person;
use anyhow::{Context, Result};
use coldpatch_server::app::App;
use coldpatch_server::config::{Config, LogFormat};
use coldpatch_server::{clock, enrollment};
use coldpatch_shared::api::{EnrollRequest, Session};
use coldpatch_shared::city::{FILE_NAMES, demo_files};
use coldpatch_shared::ids::{CrewId, DeviceId};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is added to the demo city's organization.
const CREWS: usize = 200;
/// Each crew has so many phones, each with a person of its own.
const PHONES: usize = 24;

/// The crew of this number.
#[must_use]
pub fn crew(number: usize) -> CrewId {
    CrewId(format!("crew-{number}"))
}

/// Writes the city into a folder, and says which.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path) -> Result<PathBuf> {
    let city = folder.join("city");
    fs::create_dir_all(&city)?;
    let files = demo_files();
    for name in FILE_NAMES {
        let text = files.get(name).with_context(|| format!("the demo city has no {name}"))?;
        let text = if name == "organization.json" { with_crews(text)? } else { text.to_owned() };
        fs::write(city.join(name), text)?;
    }
    Ok(city)
}

fn with_crews(text: &str) -> Result<String> {
    let mut all: Value = serde_json::from_str(text)?;
    let known = all["crews"].as_array().cloned().unwrap_or_default();
    let model = known.first().context("the demo city has no crew")?.clone();
    for number in 0..CREWS {
        let id = crew(number);
        if known.iter().all(|other| other["id"] != *id.as_str()) {
            let mut more = model.clone();
            (more["id"], more["name"]) = (json!(id), json!(format!("Crew {number}")));
            // No district: routing never gives them anything.
            more["districts"] = json!([]);
            all["crews"].as_array_mut().context("no crews")?.push(more);
        }
        for phone in 0..PHONES {
            let person = Person::of_crew(&id, phone);
            let entry = json!({
                "id": person.user, "name": person.user, "role": "crew", "crew": id, "department": "streets",
            });
            all["people"].as_array_mut().context("no people")?.push(entry);
        }
    }
    Ok(all.to_string())
}

/// Opens a server's data folder within this process, to prepare or look at it; a server process may run over the same.
///
/// # Errors
/// When it cannot be opened.
pub fn open(city: &Path, data: &Path) -> Result<Arc<App>> {
    Ok(App::open(Config {
        files: None,
        files_endpoint: None,
        data: data.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: "http://localhost".to_owned(),
        city: Some(city.to_owned()),
        pwa: None,
        log_days: 30,
        log: LogFormat::Human,
    })?)
}

/// Signs a person's device in: session and token.
///
/// # Errors
/// When the server does not know the person.
pub fn enroll(app: &App, person: &Person, device: DeviceId) -> Result<(Session, String)> {
    let invitation = enrollment::invite(app, &person.user, 1)?;
    let ask = EnrollRequest { code: invitation.code, device, device_name: "bench".to_owned(), beside: Vec::new() };
    let enrolled = enrollment::enroll(app, &ask, clock::now())?;
    Ok((enrolled.session, enrolled.token))
}
