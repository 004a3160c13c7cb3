//! Whether the password is the account's, without telling a stranger which half was wrong, and at the throttle's pace.

use gatecrumb_passwords::{HashingFailed, Password, StoredHash, Verdict, Verification};
use gatecrumb_store::{
    Account, Username,
    throttle::{Attempt, Turn},
};
use gatecrumb_web::{
    Problem, Request,
    audit::{Action, Subject},
};

use crate::{Credentials, Login};

/// Someone whose password was right.
pub(crate) struct Authenticated<'a> {
    pub(crate) account: Account,
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
            .map_or(credentials.username.as_str(), Username::as_str);
        let name_hash = self.signer.pseudonym(given);
        let mut attempt = self.limits.map(|limits| {
            self.store
                .attempt(limits, name_hash.clone(), request.client_address, request.now)
        });
        let refused = |action, account: Option<&Account>| {
            let subject = Subject {
                user: account.map(|account| &account.user.id),
                name_hash: Some(&name_hash),
                session: None,
            };
            request.audit(action, subject);
        };

        let account = match self.look_up(name.as_ref(), attempt.as_mut()).await? {
            Looked::Up(account) => account,
            Looked::TooOften(seconds) => {
                refused(Action::SignInThrottled, None);
                return Err(Problem::TooManyAttempts(seconds));
            }
        };
        let stored = account.as_ref().map(stored_hash);
        let verification = self.hasher.verify(password.clone(), stored).await;
        let verification = verification.map_err(hashing_failed)?;
        match (account, verification.verdict) {
            (Some(account), Verdict::Match { outdated }) => {
                return Ok(Authenticated {
                    account,
                    password,
                    outdated,
                    attempt,
                    verification,
                });
            }
            (account, Verdict::Mismatch | Verdict::Match { .. }) => {
                refused(Action::SignInFailed, account.as_ref());
            }
            (account, Verdict::Unusable(error)) => {
                let user = account.as_ref().map(|account| account.user.id.as_str());
                tracing::error!(event = "password_hash_unusable", user, %error);
                refused(Action::SignInFailed, account.as_ref());
            }
        }
        verification.wiped().await;
        Err(Problem::InvalidCredentials)
    }

    /// The account of that name, in two round trips. The throttle counts the attempt beside them, whether there is
    /// such an account or not.
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
        let account = async {
            match &user {
                Some(user) => self.store.account(user).await,
                None => Ok(None),
            }
        };
        let turn = async {
            match attempt {
                Some(attempt) => attempt.count_rest().await,
                None => Ok(Turn::Go),
            }
        };
        let (account, turn) = tokio::try_join!(account, turn)?;
        Ok(match turn {
            Turn::Go => Looked::Up(account),
            Turn::Wait(seconds) => Looked::TooOften(seconds),
        })
    }
}

/// What came of looking for an account.
enum Looked {
    /// The account, if there is one.
    Up(Option<Account>),
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

fn stored_hash(account: &Account) -> StoredHash {
    account.password_hash.expose().to_owned().into()
}

fn hashing_failed(error: HashingFailed) -> Problem {
    Problem::internal(error)
}
