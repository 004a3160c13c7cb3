//! Why a request got no response, and what to do about it.

use std::{error::Error, fmt, io};

use http::Uri;
use rustls::CertificateError;

/// A request without a response. Displays as one line.
#[derive(Debug)]
pub(super) struct NoResponse {
    kind: Kind,
    found: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// The host name has no address.
    Name,
    /// No program listens on the port.
    Refused,
    /// The response to a TLS handshake is not TLS.
    NotTls,
    /// A TLS server with a certificate that this machine refuses.
    Certificate(CertificateFault),
    /// The connection was made, but what arrives is not HTTP.
    NotHttp,
    Timeout,
    Other,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CertificateFault {
    Expired,
    NotYetValid,
    OtherName,
    Untrusted,
    Other,
}

impl NoResponse {
    /// `is_connected`: whether the error came after the connection and, for https, its TLS handshake.
    pub(super) fn because(uri: &Uri, error: &(dyn Error + 'static), is_connected: bool) -> Self {
        let kind = kind(error, is_connected);
        let host = uri.host().unwrap_or_default();
        let found = match kind {
            Kind::Name => format!("the host name {host} cannot be resolved"),
            Kind::Refused => format!("no program listens on {host}, port {}", port(uri)),
            Kind::NotTls => format!(
                "the server at {host}, port {} speaks plain http, not https",
                port(uri)
            ),
            Kind::Certificate(fault) => match fault {
                CertificateFault::Expired => format!("the certificate of {host} has expired"),
                CertificateFault::NotYetValid => format!("the certificate of {host} is not valid yet"),
                CertificateFault::OtherName => format!("the certificate is not for {host}"),
                CertificateFault::Untrusted => {
                    format!("the certificate of {host} is signed by no authority that this machine trusts")
                }
                CertificateFault::Other => format!("the certificate of {host} is refused: {}", causes(error)),
            },
            Kind::NotHttp => format!("the server does not respond in http: {}", causes(error)),
            Kind::Timeout | Kind::Other => causes(error),
        };
        Self { kind, found }
    }

    pub(super) fn timeout(seconds: u64) -> Self {
        Self {
            kind: Kind::Timeout,
            found: format!("no response within {seconds} s"),
        }
    }

    pub(super) fn other(found: impl Into<String>) -> Self {
        Self {
            kind: Kind::Other,
            found: found.into(),
        }
    }

    /// What to do.
    pub(super) fn help(&self) -> &'static str {
        match self.kind {
            Kind::Name => "check the spelling of --url, and that the DNS record exists",
            Kind::Refused => "check the port in --url; for this machine, start `gatecrumb serve`",
            Kind::NotTls => "use http:// in --url, or serve https on this port",
            Kind::Certificate(CertificateFault::Expired) => "renew the certificate",
            Kind::Certificate(CertificateFault::NotYetValid) => "check the clock of this machine, or wait",
            Kind::Certificate(CertificateFault::OtherName) => {
                "use the name of the certificate in --url, or issue one for this name"
            }
            Kind::Certificate(CertificateFault::Untrusted) => {
                "use a certificate of a public authority, or set SSL_CERT_FILE to a file with that of yours"
            }
            Kind::Certificate(CertificateFault::Other) => "replace the certificate",
            Kind::NotHttp => "check the port in --url",
            Kind::Timeout => "check the firewall and that the API is running",
            Kind::Other => "check the URL, the DNS record and the certificate",
        }
    }

    /// Whether a server that speaks only https can have caused this for an http URL.
    pub(super) fn may_be_https(&self) -> bool {
        self.kind == Kind::NotHttp
    }

    /// Whether the server speaks TLS, for an https URL.
    pub(super) fn is_about_the_certificate(&self) -> bool {
        matches!(self.kind, Kind::Certificate(_))
    }

    /// Whether the server speaks something else than TLS, for an https URL.
    pub(super) fn is_not_tls(&self) -> bool {
        self.kind == Kind::NotTls
    }
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.found)
    }
}

fn port(uri: &Uri) -> u16 {
    let default = if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    uri.port_u16().unwrap_or(default)
}

fn kind(error: &(dyn Error + 'static), is_connected: bool) -> Kind {
    for cause in chain(error) {
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            match error {
                rustls::Error::InvalidMessage(_) => return Kind::NotTls,
                rustls::Error::InvalidCertificate(error) => return Kind::Certificate(certificate(error)),
                _ => {}
            }
        }
        if let Some(error) = cause.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            return Kind::Refused;
        }
        // hyper-util's type is private.
        if cause.to_string() == "dns error" {
            return Kind::Name;
        }
    }
    if is_connected { Kind::NotHttp } else { Kind::Other }
}

fn certificate(error: &CertificateError) -> CertificateFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::OtherName
        }
        CertificateError::UnknownIssuer => CertificateFault::Untrusted,
        _ => CertificateFault::Other,
    }
}

/// The error and its sources. An `io::Error` returns the source of the error that it contains, not the error itself.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut chain = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        chain.push(error);
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    chain
}

/// The messages of the error and its sources, without repetitions.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in chain(error) {
        let message = cause.to_string();
        if !text.contains(&message) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&message);
        }
    }
    text
}
