//! Who is signed in, and the city's files.

use super::api::{Changed, EngineError, ErrorKind, Reply};
use super::core::Engine;
use super::errors::error;
use super::store::meta::{self, SignedIn};
use crate::platform::{HttpRequest, HttpResponse, Method};
use coldpatch_shared::api::{EnrollRequest, EnrollResponse, KNOWN_HERE, Problem};
use coldpatch_shared::city::CityFiles;
use coldpatch_shared::ids::DeviceId;
use coldpatch_shared::sync::phone::Event;
use std::rc::Rc;

const TIMEOUT_MS: i64 = 20_000;

impl Engine {
    pub(super) fn session(&self) -> Result<Reply, EngineError> {
        Ok(Reply::Session(meta::signed_in(self.store().db())?.map(|signed_in| signed_in.session)))
    }

    /// Turns a code into a session. The same device may repeat it: the answer may have been lost.
    pub(super) async fn enroll(
        self: &Rc<Self>,
        code: String,
        device_name: String,
        beside: Vec<DeviceId>,
    ) -> Result<Reply, EngineError> {
        let request =
            EnrollRequest { code: code.trim().to_owned(), device: self.store().device(), device_name, beside };
        let body = serde_json::to_vec(&request).map_err(|_| not_understood())?;
        let response = self
            .platform
            .transport
            .send(HttpRequest {
                method: Method::Post,
                path: "/api/enroll".to_owned(),
                token: None,
                headers: Vec::new(),
                body: Some(("application/json", body)),
                timeout_ms: TIMEOUT_MS,
            })
            .await?;
        if !(200..300).contains(&response.status) {
            if let Some(device) = known_here(&response, &request.beside) {
                return Ok(Reply::KnownHere(device));
            }
            return Err(server_said_no(&response));
        }
        let enrolled: EnrollResponse = serde_json::from_slice(&response.body).map_err(|_| not_understood())?;
        let session = enrolled.session.clone();
        let before = meta::signed_in(self.store().db())?;
        if before.is_some_and(|before| before.session.user != session.user) {
            // What waits here is signed with the other's name, and would be refused.
            return Err(error(
                ErrorKind::Server,
                "This code is somebody else's, and what is on this phone is not theirs. Nothing was changed. Use a code of the \
                 person whose work this is, or sign in as another one on the first screen.",
            ));
        }
        let signed_in = SignedIn { session: enrolled.session, token: enrolled.token };
        self.store_mut().transact(|db| meta::set_signed_in(db, &signed_in))?;
        self.tell(&Changed::Session);
        self.wake_listener();
        self.happened(Event::ByHand);
        Ok(Reply::Session(Some(session)))
    }

    /// Fetches the city's files when the server has others than the phone.
    pub(super) async fn refresh_city(self: Rc<Self>, version: String) {
        let known = match meta::city(self.store().db()) {
            Ok(files) => files.is_some_and(|files| files.version() == version),
            Err(error) => {
                tracing::error!(%error, "the city's files in the database");
                false
            }
        };
        if known || std::mem::replace(&mut self.sync.borrow_mut().fetching_city, true) {
            return;
        }
        let fetched = self.fetch_city().await;
        self.sync.borrow_mut().fetching_city = false;
        if let Err(error) = fetched {
            // The next sync says again that there is another version.
            tracing::warn!(%error, "the city's files were not fetched");
        }
    }

    async fn fetch_city(&self) -> Result<(), EngineError> {
        let token = meta::signed_in(self.store().db())?.map(|signed_in| signed_in.token);
        let request = HttpRequest {
            method: Method::Get,
            path: "/api/city".to_owned(),
            token,
            headers: Vec::new(),
            body: None,
            timeout_ms: 3 * TIMEOUT_MS,
        };
        let response = self.platform.transport.send(request).await?;
        if response.status != 200 {
            return Err(server_said_no(&response));
        }
        let files: CityFiles = serde_json::from_slice(&response.body).map_err(|_| not_understood())?;
        self.store_mut().transact(|db| meta::set_city(db, &files))?;
        self.forget_city();
        self.tell(&Changed::City);
        Ok(())
    }
}

/// Which of the devices beside this one the server says is the person's.
fn known_here(response: &HttpResponse, beside: &[DeviceId]) -> Option<DeviceId> {
    let problem: Problem = serde_json::from_slice(&response.body).ok()?;
    problem.device.filter(|device| problem.kind == KNOWN_HERE && beside.contains(device))
}

/// The server's own words, if it sent any.
fn server_said_no(response: &HttpResponse) -> EngineError {
    let problem: Option<Problem> = serde_json::from_slice(&response.body).ok();
    let message = problem.map_or_else(
        || {
            format!(
                "The city's server could not do this (it answered {}). Nothing was lost; try again later.",
                response.status
            )
        },
        |problem| {
            [problem.title.trim_end_matches('.'), problem.detail.as_str()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(". ")
        },
    );
    error(ErrorKind::Server, message)
}

fn not_understood() -> EngineError {
    error(
        ErrorKind::Server,
        "The city's server answered something that this version of the app does not understand. Nothing was lost. Reload \
         the app, or update it.",
    )
}
