//! A thief who copies a token at any moment, and an owner who does not notice.

use gatecrumb_domain::TokenId;

use crate::{
    schedule::{Flight, STEPS, Schedule, Stage, THIEF},
    seen::Seen,
    slot::MIN_AGE,
    tokens::{Said, Token},
};

/// The thief's side of a schedule.
struct Theft {
    copied: TokenId,
    jar: Token,
    /// Of owner and thief: whether they rotated a descendant of the copied token.
    gone_on: [bool; 2],
}

/// Once both have rotated a descendant of the copied token, the session is over and both are signed out.
pub(crate) async fn play(mut schedule: Schedule<'_>) -> Seen {
    let moment = usize::try_from(schedule.random.below(STEPS as u64)).unwrap();
    let mut theft = None;
    for step in 0..STEPS {
        if step == moment {
            theft = Some(Theft::copy(&mut schedule));
        }
        schedule.step().await;
        if let Some(theft) = &mut theft
            && schedule.random.below(2) == 0
            && schedule.is_free(THIEF)
        {
            let token = theft.jar.clone();
            schedule.send(THIEF, token);
        }
        if let Some(theft) = &mut theft {
            theft.watch(&mut schedule);
        }
    }
    let mut theft = theft.unwrap();
    theft.watch(&mut schedule);
    schedule.land().await;
    let midway = !schedule.pool.session_exists(&schedule.session).await;
    if midway {
        schedule.seen.caught_midway += 1;
    } else {
        theft.both_go_on(&mut schedule).await;
        schedule.seen.caught_at_last += 1;
    }
    assert!(!schedule.pool.session_exists(&schedule.session).await);
    for (slot, token) in [(0, schedule.jar.clone()), (THIEF, theft.jar.clone())] {
        let said = schedule.refresh(slot, &token).await;
        assert!(
            matches!(said, Said::SignedOut(code) if code == "session_ended"),
            "both are signed out"
        );
    }
    schedule.seen
}

impl Theft {
    /// Copies the token in the jar, or in a request or response in progress.
    fn copy(schedule: &mut Schedule<'_>) -> Self {
        let mut tokens = vec![schedule.jar.clone()];
        for flight in &schedule.flights {
            tokens.push(match &flight.stage {
                Stage::Answered(Said::Refreshed(Some(child))) => child.clone(),
                _ => flight.token.clone(),
            });
        }
        let index = usize::try_from(schedule.random.below(tokens.len() as u64)).unwrap();
        let jar = tokens.swap_remove(index);
        schedule.note("the thief copies".to_owned());
        Self {
            copied: jar.jti.clone(),
            jar,
            gone_on: [false; 2],
        }
    }

    /// Notes responses. The thief always receives theirs.
    fn watch(&mut self, schedule: &mut Schedule<'_>) {
        let mut index = 0;
        while index < schedule.flights.len() {
            let flight = &schedule.flights[index];
            if let Stage::Answered(said) = &flight.stage {
                self.count(schedule, flight, said);
                if flight.slot == THIEF {
                    let flight = schedule.flights.remove(index);
                    if let Stage::Answered(Said::Refreshed(Some(child))) = flight.stage {
                        self.jar = child;
                    }
                    continue;
                }
            }
            index += 1;
        }
    }

    fn count(&mut self, schedule: &Schedule<'_>, flight: &Flight, said: &Said) {
        if let Said::Refreshed(Some(_)) = said {
            let side = usize::from(flight.slot == THIEF);
            self.gone_on[side] |= self.descends_from_the_copied(schedule, &flight.token);
            assert!(
                self.gone_on != [true, true],
                "both have gone on and the session lives"
            );
        }
    }

    fn descends_from_the_copied(&self, schedule: &Schedule<'_>, token: &Token) -> bool {
        let mut parent = Some(&token.parent);
        while let Some(id) = parent {
            if *id == self.copied {
                return true;
            }
            parent = schedule.parents.get(id);
        }
        false
    }

    /// Owner and thief refresh tokens that are old enough until one is caught, at the latest when both have refreshed
    /// twice.
    async fn both_go_on(&mut self, schedule: &mut Schedule<'_>) {
        let mut refreshed = [0; 2];
        while refreshed[0] < 2 || refreshed[1] < 2 {
            schedule.pool.host.advance(MIN_AGE);
            let side = usize::try_from(schedule.random.below(2)).unwrap();
            let (slot, token) = [(0, &schedule.jar), (THIEF, &self.jar)][side];
            let token = token.clone();
            match schedule.refresh(slot, &token).await {
                Said::Refreshed(Some(child)) if side == 0 => schedule.jar = child,
                Said::Refreshed(Some(child)) => self.jar = child,
                Said::SignedOut(code) => {
                    assert_eq!(code, "session_reused");
                    return;
                }
                Said::Refreshed(None) | Said::Unavailable => {
                    panic!("the token is old enough and the table responds")
                }
            }
            refreshed[side] += 1;
        }
        panic!("both have gone on and nobody is caught");
    }
}
