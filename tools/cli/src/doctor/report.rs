use serde::Serialize;

/// What was found, in the order of the checks.
#[derive(Default, Serialize)]
pub(super) struct Report {
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    /// What was looked at.
    #[serde(rename = "check")]
    name: String,
    outcome: Outcome,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Pass,
    /// Nothing that can be decided from outside, but worth a look.
    Note,
    Fail,
}

impl Report {
    pub(super) fn pass(&mut self, check: impl Into<String>, found: impl Into<String>) {
        self.add(check, Outcome::Pass, found, None);
    }

    pub(super) fn note(&mut self, check: impl Into<String>, found: impl Into<String>, mend: &str) {
        self.add(check, Outcome::Note, found, Some(mend));
    }

    pub(super) fn fail(&mut self, check: impl Into<String>, found: impl Into<String>, mend: &str) {
        self.add(check, Outcome::Fail, found, Some(mend));
    }

    /// A pass when there is no fault.
    pub(super) fn judge(
        &mut self,
        check: impl Into<String>,
        good: impl Into<String>,
        faults: &[String],
        mend: &str,
    ) {
        if faults.is_empty() {
            self.pass(check, good);
        } else {
            self.fail(check, faults.join("; "), mend);
        }
    }

    fn add(
        &mut self,
        check: impl Into<String>,
        outcome: Outcome,
        found: impl Into<String>,
        mend: Option<&str>,
    ) {
        self.checks.push(Check {
            name: check.into(),
            outcome,
            found: found.into(),
            mend: mend.map(str::to_owned),
        });
    }

    pub(super) fn failures(&self) -> usize {
        let failed = |check: &&Check| check.outcome == Outcome::Fail;
        self.checks.iter().filter(failed).count()
    }

    /// For people: a line a check, and below it the mend.
    pub(super) fn text(&self) -> String {
        let width = self
            .checks
            .iter()
            .map(|check| check.name.len())
            .max()
            .unwrap_or(0);
        let lines = self.checks.iter().map(|check| {
            let mark = match check.outcome {
                Outcome::Pass => "pass",
                Outcome::Note => "note",
                Outcome::Fail => "FAIL",
            };
            let mut text = format!("{mark}  {:width$}  {}", check.name, check.found);
            if let Some(mend) = &check.mend {
                text.push_str("\n      → ");
                text.push_str(mend);
            }
            text
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
