use std::{sync::Arc, time::Duration};

use gatecrumb_domain::{Clock, UserId};
use gatecrumb_tokens::guard::{Access, Guard};
use lambda_http::{
    Body, Request, Response,
    http::{StatusCode, header::CONTENT_TYPE},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Note, NoteId, Table, Text,
    problem::{Failure, json_response, no_content},
    route::Route,
};

/// More than the longest note takes, even with every character escaped.
const MAX_BODY_BYTES: usize = 32 * 1024;
/// Deleting all notes wants a sign-in of the last five minutes.
const FRESH: Duration = Duration::from_secs(300);
/// The role that may read the number of everybody's notes.
const ADMIN: &str = "admin";

/// The API: who is calling, the notes, and the time.
pub struct Api {
    guard: Guard,
    table: Table,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
}

impl Api {
    /// All are parameters, so that Lambda, a local run and a test use the same code.
    pub fn new(guard: Guard, table: Table, clock: Arc<dyn Clock>) -> Self {
        Self { guard, table, clock }
    }

    /// The response to any request. Nothing of a request is logged.
    pub async fn respond(&self, request: Request) -> Response<String> {
        match self.handle(request).await {
            Ok(response) => response,
            Err(failure) => failure.into_response(),
        }
    }

    async fn handle(&self, request: Request) -> Result<Response<String>, Failure> {
        let now = self.clock.now();
        let access = self.guard.check(request.method(), request.headers(), now)?;
        match Route::of(&request).ok_or(Failure::NotFound)? {
            Route::List => self.list(&access).await,
            Route::Add => self.add(&access, &request).await,
            Route::Remove { id } => self.remove(&access, &id).await,
            Route::RemoveAll => {
                access.require_fresh(FRESH, now)?;
                self.table.remove_all(&access.user_id).await?;
                Ok(no_content())
            }
            Route::Counts { after } => {
                access.require_role(ADMIN)?;
                self.counts(after).await
            }
        }
    }

    async fn list(&self, access: &Access) -> Result<Response<String>, Failure> {
        let notes = self.table.notes(&access.user_id).await?;
        Ok(json_response(StatusCode::OK, &json!({ "notes": notes })))
    }

    async fn add(&self, access: &Access, request: &Request) -> Result<Response<String>, Failure> {
        let note = Note {
            id: NoteId::random(),
            text: text_of(request)?,
            created_at: self.clock.now_millis(),
        };
        if !self.table.add(&access.user_id, &note).await? {
            return Err(Failure::Full);
        }
        Ok(json_response(StatusCode::CREATED, &json!({ "note": note })))
    }

    /// A note of another user is answered like one that does not exist.
    async fn remove(&self, access: &Access, id: &str) -> Result<Response<String>, Failure> {
        let id = NoteId::parse(id).ok_or(Failure::NotFound)?;
        if !self.table.remove(&access.user_id, id).await? {
            return Err(Failure::NotFound);
        }
        Ok(no_content())
    }

    async fn counts(&self, after: Option<String>) -> Result<Response<String>, Failure> {
        let after = after
            .map(UserId::try_from)
            .transpose()
            .map_err(|_| Failure::After)?;
        let page = self.table.counts(after.as_ref()).await?;
        let counts: Vec<_> = page
            .counts
            .iter()
            .map(|(user, notes)| json!({ "user": user, "notes": notes }))
            .collect();
        Ok(json_response(
            StatusCode::OK,
            &json!({ "counts": counts, "next": page.next }),
        ))
    }
}

/// The text of the note in the body.
fn text_of(request: &Request) -> Result<Text, Failure> {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    // Parameters such as charset are ignored: JSON is UTF-8.
    let media_type = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Failure::MediaType);
    }
    let body = match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => &[],
    };
    if body.len() > MAX_BODY_BYTES {
        return Err(Failure::TooLarge);
    }
    let NewNote { text } = serde_json::from_slice(body).map_err(|_| Failure::Malformed)?;
    Ok(Text::parse(&text)?)
}
