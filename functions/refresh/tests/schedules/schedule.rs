//! The steps of a schedule.

use std::{collections::HashMap, time::Duration};

use gatecrumb_domain::{SessionId, Timestamp, TokenId};
use gatecrumb_testkit::{
    dynamodb_proxy::{Held, Verdict},
    random::Random,
};

use crate::{
    seen::Seen,
    slot::{MIN_AGE, Pool, SLOTS},
    tokens::{Said, Token},
};

/// No request lives longer: less than a third of the minimum age.
pub(crate) const DELAY: Duration = Duration::from_secs(MIN_AGE.as_secs() / 3 - 1);
pub(crate) const STEPS: usize = 60;
/// The slot of the thief.
pub(crate) const THIEF: usize = SLOTS - 1;

pub(crate) enum Stage {
    Sent,
    /// Its call is held by the proxy. The time is that of the request's arrival.
    Table(Held, Timestamp),
    Answered(Said),
}

pub(crate) struct Flight {
    pub(crate) slot: usize,
    pub(crate) sent: Timestamp,
    pub(crate) token: Token,
    pub(crate) stage: Stage,
}

/// A schedule in progress.
pub(crate) struct Schedule<'a> {
    pub(crate) pool: &'a mut Pool,
    pub(crate) random: Random,
    pub(crate) session: SessionId,
    /// The owner's jar.
    pub(crate) jar: Token,
    /// When the request was sent whose response is in the jar.
    pub(crate) filled: Timestamp,
    pub(crate) flights: Vec<Flight>,
    pub(crate) parents: HashMap<TokenId, TokenId>,
    pub(crate) seen: Seen,
    steps: Steps,
}

/// Printed when the schedule fails.
struct Steps {
    seed: u64,
    taken: Vec<String>,
}

impl Drop for Steps {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "SEED={} SCHEDULES=1 runs it again: {}",
                self.seed,
                self.taken.join(", ")
            );
        }
    }
}

impl<'a> Schedule<'a> {
    pub(crate) async fn start(pool: &'a mut Pool, seed: u64) -> Self {
        let (session, root) = pool.sign_in().await;
        let (jti, now) = (TokenId::random(&pool.host).unwrap(), pool.now());
        let jar = Token::first(session.clone(), root, jti, now);
        Self {
            pool,
            random: Random(seed),
            session,
            jar,
            filled: now,
            flights: Vec::new(),
            parents: HashMap::new(),
            seen: Seen {
                schedules: 1,
                ..Seen::default()
            },
            steps: Steps {
                seed,
                taken: Vec::new(),
            },
        }
    }

    /// Without a thief: no response signs out a tab, and at the end the session exists and can be refreshed.
    pub(crate) async fn benign(mut self) -> Seen {
        for _ in 0..STEPS {
            self.step().await;
            self.nobody_is_signed_out();
        }
        self.land().await;
        self.nobody_is_signed_out();
        for _ in 0..2 {
            self.pool.host.advance(MIN_AGE);
            let token = self.jar.clone();
            let Said::Refreshed(Some(child)) = self.refresh(0, &token).await else {
                panic!("the session does not go on");
            };
            self.jar = child;
        }
        assert!(self.pool.session_exists(&self.session).await);
        self.seen
    }

    pub(crate) fn note(&mut self, step: String) {
        self.steps.taken.push(step);
    }

    fn nobody_is_signed_out(&self) {
        for flight in &self.flights {
            assert!(
                !matches!(&flight.stage, Stage::Answered(Said::SignedOut(_))),
                "a benign request is refused"
            );
        }
    }

    /// One random step of the owner's tabs.
    pub(crate) async fn step(&mut self) {
        match self.random.below(12) {
            0 | 1 => {
                let seconds =
                    self.random
                        .of(&[1, 2, 3, 5, DELAY.as_secs(), MIN_AGE.as_secs(), MIN_AGE.as_secs()]);
                self.tick(Duration::from_secs(seconds)).await;
            }
            2..6 => {
                let token = self.jar.clone();
                let free: Vec<usize> = (0..THIEF).filter(|slot| self.is_free(*slot)).collect();
                if !free.is_empty() {
                    let slot = self.random.of(&free);
                    self.send(slot, token);
                }
            }
            _ if self.flights.is_empty() => {}
            _ => {
                let index = usize::try_from(self.random.below(self.flights.len() as u64)).unwrap();
                self.go_on(index).await;
            }
        }
    }

    pub(crate) fn is_free(&self, slot: usize) -> bool {
        self.flights.iter().all(|flight| flight.slot != slot)
    }

    pub(crate) fn send(&mut self, slot: usize, token: Token) {
        self.note(format!("{slot} sends"));
        self.flights.push(Flight {
            slot,
            sent: self.pool.now(),
            token,
            stage: Stage::Sent,
        });
    }

    /// Moves the clock. Requests that would then be older than [`DELAY`] finish first.
    async fn tick(&mut self, time: Duration) {
        for flight in std::mem::take(&mut self.flights) {
            if (self.pool.now() + time).since(flight.sent) > DELAY {
                self.finish(flight).await;
            } else {
                self.flights.push(flight);
            }
        }
        self.note(format!("{} s pass", time.as_secs()));
        self.pool.host.advance(time);
    }

    /// Finishes all requests in progress. No tab receives the responses.
    pub(crate) async fn land(&mut self) {
        for flight in std::mem::take(&mut self.flights) {
            self.finish(flight).await;
        }
    }

    async fn finish(&mut self, mut flight: Flight) {
        let mut verdict = self
            .random
            .of(&[Verdict::Pass, Verdict::Pass, Verdict::Unheard, Verdict::Lost]);
        while let Stage::Table(held, arrived) = flight.stage {
            flight.stage = self.release(flight.slot, held, arrived, verdict).await;
            verdict = self.random.of(&[Verdict::Pass, verdict]);
        }
        self.seen.undelivered += 1;
        // No tab receives the response, but it counts.
        self.answered(&flight);
    }

    /// Moves a request to its next stage.
    pub(crate) async fn go_on(&mut self, index: usize) {
        let mut flight = self.flights.remove(index);
        flight.stage = match flight.stage {
            Stage::Sent => self.arrive(flight.slot, &flight.token).await,
            Stage::Table(held, arrived) => {
                let verdict = match self.random.below(10) {
                    0 => Verdict::Lost,
                    1 | 2 => Verdict::Unheard,
                    _ => Verdict::Pass,
                };
                self.release(flight.slot, held, arrived, verdict).await
            }
            Stage::Answered(said) => {
                self.deliver(flight.slot, flight.sent, said);
                return;
            }
        };
        self.answered(&flight);
        self.flights.push(flight);
    }
}
