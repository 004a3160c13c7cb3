use crate::Timestamp;

/// A source of time. `gatecrumb-runtime` implements it with the system clock; tests implement it with a clock that they
/// move.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_millis(&self) -> u64;

    /// The time in whole seconds.
    fn now(&self) -> Timestamp {
        Timestamp(self.now_millis() / 1000)
    }
}
