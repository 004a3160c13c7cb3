use std::net::IpAddr;

/// Who sent a request, as far as it can be known.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address that the platform or a trusted proxy reports.
    pub address: Option<IpAddr>,
    /// How the browser names itself: visible ASCII, at most 256 bytes.
    pub user_agent: Option<String>,
}
