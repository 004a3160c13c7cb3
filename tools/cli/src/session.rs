//! `gatecrumb session`.

use clap::Subcommand;
use gatecrumb_admin::{Admin as _, Change};
use gatecrumb_domain::{Session, SessionId, Timestamp, User, Username};
use gatecrumb_runtime::{Environment, config::sessions::not_before, now};
use serde::Serialize;

use crate::{
    Failure,
    cli::Target,
    confirm::Confirmation,
    output,
    table::{Access, Table},
    user::{about, find, look_up, no_such_user},
};

/// The subcommands of `session`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List a user's sessions
    #[command(after_help = "Examples:
  gatecrumb session list ada
  gatecrumb session list ada --table TABLE --json")]
    List {
        /// The username
        username: String,
        /// Sessions opened before this Unix time count as ended, as in the deployment (or set `SESSIONS_NOT_BEFORE`)
        #[arg(long, value_name = "SECONDS")]
        sessions_not_before: Option<String>,
    },
    /// End one of a user's sessions, or all of them; prompts for confirmation before ending all
    #[command(
        override_usage = "gatecrumb session revoke [OPTIONS] <USERNAME> <SESSION>
       gatecrumb session revoke [OPTIONS] <USERNAME> --all",
        after_help = "Examples:
  gatecrumb session revoke ada SESSION
  gatecrumb session revoke ada --all
  gatecrumb session revoke ada --all --yes          without the prompt, for scripts"
    )]
    Revoke {
        /// The username
        username: String,
        /// The session's id, as printed by `list`
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        session: Option<String>,
        /// End all sessions, including those of sign-ins in progress
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

#[derive(Serialize)]
struct SessionOutput {
    id: String,
    alive: bool,
    created_at: String,
    last_used_at: String,
    expires_at: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl SessionOutput {
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
        let state = if self.alive { "alive" } else { "ended" };
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

pub(crate) async fn run(target: &Target, command: Command) -> Result<(), Failure> {
    match command {
        Command::List {
            username,
            sessions_not_before: option,
        } => {
            let process = Environment::of_process();
            let env = Environment::new(move |name| option.clone().or_else(|| process.text(name)));
            let not_before = not_before(&env)?;
            let table = Table::open(target, Access::Existing).await?;
            let user = find(&table.store, &Username::parse(&username)?).await?.user;
            let sessions = table.store.sessions(&user.id).await?;
            let listed: Vec<SessionOutput> = sessions
                .into_iter()
                .map(|session| SessionOutput::new(session, &user, not_before, now()))
                .collect();
            let lines: Vec<String> = listed.iter().map(SessionOutput::text).collect();
            let text = if lines.is_empty() {
                "no sessions".to_owned()
            } else {
                lines.join("\n")
            };
            output::result(target.json, &listed, text)
        }
        Command::Revoke {
            username,
            session,
            confirmation,
            ..
        } => {
            let name = Username::parse(&username)?;
            match session {
                Some(session) => revoke(target, &name, &session.parse()?).await,
                None => revoke_all(target, &name, &confirmation).await,
            }
        }
    }
}

async fn revoke(target: &Target, name: &Username, session: &SessionId) -> Result<(), Failure> {
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let user = find(&table.store, name).await?.user;
    let sessions = table.store.sessions(&user.id).await?;
    if !sessions.iter().any(|found| found.id == *session) {
        return Err(Failure::new(format!(
            "{0} has no session {session}: list them with `gatecrumb session list {0}`",
            user.username
        )));
    }
    table.store.end_session(&user.id, session).await?;
    let mut details = about(&user.id, name);
    details["session"] = session.fingerprint().into();
    audit_log
        .record("session_revoked", details)
        .map_err(Failure::after_the_change)?;
    revoked(target, &format!("ended session {session} of {}", name.as_str()))
}

async fn revoke_all(target: &Target, name: &Username, confirmation: &Confirmation) -> Result<(), Failure> {
    // Before the prompt.
    look_up(target, name).await?;
    confirmation.confirm(&format!("end all sessions of {}", name.as_str()))?;
    let (table, mut audit_log) = (Table::open(target, Access::Existing).await?, target.audit_log()?);
    let user = find(&table.store, name).await?.user;
    if !table
        .store
        .change_user(&user.id, &Change::EndSessions, now())
        .await?
    {
        return Err(no_such_user(name));
    }
    audit_log
        .record("sessions_revoked", about(&user.id, name))
        .map_err(Failure::after_the_change)?;
    revoked(target, &format!("ended all sessions of {}", name.as_str()))
}

fn revoked(target: &Target, text: &str) -> Result<(), Failure> {
    output::changed(target.json, &serde_json::json!({ "revoked": true }), text)
}
