use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One way in which a user proved who they are, with its name in RFC 8176 section 2.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum AuthenticationMethod {
    /// A password.
    Pwd,
    /// A one-time password.
    Otp,
    /// Possession of a key in hardware.
    Hwk,
    /// Possession of a key in software.
    Swk,
    /// The user was present at the device. It is not a factor.
    User,
    /// More than one factor.
    Mfa,
}

/// A string that names no [`AuthenticationMethod`] or no [`Acr`] that we issue.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not the name of an authentication method or an assurance level that is issued")]
pub struct UnknownAuthentication;

impl AuthenticationMethod {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] = [Self::Pwd, Self::Otp, Self::Hwk, Self::Swk, Self::User, Self::Mfa];

    /// Its name in RFC 8176.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Hwk => "hwk",
            Self::Swk => "swk",
            Self::User => "user",
            Self::Mfa => "mfa",
        }
    }
}

// Not derived: serde would also read `{"pwd":null}`.
impl TryFrom<String> for AuthenticationMethod {
    type Error = UnknownAuthentication;

    fn try_from(name: String) -> Result<Self, UnknownAuthentication> {
        let mut all = Self::ALL.into_iter();
        all.find(|method| method.as_str() == name)
            .ok_or(UnknownAuthentication)
    }
}

impl From<AuthenticationMethod> for &'static str {
    fn from(method: AuthenticationMethod) -> Self {
        method.as_str()
    }
}

/// A list of authentication methods without any.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a sign-in has at least one authentication method")]
pub struct NoMethod;

/// The methods of a sign-in, the claim `amr`: sorted, without duplicates, at least one, so at most six.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<AuthenticationMethod>", into = "Vec<AuthenticationMethod>")]
pub struct AuthenticationMethods(Vec<AuthenticationMethod>);

impl AuthenticationMethods {
    /// A password alone.
    #[must_use]
    pub fn password() -> Self {
        Self(vec![AuthenticationMethod::Pwd])
    }

    /// The assurance level that these methods reach.
    #[must_use]
    pub fn acr(&self) -> Acr {
        use AuthenticationMethod::{Hwk, Mfa, Otp, Pwd, Swk, User};
        let (mut knows, mut has, mut several) = (false, false, false);
        for method in &self.0 {
            match method {
                Pwd => knows = true,
                Otp | Hwk | Swk => has = true,
                Mfa => several = true,
                User => {}
            }
        }
        if several || (knows && has) {
            Acr::Aal2
        } else {
            Acr::Aal1
        }
    }
}

impl TryFrom<Vec<AuthenticationMethod>> for AuthenticationMethods {
    type Error = NoMethod;

    fn try_from(mut methods: Vec<AuthenticationMethod>) -> Result<Self, NoMethod> {
        methods.sort_unstable();
        methods.dedup();
        if methods.is_empty() {
            return Err(NoMethod);
        }
        Ok(Self(methods))
    }
}

impl From<AuthenticationMethods> for Vec<AuthenticationMethod> {
    fn from(methods: AuthenticationMethods) -> Self {
        methods.0
    }
}

/// The claim `acr`: the authenticator assurance level, as NIST SP 800-63B section 4 defines the first two.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Acr {
    /// One factor.
    Aal1,
    /// Two different factors.
    Aal2,
}

impl Acr {
    /// The claim's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }
}

impl TryFrom<String> for Acr {
    type Error = UnknownAuthentication;

    fn try_from(name: String) -> Result<Self, UnknownAuthentication> {
        let mut all = [Self::Aal1, Self::Aal2].into_iter();
        all.find(|acr| acr.as_str() == name).ok_or(UnknownAuthentication)
    }
}

impl From<Acr> for &'static str {
    fn from(acr: Acr) -> Self {
        acr.as_str()
    }
}

/// When and how the user of a session signed in. A refresh copies it and never changes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authentication {
    /// The claim `auth_time`.
    pub time: Timestamp,
    /// The claim `amr`.
    pub methods: AuthenticationMethods,
}

impl Authentication {
    /// A sign-in with a password alone.
    #[must_use]
    pub fn by_password(time: Timestamp) -> Self {
        Self {
            time,
            methods: AuthenticationMethods::password(),
        }
    }
}
