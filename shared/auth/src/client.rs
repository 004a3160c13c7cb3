use std::net::IpAddr;

/// The sender of a request, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address that the platform or a trusted proxy reports.
    pub address: Option<IpAddr>,
    /// `User-Agent`: visible ASCII, at most 256 bytes.
    pub user_agent: Option<String>,
}
