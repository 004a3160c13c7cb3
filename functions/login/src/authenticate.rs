//! Verifies a password. The throttle limits attempts, and no response reveals whether the username or the password was
//! wrong.

use gatecrumb_auth::{
    audit::{self, Action, Subject},
    sign_in::Visitor,
    throttle::{Acquired, Permit, Purpose},
};
use gatecrumb_aws::Unavailable;
use gatecrumb_domain::{UserId, Username, throttle::Network, trimmed};
use gatecrumb_passwords::{Password, Verdict, Verification};
use gatecrumb_store::Credentials as StoredCredentials;
use gatecrumb_tokens::{cookies::PresentedCookies, device::Browser};
use gatecrumb_web::{Problem, Request, sign_in};

use crate::{Credentials, Login};

/// A sign-in whose password was correct.
pub(crate) struct Authenticated<'a> {
    pub(crate) found: StoredCredentials,
    pub(crate) password: Password,
    /// Whether the stored hash has another cost than the configured one.
    pub(crate) outdated: bool,
    /// Not released yet.
    pub(crate) permit: Permit<'a>,
    /// Wipes its memory in the background.
    pub(crate) verification: Verification,
    pub(crate) account: Account,
}

/// The account that the visitor claims. Only the username and the device cookies are known so far.
pub(crate) struct Account {
    /// In canonical form if it is a valid username, otherwise trimmed.
    name: String,
    browser: Browser,
}

impl Account {
    pub(crate) fn visitor<'a>(&'a self, request: &'a Request) -> Visitor<'a> {
        Visitor {
            name: &self.name,
            browser: &self.browser,
            client: &request.client,
        }
    }
}

impl Login {
    /// Every failure of the credentials takes the time of one hash and gets the same response.
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
        let devices = &self.sign_in.devices;
        // People type passwords here by mistake, so the table and the log get only a keyed hash.
        let name_hash = devices.pseudonym(given);
        let account = Account {
            name: given.to_owned(),
            browser: devices.recognize(given, cookies.device.iter(), request.now),
        };
        let refused = |action, found: Option<&StoredCredentials>| {
            let subject = Subject {
                user: found.map(|found| &found.user.id),
                name_hash: Some(&name_hash),
                session: None,
                device: Some(account.visitor(request).device()),
            };
            audit::record(&request.client, action, subject);
        };
        let purpose = Purpose::SignIn {
            device: account.browser.device(),
            name: &name_hash,
            network: Network::of(request.client.address),
        };
        // Not `try_join!`: if the lookup fails, the permit must be known, so that it can be released.
        let (user, acquired) = tokio::join!(
            self.find_user(name.as_ref()),
            self.throttle.acquire(purpose, request.now)
        );
        let (user, permit) = match (user, acquired) {
            (Ok(user), Ok(Acquired::Granted(permit))) => (user, permit),
            (Ok(_), Ok(Acquired::Denied { retry_after })) => {
                refused(Action::SignInThrottled, None);
                return Err(sign_in::TOO_MANY_ATTEMPTS.after(retry_after));
            }
            (Err(error), Ok(Acquired::Granted(permit))) => {
                permit.abandoned().await;
                return Err(error.into());
            }
            (Err(error), _) | (_, Err(error)) => return Err(error.into()),
        };
        let (found, verification) = match self.verify(user, &password).await {
            Ok(verified) => verified,
            Err(problem) => {
                permit.abandoned().await;
                return Err(problem);
            }
        };
        match (found, verification.verdict) {
            (Some(found), Verdict::Match { outdated }) => {
                return Ok(Authenticated {
                    found,
                    password,
                    outdated,
                    permit,
                    verification,
                    account,
                });
            }
            (found, Verdict::Mismatch | Verdict::Match { .. }) => {
                refused(Action::SignInFailed, found.as_ref());
            }
            (found, Verdict::Unusable(error)) => {
                let user = found.as_ref().map(|found| found.user.id.as_str());
                tracing::error!(event = "password_hash_unusable", user, %error);
                refused(Action::SignInFailed, found.as_ref());
            }
        }
        verification.wiped().await;
        Err(sign_in::INVALID_CREDENTIALS)
    }

    async fn find_user(&self, name: Option<&Username>) -> Result<Option<UserId>, Unavailable> {
        match name {
            Some(name) => self.sign_in.store.find_login(name).await,
            None => Ok(None),
        }
    }

    /// Takes one round trip and one hash, even if the user does not exist.
    async fn verify(
        &self,
        user: Option<UserId>,
        password: &Password,
    ) -> Result<(Option<StoredCredentials>, Verification), Problem> {
        // For an unknown name, read a random id, so that the request takes as long as any other.
        let user = match user {
            Some(user) => user,
            None => UserId::random(&*self.randomness)?,
        };
        let found = self.sign_in.store.credentials(&user).await?;
        let hash = found.as_ref().map(|found| found.password_hash.clone());
        let verification = self.hasher.verify(password.clone(), hash).await;
        Ok((found, verification.map_err(Problem::internal)?))
    }
}
