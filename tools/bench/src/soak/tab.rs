use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::World;
use crate::{Result, gateway::Client, stats::Samples};

/// As long as the browser's client waits.
const PATIENCE: Duration = Duration::from_secs(8);

/// The cookies of one browser.
#[derive(Default)]
pub(crate) struct Jar(BTreeMap<String, String>);

/// What came of it all.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) requests: usize,
    pub(crate) refreshed: usize,
    pub(crate) dropped: usize,
    pub(crate) unanswered: usize,
    pub(crate) faults: usize,
    pub(crate) lost: usize,
    pub(crate) times: Samples,
}

/// One of a browser's tabs.
pub(crate) struct Tab {
    world: Arc<World>,
    jar: Arc<Mutex<Jar>>,
    name: String,
    password: &'static str,
    random: u64,
    client: Option<Client>,
}

impl Tab {
    pub(crate) fn new(
        world: &Arc<World>,
        jar: &Arc<Mutex<Jar>>,
        name: &str,
        password: &'static str,
        seed: usize,
    ) -> Self {
        Self {
            world: Arc::clone(world),
            jar: Arc::clone(jar),
            name: name.to_owned(),
            password,
            random: 0x9e37_79b9_7f4a_7c15 ^ (seed as u64 + 1),
            client: None,
        }
    }

    /// Looks, refreshes and loses answers until the time is over.
    pub(crate) async fn browse(&mut self) {
        while Instant::now() < self.world.ends_at {
            match self.dice(100) {
                0 => self.lose_a_refresh().await,
                1..=20 => {
                    self.refresh().await;
                }
                _ => {
                    if self.ask("GET", "/auth/me", "").await == Some(401) {
                        self.refresh().await;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(20 + self.dice(80))).await;
        }
    }

    pub(crate) async fn sign_in(&mut self) -> Result<()> {
        let body = format!(r#"{{"username":"{}","password":"{}"}}"#, self.name, self.password);
        match self.ask("POST", "/auth/login", &body).await {
            Some(200) => Ok(()),
            other => Err(format!("sign-in: {other:?}").into()),
        }
    }

    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.ask("POST", "/auth/refresh", "").await == Some(200)
            && self.ask("GET", "/auth/me", "").await == Some(200)
    }

    async fn refresh(&mut self) {
        match self.ask("POST", "/auth/refresh", "").await {
            Some(200) => self.counts().refreshed += 1,
            Some(401) => {
                self.counts().lost += 1;
                let _ = self.sign_in().await;
            }
            _ => (),
        }
    }

    /// The server does its work, and its answer finds nobody.
    async fn lose_a_refresh(&mut self) {
        let request = self.request("POST", "/auth/refresh", "");
        if let Some(mut client) = self.connect().await
            && client.write(&request).await.is_ok()
        {
            self.counts().dropped += 1;
        }
    }

    /// The status; none when no answer came.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Option<u16> {
        let request = self.request(method, path, body);
        let mut client = match self.client.take() {
            Some(client) => client,
            None => self.connect().await?,
        };
        let started = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, client.send(&request)).await;
        let mut counts = self.counts();
        counts.requests += 1;
        let Ok(Ok(head)) = answer else {
            counts.unanswered += 1;
            return None;
        };
        counts.times.push(started.elapsed());
        let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
        counts.faults += usize::from(status >= 500);
        drop(counts);
        self.store(&head);
        self.client = Some(client);
        Some(status)
    }

    async fn connect(&self) -> Option<Client> {
        let address = *self.world.address.read().unwrap_or_else(PoisonError::into_inner);
        let client = Client::connect(address).await.ok();
        if client.is_none() {
            self.counts().unanswered += 1;
        }
        client
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let jar = lock(&self.jar);
        let cookies: Vec<String> = jar
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nCookie: {}\r\n\
             Content-Length: {length}\r\n\r\n{body}",
            cookies.join("; ")
        )
        .into_bytes()
    }

    fn store(&self, head: &str) {
        let mut jar = lock(&self.jar);
        for line in head.lines().filter_map(|line| line.split_once(": ")) {
            if line.0.eq_ignore_ascii_case("set-cookie")
                && let Some((name, value)) = line.1.split(';').next().and_then(|pair| pair.split_once('='))
            {
                if value.is_empty() {
                    jar.0.remove(name);
                } else {
                    jar.0.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        lock(&self.world.counts)
    }

    /// Below `sides`: xorshift, so that a run can be repeated.
    fn dice(&mut self, sides: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % sides
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
