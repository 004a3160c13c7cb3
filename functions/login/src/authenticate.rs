//! Whether the password is the account's, without telling a stranger which half was wrong, and at the throttle's pace.

use gatecrumb_passwords::{HashingFailed, Password, StoredHash, Verdict, Verification};
use gatecrumb_store::{
    Credentials as Stored, Username,
    throttle::{Attempt, Turn},
    trimmed,
};
use gatecrumb_tokens::UserId;
use gatecrumb_web::{
    Problem, Request,
    audit::{Action, Subject},
};

use crate::{Credentials, Login};

/// Someone whose password was right.
pub(crate) struct Authenticated<'a> {
    pub(crate) stored: Stored,
    pub(crate) password: Password,
    /// Whether the stored hash has another cost than today's.
    pub(crate) outdated: bool,
    /// To be taken back.
    pub(crate) attempt: Option<Attempt<'a>>,
    /// Whose memory is still being wiped.
    pub(crate) verification: Verification,
}

impl Login {
    /// The account of these credentials. Whatever is wrong with them costs one hash and says the same.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Authenticated<'_>, Problem> {
        let password = Password::presented(&credentials.password);
        let name = Username::parse(&credentials.username).ok();
        // People type passwords there by mistake: neither the table nor the log gets it as it is.
        let given = name
            .as_ref()
            .map_or_else(|| trimmed(&credentials.username), Username::as_str);
        let name_hash = self.signer.pseudonym(given);
        let mut attempt = self.limits.map(|limits| {
            self.store
                .attempt(limits, name_hash.clone(), request.client_address, request.now)
        });
        let refused = |action, stored: Option<&Stored>| {
            let subject = Subject {
                user: stored.map(|stored| &stored.user.id),
                name_hash: Some(&name_hash),
                session: None,
            };
            request.audit(action, subject);
        };

        let stored = match self.look_up(name.as_ref(), attempt.as_mut()).await? {
            Looked::Up(stored) => stored,
            Looked::TooOften(seconds) => {
                refused(Action::SignInThrottled, None);
                return Err(Problem::TooManyAttempts(seconds));
            }
        };
        let hash = stored.as_ref().map(stored_hash);
        let verification = self.hasher.verify(password.clone(), hash).await;
        let verification = verification.map_err(hashing_failed)?;
        match (stored, verification.verdict) {
            (Some(stored), Verdict::Match { outdated }) => {
                return Ok(Authenticated {
                    stored,
                    password,
                    outdated,
                    attempt,
                    verification,
                });
            }
            (stored, Verdict::Mismatch | Verdict::Match { .. }) => {
                refused(Action::SignInFailed, stored.as_ref());
            }
            (stored, Verdict::Unusable(error)) => {
                let user = stored.as_ref().map(|stored| stored.user.id.as_str());
                tracing::error!(event = "password_hash_unusable", user, %error);
                refused(Action::SignInFailed, stored.as_ref());
            }
        }
        verification.wiped().await;
        Err(Problem::InvalidCredentials)
    }

    /// The user of that name with the hash of their password, in two round trips whether there is such a user or not. The
    /// throttle counts the attempt beside them.
    async fn look_up(
        &self,
        name: Option<&Username>,
        mut attempt: Option<&mut Attempt<'_>>,
    ) -> Result<Looked, Problem> {
        let user = async {
            match name {
                Some(name) => self.store.find_login(name).await,
                None => Ok(None),
            }
        };
        let turn = async {
            match attempt.as_deref_mut() {
                Some(attempt) => attempt.count_pair().await,
                None => Ok(Turn::Go),
            }
        };
        let (user, turn) = tokio::try_join!(user, turn)?;
        if let Turn::Wait(seconds) = turn {
            return Ok(Looked::TooOften(seconds));
        }
        // Where nobody has the name, the read is of a user whom nobody is: it takes as long as any other.
        let user = user.map_or_else(UserId::random, Ok)?;
        let turn = async {
            match attempt {
                Some(attempt) => attempt.count_rest().await,
                None => Ok(Turn::Go),
            }
        };
        let (stored, turn) = tokio::try_join!(self.store.credentials(&user), turn)?;
        Ok(match turn {
            Turn::Go => Looked::Up(stored),
            Turn::Wait(seconds) => Looked::TooOften(seconds),
        })
    }
}

/// What came of looking for an account.
enum Looked {
    /// The user and the hash, if there is such a user.
    Up(Option<Stored>),
    /// Nothing: so many seconds are to pass first.
    TooOften(u32),
}

/// The password was right. The sign-in does not hang on the counters.
pub(crate) async fn forgive(attempt: Option<&Attempt<'_>>) {
    if let Some(attempt) = attempt
        && let Err(error) = attempt.succeeded().await
    {
        let cause = error.to_string();
        tracing::warn!(event = "throttle_not_taken_back", cause);
    }
}

fn stored_hash(stored: &Stored) -> StoredHash {
    stored.password_hash.expose().to_owned().into()
}

fn hashing_failed(error: HashingFailed) -> Problem {
    Problem::internal(error)
}
