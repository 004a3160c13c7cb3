//! Clients that ask again and again.

use std::{
    fmt::Write as _,
    net::SocketAddr,
    time::{Duration, Instant},
};

use clap::ValueEnum;
use tokio::task::JoinSet;

use super::{
    client::{Client, expect_200},
    seed,
};
use crate::{Result, stats::Samples};

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Kind {
    Login,
    Refresh,
    Me,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Me => "me",
        }
    }
}

/// Visitors of one gateway, signed in.
pub(super) struct Load {
    address: SocketAddr,
    users: u64,
    /// The cookies of each, as a header's value.
    cookies: Vec<String>,
}

impl Load {
    pub(super) async fn sign_in(address: SocketAddr, users: u64, visitors: usize) -> Result<Self> {
        let mut client = Client::connect(address).await?;
        let mut load = Self {
            address,
            users,
            cookies: Vec::new(),
        };
        for visitor in 0..visitors {
            let head = client.send(&load.login(visitor, visitors, 0)).await?;
            expect_200(&head)?;
            load.cookies.push(cookies(&head));
        }
        Ok(load)
    }

    /// So many clients do this for so long: the time of each answer, and the seconds until the last one.
    pub(super) async fn run(&self, kind: Kind, clients: usize, time: Duration) -> Result<(Samples, f64)> {
        let mut tasks = JoinSet::new();
        let begun = Instant::now();
        let until = begun + time;
        for number in 0..clients {
            // Enough for a client's whole time, made before it starts.
            let requests: Vec<Vec<u8>> = match kind {
                Kind::Login => (0..500).map(|count| self.login(number, clients, count)).collect(),
                Kind::Refresh => vec![with_cookies("POST", "refresh", &self.cookies[number])],
                Kind::Me => vec![with_cookies("GET", "me", &self.cookies[number])],
            };
            let address = self.address;
            tasks.spawn(async move {
                let mut client = Client::connect(address).await?;
                let mut samples = Samples::default();
                for request in requests.iter().cycle() {
                    let started = Instant::now();
                    if started >= until {
                        break;
                    }
                    expect_200(&client.send(request).await?)?;
                    samples.push(started.elapsed());
                }
                Ok(samples)
            });
        }
        let mut all = Samples::default();
        while let Some(done) = tasks.join_next().await {
            let samples: Result<Samples> = done?;
            all.extend(samples?);
        }
        Ok((all, begun.elapsed().as_secs_f64()))
    }

    /// Each client has users of its own: sign-ins of one name at once would have to wait for one another.
    fn login(&self, client: usize, clients: usize, count: u64) -> Vec<u8> {
        let own = self.users / clients as u64;
        // A large prime: far apart in the table.
        let user = seed::username(client as u64 * own + count * 104_729 % own);
        let body = format!("{{\"username\":\"{user}\",\"password\":\"{}\"}}", seed::PASSWORD);
        format!(
            "POST /auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: \
             {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

fn with_cookies(method: &str, route: &str, cookies: &str) -> Vec<u8> {
    format!(
        "{method} /auth/{route} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookies}\r\ncontent-length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// The cookies that an answer sets, as a browser would send them.
fn cookies(head: &str) -> String {
    let mut all = String::new();
    for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("set-cookie") {
            let pair = value.split(';').next().unwrap_or_default().trim();
            // Writing to a String cannot fail.
            let _ = write!(all, "{}{pair}", if all.is_empty() { "" } else { "; " });
        }
    }
    all
}
