//! Whether the password is the account's, without telling a stranger which half was wrong, and at the throttle's pace.

use gatecrumb_domain::{UserId, Username, throttle::Network, trimmed};
use gatecrumb_passwords::{Password, Verdict, Verification};
use gatecrumb_store::{
    Credentials as Stored, Unavailable,
    throttle::{self, Attempt, Permit},
};
use gatecrumb_tokens::{cookies::PresentedCookies, device::Browser};
use gatecrumb_web::{
    Problem, Request,
    audit::{Action, Device, Subject},
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
    /// Who signed in.
    pub(crate) visitor: Visitor,
}

/// Who wants to sign in, as far as name and device cookies tell.
pub(crate) struct Visitor {
    /// The name as typed, in its canonical form if it has one.
    pub(crate) name: String,
    /// Whether they have signed in under that name here before.
    pub(crate) browser: Browser,
}

impl Visitor {
    pub(crate) fn kind(&self) -> Device {
        if self.browser.device().is_some() {
            Device::Known
        } else {
            Device::New
        }
    }
}

impl Login {
    /// The account of these credentials. Whatever is wrong with them costs one hash and says the same.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
        credentials: &Credentials,
        cookies: &PresentedCookies,
    ) -> Result<Authenticated<'_>, Problem> {
        let password = Password::presented(&credentials.password);
        let name = Username::parse(&credentials.username).ok();
        let given = name
            .as_ref()
            .map_or_else(|| trimmed(&credentials.username), Username::as_str);
        // People type passwords there by mistake: neither the table nor the log gets it as it is.
        let name_hash = self.devices.pseudonym(given);
        let visitor = Visitor {
            name: given.to_owned(),
            browser: self.devices.recognise(given, cookies.device.iter(), request.now),
        };
        let device = Some(visitor.kind());
        let mut attempt = self.limits.map(|limits| {
            let from = match visitor.browser.device() {
                Some(device) => throttle::Visitor::Device(device.clone()),
                None => throttle::Visitor::stranger(name_hash.clone(), Network::of(request.client_address)),
            };
            self.store.attempt(limits, from, request.now)
        });
        let refused = |action, stored: Option<&Stored>| {
            let subject = Subject {
                user: stored.map(|stored| &stored.user.id),
                name_hash: Some(&name_hash),
                session: None,
                device,
            };
            request.audit(action, subject);
        };

        let stored = match self.look_up(name.as_ref(), attempt.as_mut()).await {
            Ok(Looked::Up(stored)) => stored,
            Ok(Looked::TooOften(seconds)) => {
                refused(Action::SignInThrottled, None);
                return Err(Problem::TooManyAttempts(seconds));
            }
            Err(problem) => {
                abandon(attempt.as_ref()).await;
                return Err(problem);
            }
        };
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let verification = match self.hasher.verify(password.clone(), hash).await {
            Ok(verification) => verification,
            Err(error) => {
                abandon(attempt.as_ref()).await;
                return Err(Problem::internal(error));
            }
        };
        match (stored, verification.verdict) {
            (Some(stored), Verdict::Match { outdated }) => {
                return Ok(Authenticated {
                    stored,
                    password,
                    outdated,
                    attempt,
                    verification,
                    visitor,
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
    /// throttle counts the attempt beside the first one.
    async fn look_up(
        &self,
        name: Option<&Username>,
        attempt: Option<&mut Attempt<'_>>,
    ) -> Result<Looked, Problem> {
        let user = async {
            match name {
                Some(name) => self.store.find_login(name).await,
                None => Ok(None),
            }
        };
        let permit = async {
            match attempt {
                Some(attempt) => attempt.count().await,
                None => Ok(Permit::Granted),
            }
        };
        // Both to their ends: what was counted must be known, so that it can be given back.
        let (user, permit) = tokio::join!(user, permit);
        let user = user?;
        if let Permit::Denied { retry_after } = permit? {
            return Ok(Looked::TooOften(retry_after));
        }
        // Where nobody has the name, the read is of a user whom nobody is: it takes as long as any other.
        let user = match user {
            Some(user) => user,
            None => UserId::random(&*self.randomness)?,
        };
        Ok(Looked::Up(self.store.credentials(&user).await?))
    }
}

/// What came of looking for an account.
enum Looked {
    /// The user and the hash, if there is such a user.
    Up(Option<Stored>),
    /// Nothing: so many seconds are to pass first.
    TooOften(u32),
}

/// The password was right. Best effort: a failure here must not fail the sign-in.
pub(crate) async fn forgive(attempt: Option<&Attempt<'_>>) {
    if let Some(attempt) = attempt {
        warn_of(attempt.succeeded().await);
    }
}

/// The password was not looked at, because of a fault that the visitor has no part in. Best effort.
async fn abandon(attempt: Option<&Attempt<'_>>) {
    if let Some(attempt) = attempt {
        warn_of(attempt.abandoned().await);
    }
}

fn warn_of(outcome: Result<(), Unavailable>) {
    if let Err(error) = outcome {
        let cause = error.to_string();
        tracing::warn!(event = "throttle_not_taken_back", cause);
    }
}
