//! The stages of a request.

use gatecrumb_domain::Timestamp;
use gatecrumb_testkit::dynamodb_proxy::{Held, Verdict};

use crate::{
    schedule::{Flight, Schedule, Stage},
    slot::Reached,
    tokens::{Said, Token, said},
};

impl Schedule<'_> {
    /// The request reaches the function, which reads the clock and calls the table.
    pub(crate) async fn arrive(&mut self, slot: usize, token: &Token) -> Stage {
        self.note(format!("{slot} arrives"));
        let reached = self.pool.slots[slot].send(token.event()).await;
        Self::stage(reached, self.pool.now())
    }

    /// Releases its held call with a verdict. Returns the next stage.
    pub(crate) async fn release(
        &mut self,
        slot: usize,
        held: Held,
        arrived: Timestamp,
        verdict: Verdict,
    ) -> Stage {
        self.note(format!("{slot}'s {} is {verdict:?}", held.operation));
        match verdict {
            Verdict::Pass => {}
            Verdict::Unheard => self.seen.unheard += 1,
            Verdict::Lost => self.seen.lost += 1,
        }
        held.release(verdict);
        Self::stage(self.pool.slots[slot].next().await, arrived)
    }

    fn stage(reached: Reached, arrived: Timestamp) -> Stage {
        match reached {
            Reached::Table(held) => Stage::Table(held, arrived),
            Reached::Answer(answer) => Stage::Answered(said(&answer, arrived)),
        }
    }

    /// Counts a response when it is sent, whether or not it will be received.
    pub(crate) fn answered(&mut self, flight: &Flight) {
        match &flight.stage {
            Stage::Answered(Said::Refreshed(Some(child))) => {
                assert_eq!(
                    child.parent, flight.token.jti,
                    "a child of the token that was presented"
                );
                let again = self.parents.values().any(|parent| *parent == child.parent);
                self.parents.insert(child.jti.clone(), child.parent.clone());
                self.seen.rotated += 1;
                self.seen.repeated += u64::from(again);
            }
            Stage::Answered(Said::Refreshed(None)) => self.seen.kept += 1,
            Stage::Answered(Said::Unavailable) => self.seen.unavailable += 1,
            Stage::Answered(Said::SignedOut(code)) => self.note(format!("{} gets {code}", flight.slot)),
            Stage::Sent | Stage::Table(..) => {}
        }
    }

    /// A response reaches the owner's jar unless it is lost.
    pub(crate) fn deliver(&mut self, slot: usize, sent: Timestamp, said: Said) {
        let Said::Refreshed(Some(child)) = said else {
            return;
        };
        if self.random.below(5) == 0 {
            self.note(format!("{slot}'s answer is lost"));
            self.seen.undelivered += 1;
            return;
        }
        self.note(format!("{slot}'s answer is delivered"));
        self.seen.reordered += u64::from(sent < self.filled);
        (self.jar, self.filled) = (child, sent);
    }

    /// A request from start to response, with nothing in between.
    pub(crate) async fn refresh(&mut self, slot: usize, token: &Token) -> Said {
        let mut stage = self.arrive(slot, token).await;
        loop {
            stage = match stage {
                Stage::Table(held, arrived) => self.release(slot, held, arrived, Verdict::Pass).await,
                Stage::Answered(said) => return said,
                Stage::Sent => panic!("it has arrived"),
            };
        }
    }
}
