//! Medians and percentiles. Means would include the machine's other work.

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::json;

/// Times of one thing, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1000.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The smallest value that `percent` of them do not exceed; 0 when there are none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({ "p50": self.median(), "p99": self.percentile(99), "samples": self.len() })
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let mut samples = Samples::default();
        for millis in [4, 1, 3, 2] {
            samples.push(Duration::from_millis(millis));
        }
        assert!((samples.median() - 2.0).abs() < 1e-9);
        assert!((samples.percentile(99) - 4.0).abs() < 1e-9);
        assert!(Samples::default().median().abs() < 1e-9);
    }
}
