//! `gatecrumb session`.

use clap::{ArgGroup, Subcommand};
use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{Session, SessionId, Timestamp, User, Username};
use gatecrumb_runtime::{Environment, now, sessions_not_before};
use serde::Serialize;

use crate::{
    Failure,
    cli::Place,
    output,
    table::Table,
    user::{about, find},
};

/// What to do with a user's sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List a user's sessions
    List {
        /// The name to sign in by
        username: String,
        /// Sessions opened before these epoch seconds are over, as in the deployment (or `SESSIONS_NOT_BEFORE`)
        #[arg(long, value_name = "SECONDS")]
        sessions_not_before: Option<String>,
    },
    /// End one of a user's sessions, or all of them
    #[command(group = ArgGroup::new("which").required(true).args(["session", "all"]))]
    Revoke {
        /// The name to sign in by
        username: String,
        /// The session's id, as `list` shows it
        session: Option<String>,
        /// All of them, sign-ins under way included
        #[arg(long)]
        all: bool,
    },
}

#[derive(Serialize)]
struct Shown {
    id: String,
    alive: bool,
    created_at: String,
    last_used_at: String,
    expires_at: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl Shown {
    fn new(session: Session, user: &User, not_before: Timestamp, now: Timestamp) -> Self {
        Self {
            alive: session.is_live(user, not_before, now),
            created_at: session.state.created_at.rfc3339(),
            last_used_at: session.state.rotated_at.rfc3339(),
            expires_at: session.state.ends_at().rfc3339(),
            id: session.id.into(),
            ip: session.ip,
            user_agent: session.user_agent,
        }
    }

    fn text(&self) -> String {
        let state = if self.alive { "alive" } else { "over " };
        let (ip, agent) = (
            self.ip.as_deref().unwrap_or("–"),
            self.user_agent.as_deref().unwrap_or("–"),
        );
        format!(
            "{} {state}  opened {}  refreshed {}  ends {}  {ip}  {agent}",
            self.id, self.created_at, self.last_used_at, self.expires_at
        )
    }
}

pub(crate) async fn run(place: &Place, command: Command) -> Result<(), Failure> {
    match command {
        Command::List {
            username,
            sessions_not_before: option,
        } => {
            let process = Environment::of_process();
            let env = Environment::new(move |name| option.clone().or_else(|| process.text(name)));
            let not_before = sessions_not_before(&env)?;
            let table = Table::open(place).await?;
            let user = find(&table.store, &Username::parse(&username)?).await?.user;
            let sessions = table.store.sessions(&user.id).await?;
            let shown: Vec<Shown> = sessions
                .into_iter()
                .map(|s| Shown::new(s, &user, not_before, now()))
                .collect();
            let lines: Vec<String> = shown.iter().map(Shown::text).collect();
            let text = if lines.is_empty() {
                "no sessions".to_owned()
            } else {
                lines.join("\n")
            };
            output::answer(place.json, &shown, text);
            Ok(())
        }
        Command::Revoke {
            username, session, ..
        } => {
            let session: Option<SessionId> = session.map(|id| id.parse()).transpose()?;
            let name = Username::parse(&username)?;
            let (table, mut trail) = (Table::open(place).await?, place.trail()?);
            let user = find(&table.store, &name).await?.user;
            let mut details = about(&user.id, &name);
            let text = if let Some(session) = session {
                let sessions = table.store.sessions(&user.id).await?;
                if !sessions.iter().any(|found| found.id == session) {
                    return Err(Failure::new(format!(
                        "{} has no session {session}",
                        user.username
                    )));
                }
                table.store.end_session(&user.id, &session).await?;
                details["session"] = session.fingerprint().into();
                trail.record("session_revoked", details)?;
                "the session is over"
            } else {
                table
                    .store
                    .change_user(&user.id, &Change::EndSessions, now())
                    .await?;
                trail.record("sessions_revoked", details)?;
                "all sessions are over"
            };
            output::answer(place.json, &serde_json::json!({ "revoked": true }), text);
            Ok(())
        }
    }
}
